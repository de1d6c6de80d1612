import type { CheckContext } from '../../../model/check.ts';
import type { Proof } from '../../../model/finding.ts';
import { type Form, follows, settle } from './pairs.ts';
import { again, type Target } from './targets.ts';
import { named, word } from './words.ts';

/** Places that are asked whether something holds: what is evaluated there never shows, but decides what is answered. */
const CONDITIONS: ReadonlySet<string> = new Set([
  ...[
    'filter',
    'where',
    'condition',
    'predicate',
    'expression',
    'expr',
    'rule',
    'criteria',
    'query',
    'script',
    'formula',
  ],
]);

/** Conditions on the length of a text, as languages of programs write them: languages of filters have no such member. */
const WRITTEN: readonly { readonly name: string; write(text: string, length: number): string }[] = [
  { name: 'JavaScript', write: (text, length) => `'${text}'.length==${length}` },
  { name: 'Python', write: (text, length) => `len('${text}')==${length}` },
  { name: 'Java, Groovy or Ruby', write: (text, length) => `'${text}'.length()==${length}` },
  { name: 'SpEL', write: (text, length) => `T(java.lang.Math).max(${length},3)==${text.length}` },
];
/** Conditions of each kind: all must be answered as they are true or false. */
const PAIRS = 3;

function formOf({ name, write }: (typeof WRITTEN)[number], random: () => number): Form {
  const pairs = Array.from({ length: PAIRS }, () => {
    const text = word(random, 5 + Math.floor(random() * 4));
    const wrong = text.length === 8 ? 5 : text.length + 1;
    return { yes: write(text, text.length), no: write(text, wrong) };
  });
  return { name, plain: false, pairs };
}

/**
 * Sends conditions that are true and false where the API expects a filter or a rule.
 * @returns whether a finding came of it
 */
export async function evaluated(context: CheckContext, target: Target): Promise<boolean> {
  const { operation, label, place, reads, random } = target;
  if (!reads || !named(place, CONDITIONS)) return false;
  const settled = await settle(context, target);
  if (!settled) return false;
  for (const written of WRITTEN) {
    const form = formOf(written, random);
    const proof = await follows(context, target, form, settled.likeness, settled.control);
    if (!proof) continue;
    const show = async (): Promise<Proof | undefined> => {
      const once = await settle(context, target);
      return once && (await follows(context, target, formOf(written, random), once.likeness, once.control));
    };
    const message = `${operation.key} evaluates ${label} as an expression of ${written.name}: its answers follow conditions that were sent along`;
    if (await context.report({ message, operation, place: label, proof, again: again(context, target, show) }))
      return true;
  }
  return false;
}
