import type { Dialect } from './model.ts';
import { absoluteUri, escapeToken, isObject, splitReference } from './references.ts';

/**
 * A part of a document that is read by its own base URI and dialect: the whole document, a schema with `$id`, or
 * one with its own `$schema` (JSON Schema 2020-12, sections 8.1.1, 8.2.1 and 9.3.1).
 */
export interface Scope {
  readonly value: object;
  /** Pointer from the root of the document. */
  readonly pointer: string;
  /** What relative references in it are resolved against. */
  readonly base: string;
  readonly dialect: Dialect;
  /** Plain-name fragments of the resource: name to the pointer from the document's root. */
  readonly anchors: Map<string, string>;
  /** The scope whose `$id` gave the base; itself where it has one. */
  readonly resource: Scope;
}

/** A `$ref` as it stands in a document. */
export interface FoundReference {
  readonly reference: string;
  /** What it is relative to. */
  readonly base: string;
  /** Pointer of the object that holds it. */
  readonly pointer: string;
  /** Nothing that is served needs it (a discriminator's mapping): if it fails, that is a warning. */
  readonly optional: boolean;
}

export interface Scan {
  readonly root: Scope;
  /** Every scope by the object it begins at; the root included. */
  readonly scopes: ReadonlyMap<object, Scope>;
  readonly references: readonly FoundReference[];
  /** Values of `$schema` and `jsonSchemaDialect` that are no known dialect, with the pointer to them. */
  readonly unknownDialects: readonly { readonly name: string; readonly pointer: string }[];
  /** The walk met its bound; what is deeper in was not looked at. */
  readonly incomplete: boolean;
}

/** References found at most in one document; more distinct ones than any person writes. */
const MAX_REFERENCES = 500_000;

const DIALECTS = new Map<string, Dialect>([
  ['json-schema.org/draft/2020-12/schema', '2020-12'],
  ['json-schema.org/draft/2019-09/schema', '2020-12'],
  ['json-schema.org/draft-07/schema', 'draft-07'],
  ['json-schema.org/draft-06/schema', 'draft-07'],
  ['json-schema.org/draft-04/schema', 'draft-04'],
]);

/** The dialects a contract may name, for messages. */
export const KNOWN_DIALECTS: readonly string[] = [...DIALECTS.keys()];

