import { equal } from '../../contract/schema/equal.ts';
import { FORMATS } from '../../contract/schema/formats/formats.ts';
import { FILE, INTEGER, NUMBER, STRING } from '../../contract/schema/node.ts';
import { length, multipleOf } from '../../contract/schema/primitives.ts';
import { bitsOf } from '../../contract/schema/read-values.ts';
import type { Facets } from './facets.ts';

/** Whether a text, number, boolean or null is what the facets ask for: quick, before the compiled schema is asked. */
export function fits(facets: Facets, value: unknown): boolean {
  if ((bitsOf(value) & facets.types) === 0 && !(typeof value === 'string' && facets.types & FILE)) return false;
  if (facets.enumeration && !facets.enumeration.some((each) => equal(each, value))) return false;
  if (typeof value === 'string') return fitsText(facets, value);
  return typeof value !== 'number' || fitsNumber(facets, value);
}

function fitsText({ minLength, maxLength, formats, patterns, types }: Facets, text: string): boolean {
  const count = length(text);
  if (count < minLength || count > maxLength) return false;
  for (const name of formats) {
    const format = FORMATS.get(name);
    const test = format?.text ?? ((types & (NUMBER | INTEGER)) === 0 && types & STRING ? format?.numeral : undefined);
    if (test && !test(text)) return false;
  }
  return patterns.every((pattern) => pattern.test(text));
}

function fitsNumber({ low, lowOpen, high, highOpen, steps, formats }: Facets, value: number): boolean {
  if (value < low || (lowOpen && value === low) || value > high || (highOpen && value === high)) return false;
  for (const name of formats) if (FORMATS.get(name)?.number?.(value) === false) return false;
  return steps.every((step) => multipleOf(step)(value));
}
