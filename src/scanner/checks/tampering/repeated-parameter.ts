import { tamperedValues } from '../../generate/tampered.ts';
import type { ValuePlace } from '../../model/call.ts';
import type { Check, CheckContext, Outcome } from '../../model/check.ts';
import type { Exchange, ScanRequest } from '../../model/exchange.ts';
import type { Proof } from '../../model/finding.ts';
import { Likeness } from '../injection/common/alike.ts';
import type { Ground } from '../injection/common/ground.ts';
import { again, groundsOf, unlessGone } from '../injection/common/targets.ts';
import { isScalar, labelOf } from '../injection/common/words.ts';
import { holds } from './common/taken.ts';

/** Refused values that are tried for one parameter: ids of others, then what the contract forbids. */
const IDS = 4;
const FORBIDDEN = 3;

export const check: Check = {
  id: 'repeated-parameter',
  group: 'tampering',
  title: 'A repeated parameter gets past a check',
  practice: 'validate',
  cwe: 'CWE-235',
  owasp: 'API8:2023',
  severity: 'high',
  why: 'Where a parameter is sent twice, one of the two is checked and the other one is used. A value that is refused alone is taken beside one that is allowed: rules, and the question whose object it is, are got around.',
  mend: 'Refuse a parameter that is sent twice, or read it once and use that one value for checks and work alike. The gate refuses repetitions that the contract does not allow.',
  async run(context) {
    const grounds = await groundsOf(context, ({ parameters }) =>
      parameters.some((parameter) => parameter.in === 'query'),
    );
    await context.each(
      grounds.filter(({ effect, login }) => effect === 'read' && !login),
      async (ground) => {
        for (const place of context.places(ground.sample.call)) {
          if (place.in !== 'query' || Array.isArray(place.value)) continue;
          await unlessGone(context, ground.operation, async () => await attack(context, ground, place));
        }
      },
    );
  },
};

interface Refused {
  readonly value: string;
  /** An id that another identity saw: its effect is seen in the answer. */
  readonly id: boolean;
}

async function attack(context: CheckContext, ground: Ground, place: ValuePlace): Promise<void> {
  const { operation } = ground;
  const label = labelOf(place);
  const allowed = isScalar(place.value) ? String(place.value) : await allowedValue(context, ground, place);
  if (allowed === undefined) return;
  for (const refused of candidates(context, ground, place, allowed)) {
    for (const order of ['allowed first', 'allowed last'] as const) {
      const show = again(context, ground, async () => await passes(context, ground, place, allowed, refused, order));
      const proof = await show();
      if (!proof) continue;
      const which =
        order === 'allowed first'
          ? 'the first is checked and the last is used'
          : 'the last is checked and the first is used';
      const reported = await context.report({
        message: `${operation.key} takes ${label} twice: ${which}, so that a value passes that is refused alone`,
        operation,
        place: label,
        severity: refused.id ? 'high' : 'medium',
        proof,
        again: show,
      });
      if (reported) return;
    }
  }
}

/** Something that works at a place where the call sends nothing: an id of an own object. */
async function allowedValue(context: CheckContext, ground: Ground, place: ValuePlace): Promise<string | undefined> {
  for (const object of context.objects(ground.operation)) {
    if (object.place !== `query:${place.name}` || (ground.as && !object.seenBy.has(ground.as.name))) continue;
    const exchange = await context.send(context.put(ground.sample.call, place, object.value), ground.as);
    if (context.outcome(exchange) === 'success') return String(object.value);
  }
  return undefined;
}

function candidates(context: CheckContext, ground: Ground, place: ValuePlace, allowed: string): Refused[] {
  const ids = context
    .objects(ground.operation)
    .filter((object) => object.place === `query:${place.name}` && String(object.value) !== allowed)
    .slice(0, IDS)
    .map(({ value }) => ({ value: String(value), id: true }));
  const random = context.random(`${ground.operation.key} ${place.name}`);
  const forbidden = tamperedValues(place.schema, place.value, random, place.word, 'text')
    .filter(({ value, strict }) => strict && isScalar(value) && value !== '' && String(value).length < 60)
    .slice(0, FORBIDDEN)
    .map(({ value }) => ({ value: String(value), id: false }));
  return [...ids, ...forbidden];
}

const REFUSED: ReadonlySet<Outcome> = new Set(['invalid', 'forbidden', 'missing']);

/** Refused alone; with the allowed one beside it a success, and not the one the allowed value gives. */
async function passes(
  context: CheckContext,
  ground: Ground,
  place: ValuePlace,
  allowed: string,
  { value, id }: Refused,
  order: 'allowed first' | 'allowed last',
): Promise<Proof | undefined> {
  const { operation, as, sample } = ground;
  const bare = context.render(context.put(sample.call, place, undefined), as);
  const ask = async (...values: readonly string[]): Promise<Exchange> =>
    await context.request(withValues(bare, place.name, values), { operation, as: as?.name });
  const alone = await ask(value);
  if (!REFUSED.has(context.outcome(alone))) return undefined;
  const both = order === 'allowed first' ? [allowed, value] : [value, allowed];
  const exchange = await ask(...both);
  if (context.outcome(exchange) !== 'success') return undefined;
  const [first, second] = [await ask(allowed), await ask(allowed)];
  const without = await ask();
  // Links to the page itself hold the query: that is no effect.
  const [taken, right] = [value, allowed].map((each) => `${place.name}=${encodeURIComponent(each)}`) as [
    string,
    string,
  ];
  const likeness = new Likeness(context, { exchange: first, sent: right }, { exchange: second, sent: right });
  if (!likeness.stable || context.outcome(first) !== 'success') return undefined;
  const twice = await ask(allowed, allowed);
  for (const other of [first, without, twice]) {
    if (likeness.same({ exchange, sent: taken }, { exchange: other, sent: right })) return undefined;
  }
  if (id && !holds(exchange.answer.json, place.word, value) && !exchange.answer.text.includes(value)) return undefined;
  return {
    exchanges: [first, alone, exchange],
    marks: [`${encodeURIComponent(place.name)}=${encodeURIComponent(value)}`],
  };
}

function withValues(request: ScanRequest, name: string, values: readonly string[]): ScanRequest {
  const pairs = values.map((value) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`);
  if (pairs.length === 0) return request;
  return { ...request, target: `${request.target}${request.target.includes('?') ? '&' : '?'}${pairs.join('&')}` };
}
