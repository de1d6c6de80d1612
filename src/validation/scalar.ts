import { lexicalInteger, lexicalNumber } from './numbers.ts';
import { BOOLEAN, INTEGER, NULL, NUMBER, type Shape, STRING } from './shape.ts';

/** Answered where a text is no value of the type. */
export const INVALID: unique symbol = Symbol('invalid');

/** Turns text into the value that the contract's type says, or INVALID. Never guesses: without a type, text stays text. */
export type ToScalar = (text: string) => unknown;

const same: ToScalar = (text) => text;
const toInteger: ToScalar = (text) => lexicalInteger(text) ?? INVALID;
const toNumber: ToScalar = (text) => lexicalNumber(text) ?? INVALID;
const toBoolean: ToScalar = (text) => (text === 'true' ? true : text === 'false' ? false : INVALID);
const toNull: ToScalar = (text) => (text === 'null' ? null : INVALID);

/** Compiles the conversion; of several types the narrowest whose form the text has is taken. */
export function toScalar(shape: Shape): ToScalar {
  if (!shape.stated) return same;
  const { types } = shape;
  const ways: ToScalar[] = [];
  if (types & NUMBER) ways.push(toNumber);
  else if (types & INTEGER) ways.push(toInteger);
  if (types & BOOLEAN) ways.push(toBoolean);
  // With strings allowed, `null` is the word.
  if (types & NULL && !(types & STRING)) ways.push(toNull);
  if (types & STRING) ways.push(same);
  if (ways.length === 1) return ways[0] as ToScalar;
  return (text) => {
    for (const way of ways) {
      const value = way(text);
      if (value !== INVALID) return value;
    }
    return INVALID;
  };
}

/** What a text must be, for people. */
export function expected(shape: Shape): string {
  const { types } = shape;
  const words: string[] = [];
  if (types & STRING) words.push('text');
  if (types & NUMBER) words.push('a number');
  else if (types & INTEGER) words.push('an integer');
  if (types & BOOLEAN) words.push('true or false');
  if (types & NULL) words.push('null');
  return words.length === 0 ? 'a value of the declared type' : words.join(' or ');
}
