import type { Documents, SchemaAt } from '../model.ts';
import {
  absoluteUri,
  childUri,
  decodeFragment,
  isObject,
  ownChild,
  pointerTokens,
  splitReference,
} from '../references.ts';
import { metaschema } from './metaschemas.ts';
import { READINGS, type Reading, readingOf } from './reading.ts';

/** A schema resource (2020-12, section 4.3.5): what one base URI identifies. */
export interface Resource {
  /** Absolute, without fragment. */
  readonly base: string;
  readonly root: Spot;
  /** Plain-name fragments, `$dynamicAnchor`s included. */
  readonly anchors: Map<string, Spot>;
  readonly dynamicAnchors: Map<string, Spot>;
}

/** A schema where it stands. */
export interface Spot {
  readonly raw: unknown;
  /** Absolute URI of the document, `#`, and the pointer from its root. */
  readonly uri: string;
  readonly resource: Resource;
  readonly reading: Reading;
}

const MAPS = ['properties', 'patternProperties', '$defs', 'definitions', 'dependentSchemas', 'dependencies'];
const LISTS = ['allOf', 'anyOf', 'oneOf', 'prefixItems', 'items'];
const SINGLES = [
  'items',
  'additionalItems',
  'additionalProperties',
  'unevaluatedItems',
  'unevaluatedProperties',
  'contains',
  'propertyNames',
  'not',
  'if',
  'then',
  'else',
  'contentSchema',
];

/**
 * Finds schemas by reference: knows the resources (`$id`), anchors and dynamic anchors of every document it meets, and
 * which dialect each part is written in.
 */
export class Library {
  readonly documents: Documents;
  readonly #resources = new Map<string, Resource>();
  /** Resources by the object they begin at. */
  readonly #roots = new Map<object, Resource>();
  readonly #indexed = new Set<object>();
  readonly #dynamic = new Map<string, Spot[]>();
  readonly #read = new Map<string, Spot | undefined>();

  constructor(documents: Documents) {
    this.documents = documents;
  }

  /** The schema that a part of the contract names. */
  enter(at: SchemaAt): Spot {
    const { document, fragment } = splitReference(at.uri);
    const root = this.#document(document);
    const found = root && this.#descend(root, fragment);
    if (found && found.raw === at.schema) {
      const said = isObject(root.raw) && typeof root.raw['$schema'] === 'string';
      const own = !said && found.resource === root.resource && found.reading === root.reading;
      const spot = own ? { ...found, reading: READINGS[at.dialect] } : found;
      return this.#index(spot);
    }
    return this.#index(this.#resource(at.schema, at.uri, absoluteUri(document), READINGS[at.dialect]).root);
  }

  /** The schema below another one. */
  child(parent: Spot, raw: unknown, ...keys: (string | number)[]): Spot {
    return this.#at(raw, childUri(parent.uri, ...keys), parent);
  }

  /** The value in the document of a schema at a pointer of plain names; undefined where there is none. */
  inDocument(from: Spot, ...keys: string[]): Spot | undefined {
    const root = this.#document(splitReference(from.uri).document);
    if (!root) return undefined;
    let raw: unknown = root.raw;
    for (const key of keys) raw = ownChild(raw, key);
    return raw === undefined
      ? undefined
      : this.#at(raw, childUri(`${splitReference(root.uri).document}#`, ...keys), root);
  }

  /** Follows a `$ref` (RFC 3986, section 5, against the nearest `$id`); undefined where it leads nowhere. */
  resolve(reference: string, from: Spot): Spot | undefined {
    const { document, fragment } = splitReference(reference);
    const uri = document === '' ? from.resource.base : absoluteUri(document, from.resource.base);
    let resource = document === '' ? from.resource : this.#resources.get(uri);
    if (!resource) {
      const root = this.#document(uri);
      resource = this.#resources.get(uri) ?? (root && this.#roots.get(root.raw as object)) ?? root?.resource;
    }
    const found = resource && this.#inside(resource, fragment);
    if (found) return this.#index(found);
    const last = this.documents.resolve(reference, from.uri);
    return last && this.enter({ schema: last.value, uri: last.uri, dialect: last.dialect, documents: this.documents });
  }

  /** Every schema known under a `$dynamicAnchor`. */
  dynamicAnchors(name: string): readonly Spot[] {
    return this.#dynamic.get(name) ?? [];
  }

