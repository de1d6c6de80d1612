import type { Check, CheckContext, Sample } from '../../model/check.ts';
import type { Exchange } from '../../model/exchange.ts';
import type { Proof } from '../../model/finding.ts';

/** Pairs of reads that are sent at once. */
const ROUNDS = 12;
const OPERATIONS = 6;
/** Texts of an answer that are compared. */
const TEXTS = 1_000;

/** What was meant for one caller is answered to another who asks at the same time. */
export const check: Check = {
  id: 'mixed-up-answers',
  group: 'fuzzing',
  title: 'Answers of one caller reach another',
  practice: 'necessary-only',
  cwe: 'CWE-488',
  owasp: 'API3:2023',
  severity: 'critical',
  why: 'State that is shared between requests hands the data of one user to the next: no attack is needed, only load.',
  mend: 'Keep nothing of a request in variables of the module or in caches whose key leaves out the caller.',

  async run(context) {
    if (context.identities.length < 2) return context.skip('it takes two identities');
    const reads = context.operations.filter(({ method }) => method === 'GET');
    let tried = 0;
    for (const operation of reads) {
      const [one, other] = pairOf(context.samples(operation));
      if (!one || !other || tried >= OPERATIONS) continue;
      tried++;
      const proof = await attempt(context, one, other);
      if (!proof) continue;
      await context.report({
        message: `${one.as?.name} was answered what was meant for ${other.as?.name}, when both asked at once`,
        operation,
        proof,
        again: () => attempt(context, one, other),
      });
    }
  },
};

/** Two identities whose answers differ. */
function pairOf(samples: readonly Sample[]): [Sample?, Sample?] {
  const one = samples.find(({ as }) => as !== undefined);
  const other = samples.find(
    ({ as, exchange }) => as !== undefined && as !== one?.as && exchange.answer.text !== one?.exchange.answer.text,
  );
  return [one, other];
}

async function attempt(context: CheckContext, one: Sample, other: Sample): Promise<Proof | undefined> {
  const ask = async (sample: Sample): Promise<Exchange> => await context.send(sample.call, sample.as ?? null);
  // Alone, and twice: what changes by itself cannot be told apart.
  const alone = [await ask(one), await ask(one), await ask(other), await ask(other)] as const;
  const [first, second, third, fourth] = alone;
  if (
    first.answer.text !== second.answer.text ||
    third.answer.text !== fourth.answer.text ||
    first.answer.text === third.answer.text
  )
    return undefined;
  const theirs = distinctive(third, first);
  let mixed: { readonly exchange: Exchange; readonly mark: string } | undefined;
  await context.each(Array.from({ length: ROUNDS }), async () => {
    const [mine] = await Promise.all([ask(one), ask(other)]);
    if (mixed || context.outcome(mine) !== 'success') return;
    const strange = mine.answer.text === third.answer.text ? '' : foreignIn(mine, first, theirs);
    if (strange !== undefined) mixed = { exchange: mine, mark: strange };
  });
  return mixed && { exchanges: [first, third, mixed.exchange], marks: mixed.mark === '' ? [] : [mixed.mark] };
}

/** Texts, by where they stand, that only the one answer holds anywhere: names, addresses, long numbers. */
function distinctive(of: Exchange, without: Exchange): Map<string, string> {
  const found = new Map<string, string>();
  for (const [pointer, value] of textsOf(of))
    if (value.length >= 3 && !without.answer.text.includes(value)) found.set(pointer, value);
  return found;
}

/** What stands in an answer where, asked alone, something else stands, and what only the other caller is answered there. */
function foreignIn(mine: Exchange, alone: Exchange, theirs: ReadonlyMap<string, string>): string | undefined {
  const usual = textsOf(alone);
  for (const [pointer, value] of textsOf(mine))
    if (theirs.get(pointer) === value && usual.has(pointer) && usual.get(pointer) !== value) return value;
  return undefined;
}

function textsOf({ answer }: Exchange): Map<string, string> {
  const found = new Map<string, string>();
  const walk = (at: unknown, pointer: string, depth: number): void => {
    if (found.size >= TEXTS || depth > 8) return;
    if (typeof at === 'string' || typeof at === 'number') found.set(pointer, String(at));
    else if (typeof at === 'object' && at !== null)
      for (const [name, item] of Object.entries(at)) walk(item, `${pointer}/${name}`, depth + 1);
  };
  walk(answer.json, '', 0);
  return found;
}
