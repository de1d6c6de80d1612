import type { SchemaAt } from '../../contract/model.ts';
import { token, type Violations } from '../fault.ts';
import type { Pair } from '../pairs.ts';
import { expected, INVALID, type ToScalar, toScalar } from '../scalar.ts';
import { ARRAY, allows, allowsScalar, OBJECT, type Shape, shapeOf } from '../shape.ts';

/** What a value is carried in: a parameter, or a property of a form. */
export interface Carrier {
  readonly name: string;
  /** `path`, `query`, `header`, `cookie` or `body`: where violations are said to be. */
  readonly in: string;
  readonly explode: boolean;
  readonly allowEmptyValue: boolean;
  readonly shape: Shape;
}

/**
 * Turns what was given for a carrier (at least one pair) into a typed value. What cannot be turned is a violation, and
 * stands in the value as text, so that who only reports still sees it.
 */
export type Read = (given: readonly Pair[], violations: Violations) => unknown;

/** One style of the contract (OpenAPI 3.2, 4.12.2): which names it takes, and how it reads them. */
export interface Style {
  /** The carrier's own name, `name[...]`, or the names of its properties. */
  claim(carrier: Carrier): 'name' | 'brackets' | 'properties';
  compile(carrier: Carrier): Read;
  /** The pair in the one spelling that every reader splits alike; undefined where it already is. */
  rewrite?(carrier: Carrier, pair: Pair): string | undefined;
}

/** Items of one array at most, however long the text. */
export const MAX_ITEMS = 10_000;

export type Kind = 'scalar' | 'array' | 'object';

/** How to read a carrier: as an array or object only where the contract says so. */
export function kindOf(shape: Shape): Kind {
  if (allowsScalar(shape) && !allows(shape, ARRAY | OBJECT)) return 'scalar';
  return allows(shape, ARRAY) ? 'array' : allows(shape, OBJECT) ? 'object' : 'scalar';
}

/** One scalar at a pointer below the carrier. */
export type ReadOne = (text: string, pointer: string, violations: Violations) => unknown;

export function compileOne(carrier: Carrier, shape: Shape): ReadOne {
  const convert: ToScalar = toScalar(shape);
  const detail = `must be ${expected(shape)}`;
  const where = carrier.in;
  return (text, pointer, violations) => {
    const value = convert(text);
    if (value !== INVALID) return value;
    violations.add(where, pointer, detail);
    return text;
  };
}

export type ReadItems = (texts: readonly string[], violations: Violations) => unknown[];

/** Items of an array, each of the type the contract gives them. */
export function compileItems(carrier: Carrier): ReadItems {
  const read = compileOne(carrier, shapeOf(carrier.shape.items));
  const pointer = token(carrier.name);
  return (texts, violations) => {
    if (texts.length > MAX_ITEMS) {
      violations.add(carrier.in, pointer, `more than ${MAX_ITEMS} items`);
      return [];
    }
    const items: unknown[] = new Array(texts.length);
    for (let i = 0; i < texts.length; i++) items[i] = read(texts[i] as string, `${pointer}/${i}`, violations);
    return items;
  };
}

export type ReadMembers = (
  /** Names and values in turn. */
  flat: readonly string[],
  violations: Violations,
) => Record<string, unknown>;

/** Properties of an object, each of the type the contract gives it; none twice, unless it is an array and may be. */
export function compileMembers(carrier: Carrier, repeat = false): ReadMembers {
  const pointer = token(carrier.name);
  const reads = new Map<string, { one: ReadOne; many: boolean }>();
  const compile = (at: SchemaAt | undefined): { one: ReadOne; many: boolean } => {
    const shape = shapeOf(at);
    const many = repeat && allows(shape, ARRAY);
    return { one: compileOne(carrier, many ? shapeOf(shape.items) : shape), many };
  };
  for (const [name, at] of carrier.shape.properties) reads.set(name, compile(at));
  const other = compile(carrier.shape.additional);
  return (flat, violations) => {
    const object: Record<string, unknown> = Object.create(null);
    if (flat.length > MAX_ITEMS * 2 || flat.length % 2 !== 0) {
      violations.add(carrier.in, pointer, 'must be names and values in turn');
      return object;
    }
    for (let i = 0; i < flat.length; i += 2) {
      const name = flat[i] as string;
      const { one, many } = reads.get(name) ?? other;
      const before = object[name];
      if (before !== undefined && !many) {
        violations.add(carrier.in, pointer + token(name), 'stands twice');
        continue;
      }
      const value = one(flat[i + 1] as string, pointer + token(name), violations);
      if (!many) object[name] = value;
      else if (before === undefined) object[name] = [value];
      else (before as unknown[]).push(value);
    }
    return object;
  };
}

/** The one pair that must be the only one: repeating is refused, since readers differ in which one they take. */
export function single(carrier: Carrier, given: readonly Pair[], violations: Violations): Pair {
  if (given.length > 1) violations.add(carrier.in, token(carrier.name), 'is given more than once');
  return given[0] as Pair;
}

/** Splits `name=value` pieces into names and values in turn; a piece without `=` makes the count odd, or the value empty. */
export function splitMembers(pieces: readonly string[]): string[] {
  const flat: string[] = [];
  for (const piece of pieces) {
    const equals = piece.indexOf('=');
    if (equals < 1) return [''];
    flat.push(piece.slice(0, equals), piece.slice(equals + 1));
  }
  return flat;
}

/** `split` with the cap on items. */
export const splitCapped = (text: string, delimiter: string): string[] => text.split(delimiter, MAX_ITEMS + 1);

/** A scalar in one pair. Nothing after the `=` is no value, unless text may be empty or the contract allows it. */
export function compileScalarPair(carrier: Carrier): Read {
  const read = compileOne(carrier, carrier.shape);
  const pointer = token(carrier.name);
  return (given, violations) => {
    const pair = single(carrier, given, violations);
    if (pair.value === '' && carrier.allowEmptyValue) return '';
    if (pair.bare) violations.add(carrier.in, pointer, 'has no value');
    return read(pair.value, pointer, violations);
  };
}

/** Styles that write an array or object into one pair with a delimiter between. */
export function compileDelimited(
  carrier: Carrier,
  split: (pair: Pair, violations: Violations) => readonly string[],
): Read {
  const kind = kindOf(carrier.shape);
  if (kind === 'scalar') return compileScalarPair(carrier);
  const items = kind === 'array' ? compileItems(carrier) : compileMembers(carrier);
  return (given, violations) => {
    const pair = single(carrier, given, violations);
    if (pair.value === '') {
      if (carrier.allowEmptyValue) return '';
      violations.add(carrier.in, token(carrier.name), 'has no value');
      return [];
    }
    return items(split(pair, violations), violations);
  };
}
