import { between, letters } from '../../../generate/random.ts';
import type { Call, ValuePlace } from '../../../model/call.ts';

/** A word that stands nowhere by chance. */
export const word = (random: () => number, length = 9): string => letters(random, length);

/** Two factors and their product, which stands in no payload that holds the factors only. */
export function product(random: () => number): { readonly a: number; readonly b: number; readonly text: string } {
  const a = between(random, 31_013, 98_731);
  const b = between(random, 31_013, 98_731);
  return { a, b, text: String(a * b) };
}

/** Whether a text holds a number, also where it was written with separators (`1,234,567`). */
export function holdsNumber(text: string, number: string): boolean {
  if (text.includes(number)) return true;
  for (const separator of [',', '.', ' ', '\u00a0', '\u202f', "'"]) {
    if (text.includes(number.replace(/\B(?=(\d{3})+$)/g, separator))) return true;
  }
  return false;
}

/** The place in words of the house: `query parameter search`, `body /role`. */
export function labelOf(place: ValuePlace): string {
  if (place.in === 'body') return place.name === '' ? 'the body' : `body ${place.name}`;
  if (place.in === 'header') return `header ${place.name}`;
  if (place.in === 'cookie') return `cookie ${place.name}`;
  return `${place.in} parameter ${place.name}`;
}

/** Splits `callbackUrl`, `callback_url` and `callback-url` into lower-case words. */
export function wordsOf(name: string): string[] {
  return name
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((part) => part !== '');
}

/** Whether a place's name has one of the words. */
export const named = (place: ValuePlace, words: ReadonlySet<string>): boolean =>
  wordsOf(place.word).some((part) => words.has(part) || (part.endsWith('s') && words.has(part.slice(0, -1))));

const PASSWORDS: ReadonlySet<string> = new Set([
  'password',
  'passwd',
  'pass',
  'pwd',
  'secret',
  'pin',
  'passphrase',
  'otp',
]);

export const isPassword = (place: ValuePlace): boolean => named(place, PASSWORDS);

/** A field of a schema that is a plain object. */
export function schemaField(place: ValuePlace, name: string): unknown {
  const schema = place.schema?.schema;
  if (typeof schema !== 'object' || schema === null || !Object.hasOwn(schema, name)) return undefined;
  return Reflect.get(schema, name);
}

/** Types a schema names at its top; empty where it says nothing there. */
export function typesOf(place: ValuePlace): readonly string[] {
  const type = schemaField(place, 'type');
  if (typeof type === 'string') return [type];
  return Array.isArray(type) ? type.filter((one) => typeof one === 'string') : [];
}

export const isScalar = (value: unknown): value is string | number | boolean =>
  typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';

/** What stands at a place as text; where nothing does, something that a working call could have there. */
export function textAt(place: ValuePlace): string | undefined {
  if (isScalar(place.value)) return String(place.value);
  if (place.value !== undefined) return undefined;
  const values = schemaField(place, 'enum');
  for (const value of [
    schemaField(place, 'example'),
    schemaField(place, 'default'),
    Array.isArray(values) ? values[0] : undefined,
  ]) {
    if (isScalar(value)) return String(value);
  }
  const types = typesOf(place);
  if (types.includes('object') || types.includes('array')) return undefined;
  if (types.includes('integer') || types.includes('number')) {
    const minimum = schemaField(place, 'minimum');
    return typeof minimum === 'number' && minimum > 1 ? String(Math.ceil(minimum)) : '1';
  }
  if (types.includes('boolean')) return 'true';
  return 'a';
}

/** The last word of an operation's path that is no parameter, and its other words. */
export const pathWords = (call: Call): string[] => wordsOf(call.operation.template.replace(/\{[^}]*\}/g, ' '));
