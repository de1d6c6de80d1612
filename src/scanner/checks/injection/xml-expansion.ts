import type { Check, CheckContext } from '../../model/check.ts';
import type { Proof } from '../../model/finding.ts';
import type { Ground } from './common/ground.ts';
import { again, groundsOf, unlessGone } from './common/targets.ts';
import { word } from './common/words.ts';
import { type Declared, sendXml, spotsOf, xmlTypesOf } from './common/xml.ts';

/** How often each entity names the one below it, and how many stand above the first: 1,000 times one word, or 100. */
const WIDE = 10;
const LEVELS = [3, 2] as const;
/** Letters of the word: what is expanded stays below 5 KB. */
const LETTERS = 5;

export const check: Check = {
  id: 'xml-expansion',
  group: 'injection',
  title: 'Entities of XML multiply',
  practice: 'validate',
  cwe: 'CWE-776',
  owasp: 'API4:2023',
  severity: 'medium',
  why: 'The XML parser expands entities that are made of entities: each level is ten times the one below. A few hundred bytes become gigabytes, and the server runs out of memory.',
  mend: 'Refuse documents with a document type, or let the parser expand no entities but the five that XML has. The gate refuses bodies of types the contract does not name, and takes no document type.',
  async run(context) {
    const grounds = await groundsOf(context, ({ body, method }) => body !== undefined && method !== 'DELETE');
    await context.each(grounds, async (ground) => {
      await unlessGone(context, ground.operation, async () => {
        for (const type of xmlTypesOf(ground)) if (await attack(context, ground, type)) return;
      });
      await unlessGone(context, ground.operation, async () => await ground.end());
    });
  },
};

interface Way {
  readonly levels: number;
  readonly at: number | undefined;
}

async function attack(context: CheckContext, ground: Ground, type: string): Promise<boolean> {
  const { operation } = ground;
  const random = context.random(operation.key);
  const spots = await spotsOf(context, ground);
  // Fewer copies everywhere, where more are too long for the texts; more in one text, where the others take none.
  const ways = LEVELS.flatMap((levels, index) =>
    (index === 0 ? spots : spots.slice(0, 1)).map((at) => ({ levels, at })),
  );
  for (const { levels, at } of ways) {
    const show = async (): Promise<Proof | undefined> =>
      await multiplied(context, ground, type, { levels, at }, random);
    const proof = await show();
    if (!proof) continue;
    return await context.report({
      message: `${operation.key} expands entities within entities of its XML body: one word came back ${WIDE ** levels} times`,
      operation,
      place: 'the body',
      cause: operation.key,
      proof,
      again: again(context, ground, show),
    });
  }
  return false;
}

/** One reference to the topmost entity gives every copy of the word; one to the lowest gives one. */
async function multiplied(
  context: CheckContext,
  ground: Ground,
  type: string,
  { levels, at }: Way,
  random: () => number,
): Promise<Proof | undefined> {
  const one = word(random, LETTERS);
  const exchange = await sendXml(context, ground, type, { ...entities(one, levels, levels), at });
  const count = countOf(exchange.answer.text, one);
  if (count < WIDE ** levels) return undefined;
  const control = await sendXml(context, ground, type, { ...entities(one, levels, 0), at });
  const single = countOf(control.answer.text, one);
  // The same declarations, named at the lowest: an echo of the request would have as many either way.
  if (single === 0 || count < single * WIDE ** levels * 0.9) return undefined;
  return { exchanges: [control, exchange], marks: [one.repeat(WIDE)] };
}

function entities(one: string, levels: number, from: number): Declared {
  let subset = `<!ENTITY k0 "${one}">`;
  for (let level = 1; level <= levels; level++) {
    subset += `<!ENTITY k${level} "${`&k${level - 1};`.repeat(WIDE)}">`;
  }
  return { subset, reference: `&k${from};` };
}

function countOf(text: string, one: string): number {
  let count = 0;
  for (let at = text.indexOf(one); at >= 0; at = text.indexOf(one, at + one.length)) count++;
  return count;
}
