import { compilePattern, PatternError } from '../../shared/regex/pattern.ts';
import { equal } from './equal.ts';
import { FORMATS } from './formats/formats.ts';
import { ARRAY, BOOLEAN, FILE, INTEGER, type Node, NULL, NUMBER, OBJECT, STRING, TYPE_BITS } from './node.ts';
import type { Reader, Site } from './read.ts';

/** Keywords of types, numbers and strings. */
export const VALUES: readonly (readonly [string, Reader])[] = [
  ['type', readType],
  ['nullable', () => {}],
  ['x-nullable', () => {}],
  [
    'enum',
    (site, value) => {
      if (!Array.isArray(value)) {
        site.malformed('enum', 'a list of values');
        return;
      }
      allow(site.node, value);
      if (value.length === 0)
        site.find('warning', 'empty-enum', 'enum lists nothing: no value is valid', 'List the values.', 'enum');
    },
  ],
  ['const', (site, value) => allow(site.node, [value])],
  [
    'multipleOf',
    number(
      (node, value) => (node.multipleOf = value),
      (value) => value > 0,
      'a number above 0',
    ),
  ],
  ['minimum', number((node, value) => (node.minimum = value))],
  ['maximum', number((node, value) => (node.maximum = value))],
  ['exclusiveMinimum', exclusive('minimum', (node, value) => (node.exclusiveMinimum = value))],
  ['exclusiveMaximum', exclusive('maximum', (node, value) => (node.exclusiveMaximum = value))],
  ['minLength', count((node, value) => (node.minLength = value))],
  ['maxLength', count((node, value) => (node.maxLength = value))],
  ['pattern', readPattern],
  ['format', readFormat],
];

/** `enum` and `const` in one schema must both hold. */
function allow(node: Node, values: readonly unknown[]): void {
  const before = node.enumeration;
  node.enumeration = before ? values.filter((value) => before.some((other) => equal(other, value))) : values;
}

function readType(site: Site, value: unknown): void {
  const { reading } = site.node.spot;
  if (value === 'file' && reading.dialect === 'swagger-2.0') {
    site.node.types = FILE;
    return;
  }
  const names = Array.isArray(value) ? value : [value];
  if (Array.isArray(value) && reading.openapi)
    site.find(
      'warning',
      'later-keyword',
      'type is one name in this dialect; the list is enforced all the same',
      'Move the document to OpenAPI 3.1.',
      'type',
    );
  for (const name of names) {
    const bits = TYPE_BITS.get(name);
    if (bits === undefined) {
      site.malformed('type', `one of ${[...TYPE_BITS.keys()].join(', ')}`);
      return;
    }
    site.node.types |= bits;
  }
  if (names.length === 0) site.malformed('type', 'a name, or a list of at least one');
}

/** What needs all keywords of the schema to be read. */
export function settleTypes(site: Site): void {
  const { node, raw } = site;
  const { reading } = node.spot;
  const nullable = reading.openapi && (raw['nullable'] === true || raw['x-nullable'] === true);
  if (!nullable) return;
  const keyword = raw['nullable'] === true ? 'nullable' : 'x-nullable';
  // OpenAPI 3.0.3, 4.7.24 and its clarification: null joins the types named beside it, and nothing else.
  if (node.types === 0)
    site.find(
      'warning',
      'nullable-without-type',
      `${keyword} has no effect without type beside it`,
      'Write the type beside it.',
      keyword,
    );
  else node.types |= NULL;
  if (node.enumeration && !node.enumeration.includes(null))
    site.find(
      'warning',
      'nullable-enum',
      `${keyword} has no effect: enum does not list null`,
      'Add null to the enum.',
      keyword,
    );
}

function number(
  set: (node: Node, value: number) => void,
  accepts: (value: number) => boolean = () => true,
  expected = 'a number',
): Reader {
  return (site, value, keyword) => {
    if (typeof value === 'number' && Number.isFinite(value) && accepts(value)) set(site.node, value);
    else site.malformed(keyword, expected);
  };
}

/** Reads a count: `set` gets a whole number of at least 0. */
export function count(set: (node: Node, value: number) => void): Reader {
  return number(set, (value) => Number.isInteger(value) && value >= 0, 'a whole number of at least 0');
}

/** A number of its own since draft 6; before, a word on the bound beside it. */
function exclusive(bound: 'minimum' | 'maximum', set: (node: Node, value: number) => void): Reader {
  return (site, value, keyword) => {
    const { dialect, openapi } = site.node.spot.reading;
    const old = dialect === 'draft-04' || openapi;
    if (old && typeof value === 'boolean') {
      const limit = site.raw[bound];
      if (value && typeof limit === 'number') set(site.node, limit);
      else if (value)
        site.find(
          'warning',
          'ignored-keyword',
          `${keyword} has no effect without ${bound}`,
          `Write ${bound} beside it.`,
          keyword,
        );
    } else if (old && !openapi) site.malformed(keyword, `true or false beside ${bound}`);
    else if (typeof value === 'number' && Number.isFinite(value)) set(site.node, value);
    else site.malformed(keyword, 'a number');
  };
}

function readPattern(site: Site, value: unknown, keyword: string): void {
  if (typeof value !== 'string') {
    site.malformed(keyword, 'a regular expression');
    return;
  }
  site.node.pattern = patternOf(site, value, keyword);
}

/** Compiles a pattern; one that cannot be compiled is an error at its place. */
export function patternOf(site: Site, source: string, keyword: string): Node['pattern'] {
  try {
    const pattern = compilePattern(source);
    const { maxLength } = site.raw;
    if (pattern.longest !== Infinity && !(typeof maxLength === 'number' && maxLength * 2 <= pattern.longest))
      site.find(
        'warning',
        'costly-pattern',
        `the pattern needs look-around or back-references: texts longer than ${pattern.longest} code units do not match`,
        'Write maxLength beside it, or a pattern without them.',
        keyword,
      );
    return pattern;
  } catch (error) {
    if (!(error instanceof PatternError)) throw error;
    site.find(
      'error',
      'malformed-pattern',
      `the pattern cannot be read: ${error.message} (at character ${error.at + 1})`,
      'Write an ECMAScript regular expression (ECMA-262, flag u).',
      keyword,
    );
    return undefined;
  }
}

function readFormat(site: Site, value: unknown): void {
  if (typeof value !== 'string') {
    site.malformed('format', 'a name');
    return;
  }
  if (FORMATS.has(value)) site.node.format = value;
  else
    site.find(
      'warning',
      'unknown-format',
      `format ${value.slice(0, 80)} is not known: it is not enforced`,
      'Use a registered format, or say it by pattern.',
      'format',
    );
}

/** The bits of a value's type. */
export function bitsOf(value: unknown): number {
  if (value === null) return NULL;
  if (Array.isArray(value)) return ARRAY;
  switch (typeof value) {
    case 'boolean':
      return BOOLEAN;
    case 'number':
      return Number.isInteger(value) ? INTEGER | NUMBER : NUMBER;
    case 'string':
      return STRING;
    default:
      return OBJECT;
  }
}