/** @returns the dialect a `$schema` names; undefined where it is not known. */
export function dialectOf(name: string): Dialect | undefined {
  const plain = name.replace(/^https?:\/\//, '').replace(/#$/, '');
  if (/^spec\.openapis\.org\/oas\/3\.[12]\/dialect\//.test(plain)) return '2020-12';
  return DIALECTS.get(plain);
}

/** Keywords whose value is a map of names: a child called `default` or `enum` in one is a value like any other. */
const MAPS = new Set(
  (
    'properties patternProperties $defs definitions dependentSchemas dependencies schemas responses parameters headers ' +
    'content requestBodies pathItems paths securitySchemes securityDefinitions encoding mediaTypes additionalOperations variables'
  ).split(' '),
);
/** Never looked into: data, and what is not served. */
const CLOSED = new Set('enum const default example examples callbacks webhooks links externalDocs'.split(' '));
/** Where JSON Schema has subschemas; elsewhere an `$id` is data (2020-12, section 6.5 on unknown keywords). */
const SUBSCHEMAS = new Set(
  (
    'additionalItems contains additionalProperties propertyNames not if then else unevaluatedItems unevaluatedProperties ' +
    'contentSchema items prefixItems allOf anyOf oneOf properties patternProperties $defs definitions dependentSchemas dependencies'
  ).split(' '),
);

/**
 * Walks a document once: finds embedded schema resources, anchors and references.
 * @param openapi an OpenAPI document (or a file it refers to); false: a plain schema, where only known keywords hold subschemas.
 */
export function scan(value: unknown, uri: string, dialect: Dialect, openapi: boolean): Scan {
  const references: FoundReference[] = [];
  const unknownDialects: { name: string; pointer: string }[] = [];
  const scopes = new Map<object, Scope>();
  const visited = new Set<object>();
  let incomplete = false;

  const enter = (object: Record<string, unknown>, pointer: string, parent: Scope | undefined): Scope => {
    let own = parent?.dialect ?? dialect;
    const name = object['$schema'];
    if (typeof name === 'string') {
      const known = dialectOf(name);
      if (known) own = known;
      else unknownDialects.push({ name, pointer: `${pointer}/$schema` });
    }
    // What the whole document is read by was decided before; before 3.1 there is no such field.
    const given = parent === undefined && own === '2020-12' ? object['jsonSchemaDialect'] : undefined;
    if (openapi && typeof given === 'string' && dialectOf(given) === undefined) {
      unknownDialects.push({ name: given, pointer: `${pointer}/jsonSchemaDialect` });
    }
    const id = identifier(object, own, parent === undefined);
    const base = id === undefined ? (parent?.base ?? uri) : absoluteUri(id, parent?.base ?? uri);
    if (parent && base === parent.base && own === parent.dialect) return parent;
    const mine = parent === undefined || base !== parent.base;
    const made = { value: object, pointer, base, dialect: own, anchors: mine ? new Map() : parent.anchors };
    const scope: Scope = Object.assign(made, { resource: mine ? (made as unknown as Scope) : parent.resource });
    scopes.set(object, scope);
    return scope;
  };

  /** `names`: the children are named by the author, not by the specification. */
  const walk = (node: unknown, pointer: string, parent: Scope | undefined, names: boolean): Scope | undefined => {
    if (typeof node !== 'object' || node === null || visited.has(node)) return parent;
    visited.add(node);
    if (Array.isArray(node)) {
      for (let i = 0; i < node.length; i++) walk(node[i], `${pointer}/${i}`, parent, false);
      return parent;
    }
    const object = node as Record<string, unknown>;
    const scope = names && parent ? parent : enter(object, pointer, parent);
    if (!names) note(object, pointer, scope);
    for (const key of Object.keys(object)) {
      const child = object[key];
      if (typeof child !== 'object' || child === null) continue;
      if (!names) {
        if (CLOSED.has(key) || key.startsWith('x-')) continue;
        if (!openapi && !SUBSCHEMAS.has(key)) continue;
      }
      const below = `${pointer}/${escapeToken(key)}`;
      if (!names && key === 'discriminator') mapping(child as Record<string, unknown>, below, scope);
      walk(child, below, scope, !names && MAPS.has(key) && !Array.isArray(child));
    }
    return scope;
  };

  const note = (object: Record<string, unknown>, pointer: string, scope: Scope): void => {
    const reference = object['$ref'];
    if (typeof reference === 'string') add(reference, pointer, scope, false);
    for (const keyword of ['$anchor', '$dynamicAnchor']) {
      const name = object[keyword];
      if (scope.dialect === '2020-12' && typeof name === 'string') anchor(scope, name, pointer);
    }
    const id = scope.dialect === 'draft-04' ? object['id'] : object['$id'];
    const plain = scope.dialect === 'draft-04' || scope.dialect === 'draft-07';
    if (plain && typeof id === 'string' && id.startsWith('#') && id.length > 1 && typeof reference !== 'string') {
      anchor(scope, id.slice(1), pointer);
    }
  };

  const anchor = (scope: Scope, name: string, pointer: string): void => {
    if (!scope.anchors.has(name)) scope.anchors.set(name, pointer);
  };

  const mapping = (discriminator: Record<string, unknown>, pointer: string, scope: Scope): void => {
    const map = isObject(discriminator) ? discriminator['mapping'] : undefined;
    if (!isObject(map)) return;
    for (const target of Object.values(map)) {
      if (typeof target === 'string' && looksLikeReference(target)) add(target, pointer, scope, true);
    }
  };

  const add = (reference: string, pointer: string, scope: Scope, optional: boolean): void => {
    if (references.length >= MAX_REFERENCES) incomplete = true;
    else references.push({ reference, base: scope.base, pointer, optional });
  };

  const root = walk(value, '', undefined, false) ?? rootOf(value, uri, dialect);
  return { root, scopes, references, unknownDialects, incomplete };
}

/** Whether a discriminator's mapping names a place rather than a schema of the components. */
export const looksLikeReference = (text: string): boolean => /[#/]|\.(json|ya?ml)$/.test(text);

/** The `$id` (`id` in draft-04, `$self` of OpenAPI 3.2) as far as it names a resource; without its empty fragment. */
function identifier(object: Record<string, unknown>, dialect: Dialect, isRoot: boolean): string | undefined {
  if (isRoot && typeof object['openapi'] === 'string') return textWithoutFragment(object['$self']);
  if (dialect === 'openapi-3.0' || dialect === 'swagger-2.0') return undefined;
  // Up to draft-07 a reference hides everything beside it.
  if (dialect !== '2020-12' && typeof object['$ref'] === 'string') return undefined;
  return textWithoutFragment(object[dialect === 'draft-04' ? 'id' : '$id']);
}

function textWithoutFragment(id: unknown): string | undefined {
  if (typeof id !== 'string') return undefined;
  const { document } = splitReference(id);
  return document === '' ? undefined : document;
}

function rootOf(value: unknown, uri: string, dialect: Dialect): Scope {
  const object = typeof value === 'object' && value !== null ? value : {};
  const made = { value: object, pointer: '', base: uri, dialect, anchors: new Map<string, string>() };
  return Object.assign(made, { resource: made as unknown as Scope });
}
