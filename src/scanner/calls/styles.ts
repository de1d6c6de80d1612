import type { Style } from '../../contract/model.ts';
import { isPlain } from '../generate/own.ts';
import { Verbatim } from '../model/call.ts';
import { writeJson } from './write-json.ts';

/** How a value is written by a style of OpenAPI (3.2, Style Values; RFC 6570). */
export interface Styled {
  readonly name: string;
  readonly style: Style;
  readonly explode: boolean;
  /** Percent-encoding of names and values. */
  readonly encode: (text: string) => string;
}

/** A name with its text, both encoded. */
export type Piece = readonly [name: string, text: string];

/**
 * A scalar as text, not yet encoded. Where a style knows no containers, lists of scalars are joined by commas (Swagger
 * 2.0, `collectionFormat` of items), and everything else is JSON.
 */
export function scalarText(value: unknown): string {
  if (typeof value === 'string') return value;
  if (value === undefined) return '';
  if (Array.isArray(value) && value.length > 0 && value.every((each) => typeof each !== 'object'))
    return value.join(',');
  if (typeof value === 'object' && value !== null) return writeJson(value);
  return String(value);
}

const written = (value: unknown, encode: (text: string) => string): string =>
  value instanceof Verbatim ? value.text : encode(scalarText(value));

/** Properties that are there. */
const entriesOf = (value: Record<string, unknown>): [string, unknown][] =>
  Object.entries(value).filter(([, each]) => each !== undefined);

const isContainer = (value: unknown): value is readonly unknown[] | Record<string, unknown> =>
  Array.isArray(value) || isPlain(value);

/** Delimiters of arrays and objects in one pair, as they go over the wire. */
const DELIMITERS: Readonly<Partial<Record<Style, string>>> = {
  form: ',',
  cookie: ',',
  spaceDelimited: '%20',
  pipeDelimited: '%7C',
  tabDelimited: '%09',
};

/** Pairs of a query, a form or a cookie header: none for an empty array or object that is exploded. */
export function pairsOf(styled: Styled, value: unknown): Piece[] {
  const { name, style, explode, encode } = styled;
  const key = encode(name);
  if (!isContainer(value)) return [[key, written(value, encode)]];
  if (style === 'deepObject') return Array.isArray(value) ? repeated(key, value, encode) : deep(name, value, encode, 0);
  if (explode) {
    if (Array.isArray(value)) return repeated(key, value, encode);
    if (style === 'form' || style === 'cookie')
      return entriesOf(value as Record<string, unknown>).map(([each, inner]) => [encode(each), written(inner, encode)]);
  }
  return [[key, flat(value, encode).join(DELIMITERS[style] ?? ',')]];
}

const repeated = (key: string, value: readonly unknown[], encode: Styled['encode']): Piece[] =>
  value.map((each) => [key, written(each, encode)]);

/** Names and values in turn, or items. */
function flat(value: readonly unknown[] | Record<string, unknown>, encode: Styled['encode']): string[] {
  if (Array.isArray(value)) return value.map((each) => written(each, encode));
  return entriesOf(value as Record<string, unknown>).flatMap(([name, each]) => [encode(name), written(each, encode)]);
}

const MAX_BRACKETS = 10;

/** `a[b]=1&a[c][d]=2`; items of arrays repeat the name. */
function deep(
  name: string,
  value: readonly unknown[] | Record<string, unknown>,
  encode: Styled['encode'],
  depth: number,
): Piece[] {
  const pieces: Piece[] = [];
  for (const [property, inner] of entriesOf(value as Record<string, unknown>)) {
    const key = `${name}[${property}]`;
    if (Array.isArray(inner)) pieces.push(...repeated(encode(key), inner, encode));
    else if (isPlain(inner) && depth < MAX_BRACKETS) pieces.push(...deep(key, inner, encode, depth + 1));
    else pieces.push([encode(key), written(inner, encode)]);
  }
  return pieces;
}

/** The text of a path parameter, or of a header (style `simple`). */
export function textOf(styled: Styled, value: unknown): string {
  const { name, style, explode, encode } = styled;
  const prefix = style === 'label' ? '.' : style === 'matrix' ? ';' : '';
  if (value instanceof Verbatim) return value.text;
  if (style === 'matrix') return matrix(name, value, explode, encode);
  if (!isContainer(value)) return prefix + written(value, encode);
  const delimiter = style === 'label' && explode ? '.' : (DELIMITERS[style === 'form' ? 'cookie' : style] ?? ',');
  if (Array.isArray(value) || !explode) return prefix + flat(value, encode).join(delimiter);
  return prefix + equations(value as Record<string, unknown>, encode).join(delimiter);
}

const equations = (value: Record<string, unknown>, encode: Styled['encode']): string[] =>
  entriesOf(value).map(([name, each]) => `${encode(name)}=${written(each, encode)}`);

/** `;color=blue`, `;color=a,b`, `;color=a;color=b`, `;R=1;G=2`. */
function matrix(name: string, value: unknown, explode: boolean, encode: Styled['encode']): string {
  const key = encode(name);
  if (!isContainer(value)) return `;${key}=${written(value, encode)}`;
  if (!explode) return `;${key}=${flat(value, encode).join(',')}`;
  const parts = Array.isArray(value)
    ? value.map((each) => `${key}=${written(each, encode)}`)
    : equations(value as Record<string, unknown>, encode);
  return parts.map((part) => `;${part}`).join('');
}
