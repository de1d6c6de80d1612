import type { Check, CheckContext } from '../../model/check.ts';
import type { Exchange } from '../../model/exchange.ts';
import type { Proof } from '../../model/finding.ts';
import { abridged, type JsonCall, jsonCalls, sameAnswer, withBody } from './bodies.ts';
import { type Filled, filled } from './filled.ts';

const TRIED = 6;
/** Bytes: above the caps that frameworks have by default; then above what is given to those who want a lot. */
const FIRST = 12 * 1024 * 1024;
const SIZE = 60 * 1024 * 1024;
/** Milliseconds for one of them. */
const DEADLINE = 30_000;

/** Bodies of any size are read to their end. */
export const check: Check = {
  id: 'large-body',
  group: 'floods',
  title: 'Bodies of any size are read',
  practice: 'throttle',
  cwe: 'CWE-770',
  owasp: 'API4:2023',
  severity: 'medium',
  why: 'A handful of callers that send hundreds of megabytes each fill the memory of the server, and everybody else waits.',
  mend: 'Refuse with 413 as soon as a body passes what the operation needs. Portcullis counts real bytes (limits.body).',

  async run(context) {
    // One after another: together they would be a flood. One that takes all is enough: the cap stands in one place.
    for (const json of jsonCalls(context, TRIED)) {
      const way = await wayOf(context, json);
      if (!way) {
        context.skip('what it says of a wrong body does not show whether it was read', json.operation);
        continue;
      }
      if (!(await way(FIRST))) continue;
      const proof = await way(SIZE);
      if (!proof) continue;
      const confirmed = await context.report({
        message: `a JSON body of ${SIZE / 1024 / 1024} MB was read to its end`,
        operation: json.operation,
        place: 'body',
        cause: 'no cap on bodies',
        proof,
        again: async () => await way(SIZE),
      });
      if (confirmed) return;
    }
  },
};

/** Sends a body of a size. @returns what shows that it was read to its end; undefined where it was not */
type Way = (size: number) => Promise<Proof | undefined>;

async function wayOf(context: CheckContext, json: JsonCall): Promise<Way | undefined> {
  const valid = await ask(context, json, whole(1).body);
  const broken = await ask(context, json, cut(1).body);
  if (valid.answer.status === 0 || broken.answer.status === 0) return undefined;
  if (!sameAnswer(valid, broken)) return async (size) => await toTheEnd(context, json, size, valid, broken);
  // Who answers both alike may answer what is too large so as well: only success speaks then.
  return json.as ? async (size) => await padded(context, json, size) : undefined;
}

const BEGIN = '{"filler":"';
const whole = (size: number): Filled => filled(BEGIN, 'a', size, '"}');
const cut = (size: number): Filled => filled(BEGIN, 'a', size, '";');

/**
 * Two bodies that differ in their last character only, valid JSON that is no valid body and no JSON at all, are answered
 * just as the small ones are: so both were read to their ends. Neither changes anything.
 */
async function toTheEnd(
  context: CheckContext,
  json: JsonCall,
  size: number,
  valid: Exchange,
  broken: Exchange,
): Promise<Proof | undefined> {
  const large = whole(size);
  const read = await ask(context, json, large.body);
  if (!sameAnswer(valid, read)) return undefined;
  // In place: one of them is heavy enough.
  large.body[large.body.length - 1] = ';'.charCodeAt(0);
  const refused = await ask(context, json, large.body);
  if (!sameAnswer(broken, refused)) return undefined;
  const command = (end: string): string =>
    `{ printf '${BEGIN}'; head -c ${size} /dev/zero | tr '\\000' 'a'; printf '"${end}'; }`;
  return { exchanges: [broken, abridged(refused, command(';')), abridged(read, large.command)], marks: [] };
}

/** A call that works, and that works as well with so many blanks behind its body. */
async function padded(context: CheckContext, json: JsonCall, size: number): Promise<Proof | undefined> {
  const { operation, as } = json;
  const call = as && (await context.prepare(operation, as));
  if (!call || !context.mayTry(call)) return undefined;
  const body = context.render(call, as).body;
  if (typeof body !== 'string') return undefined;
  const large = filled(body, ' ', size, '');
  const shown = await ask(context, { ...json, call }, large.body);
  return context.outcome(shown) === 'success' ? { exchanges: [abridged(shown, large.command)], marks: [] } : undefined;
}

async function ask(context: CheckContext, json: JsonCall, body: Uint8Array): Promise<Exchange> {
  return await context.request(
    withBody(context, json, body),
    { operation: json.operation, as: json.as?.name },
    { fresh: true, timeout: DEADLINE },
  );
}
