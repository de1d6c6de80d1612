import type { Operation } from '../contract/model.ts';
import type { Cut } from '../contract/schema/compiled.ts';
import type { Answer, Exchange } from '../gateway/exchange.ts';
import { type Refusal, refuse } from '../gateway/refusal.ts';
import { parseAnswer, serializeAnswer } from '../shared/answer-value.ts';
import { isWithoutContract } from '../shared/without-contract.ts';
import type { AnswerSchema } from './fields.ts';
import type { AnswerPlan } from './plan.ts';
import type { DisclosureSettings } from './settings.ts';

/** Pointers of violations that go into the record. */
const MAX_VIOLATIONS = 10;

/**
 * Compiles `disclose`: cuts a buffered answer to its schema for this caller, and serializes what is left. What leaves
 * is always written from the value that was judged, never the bytes that came.
 */
export function compileDisclose(
  settings: DisclosureSettings,
  operation: Operation,
  plan: AnswerPlan,
): (exchange: Exchange) => Refusal | undefined {
  const loose = isWithoutContract(operation);
  const { mode } = settings;
  const protect = settings.cache === 'protect';

  return (exchange) => {
    const { answer } = exchange;
    if (answer === undefined) return refuse('internal', { evidence: { reason: 'no answer to disclose' } });
    if (answer.mode !== 'buffer') return undefined;
    // Another stage may have parsed and changed it; if none has, nothing here looks into it either.
    if (mode === 'off' || loose) return answer.value === undefined ? undefined : serializeAnswer(answer);
    if (answer.value === undefined && (answer.bytes === undefined || answer.bytes.length === 0))
      return empty(exchange, answer, mode);

    const status = plan.status(answer.status) ?? plan.undeclared;
    const schema = status.media(answer.mediaType)?.schema;
    const unreadable = parseAnswer(exchange);
    if (unreadable !== undefined) {
      if (mode !== 'report') return unreadable;
      exchange.note('disclose', 'report: the answer is not JSON', unreadable.evidence);
      return undefined;
    }
    if (schema === undefined) return serializeAnswer(answer);
    if (mode === 'report') return report(exchange, answer, schema);

    const { judge } = schema;
    judge.begin(exchange, false);
    const cut = cutOf(schema, answer.value);
    if (cut === undefined || typeof cut.value === 'symbol' || cut.value === undefined) {
      judge.forget();
      return cut === undefined
        ? refuse('upstream-malformed', {
            evidence: { reason: 'the body cannot be judged, it may be nested too deeply' },
          })
        : refuse('answer-undeclared', { evidence: { reason: 'nothing of the body may leave' } });
    }
    if (cut.violations !== undefined) {
      // A plain value in place of a container has no parts to cut: it is none of what the contract names.
      const plain = typeof answer.value !== 'object' && cut.violations.some(({ pointer }) => pointer === '');
      if (mode === 'block' || plain) {
        judge.forget();
        return refuse('answer-undeclared', { evidence: { reason: 'the body breaks the contract', ...told(cut) } });
      }
      exchange.note('disclose', 'the answer breaks the contract', told(cut));
    }
    answer.value = cut.value;
    const unwritable = serializeAnswer(answer);
    if (unwritable !== undefined) {
      judge.forget();
      return unwritable;
    }
    const changed = judge.changed || cut.removed.length > 0 || exchange.disclosed.removed.length > 0;
    if (cut.removed.length > 0) for (const pointer of cut.removed) exchange.disclosed.removed.push(pointer);
    // A validator made of the whole body changes with what the caller may not see.
    if (changed && !status.etag && answer.headers['etag'] !== undefined) delete answer.headers['etag'];
    if (judge.recount) {
      judge.forget();
      schema.compiled.cut(cut.value, judge.count);
    }
    if (judge.marked && protect && !status.cacheable) noStore(answer);
    judge.end(exchange);
    return undefined;
  };
}

/** What was made for one caller, or holds what is sensitive, is nobody else's. */
function noStore(answer: Answer): void {
  answer.headers['cache-control'] = 'no-store';
  if (answer.headers['expires'] !== undefined) delete answer.headers['expires'];
}

/** Nothing is changed; what would have been is recorded. */
function report(exchange: Exchange, answer: Answer, schema: AnswerSchema): Refusal | undefined {
  // The cut may take the value apart: it is written first.
  const unwritable = serializeAnswer(answer);
  if (unwritable !== undefined) return unwritable;
  schema.judge.begin(exchange, true);
  const cut = cutOf(schema, answer.value);
  schema.judge.end(exchange);
  if (cut === undefined) {
    exchange.note('disclose', 'report: the answer cannot be judged, it may be nested too deeply');
    return undefined;
  }
  if (cut.removed.length > 0) exchange.note('disclose', 'report: this would be removed', { pointers: cut.removed });
  if (cut.violations !== undefined) exchange.note('disclose', 'report: the answer breaks the contract', told(cut));
  return undefined;
}

/** A JSON type without a body: nothing leaves, so nothing is cut. */
function empty(exchange: Exchange, answer: Answer, mode: DisclosureSettings['mode']): Refusal | undefined {
  if (mode === 'block') return refuse('answer-undeclared', { evidence: { reason: 'the body is empty' } });
  exchange.note('disclose', 'the answer breaks the contract', { reason: 'the body is empty' });
  answer.mode = 'none';
  answer.mediaType = '';
  delete answer.headers['content-type'];
  return undefined;
}

function cutOf(schema: AnswerSchema, value: unknown): Cut | undefined {
  try {
    return schema.compiled.cut(value, schema.judge.judge);
  } catch {
    return undefined;
  }
}

/** Pointers and keywords: where and what rule, never a value. */
const told = (cut: Cut): Record<string, unknown> => ({
  violations: cut.violations?.slice(0, MAX_VIOLATIONS).map(({ pointer, keyword }) => `${pointer} ${keyword}`),
});
