import type { Operation } from '../contract/model.ts';
import { refuse } from '../gateway/refusal.ts';
import { parseAnswer } from '../shared/answer-value.ts';
import { parsePointer } from '../shared/json-pointer.ts';
import { compileClaim, type Owned, owns } from './claim.ts';
import { isExempt, type OwnerStage } from './owner-request.ts';
import { formatRule, type OwnerRule } from './settings.ts';

/**
 * Compiles a rule on the answer (`authorize-answer`). Only a JSON answer that was read whole can be judged: any other
 * 2xx (streamed, without a body, to a HEAD) is refused, and so are 403, 404 and 410 where others' objects are hidden
 * and the whole answer stands or falls: what does not exist must look like what is not the caller's.
 */
export function compileAnswerRule(rule: OwnerRule, hide: boolean): OwnerStage {
  const claim = compileClaim(rule.equals);
  const exempt = new Set(rule.unless);
  const steps = parsePointer(rule.answer ?? '') ?? [];
  const removedAt = (rule.answer ?? '').slice(0, (rule.answer ?? '').lastIndexOf('/*') + 2);
  const text = formatRule(rule);
  const code = hide ? 'object-hidden' : 'not-permitted';
  return (exchange) => {
    const { principal, answer } = exchange;
    if (answer === undefined) return refuse('internal', { evidence: { rule: text, reason: 'no answer' } });
    if (principal === undefined) return refuse(code, { evidence: { rule: text, reason: 'no principal' } });
    if (isExempt(principal, exempt)) return undefined;
    if (answer.status < 200 || answer.status > 299) {
      const tells = answer.status === 403 || answer.status === 404 || answer.status === 410;
      return tells && hide && !rule.filter
        ? refuse(code, { evidence: { rule: text, reason: `the API answered ${answer.status}` } })
        : undefined;
    }
    if (answer.mode !== 'buffer') {
      const reason = answer.mode === 'none' ? 'the answer has no body to judge' : 'a streamed answer cannot be judged';
      return refuse(code, { evidence: { rule: text, reason } });
    }
    const unreadable = parseAnswer(exchange);
    if (unreadable !== undefined) return unreadable;
    const owned = claim(principal);
    const removed = { count: 0 };
    if (!keeps(answer.value, steps, 0, owned, rule.filter ? removed : undefined)) {
      const reason = owned === undefined ? 'the caller has no such claim' : 'not the caller’s own, or no such value';
      return refuse(code, { evidence: { rule: text, reason } });
    }
    if (removed.count > 0) {
      exchange.disclosed.removed.push(removedAt);
      exchange.note('authorize-answer', 'items of others were left out', { rule: text, items: removed.count });
    }
    return undefined;
  };
}

/**
 * Whether the value, or what stands in it at the steps, is owned. With `removed`, items of arrays that are not are
 * taken out in place, and an array as such is always kept. A step that leads nowhere is not owned; an empty array holds
 * nothing of anyone.
 */
function keeps(
  value: unknown,
  steps: readonly string[],
  from: number,
  owned: Owned,
  removed: { count: number } | undefined,
): boolean {
  for (let i = from; i < steps.length; i++) {
    const step = steps[i] as string;
    if (typeof value !== 'object' || value === null) return false;
    if (Array.isArray(value)) {
      if (step !== '*') return false;
      if (removed === undefined) return value.every((item) => keeps(item, steps, i + 1, owned, removed));
      let kept = 0;
      for (const item of value) if (keeps(item, steps, i + 1, owned, removed)) value[kept++] = item;
      removed.count += value.length - kept;
      value.length = kept;
      return true;
    }
    if (step === '*' || !Object.hasOwn(value, step)) return false;
    value = (value as Record<string, unknown>)[step];
  }
  return owns(owned, value);
}

/**
 * Request headers that make a 304, 206 or 412 of an answer whose ownership can then not be judged (`If-None-Match: *`
 * asks whether an object exists).
 */
const CONDITIONAL = ['if-none-match', 'if-modified-since', 'if-match', 'if-unmodified-since', 'if-range', 'range'];

const SAFE = new Set(['GET', 'HEAD', 'QUERY']);

/**
 * Prepares (`authorize-object`) for a rule on the answer: a stream is refused before a byte of it leaves, and reading
 * is unconditional. A write keeps its preconditions: they guard against lost updates.
 */
export function compilePreparation(rules: readonly OwnerRule[], operation: Operation, hide: boolean): OwnerStage {
  const binding = rules.map((rule) => new Set(rule.unless));
  const safe = SAFE.has(operation.method);
  const rule = rules.map(formatRule).join('; ');
  const evidence = { rule, reason: 'a streamed answer cannot be judged' };
  const unstreamed = Object.freeze(refuse(hide ? 'object-hidden' : 'not-permitted', { evidence }));
  return (exchange) => {
    const { principal } = exchange;
    if (principal !== undefined && binding.every((exempt) => isExempt(principal, exempt))) return undefined;
    exchange.unstreamed = unstreamed;
    const { headers } = exchange.request;
    if (!safe || !CONDITIONAL.some((name) => headers[name] !== undefined)) return undefined;
    const rest: Record<string, string> = Object.create(null);
    for (const name in headers) if (!CONDITIONAL.includes(name)) rest[name] = headers[name] as string;
    exchange.request = { ...exchange.request, headers: rest };
    return undefined;
  };
}
