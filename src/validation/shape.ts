import type { SchemaAt } from '../contract/model.ts';
import { childUri } from '../contract/references.ts';

export const STRING = 1;
export const INTEGER = 2;
export const NUMBER = 4;
export const BOOLEAN = 8;
export const NULL = 16;
export const ARRAY = 32;
export const OBJECT = 64;
const ANY = 127;
const SCALAR = STRING | INTEGER | NUMBER | BOOLEAN | NULL;

const BITS: ReadonlyMap<unknown, number> = new Map([
  ['string', STRING],
  ['integer', INTEGER],
  ['number', NUMBER | INTEGER],
  ['boolean', BOOLEAN],
  ['null', NULL],
  ['array', ARRAY],
  ['object', OBJECT],
  // Swagger 2.0
  ['file', STRING],
]);

/** What of a schema decides how text is turned into a value: types, names, items. Everything else is left to the schema. */
export interface Shape {
  /** Bits of the types that the schema allows; of a schema that names none, those its other keywords speak of. */
  readonly types: number;
  /** Whether anything says which types; if not, text stays text. */
  readonly stated: boolean;
  readonly properties: ReadonlyMap<string, SchemaAt>;
  readonly items: SchemaAt | undefined;
  /** Schema of properties that are not named, where there is one. */
  readonly additional: SchemaAt | undefined;
  /** Says that other properties than the named may stand (`additionalProperties: true`, a schema, or `patternProperties`). */
  readonly open: boolean;
  /** Bytes, not text: `format: binary`, `contentMediaType` without a type, `type: file`. */
  readonly binary: boolean;
  readonly minLength: number;
  readonly maxLength: number;
}

interface Draft {
  types: number;
  stated: boolean;
  properties: Map<string, SchemaAt>;
  items: SchemaAt | undefined;
  additional: SchemaAt | undefined;
  open: boolean;
  binary: boolean;
  minLength: number;
  maxLength: number;
}

/** References and combinations followed at most: a contract may be circular. */
const MAX_DEPTH = 24;
const MAX_STEPS = 2000;

/** Reads the shape of a schema; of no schema, that of one which allows everything. Never throws. */
export function shapeOf(at: SchemaAt | undefined): Shape {
  if (at === undefined) return blank();
  return collect(at, 0, { left: MAX_STEPS });
}

export const allows = (shape: Shape, bits: number): boolean => shape.stated && (shape.types & bits) !== 0;

/** Whether a text could be a scalar by this shape. A shape that says nothing is text. */
export const allowsScalar = (shape: Shape): boolean => !shape.stated || (shape.types & SCALAR) !== 0;

const blank = (): Draft => ({
  types: ANY,
  stated: false,
  properties: new Map(),
  items: undefined,
  additional: undefined,
  open: false,
  binary: false,
  minLength: 0,
  maxLength: Number.POSITIVE_INFINITY,
});

function collect(at: SchemaAt, depth: number, steps: { left: number }): Draft {
  const draft = blank();
  const { schema, dialect } = at;
  if (depth > MAX_DEPTH || steps.left-- <= 0) return draft;
  if (typeof schema !== 'object' || schema === null || Array.isArray(schema)) return draft;
  const s = schema as Record<string, unknown>;
  const reference = s['$ref'] ?? (dialect === '2020-12' ? s['$dynamicRef'] : undefined);
  if (typeof reference === 'string') {
    const target = at.documents.resolve(reference, at.uri);
    if (target !== undefined) {
      merge(
        draft,
        collect(
          { schema: target.value, uri: target.uri, dialect: target.dialect, documents: at.documents },
          depth + 1,
          steps,
        ),
      );
    }
    // Only 2020-12 lets other keywords stand beside a reference.
    if (dialect !== '2020-12') return draft;
  }
  own(draft, at, s);
  list(s['allOf']).forEach((each, i) => {
    merge(draft, collect(child(at, each, 'allOf', i), depth + 1, steps));
  });
  for (const word of ['oneOf', 'anyOf'] as const) {
    const branches = list(s[word]);
    if (branches.length > 0)
      merge(draft, union(branches.map((each, i) => collect(child(at, each, word, i), depth + 1, steps))));
  }
  for (const word of ['then', 'else'] as const) {
    if (s[word] === undefined) continue;
    const branch = collect(child(at, s[word], word), depth + 1, steps);
    for (const [name, property] of branch.properties)
      if (!draft.properties.has(name)) draft.properties.set(name, property);
  }
  return draft;
}

