import { childUri } from '../contract/documents.ts';
import type { Dialect, SchemaAt } from '../contract/model.ts';
import { pinsText } from './pinned.ts';

/**
 * What is to be searched at one place of a value, by the schemas that apply there. Where nothing is known all is
 * searched: a place is left out only if the contract surely pins it down.
 */
export interface SearchNode {
  /** Strings here can carry nothing harmful. */
  readonly pinned: boolean;
  /** Evidence must not show what stands here (`format: password`, `writeOnly`). */
  readonly secret: boolean;
  /** Whether the contract names this property, so that the name itself need not be searched. */
  declares(name: string): boolean;
  property(name: string): SearchNode;
  item(index: number): SearchNode;
}

/** A place of which nothing is known. */
export const SEARCH_ALL: SearchNode = {
  pinned: false,
  secret: false,
  declares: () => false,
  property: () => SEARCH_ALL,
  item: () => SEARCH_ALL,
};

/** Places made for one schema at most: a recursive one has as many as a caller likes. Beyond, all is searched. */
const MAX_NODES = 20_000;
const MAX_DEPTH = 64;

type Raw = Readonly<Record<string, unknown>>;

/** The tree of a schema; its nodes are made when a value first gets there. */
export function searchTree(at: SchemaAt | undefined): SearchNode {
  if (at === undefined) return SEARCH_ALL;
  const context: Context = { documents: at.documents, known: new Map(), nodes: 0 };
  return nodeOf(expand({ schema: at.schema, uri: at.uri, dialect: at.dialect }, context, 0));
}

interface Site {
  readonly schema: unknown;
  readonly uri: string;
  readonly dialect: Dialect;
}

interface Context {
  readonly documents: SchemaAt['documents'];
  readonly known: Map<object, Part>;
  nodes: number;
}

/** Schemas that apply at a place: one alone, all of several, or any of several. `undefined` child: says nothing. */
interface Part {
  readonly pinned: boolean;
  readonly secret: boolean;
  declares(name: string): boolean;
  property(name: string): Part | undefined;
  item(index: number): Part | undefined;
}

const nodes = new WeakMap<Part, SearchNode>();

function nodeOf(part: Part | undefined): SearchNode {
  if (part === undefined) return SEARCH_ALL;
  let node = nodes.get(part);
  if (node === undefined) nodes.set(part, (node = new CachedNode(part)));
  return node;
}

class CachedNode implements SearchNode {
  readonly pinned: boolean;
  readonly secret: boolean;
  readonly #part: Part;
  readonly #properties = new Map<string, SearchNode>();
  readonly #items: SearchNode[] = [];
  #other: SearchNode | undefined = undefined;

  constructor(part: Part) {
    this.#part = part;
    this.pinned = part.pinned;
    this.secret = part.secret;
  }

  declares(name: string): boolean {
    return this.#properties.has(name) || this.#part.declares(name);
  }

