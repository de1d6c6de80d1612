import type { Encoding, SchemaAt } from '../../contract/model.ts';
import { Malformed, token, type Violations } from '../fault.ts';
import { type Field, FieldSet, joinPairs } from '../fields.ts';
import type { ValidationOptions } from '../options.ts';
import { type Pair, parsePairs } from '../pairs.ts';
import { INVALID, toScalar } from '../scalar.ts';
import { shapeOf } from '../shape.ts';
import { decodeUtf8 } from './json.ts';
import { propertyField } from './properties.ts';
import { asIs, type BodyReader } from './reader.ts';

export interface FormReading {
  readonly value: Record<string, unknown>;
  /** The form without what was stripped; undefined where nothing changed. */
  readonly rebuilt: string | undefined;
  readonly dropped: readonly string[];
}

/** The charset field of HTML forms: would make an upstream read all others differently. */
export const CHARSET_FIELD = '_charset_';

/** Compiles a form by the properties of its schema. Also reads a query that is declared as a whole. */
export function compileForm(
  schema: SchemaAt | undefined,
  encoding: ReadonlyMap<string, Encoding>,
  where: string,
  options: ValidationOptions,
): (text: string, violations: Violations) => FormReading | Malformed {
  const { settings, free } = options;
  const shape = shapeOf(schema);
  const limits = { depth: settings.maxDepth, values: settings.maxValues };
  const list: Field[] = [];
  for (const [name, at] of shape.properties) list.push(propertyField(name, at, encoding.get(name), where, limits));
  const fields = FieldSet.of(list);
  const policy = free || schema === undefined || shape.open ? 'allow' : settings.undeclaredProperties;
  const other = toScalar(shapeOf(shape.additional));

  return (text, violations) => {
    const pairs = parsePairs(text, settings.maxParameters);
    if (pairs instanceof Malformed) return pairs;
    const { given, undeclared } = fields.sort(pairs);
    const value: Record<string, unknown> = Object.create(null);
    let rewritten: Map<Pair, string> | undefined;
    for (const pair of pairs) if (pair.semicolon) judgeSemicolon(pair, given, list, where, violations);
    for (let i = 0; i < list.length; i++) {
      const mine = given[i];
      if (mine === undefined) continue;
      const field = list[i] as Field;
      value[field.carrier.name] = field.read(mine, violations);
      for (const pair of mine) {
        const spelled = field.rewrite?.(pair);
        if (spelled !== undefined) (rewritten ??= new Map()).set(pair, spelled);
      }
    }
    let dropped: Set<Pair> | undefined;
    for (const pair of undeclared) {
      const { name } = pair;
      if (policy === 'strip') {
        (dropped ??= new Set()).add(pair);
        continue;
      }
      if (policy === 'refuse') violations.add(where, token(name), 'is not declared');
      else if (name === CHARSET_FIELD) violations.add(where, token(name), 'must not choose the charset');
      else if (list.length > 0 && fields.resembles(name))
        violations.add(where, token(name), 'can be read as a declared property');
      const typed = other(pair.value);
      keep(value, name, typed === INVALID ? pair.value : typed);
    }
    return {
      value,
      rebuilt: dropped === undefined && rewritten === undefined ? undefined : joinPairs(pairs, dropped, rewritten),
      dropped: dropped === undefined ? [] : Array.from(dropped, (pair) => pair.name),
    };
  };
}

function judgeSemicolon(
  pair: Pair,
  given: readonly (Pair[] | undefined)[],
  fields: readonly Field[],
  where: string,
  violations: Violations,
): void {
  const owner = fields[given.findIndex((mine) => mine?.includes(pair))];
  if (owner?.allowReserved !== true)
    violations.add(where, token(pair.name), 'holds a semicolon that must be percent-encoded');
}

/** Adds an undeclared value; a repeated one becomes an array. */
export function keep(into: Record<string, unknown>, name: string, value: unknown): void {
  const before = into[name];
  if (before === undefined) into[name] = value;
  else if (Array.isArray(before)) before.push(value);
  else into[name] = [before, value];
}

/** `application/x-www-form-urlencoded`. */
export const form: BodyReader = {
  name: 'form',
  accepts: (type) => type === 'application/x-www-form-urlencoded',
  large: false,
  judges: 'whole',
  rewritable: false,
  compile(media, options) {
    const read = compileForm(media.schema, media.encoding, 'body', options);
    const report = options.settings.enforce === 'report';
    return (bytes, _type, violations) => {
      const text = decodeUtf8(bytes);
      if (text instanceof Malformed) return text;
      const reading = read(text, violations);
      if (reading instanceof Malformed) return reading;
      const { value, rebuilt, dropped } = reading;
      const forwarded = rebuilt === undefined || report ? bytes : Buffer.from(rebuilt, 'latin1');
      return { ...asIs(value, forwarded), dropped };
    };
  },
  contentType: ({ type }) => type,
};
