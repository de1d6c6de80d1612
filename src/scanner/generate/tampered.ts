import type { SchemaAt } from '../../contract/model.ts';
import { ARRAY, BOOLEAN, INTEGER, NULL, NUMBER, OBJECT, STRING } from '../../contract/schema/node.ts';
import { Verbatim } from '../model/call.ts';
import { type Facets, facetsOf } from './facets.ts';
import { brokenBy, excusesOf } from './forbidden.ts';
import { type Judge, judgeOf } from './judge.ts';
import { nodeOf } from './nodes.ts';
import { isPlain } from './own.ts';
import type { Carried } from './readings.ts';
import { brokenLists } from './tampered-lists.ts';
import { brokenNumbers } from './tampered-numbers.ts';
import { brokenObjects } from './tampered-objects.ts';
import { brokenTexts } from './tampered-texts.ts';

/** A value near to a valid one, and the demand it breaks. */
export interface Tampered {
  /** What is put there; `undefined`: what stands there is taken out. */
  readonly value: unknown;
  /** Keyword or kind, then detail: `maximum`, `format email`, `required /name`, `type object`, `unicode NUL`. */
  readonly breaks: string;
  /** Whether the contract surely forbids it as it arrives: whatever a reader of good will takes it for. */
  readonly strict: boolean;
}

/** One idea of how to break a demand, before it is judged. */
export interface Idea {
  readonly value: unknown;
  readonly breaks: string;
  /** Never strict: readers of good will take it for something valid, or the contract does not speak of it. */
  readonly lenient?: boolean;
}

/** What ideas are drawn from. */
export interface Target {
  readonly at: SchemaAt | undefined;
  readonly facets: Facets;
  readonly judge: Judge;
  readonly value: unknown;
  readonly random: () => number;
  readonly word: string;
  readonly carried: Carried;
}

const NUMERIC = NUMBER | INTEGER;
/** Values for one place at most. */
const MAX_VALUES = 90;

/**
 * Near-valid values for a place, those that the contract surely forbids first; each demand that is broken comes once or
 * a few times, bounded in number and size. What is strict is decided by the compiled schema.
 *
 * @param at the schema of the place; undefined: nothing is demanded there, and nothing is strict
 * @param value what a working call has there; what is tampered with
 * @param carried how values arrive: text that can be read as something valid is no violation. Default `json`
 */
export function tamperedValues(
  at: SchemaAt | undefined,
  value: unknown,
  random: () => number,
  word: string,
  carried: Carried = 'json',
): Tampered[] {
  const facets = at ? facetsOf([nodeOf(at)], at.documents, () => 0) : facetsOfNothing(value);
  const judge = judgeOf(at);
  const target: Target = { at, facets, judge, value, random, word, carried };
  const excused = excusesOf(judge, value, carried);
  const known = new Set<unknown>();
  const strict: Tampered[] = [];
  const rest: Tampered[] = [];
  for (const idea of ideasFor(target)) {
    const key = keyOf(idea.value);
    if (known.has(key) || key === keyOf(value)) continue;
    known.add(key);
    const broken = idea.lenient ? undefined : brokenBy(judge, idea.value, carried, excused);
    if (broken === undefined) rest.push({ value: idea.value, breaks: idea.breaks, strict: false });
    else strict.push({ value: idea.value, breaks: told(idea.breaks, broken), strict: true });
  }
  return [...strict, ...rest].slice(0, MAX_VALUES);
}

/** Ideas that say what a value is, not which demand it breaks. */
const VAGUE = /^(negative|zero|huge|empty|exponent|digits)/;
const told = (breaks: string, keyword: string): string => (VAGUE.test(breaks) ? `${keyword}: ${breaks}` : breaks);

const keyOf = (value: unknown): string =>
  value instanceof Verbatim ? `v${value.text}` : (JSON.stringify(value) ?? 'undefined');

function* ideasFor(target: Target): Generator<Idea> {
  const { facets, value, carried } = target;
  const { types } = facets;
  const container = isPlain(value) || Array.isArray(value);
  if (types & OBJECT && (isPlain(value) || !(types & (STRING | NUMERIC | BOOLEAN | ARRAY))))
    yield* brokenObjects(target);
  if (types & ARRAY && (Array.isArray(value) || !(types & (STRING | NUMERIC | BOOLEAN | OBJECT))))
    yield* brokenLists(target);
  if (types & NUMERIC && !container) yield* brokenNumbers(target);
  if (types & STRING && !container) yield* brokenTexts(target);
  yield* wrongTypes(target);
  if (carried === 'json') yield* deep();
}

/** Values of other types; those that frameworks turn into the right one without loss are never strict. */
function* wrongTypes({ facets, value, carried }: Target): Generator<Idea> {
  const { types } = facets;
  const scalar = (types & (OBJECT | ARRAY)) === 0;
  if (!(types & NULL)) yield { value: carried === 'json' ? null : 'null', breaks: 'type null' };
  if (!(types & OBJECT)) {
    // As text an object is its JSON: by its style it could fall apart into other parameters.
    yield { value: carried === 'json' ? { a: 1 } : '{"a":1}', breaks: 'type object' };
    yield { value: carried === 'json' ? {} : '{}', breaks: 'type object' };
  }
  if (!(types & ARRAY)) {
    yield { value: ['a', 'b'], breaks: 'type array' };
    yield { value: [value ?? 1], breaks: 'type array', lenient: true };
    yield { value: [], breaks: 'type array', lenient: !scalar };
  }
  if (!(types & STRING)) {
    yield { value: 'no such thing', breaks: 'type text' };
    if (scalar && value !== undefined) yield { value: String(value), breaks: 'type text', lenient: true };
    yield { value: '', breaks: 'type text', lenient: true };
  }
  if (!(types & NUMERIC)) yield { value: 12_345, breaks: 'type number', lenient: scalar };
  if (!(types & BOOLEAN)) yield { value: true, breaks: 'type boolean', lenient: scalar };
  else if (!(types & (STRING | NUMERIC))) {
    yield { value: 'maybe', breaks: 'type text' };
    yield { value: 2, breaks: 'type number' };
    for (const word of ['true', 'yes', 1, 0]) yield { value: word, breaks: 'type boolean as text', lenient: true };
  }
}

/** Levels of nesting: more than any API needs, and fewer than make good parsers fall. */
const LEVELS = 400;

function* deep(): Generator<Idea> {
  yield { value: new Verbatim('['.repeat(LEVELS) + ']'.repeat(LEVELS)), breaks: 'nesting', lenient: true };
  yield { value: new Verbatim(`${'{"a":'.repeat(LEVELS)}1${'}'.repeat(LEVELS)}`), breaks: 'nesting', lenient: true };
}

/** Where no schema is, the value says what kind of ideas fit. */
function facetsOfNothing(value: unknown): Facets {
  const documents = { resolve: () => undefined, place: () => ({ file: '', line: 0, column: 0 }) };
  const type = Array.isArray(value) ? 'array' : value === null || value === undefined ? 'string' : typeof value;
  const at: SchemaAt = { schema: { type }, uri: `scanner:${type}#`, dialect: '2020-12', documents };
  return facetsOf([nodeOf(at)], documents, () => 0);
}