  #inside(resource: Resource, fragment: string): Spot | undefined {
    const plain = decodeFragment(fragment);
    // A document that begins with an `$id` is known by two URIs; its base is the `$id`.
    const root = this.#roots.get(resource.root.raw as object)?.root ?? resource.root;
    if (plain === '') return root;
    if (plain.startsWith('/')) return this.#descend(root, fragment);
    return resource.anchors.get(plain);
  }

  #descend(from: Spot, fragment: string): Spot | undefined {
    let spot = from;
    for (const token of pointerTokens(fragment)) {
      const raw = ownChild(spot.raw, token);
      if (raw === undefined) return undefined;
      spot = this.child(spot, raw, token);
    }
    return spot;
  }

  /** The root of a document, read and indexed once. */
  #document(uri: string): Spot | undefined {
    if (this.#read.has(uri)) return this.#read.get(uri);
    this.#read.set(uri, undefined);
    const found = this.documents.resolve('', uri) ?? this.documents.resolve(uri, uri);
    const builtIn = found ? undefined : metaschema(uri);
    if (!found && builtIn === undefined) return undefined;
    const raw = found ? found.value : builtIn;
    const at = found ? found.uri : `${uri}#`;
    const { document, fragment } = splitReference(at);
    if (fragment !== '' && document !== uri) {
      // An `$id` inside of another document.
      this.#document(document);
      const inner = this.#resources.get(uri)?.root;
      if (inner) {
        this.#read.set(uri, inner);
        return inner;
      }
    }
    const self = isObject(raw) && typeof raw['openapi'] === 'string' ? raw['$self'] : undefined;
    const base = typeof self === 'string' ? absoluteUri(splitReference(self).document, uri) : absoluteUri(uri);
    const resource = this.#resource(raw, at, base, READINGS[found?.dialect ?? '2020-12']);
    if (!this.#resources.has(uri)) this.#resources.set(uri, resource);
    this.#read.set(uri, resource.root);
    if (isObject(raw) && (typeof raw['openapi'] === 'string' || typeof raw['swagger'] === 'string')) {
      for (const path of [['components', 'schemas'], ['definitions']]) {
        let map: unknown = raw;
        for (const key of path) map = ownChild(map, key);
        if (isObject(map))
          for (const name of Object.keys(map)) this.#index(this.child(resource.root, map[name], ...path, name));
      }
      return resource.root;
    }
    const root = this.#index(resource.root);
    this.#read.set(uri, root);
    return root;
  }

  #resource(raw: unknown, uri: string, base: string, reading: Reading): Resource {
    const root = { raw, uri: uri.includes('#') ? uri : `${uri}#`, reading: this.#reading(raw, reading) } as Spot;
    const resource: Resource = { base, root, anchors: new Map(), dynamicAnchors: new Map() };
    Object.assign(root, { resource });
    if (!this.#resources.has(base)) this.#resources.set(base, resource);
    return resource;
  }

  #reading(raw: unknown, around: Reading): Reading {
    const name = isObject(raw) ? raw['$schema'] : undefined;
    if (typeof name !== 'string') return around;
    return readingOf(name, (uri) => this.#document(absoluteUri(splitReference(uri).document))?.raw, around);
  }

  #at(raw: unknown, uri: string, around: Spot): Spot {
    const own = typeof raw === 'object' && raw !== null ? this.#roots.get(raw) : undefined;
    if (own) return own.root;
    return { raw, uri, resource: around.resource, reading: this.#reading(raw, around.reading) };
  }

  /** Indexes a schema and all below it. @returns the spot, in the resource that it begins where it does. */
  #index(spot: Spot): Spot {
    const stack = [spot];
    let first: Spot | undefined;
    for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
      const { raw } = next;
      if (!isObject(raw)) {
        first ??= next;
        continue;
      }
      const begun = this.#roots.get(raw);
      if (this.#indexed.has(raw)) {
        first ??= begun?.root ?? next;
        continue;
      }
      this.#indexed.add(raw);
      const here = this.#identify(next, raw);
      first ??= here;
      for (const key of MAPS) {
        const map = raw[key];
        if (isObject(map)) for (const name of Object.keys(map)) stack.push(this.child(here, map[name], key, name));
      }
      for (const key of LISTS) {
        const list = raw[key];
        if (Array.isArray(list)) for (const [i, item] of list.entries()) stack.push(this.child(here, item, key, i));
      }
      for (const key of SINGLES) if (isObject(raw[key])) stack.push(this.child(here, raw[key], key));
    }
    return first ?? spot;
  }

  #identify(spot: Spot, raw: Record<string, unknown>): Spot {
    const { reading } = spot;
    const id = reading.id === undefined ? undefined : raw[reading.id];
    let here = spot;
    const hidden = reading.lonelyReference && typeof raw['$ref'] === 'string';
    if (typeof id === 'string' && !hidden) {
      const { document, fragment } = splitReference(id);
      if (document !== '') {
        const base = absoluteUri(document, spot.resource.base);
        const isRoot = spot.resource.root.raw === raw && base === spot.resource.base;
        const resource = isRoot ? spot.resource : this.#resource(raw, spot.uri, base, reading);
        this.#roots.set(raw, resource);
        here = resource.root;
      }
      if (fragment !== '' && reading.lonelyReference) here.resource.anchors.set(decodeFragment(fragment), here);
    }
    if (reading.dialect === '2020-12') {
      const { $anchor, $dynamicAnchor } = raw;
      if (typeof $anchor === 'string') here.resource.anchors.set($anchor, here);
      if (typeof $dynamicAnchor === 'string') {
        here.resource.anchors.set($dynamicAnchor, here);
        here.resource.dynamicAnchors.set($dynamicAnchor, here);
        const same = this.#dynamic.get($dynamicAnchor) ?? [];
        this.#dynamic.set($dynamicAnchor, [...same, here]);
      }
    }
    return here;
  }
}
