import type { Operation } from '../../../contract/model.ts';
import type { Check, CheckContext } from '../../model/check.ts';
import type { Exchange, SendOptions } from '../../model/exchange.ts';
import type { Proof } from '../../model/finding.ts';
import { groundsOf, type Target, targetsOf, unlessGone } from '../injection/common/targets.ts';
import { labelOf, named, schemaField } from '../injection/common/words.ts';

/** Places where a pattern is likely to judge what comes. */
const JUDGED: ReadonlySet<string> = new Set(
  'email mail url uri link href website homepage callback webhook phone mobile telephone tel date birthday host hostname domain ip zip zipcode postcode postal colour color version slug username handle pattern regex locale cron duration iban vat'.split(
    ' ',
  ),
);
/** Places of the whole scan that are tried: each is some 20 requests. */
const PLACES = 60;
/** Texts that patterns with nested or overlapping repeats get lost in: many ways to read the beginning, an end that fits none. */
const SEEDS: readonly ((count: number) => string)[] = [
  (count) => `${'a'.repeat(count)}!`,
  (count) => `${'1'.repeat(count)}!`,
  (count) => `a@${'a'.repeat(count)}!`,
  (count) => `a@${'a.'.repeat(count >> 1)}!`,
  (count) => `http://${'a'.repeat(count)}!`,
  (count) => `a${' '.repeat(count)}!`,
];
/** Lengths: those where doubling with each letter shows within seconds, and those where a square shows. */
const SHORT = [20, 24, 27, 29] as const;
const LONG = [1_000, 12_000] as const;
/** Milliseconds that one text must cost at least, and how many times as much as its control. */
const COSTLY = 120;
const TIMES = 5;
/** Milliseconds from which a text is doubted: it is not sent longer. */
const DOUBTED = 20;
/** Trials of the costly text and of its control, in turn. */
const ROUNDS = 3;

/** A short text keeps the server busy: patterns that backtrack. The texts grow slowly, so that the server is held for a moment only. */
export const check: Check = {
  id: 'costly-pattern',
  group: 'floods',
  title: 'A short text keeps a pattern busy',
  practice: 'throttle',
  cwe: 'CWE-1333',
  owasp: 'API4:2023',
  severity: 'medium',
  why: 'A regular expression with nested repeats takes twice as long for each letter more. One request of fifty letters stops the service for everybody.',
  mend: 'Limit the length before a pattern looks, write it without repeats within repeats, or use an engine in linear time (RE2). Portcullis judges patterns of the contract in linear time.',

  async run(context) {
    let left = PLACES;
    for (const operation of context.known.register.slice(0, 1)) {
      for (const site of await registering(context, operation)) {
        await unlessGone(context, operation, async () => await tryPlace(context, site));
        if (context.found(check.id, operation)) break;
      }
    }
    // One after the other: what one text costs must not be counted for another.
    for (const ground of await groundsOf(context, (operation) => !context.known.register.includes(operation))) {
      for (const target of targetsOf(context, ground, isJudged)) {
        if (left-- <= 0) return context.skip(`more than ${PLACES} places: the rest of them`, ground.operation);
        await unlessGone(context, ground.operation, async () => await tryPlace(context, target));
        if (context.found(check.id, ground.operation)) break;
      }
      await ground.end();
    }
  },
};

const isJudged = ({ place }: Pick<Target, 'place'>): boolean =>
  place.in !== 'header' &&
  place.in !== 'cookie' &&
  (named(place, JUDGED) || schemaField(place, 'pattern') !== undefined);

/** Where a text can be sent. */
type Site = Pick<Target, 'operation' | 'label' | 'send' | 'control'>;

/** The registration, which needs no account to be called: its fields with a form are those that patterns judge. */
async function registering(context: CheckContext, operation: Operation): Promise<Site[]> {
  const [some] = context.identities;
  const base = some === undefined ? context.samples(operation)[0]?.call : await context.prepare(operation, some);
  if (base === undefined || !context.mayTry(base)) return [];
  return context
    .places(base)
    .filter((place) => place.in === 'body' && typeof place.value === 'string' && isJudged({ place }))
    .filter((place) => !/user|login|handle/i.test(place.word))
    .map((place) => {
      const send = async (value: unknown, options?: SendOptions): Promise<Exchange> =>
        await context.send(context.put(base, place, value), null, options);
      return { operation, label: labelOf(place), send, control: async (options) => await send('!', options) };
    });
}

async function tryPlace(context: CheckContext, target: Site): Promise<void> {
  const usual = (await target.control({ patient: false })).answer.milliseconds;
  const isSlow = (milliseconds: number): boolean => milliseconds >= COSTLY && milliseconds >= usual * TIMES;
  const report = async (text: string): Promise<boolean> => {
    const attempt = async (): Promise<Proof | undefined> => await compared(target, text);
    const proof = await attempt();
    if (proof === undefined) return false;
    await context.report({
      message: `${target.operation.key} is kept busy by ${text.length} letters in ${target.label}: ${TIMES} times as long as by others of the same length, and more`,
      operation: target.operation,
      place: target.label,
      cause: target.operation.key,
      proof,
      again: attempt,
    });
    return true;
  };
  for (const seed of SEEDS) {
    let doubted = false;
    for (const count of SHORT) {
      const { answer } = await target.send(seed(count), { patient: false });
      if (answer.failure !== undefined) return;
      if (isSlow(answer.milliseconds) && (await report(seed(count)))) return;
      doubted ||= answer.milliseconds >= DOUBTED && answer.milliseconds >= usual * TIMES;
    }
    // Where short ones may be costly already, long ones would hold the server for ever.
    if (doubted) continue;
    for (const count of LONG) {
      const { answer } = await target.send(seed(count), { patient: false });
      if (answer.failure !== undefined) return;
      if (isSlow(answer.milliseconds) && (await report(seed(count)))) return;
      if (answer.milliseconds >= DOUBTED && answer.milliseconds >= usual * TIMES) break;
    }
  }
}

/** The costly text and one of the same letters that no pattern looks at for long, in turn: each time the first costs much more. */
async function compared(target: Site, text: string): Promise<Proof | undefined> {
  // The letter that fits nothing comes first.
  const control = `!${text.slice(0, -1)}`;
  let last: readonly [Exchange, Exchange] | undefined;
  for (let round = 0; round < ROUNDS; round++) {
    const quick = await target.send(control, { patient: false, timeout: 20_000 });
    const slow = await target.send(text, { patient: false, timeout: 20_000 });
    if (quick.answer.failure !== undefined || slow.answer.failure !== undefined) return undefined;
    const { milliseconds } = slow.answer;
    if (milliseconds < COSTLY || milliseconds < quick.answer.milliseconds * TIMES) return undefined;
    last = [quick, slow];
  }
  return last && { exchanges: last, marks: text.length <= 40 ? [text] : [] };
}
