import type { Dialect } from '../contract/model.ts';
import type { Ast } from '../shared/regex/ast.ts';
import { type CharSet, charSet, complement, disjoint } from '../shared/regex/char-set.ts';
import { parsePattern } from '../shared/regex/parse.ts';

/**
 * Formats whose texts cannot carry an attack of any class; validation holds values to them. Not `hostname` and `ipv4`:
 * they can name what only this network reaches (169.254.169.254).
 */
const TIGHT: ReadonlySet<string> = new Set([
  'date',
  'time',
  'date-time',
  'date-time-local',
  'time-local',
  'duration',
  'http-date',
  'uuid',
  'ipv6',
  'byte',
  'base64url',
  'char',
  'int8',
  'int16',
  'int32',
  'int64',
  'uint8',
  'uint16',
  'uint32',
  'uint64',
  'float',
  'double',
  'decimal',
]);

/** Nothing of three characters leaves a literal and goes on; `'--` needs all three. */
const TOO_SHORT = 2;

/** What no attack does without: a text of these alone is a name, a number or an id. */
const HARMLESS = charSet([
  [0x2b, 0x2b],
  [0x2d, 0x2e],
  [0x30, 0x39],
  [0x3a, 0x3a],
  [0x40, 0x5a],
  [0x5f, 0x5f],
  [0x61, 0x7a],
]);
const HARMFUL: CharSet = charSet(complement(HARMLESS.ranges));

type Raw = Readonly<Record<string, unknown>>;

/** Whether strings at a schema's own keywords (not those of `$ref` or branches) can carry nothing harmful. */
export function pinsText(schema: Raw, dialect: Dialect): boolean {
  const { type, format, maxLength, pattern } = schema;
  if (typeof type === 'string' && type !== 'string') return true;
  if (Array.isArray(type) && !type.includes('string')) return true;
  if (Array.isArray(schema['enum'])) return true;
  if (
    Object.hasOwn(schema, 'const') &&
    dialect !== 'openapi-3.0' &&
    dialect !== 'swagger-2.0' &&
    dialect !== 'draft-04'
  )
    return true;
  if (typeof maxLength === 'number' && maxLength <= TOO_SHORT) return true;
  if (typeof format === 'string' && TIGHT.has(format)) return true;
  return typeof pattern === 'string' && isTight(pattern);
}

/** Whether a pattern covers the whole text (`^...$`) and lets in harmless characters only. */
export function isTight(pattern: string): boolean {
  let ast: Ast;
  try {
    ast = parsePattern(pattern).ast;
  } catch {
    return false;
  }
  return anchored(ast) && harmless(ast);
}

/** Both ends are held in every alternative. `$` holds the very end: there is no multi-line flag. */
function anchored(ast: Ast): boolean {
  if (ast.kind === 'group') return anchored(ast.body);
  if (ast.kind === 'alt') return ast.parts.every(anchored);
  if (ast.kind !== 'seq') return false;
  const { parts } = ast;
  return parts.length >= 2 && parts[0]?.kind === 'start' && parts[parts.length - 1]?.kind === 'end';
}

function harmless(ast: Ast): boolean {
  switch (ast.kind) {
    case 'set':
      return disjoint(ast.set, HARMFUL);
    case 'seq':
    case 'alt':
      return ast.parts.every(harmless);
    case 'repeat':
    case 'group':
      return harmless(ast.body);
    // A look takes no characters; a reference takes those of its group.
    default:
      return true;
  }
}