function own(draft: Draft, at: SchemaAt, s: Record<string, unknown>): void {
  const properties = s['properties'];
  if (typeof properties === 'object' && properties !== null) {
    for (const [name, each] of Object.entries(properties))
      draft.properties.set(name, child(at, each, 'properties', name));
  }
  const items = s['items'];
  if (items !== undefined && !Array.isArray(items)) draft.items = child(at, items, 'items');
  const additional = s['additionalProperties'] ?? s['unevaluatedProperties'];
  if (additional !== undefined && additional !== false) draft.open = true;
  if (s['patternProperties'] !== undefined) draft.open = true;
  if (typeof additional === 'object' && additional !== null)
    draft.additional = child(at, additional, 'additionalProperties');
  if (typeof s['minLength'] === 'number') draft.minLength = s['minLength'];
  if (typeof s['maxLength'] === 'number') draft.maxLength = s['maxLength'];
  const types = stated(s, draft, at.dialect);
  if (types !== 0) {
    draft.types = types;
    draft.stated = true;
  }
  const media = s['contentMediaType'];
  draft.binary =
    s['format'] === 'binary' ||
    s['type'] === 'file' ||
    (typeof media === 'string' && s['contentEncoding'] === undefined && s['type'] === undefined);
}

function stated(s: Record<string, unknown>, draft: Draft, dialect: SchemaAt['dialect']): number {
  let types = 0;
  const type = s['type'];
  if (Array.isArray(type)) for (const each of type) types |= BITS.get(each) ?? 0;
  else types |= BITS.get(type) ?? 0;
  if (types !== 0) {
    const nullable =
      (dialect === 'openapi-3.0' && s['nullable'] === true) || (dialect === 'swagger-2.0' && s['x-nullable'] === true);
    return nullable ? types | NULL : types;
  }
  if (Array.isArray(s['enum'])) for (const each of s['enum']) types |= bitOf(each);
  if ('const' in s) types |= bitOf(s['const']);
  if (types !== 0) return types;
  if (draft.properties.size > 0 || draft.additional !== undefined) types |= OBJECT;
  if (draft.items !== undefined) types |= ARRAY;
  return types;
}

function bitOf(value: unknown): number {
  if (value === null) return NULL;
  if (Array.isArray(value)) return ARRAY;
  if (typeof value === 'number') return Number.isInteger(value) ? INTEGER : NUMBER | INTEGER;
  return BITS.get(typeof value) ?? 0;
}

/** Both must hold. */
function merge(draft: Draft, other: Draft): void {
  if (other.stated) {
    draft.types = draft.stated ? draft.types & other.types : other.types;
    draft.stated = true;
  }
  for (const [name, property] of other.properties)
    if (!draft.properties.has(name)) draft.properties.set(name, property);
  draft.items ??= other.items;
  draft.additional ??= other.additional;
  draft.open ||= other.open;
  draft.binary ||= other.binary;
  draft.minLength = Math.max(draft.minLength, other.minLength);
  draft.maxLength = Math.min(draft.maxLength, other.maxLength);
}

/** One must hold. */
function union(drafts: readonly Draft[]): Draft {
  const all = blank();
  all.types = 0;
  all.stated = drafts.every((draft) => draft.stated);
  for (const draft of drafts) {
    all.types |= draft.types;
    for (const [name, property] of draft.properties) if (!all.properties.has(name)) all.properties.set(name, property);
    all.items ??= draft.items;
    all.additional ??= draft.additional;
    all.open ||= draft.open;
    all.binary ||= draft.binary;
  }
  return all;
}

const child = (at: SchemaAt, schema: unknown, ...keys: (string | number)[]): SchemaAt => ({
  schema,
  uri: childUri(at.uri, ...keys),
  dialect: at.dialect,
  documents: at.documents,
});

const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
