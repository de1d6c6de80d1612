import type { Place } from '../shared/finding.ts';
import type { Dialect, Documents } from './model.ts';
import {
  absoluteUri,
  childUri,
  decodeFragment,
  encodePointer,
  escapeToken,
  ownChild,
  pointerTokens,
  splitPointer,
  splitReference,
} from './references.ts';
import { dialectOf, type FoundReference, type Scan, type Scope, scan } from './scopes.ts';
import type { SourceMap } from './source-map.ts';

/** One document: a file, an answer from a URL, or values given by a test. */
export interface DocumentSource {
  readonly value: unknown;
  /** Absolute, without fragment. */
  readonly uri: string;
  readonly dialect: Dialect;
  /** How a person knows it: a path as given on the command line, or a URL. */
  readonly file: string;
  readonly map?: SourceMap;
  /** For a document made by the loader: the place of what it was made from, by tokens of the pointer. */
  readonly placeOf?: (tokens: readonly string[]) => Place;
  /** False for a plain JSON Schema. */
  readonly openapi: boolean;
}

/** A value with all that is needed to go on from it. */
export interface Site {
  readonly value: unknown;
  /** Absolute URI with `#` and pointer. */
  readonly uri: string;
  readonly dialect: Dialect;
}

/** A document in the set, scanned when it is first asked about. */
class Member {
  readonly source: DocumentSource;
  #scan: Scan | undefined;

  constructor(source: DocumentSource) {
    this.source = source;
  }

  get scanned(): Scan {
    const { value, uri, dialect, openapi } = this.source;
    return (this.#scan ??= scan(value, uri, dialect, openapi));
  }
}

interface Target {
  readonly member: Member;
  readonly scope: Scope;
}

/** Resolved references kept at most; beyond, they are resolved anew. */
const MAX_CACHED = 200_000;

/**
 * The documents of a contract. Resolving is a look-up: nothing is read, and a reference that leads nowhere is
 * undefined. References resolve against the nearest enclosing `$id`.
 */
export class DocumentSet implements Documents {
  readonly #members = new Map<string, Member>();
  /** By base URI: documents by where they were read, resources by their `$id`; the first one counts. */
  readonly #targets = new Map<string, Target>();
  #unscanned: Member[] = [];
  readonly #missing = new Set<string>();
  readonly #duplicates: { id: string; uri: string }[] = [];
  readonly #cache = new Map<Scope, Map<string, Site>>();
  #cached = 0;

  /** Adds a document; one that is already there under the URI stays. */
  add(source: DocumentSource): void {
    if (this.#members.has(source.uri)) return;
    const member = new Member(source);
    this.#members.set(source.uri, member);
    this.#unscanned.push(member);
  }

  /** Notes a document that could not be read: what refers to it was told so already. */
  addMissing(uri: string): void {
    this.#missing.add(uri);
  }

  /** Whether a reference leads into a document that could not be read. */
  isMissing(reference: string, base: string): boolean {
    if (this.#missing.size === 0) return false;
    const { document } = splitReference(reference);
    const from = splitReference(base);
    const start = this.#byUri(absoluteUri(from.document));
    if (document === '' || !start) return false;
    return this.#missing.has(absoluteUri(document, this.#enclosing(start, from.fragment).base));
  }

  has(uri: string): boolean {
    return this.#members.has(uri) || this.#byUri(uri) !== undefined;
  }

  /** References that stand in a document, as `$ref` or in a discriminator's mapping. */
  references(uri: string): readonly FoundReference[] {
    return this.#members.get(uri)?.scanned.references ?? [];
  }

  unknownDialects(uri: string): Scan['unknownDialects'] {
    return this.#members.get(uri)?.scanned.unknownDialects ?? [];
  }

  /** Resources that claim an `$id` that another one has: which of the two is meant cannot be known. */
  get duplicateIds(): readonly { readonly id: string; readonly uri: string }[] {
    this.#index();
    return this.#duplicates;
  }

  /** The URI of the value at a pointer (not percent-encoded) of a document. */
  uriOf(uri: string, pointer: string): string {
    return `${uri}#${encodePointer(pointer)}`;
  }

  /** The root of a document, as a site. */
  root(uri: string): Site | undefined {
    const member = this.#members.get(uri);
    return member && { value: member.source.value, uri: `${uri}#`, dialect: member.scanned.root.dialect };
  }

  /** Whether relative references at this URI may have another base or dialect than the document's own. */
  dialectAt(uri: string): Dialect {
    const { document, fragment } = splitReference(uri);
    const target = this.#byUri(document);
    return target ? this.#enclosing(target, fragment).dialect : '2020-12';
  }

  resolve(reference: string, base: string): Site | undefined {
    const from = splitReference(base);
    const start = this.#byUri(absoluteUri(from.document));
    if (!start) {
      const { document, fragment } = splitReference(reference);
      const target = document === '' ? undefined : this.#byUri(absoluteUri(document, from.document));
      return target && this.#inside(target, fragment);
    }
    const scope = this.#enclosing(start, from.fragment);
    const known = this.#cache.get(scope)?.get(reference);
    if (known) return known;
    const found = this.#resolve(reference, start.member, scope);
    // What leads nowhere is not kept: a document may still be added.
    if (found) this.#keep(scope, reference, found);
    return found;
  }

  place(uri: string): Place {
    const { document, fragment } = splitReference(uri);
    const target = this.#byUri(document);
    if (!target) return { file: document, line: 1, column: 1, pointer: decodeFragment(fragment) };
    const { file, map, value: root, placeOf } = target.member.source;
    const tokens = [...splitPointer(target.scope.pointer), ...tokensOf(fragment)];
    if (placeOf) return placeOf(tokens);
    let value: unknown = root;
    let offset = 0;
    let found = 0;
    for (const token of tokens) {
      const child = ownChild(value, token);
      if (child === undefined) break;
      offset = map?.offset(value as object, token) ?? offset;
      value = child;
      found++;
    }
    const pointer =
      found === tokens.length
        ? target.scope.pointer + decodeFragment(fragment)
        : tokens
            .slice(0, found)
            .map((token) => `/${escapeToken(token)}`)
            .join('');
    return { file, ...(map?.position(offset) ?? { line: 1, column: 1 }), pointer };
  }

  #resolve(reference: string, member: Member, scope: Scope): Site | undefined {
    const { document, fragment } = splitReference(reference);
    if (document === '') return this.#inside({ member, scope: scope.resource }, fragment);
    const target = this.#byUri(absoluteUri(document, scope.base));
    return target && this.#inside(target, fragment);
  }

  #keep(scope: Scope, reference: string, site: Site): void {
    if (this.#cached++ > MAX_CACHED) {
      this.#cache.clear();
      this.#cached = 0;
    }
    let cache = this.#cache.get(scope);
    if (!cache) this.#cache.set(scope, (cache = new Map()));
    cache.set(reference, site);
  }

