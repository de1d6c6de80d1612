import type { Check, CheckContext, Sample } from '../../model/check.ts';
import type { Exchange } from '../../model/exchange.ts';
import type { Proof } from '../../model/finding.ts';

/** Pairs of reads that are sent at once. */
const ROUNDS = 12;
const OPERATIONS = 6;

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
  let mixed: Exchange | undefined;
  await context.each(Array.from({ length: ROUNDS }), async () => {
    const [mine] = await Promise.all([ask(one), ask(other)]);
    if (mine.answer.text === third.answer.text) mixed ??= mine;
  });
  return mixed && { exchanges: [first, third, mixed], marks: [] };
}