  property(name: string): SearchNode {
    const known = this.#properties.get(name);
    if (known !== undefined) return known;
    const node = nodeOf(this.#part.property(name));
    // Only names of the contract are kept: their number is not the caller's choice.
    if (this.#part.declares(name)) this.#properties.set(name, node);
    return node;
  }

  item(index: number): SearchNode {
    if (index < 8) {
      const known = this.#items[index];
      if (known !== undefined) return known;
      const node = nodeOf(this.#part.item(index));
      for (let i = this.#items.length; i < index; i++) this.#items.push(nodeOf(this.#part.item(i)));
      this.#items[index] = node;
      return node;
    }
    return (this.#other ??= nodeOf(this.#part.item(Number.MAX_SAFE_INTEGER)));
  }
}

/** Puts together what several parts say of one place. */
type Combine = (parts: readonly (Part | undefined)[], context: Context) => Part | undefined;

/** Several parts at one place: all of them apply, or any. */
class Several implements Part {
  readonly pinned: boolean;
  readonly secret: boolean;
  readonly #parts: readonly Part[];
  readonly #context: Context;
  readonly #combine: Combine;
  constructor(parts: readonly Part[], pinned: boolean, context: Context, combine: Combine) {
    this.#parts = parts;
    this.#context = context;
    this.#combine = combine;
    this.pinned = pinned;
    this.secret = parts.some((part) => part.secret);
  }
  declares(name: string): boolean {
    return this.#parts.some((part) => part.declares(name));
  }
  property(name: string): Part | undefined {
    return this.#combine(
      this.#parts.map((part) => part.property(name)),
      this.#context,
    );
  }
  item(index: number): Part | undefined {
    return this.#combine(
      this.#parts.map((part) => part.item(index)),
      this.#context,
    );
  }
}

/** All apply: what one of them pins is pinned. */
function all(parts: readonly (Part | undefined)[], context: Context): Part | undefined {
  const given = parts.filter((part) => part !== undefined);
  if (given.length <= 1) return given[0];
  if (++context.nodes > MAX_NODES) return undefined;
  const pinned = given.some((part) => part.pinned);
  return new Several(given, pinned, context, all);
}

/** Any may apply: pinned is what every one of them pins. */
function any(parts: readonly (Part | undefined)[], context: Context): Part | undefined {
  if (parts.length === 0 || parts.includes(undefined)) return undefined;
  if (parts.length === 1) return parts[0];
  if (++context.nodes > MAX_NODES) return undefined;
  const given = parts as readonly Part[];
  const pinned = given.every((part) => part.pinned);
  return new Several(given, pinned, context, any);
}

/** One schema's own keywords. */
class Own implements Part {
  readonly pinned: boolean;
  readonly secret: boolean;
  readonly #schema: Raw;
  readonly #site: Site;
  readonly #context: Context;

  constructor(schema: Raw, site: Site, context: Context) {
    this.#schema = schema;
    this.#site = site;
    this.#context = context;
    this.pinned = pinsText(schema, site.dialect);
    this.secret = schema['format'] === 'password' || schema['writeOnly'] === true;
  }

  declares(name: string): boolean {
    const { properties } = this.#schema;
    return isRaw(properties) && Object.hasOwn(properties, name);
  }

  property(name: string): Part | undefined {
    const { properties, patternProperties } = this.#schema;
    if (isRaw(properties) && Object.hasOwn(properties, name)) return this.#child(properties[name], 'properties', name);
    // A pattern may or may not take the name: what it says is not asked, so the value is searched.
    if (isRaw(patternProperties) && Object.keys(patternProperties).length > 0) return undefined;
    return this.#child(this.#schema['additionalProperties'], 'additionalProperties');
  }

  item(index: number): Part | undefined {
    const { prefixItems, items, additionalItems } = this.#schema;
    if (Array.isArray(prefixItems) && index < prefixItems.length)
      return this.#child(prefixItems[index], 'prefixItems', index);
    if (!Array.isArray(items)) return this.#child(items, 'items');
    if (index < items.length) return this.#child(items[index], 'items', index);
    return this.#child(additionalItems, 'additionalItems');
  }

  #child(schema: unknown, ...keys: (string | number)[]): Part | undefined {
    if (!isRaw(schema)) return undefined;
    const { uri, dialect } = this.#site;
    return expand({ schema, uri: childUri(uri, ...keys), dialect }, this.#context, 0);
  }
}

/** Dialects in which nothing beside a `$ref` counts. */
const REF_ALONE: ReadonlySet<Dialect> = new Set(['openapi-3.0', 'swagger-2.0', 'draft-04', 'draft-07']);

/** A schema with what it refers to and is composed of. Circles are cut: what is in one says nothing there. */
function expand(site: Site, context: Context, depth: number): Part | undefined {
  const { schema, uri, dialect } = site;
  if (!isRaw(schema) || depth > MAX_DEPTH || context.nodes > MAX_NODES) return undefined;
  const known = context.known.get(schema);
  if (known !== undefined) return known;
  context.nodes++;
  const { $ref, allOf } = schema;
  const parts: (Part | undefined)[] = [];
  if (typeof $ref === 'string') {
    const target = context.documents.resolve($ref, uri);
    if (target !== undefined)
      parts.push(expand({ schema: target.value, uri: target.uri, dialect: target.dialect }, context, depth + 1));
  }
  if (typeof $ref !== 'string' || !REF_ALONE.has(dialect)) {
    parts.push(new Own(schema, site, context));
    if (Array.isArray(allOf)) for (const each of branches(allOf, 'allOf')) parts.push(each);
    for (const keyword of ['anyOf', 'oneOf'] as const) {
      const list = schema[keyword];
      if (Array.isArray(list)) parts.push(any(branches(list, keyword), context));
    }
  }
  const made = all(parts, context);
  if (made !== undefined && depth === 0) context.known.set(schema, made);
  return made;

  function branches(list: readonly unknown[], keyword: string): (Part | undefined)[] {
    return list.map((each, index) =>
      expand({ schema: each, uri: childUri(uri, keyword, index), dialect }, context, depth + 1),
    );
  }
}

const isRaw = (value: unknown): value is Raw => typeof value === 'object' && value !== null && !Array.isArray(value);