  /** The value at a fragment of a resource. */
  #inside(target: Target, fragment: string): Site | undefined {
    const { member, scope } = target;
    if (fragment !== '' && !decodeFragment(fragment).startsWith('/')) {
      const anchored = scope.anchors.get(decodeFragment(fragment));
      return anchored === undefined ? undefined : this.#descend(member, splitPointer(anchored));
    }
    const start = splitPointer(scope.pointer);
    const found = this.#descend(member, [...start, ...pointerTokens(fragment)]);
    // Authors forget to encode: `#/a%b`, and names that hold a literal `%20`.
    if (found || !fragment.includes('%')) return found;
    return this.#descend(member, [...start, ...splitPointer(fragment)]);
  }

  #descend(member: Member, tokens: readonly string[]): Site | undefined {
    const { scopes, root } = member.scanned;
    let value: unknown = member.source.value;
    let dialect = root.dialect;
    let pointer = '';
    for (const token of tokens) {
      value = ownChild(value, token);
      if (value === undefined) return undefined;
      if (scopes.size > 1) dialect = scopes.get(value as object)?.dialect ?? dialect;
      pointer += `/${escapeToken(token)}`;
    }
    return { value, uri: `${member.source.uri}#${encodePointer(pointer)}`, dialect };
  }

  /** The innermost scope around the value at a fragment of a resource. */
  #enclosing(target: Target, fragment: string): Scope {
    const { scopes } = target.member.scanned;
    let { scope } = target;
    if (scopes.size < 2 || fragment === '') return scope;
    if (!fragment.startsWith('/')) {
      const anchored = scope.anchors.get(decodeFragment(fragment));
      if (anchored === undefined) return scope;
      return this.#along(target.member, splitPointer(anchored), target.member.scanned.root);
    }
    scope = this.#along(target.member, [...splitPointer(scope.pointer), ...pointerTokens(fragment)], scope);
    return scope;
  }

  #along(member: Member, tokens: readonly string[], from: Scope): Scope {
    const { scopes } = member.scanned;
    let value: unknown = member.source.value;
    let scope = scopes.get(value as object) ?? from;
    for (const token of tokens) {
      value = ownChild(value, token);
      if (value === undefined) break;
      scope = scopes.get(value as object) ?? scope;
    }
    return scope;
  }

  #byUri(uri: string): Target | undefined {
    const member = this.#members.get(uri);
    if (member) return { member, scope: member.scanned.root };
    const known = this.#targets.get(uri);
    if (known) return known;
    if (this.#unscanned.length === 0) return undefined;
    this.#index();
    return this.#targets.get(uri);
  }

  #index(): void {
    for (const one of this.#unscanned) {
      for (const scope of one.scanned.scopes.values()) {
        if (scope.resource !== scope) continue;
        const here = `${one.source.uri}#${encodePointer(scope.pointer)}`;
        if (this.#targets.has(scope.base)) this.#duplicates.push({ id: scope.base, uri: here });
        else this.#targets.set(scope.base, { member: one, scope });
      }
    }
    this.#unscanned = [];
  }
}

const tokensOf = (fragment: string): string[] => (fragment.startsWith('/') ? pointerTokens(fragment) : []);

/**
 * Documents from values at hand: for tests, and for the conformance tests of the schema compiler.
 *
 * @param uri absolute URI of the value (`test:root` will do); a `$id` in it counts besides.
 * @param dialect of values that do not say it themselves by `$schema`.
 * @param extra further documents by absolute URI.
 */
export function documentsFrom(
  value: unknown,
  uri: string,
  dialect: Dialect,
  extra?: ReadonlyMap<string, unknown>,
): DocumentSet {
  const documents = new DocumentSet();
  const openapi = (given: unknown): boolean => hasVersion(given);
  const add = (given: unknown, at: string): void =>
    documents.add({
      value: given,
      uri: absoluteUri(splitReference(at).document),
      dialect,
      file: at,
      openapi: openapi(given),
    });
  add(value, uri);
  for (const [at, given] of extra ?? []) add(given, at);
  return documents;
}

const hasVersion = (value: unknown): boolean =>
  typeof ownChild(value, 'openapi') === 'string' || typeof ownChild(value, 'swagger') === 'string';

export { childUri, dialectOf };
