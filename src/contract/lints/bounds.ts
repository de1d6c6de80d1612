import { isObject } from '../references.ts';
import type { Bounds } from './lint.ts';

/** Formats that cannot hold free text of any length. */
const BOUNDING_FORMATS = new Set(
  'date date-time time duration uuid ipv4 ipv6 email idn-email hostname idn-hostname binary'.split(' '),
);

/** What a schema bounds by itself. */
export function ownBounds(schema: Readonly<Record<string, unknown>>): Bounds {
  const listed = schema['enum'] !== undefined || schema['const'] !== undefined;
  const format = schema['format'];
  return {
    string:
      listed ||
      typeof schema['maxLength'] === 'number' ||
      typeof schema['pattern'] === 'string' ||
      (typeof format === 'string' && BOUNDING_FORMATS.has(format)),
    array:
      listed ||
      typeof schema['maxItems'] === 'number' ||
      schema['items'] === false ||
      schema['unevaluatedItems'] === false,
    number:
      listed ||
      format !== undefined ||
      ((schema['minimum'] !== undefined || schema['exclusiveMinimum'] !== undefined) &&
        (schema['maximum'] !== undefined || schema['exclusiveMaximum'] !== undefined)),
    object: listed || namesProperties(schema),
  };
}

export const either = (a: Bounds, b: Bounds): Bounds => ({
  string: a.string || b.string,
  array: a.array || b.array,
  number: a.number || b.number,
  object: a.object || b.object,
});

export const UNBOUNDED: Bounds = { string: false, array: false, number: false, object: false };

function namesProperties(schema: Readonly<Record<string, unknown>>): boolean {
  const { properties, patternProperties, additionalProperties, unevaluatedProperties } = schema as Record<
    string,
    unknown
  >;
  return (
    (isObject(properties) && Object.keys(properties).length > 0) ||
    (isObject(patternProperties) && Object.keys(patternProperties).length > 0) ||
    closes(additionalProperties) ||
    closes(unevaluatedProperties) ||
    schema['maxProperties'] === 0
  );
}

/** `false`, or a schema that says something. */
const closes = (value: unknown): boolean => value === false || (isObject(value) && Object.keys(value).length > 0);
