import type { Check, CheckContext } from '../../model/check.ts';
import type { Exchange } from '../../model/exchange.ts';
import type { Proof, Severity } from '../../model/finding.ts';
import { Likeness } from '../injection/common/alike.ts';
import { marksOf } from '../injection/common/marks.ts';
import { again, unlessGone } from '../injection/common/targets.ts';
import { schemaField } from '../injection/common/words.ts';
import { holds, takenBy } from './common/taken.ts';
import { sizeOf, type Tried, trials, works } from './common/trials.ts';

/** Places of one operation that are confirmed one by one, at most; values tried for one place. */
const PLACES = 20;
const VALUES = 4;

export const check: Check = {
  id: 'forbidden-accepted',
  group: 'tampering',
  title: 'Values the contract forbids are taken',
  practice: 'validate',
  cwe: 'CWE-20',
  owasp: 'API8:2023',
  severity: 'medium',
  why: 'The API takes values of types, ranges and forms that its contract forbids. What is stored so breaks what reads it later, and rules of the business with it: negative amounts, dates that are none.',
  mend: 'Validate every request against the contract before anything else, and refuse with 400 or 422. The gate does so for each operation of the contract.',
  async run(context) {
    const accepted = (await trials(context)).filter(
      ({ tampered, outcome }) => tampered.strict && outcome === 'success',
    );
    const places = new Map<string, Tried[]>();
    for (const tried of accepted) {
      const key = `${tried.ground.operation.key} ${tried.label}`;
      const list = places.get(key);
      if (list) list.push(tried);
      else places.set(key, [tried]);
    }
    const counts = new Map<string, number>();
    for (const list of places.values()) {
      if (context.signal.aborted) return;
      const { key } = list[0]!.ground.operation;
      const count = counts.get(key) ?? 0;
      counts.set(key, count + 1);
      if (count < PLACES) await confirm(context, list);
    }
  },
};

interface Shown {
  readonly proof: Proof;
  readonly severity: Severity;
}

/** The shortest value of a place that shows: was it taken, or only not refused? */
async function confirm(context: CheckContext, list: readonly Tried[]): Promise<void> {
  const kinds = [...new Set(list.map(({ tampered }) => tampered.breaks))].join(', ');
  let best: { tried: Tried; shown: Shown } | undefined;
  for (const tried of [...list].sort((a, b) => sizeOf(a.tampered.value) - sizeOf(b.tampered.value)).slice(0, VALUES)) {
    const shown = await unlessGone(context, tried.ground.operation, async () => await show(context, tried));
    if (!shown) continue;
    if (!best || shown.severity !== 'informational') best = { tried, shown };
    if (shown.severity !== 'informational') break;
  }
  if (!best) return;
  const { tried, shown } = best;
  const { operation } = tried.ground;
  const how = shown.severity === 'informational' ? 'does not refuse' : 'takes';
  await context.report({
    message: `${operation.key} ${how} values in ${tried.label} that the contract forbids: ${kinds}`,
    operation,
    place: tried.label,
    // What is taken is a finding for each operation; what is only not refused is one for all.
    cause: shown.severity === 'informational' ? 'not refused' : operation.key,
    severity: shown.severity,
    proof: shown.proof,
    again: again(context, tried.ground, async () => {
      const once = await show(context, tried);
      return once && (once.severity === shown.severity || shown.severity === 'informational') ? once.proof : undefined;
    }),
  });
}

/** The call works, is accepted with the forbidden value, and works again. */
async function show(context: CheckContext, tried: Tried): Promise<Shown | undefined> {
  const { ground, place, tampered } = tried;
  const before = await works(context, ground);
  if (!before) return undefined;
  const call = context.put(await ground.next(), place, tampered.value);
  const exchange = await context.send(call, ground.as);
  if (context.outcome(exchange) !== 'success') return undefined;
  const after = await works(context, ground);
  if (!after) return undefined;
  const proof = (last: Exchange): Proof => ({
    exchanges: last === exchange ? [before, exchange] : [before, exchange, last],
    marks: marksOf(exchange, tampered.value),
  });
  if (tampered.breaks === 'additionalProperties' || tampered.breaks === 'maxProperties') {
    const extra = extraOf(tampered.value, place.value);
    const kept = extra !== undefined && holds(exchange.answer.json, extra[0], extra[1]);
    return { proof: proof(exchange), severity: kept ? 'medium' : 'informational' };
  }
  if (place.in === 'body') {
    const reader = await takenBy(context, ground, call, exchange, place, tampered.value);
    return { proof: proof(reader ?? exchange), severity: reader ? 'medium' : 'informational' };
  }
  if (ground.effect !== 'read' || tampered.value === undefined)
    return { proof: proof(exchange), severity: 'informational' };
  return {
    proof: proof(exchange),
    severity: (await hasEffect(context, tried, exchange, [before, after])) ? 'low' : 'informational',
  };
}

function extraOf(value: unknown, base: unknown): [string, unknown] | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  return Object.entries(value).find(([name]) => !Object.hasOwn(Object(base), name));
}

/**
 * Whether a parameter's value did something of its own: the answer is not that of the call without the parameter, nor
 * that of the call as it was, nor that of a bound the value may have been brought to.
 */
async function hasEffect(
  context: CheckContext,
  { ground, place, tampered }: Tried,
  exchange: Exchange,
  controls: readonly [Exchange, Exchange],
): Promise<boolean> {
  const likeness = new Likeness(context, { exchange: controls[0], sent: '' }, { exchange: controls[1], sent: '' });
  if (!likeness.stable) return false;
  const sent = String(tampered.value);
  const alike = (other: Exchange): boolean => likeness.same({ exchange, sent }, { exchange: other, sent: '' });
  if (alike(controls[0])) return false;
  const values: unknown[] = [];
  if (place.in !== 'path') values.push(undefined);
  for (const name of ['minimum', 'maximum', 'default', 'exclusiveMinimum', 'exclusiveMaximum']) {
    const bound = schemaField(place, name);
    if (bound !== undefined && typeof bound !== 'boolean') values.push(bound);
  }
  values.push(...readings(sent));
  const listed = schemaField(place, 'enum');
  if (Array.isArray(listed)) values.push(...listed.slice(0, 6));
  for (const value of values) {
    const other = await context.send(context.put(await ground.next(), place, value), ground.as);
    if (alike(other)) return false;
  }
  // A search for something that there is not is answered with nothing: true, and no harm.
  return !isEmpty(exchange);
}

/** Numbers that a lenient reading makes of a text: its beginning, rounded, or brought to the least there is. */
function readings(sent: string): number[] {
  const start = Number.parseFloat(sent.slice(0, 40));
  const near = Number.isFinite(start) ? [Math.trunc(start), Math.ceil(start), Math.abs(Math.trunc(start))] : [];
  return [...new Set([...near, 0, 1])].filter((one) => Number.isSafeInteger(one));
}

function isEmpty({ answer }: Exchange): boolean {
  const { json } = answer;
  if (json === undefined) return answer.text.trim() === '';
  if (Array.isArray(json)) return json.length === 0;
  if (typeof json !== 'object' || json === null) return true;
  const lists = Object.values(json).flatMap((value) => (Array.isArray(value) ? [value] : []));
  return lists.length > 0 && lists.every((list) => list.length === 0);
}
