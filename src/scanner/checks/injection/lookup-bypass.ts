import type { Operation } from '../../../contract/model.ts';
import { between } from '../../generate/random.ts';
import { validValue } from '../../generate/valid.ts';
import type { Call, ValuePlace } from '../../model/call.ts';
import type { Check, CheckContext } from '../../model/check.ts';
import type { Exchange } from '../../model/exchange.ts';
import type { Proof } from '../../model/finding.ts';
import { Suffixed } from '../authentication/bypass/attempts.ts';
import { filled } from '../authentication/bypass/form.ts';
import { effectOf } from './common/ground.ts';
import { labelOf, word, wordsOf } from './common/words.ts';
import { type Asker, askersOf } from './lookups/askers.ts';
import { type Way, waysInto } from './lookups/ways.ts';

/** Operations that only ever refuse, until what they look up becomes a part of the question. */
export const check: Check = {
  id: 'lookup-bypass',
  group: 'injection',
  title: 'A look-up that finds without the right value',
  practice: 'validate',
  cwe: 'CWE-943',
  owasp: 'API8:2023',
  severity: 'critical',
  why: 'The API looks something up by a code, a token or a number that only its owner knows, and takes a condition for it. Who sends one that is always true gets what belongs to somebody else.',
  mend: 'Bind values as parameters of the query, and refuse objects where a text or a number belongs. In the contract give every value a type and a pattern: the gate refuses what is none.',
  async run(context) {
    const operations = context.operations.filter((operation) => isOpenQuestion(context, operation));
    await context.each(operations, async (operation) => {
      for (const asker of await askersOf(context, operation)) {
        if (context.signal.aborted || (await attack(context, asker))) return;
      }
    });
  },
};

/** What ends, spends or changes something when it works: a stranger's thing, here. */
const SPENDS: ReadonlySet<string> = new Set(
  (
    'reset confirm redeem accept activate cancel delete remove pay refund withdraw transfer unsubscribe approve revoke ' +
    'close book order buy checkout claim spend use apply import send submit'
  ).split(' '),
);

/** Never worked in exploring, and may be asked: reads, and (as far as its name tells) a POST that only looks something up. */
function isOpenQuestion(context: CheckContext, operation: Operation): boolean {
  const { known, options } = context;
  if (context.samples(operation).length > 0) return false;
  const special = [known.login, known.logout, known.register, known.account];
  if (special.some((list) => list.includes(operation))) return false;
  if (effectOf(operation) === 'read') return true;
  if (operation.method !== 'POST') return false;
  const last = operation.template.split('/').findLast((segment) => segment !== '' && !segment.includes('{')) ?? '';
  const [verb = ''] = wordsOf(operation.operationId ?? '');
  return options.destructive || ![...wordsOf(last), verb].some((one) => SPENDS.has(one));
}

/** @returns whether a finding came of it: one is enough */
async function attack(context: CheckContext, asker: Asker): Promise<boolean> {
  const random = context.random(`${asker.call.operation.key} ${asker.as?.name ?? ''}`);
  for (const way of waysInto(asker, context)) {
    if (context.signal.aborted) break;
    // All places at once: what is looked up by two values is found by none alone.
    if (!(await isLetIn(context, asker, way, way.places, random))) continue;
    const places = await fewest(context, asker, way, random);
    const show = async (): Promise<Proof | undefined> => await proofOf(context, asker, way, places, random);
    const proof = await show();
    if (proof && (await report(context, asker, way, places, proof, show))) return true;
  }
  return false;
}

/** As few of the places as still let in: each is given nonsense in turn. */
async function fewest(
  context: CheckContext,
  asker: Asker,
  way: Way,
  random: () => number,
): Promise<readonly ValuePlace[]> {
  let places = way.places;
  for (const one of way.places) {
    const fewer = places.filter((place) => place !== one);
    if (fewer.length > 0 && (await isLetIn(context, asker, way, fewer, random))) places = fewer;
  }
  return places;
}

type Kind = 'yes' | 'no' | 'nonsense';

/** A call with nonsense in every place, and with the attack (or its twin that must fail) in some of them. */
async function ask(
  context: CheckContext,
  { call, as }: Asker,
  way: Way,
  places: readonly ValuePlace[],
  kind: Kind,
  random: () => number,
): Promise<Exchange | undefined> {
  let asked: Call = call;
  for (const place of way.scope) {
    const plain = nonsense(place, random);
    const value = kind === 'nonsense' || !places.includes(place) ? plain : way.write(plain, kind === 'yes', random);
    asked = value instanceof Suffixed ? filled(context, asked, place, value) : context.put(asked, place, value);
  }
  if (!context.mayTry(asked)) return undefined;
  return await context.send(asked, as);
}

const isLetIn = async (
  context: CheckContext,
  asker: Asker,
  way: Way,
  places: readonly ValuePlace[],
  random: () => number,
): Promise<boolean> => {
  const exchange = await ask(context, asker, way, places, 'yes', random);
  return exchange !== undefined && context.outcome(exchange) === 'success';
};

/** Nonsense is refused, so is the twin, the attack is let in, and nonsense is refused still. */
async function proofOf(
  context: CheckContext,
  asker: Asker,
  way: Way,
  places: readonly ValuePlace[],
  random: () => number,
): Promise<Proof | undefined> {
  const exchanges: Exchange[] = [];
  for (const kind of ['nonsense', 'no', 'yes', 'nonsense'] as const) {
    const exchange = await ask(context, asker, way, places, kind, random);
    if (exchange === undefined) return undefined;
    const outcome = context.outcome(exchange);
    const refused =
      outcome === 'missing' || outcome === 'invalid' || outcome === 'unauthenticated' || outcome === 'error';
    if (kind === 'yes' ? outcome !== 'success' : !refused) return undefined;
    // An engine may stumble over what it does not know; nonsense it must refuse in words.
    if (kind === 'nonsense' && outcome === 'error') return undefined;
    exchanges.push(exchange);
  }
  const [plain, twin, attack] = exchanges;
  return plain && twin && attack ? { exchanges: [plain, twin, attack], marks: [...way.marks] } : undefined;
}

async function report(
  context: CheckContext,
  { call: { operation }, as }: Asker,
  way: Way,
  places: readonly ValuePlace[],
  proof: Proof,
  again: () => Promise<Proof | undefined>,
): Promise<boolean> {
  const label = places.map(labelOf).join(', ');
  const who = as ? as.name : 'anybody';
  return await context.report({
    message: `${operation.key} finds something for ${who} without the right value: with ${way.what} in ${label} it succeeds, where nonsense is refused`,
    operation,
    place: label,
    cause: operation.key,
    proof,
    again,
  });
}

/** A value as the contract wants it, which is that of nothing. */
function nonsense({ schema, value, word: name }: ValuePlace, random: () => number): string | number {
  const wanted = typeof value === 'number' ? 'number' : 'string';
  for (let i = 0; i < 3 && schema !== undefined; i++) {
    const made = validValue(schema, random, { word: name, examples: false });
    if (made !== value && (typeof made === 'string' || typeof made === 'number') && typeof made === wanted) return made;
  }
  return wanted === 'number' ? between(random, 700_000_000, 799_999_999) : word(random, 10);
}
