import type { Place } from '../../shared/finding.ts';
import { nearest } from '../../shared/nearest.ts';
import type { DocumentSet } from '../documents.ts';
import type { Findings } from '../findings.ts';
import type { Contract, Dialect, SchemaAt } from '../model.ts';
import { childUri, isObject, ownChild } from '../references.ts';
import { FIELDS, type ObjectKind } from './fields.ts';

export type Version = Exclude<Contract['version'], 'none'>;

/** References from one to the next at most; each hop of a real contract is one. */
export const MAX_HOPS = 100;

/** Extensions that stand in schemas, read by the rooms when a schema is compiled. */
export const SCHEMA_EXTENSIONS = [
  'x-portcullis-sensitive',
  'x-portcullis-roles',
  'x-portcullis-mask',
  'x-portcullis-object',
] as const;

/** A value of the contract where it stands. */
export class Node {
  readonly context: Context;
  readonly value: unknown;
  readonly uri: string;
  #place: Place | undefined;

  constructor(context: Context, value: unknown, uri: string) {
    this.context = context;
    this.value = value;
    this.uri = uri;
  }

  get place(): Place {
    return (this.#place ??= this.context.documents.place(this.uri));
  }

  /** The own child under a key; undefined where there is none, or it is null (which is told once). */
  child(key: string | number): Node | undefined {
    const value = ownChild(this.value, String(key));
    if (value === undefined) return undefined;
    const node = new Node(this.context, value, childUri(this.uri, key));
    if (value !== null) return node;
    const { findings } = this.context;
    findings.warnOnce('empty-field', `'${key}' is empty and read as if it were absent`, 'write a value', node.place);
    return undefined;
  }

  /**
   * Children of a map in order. A value that is no map is an error and has none.
   * @param extensible `x-` names are extensions there, not entries.
   */
  *entries(what: string, extensible = false): Generator<[string, Node]> {
    if (!this.isObject(what)) return;
    for (const key of Object.keys(this.value as object)) {
      if (extensible && key.startsWith('x-')) continue;
      const child = this.child(key);
      if (child) yield [key, child];
    }
  }

  /** Items of an array. A value that is no array is an error and has none. */
  *items(what: string): Generator<Node> {
    if (!Array.isArray(this.value)) {
      this.wrongType(what, 'a list');
      return;
    }
    for (let i = 0; i < this.value.length; i++) {
      const child = this.child(i);
      if (child) yield child;
    }
  }

  isObject(what: string): boolean {
    if (isObject(this.value)) return true;
    this.wrongType(what, 'an object');
    return false;
  }

  /** A string under a key; another type is an error. */
  text(key: string): string | undefined {
    const child = this.child(key);
    if (!child) return undefined;
    if (typeof child.value === 'string') return child.value;
    child.wrongType(`'${key}'`, 'a string');
    return undefined;
  }

  /** A boolean under a key; the words `true` and `false` in quotes are read as meant, with a warning. */
  flag(key: string): boolean | undefined {
    const child = this.child(key);
    if (!child) return undefined;
    if (typeof child.value === 'boolean') return child.value;
    if (child.value === 'true' || child.value === 'false') {
      this.context.findings.warnOnce(
        'quoted-boolean',
        `'${key}' is a quoted boolean`,
        'take the quotes away',
        child.place,
      );
      return child.value === 'true';
    }
    child.wrongType(`'${key}'`, 'true or false');
    return undefined;
  }

  wrongType(what: string, wanted: string): void {
    const { value } = this;
    const found = Array.isArray(value) ? 'a list' : value === null ? 'nothing' : typeof value;
    this.context.findings.error(
      'wrong-type',
      `${what} must be ${wanted}, found ${found}`,
      `write ${wanted}`,
      this.place,
    );
  }
}

/** What all of one load share. */
export class Context {
  readonly documents: DocumentSet;
  readonly findings: Findings;
  readonly version: Version;
  /** Names of operation extensions that some room understands; undefined: they are not checked. */
  readonly extensions: readonly string[] | undefined;
  readonly #schemas = new Map<string, SchemaAt>();
  readonly #checked = new Set<unknown>();
  readonly #brokenReferences = new Set<string>();

  constructor(documents: DocumentSet, findings: Findings, version: Version, extensions: readonly string[] | undefined) {
    this.documents = documents;
    this.findings = findings;
    this.version = version;
    this.extensions = extensions;
  }

  node(value: unknown, uri: string): Node {
    return new Node(this, value, uri);
  }

  /**
   * Follows `$ref` to what it means. Where it leads nowhere, or in a circle, that is an error.
   * @returns undefined after an error.
   */
  follow(node: Node): Node | undefined {
    let at = node;
    for (let hops = 0; hops <= MAX_HOPS; hops++) {
      if (!isObject(at.value)) return at;
      const reference = ownChild(at.value, '$ref');
      if (reference === undefined) return at;
      const next = this.followOnce(at, reference);
      if (!next) return undefined;
      at = next;
    }
    this.findings.error(
      'circular-ref',
      `the $ref leads in a circle, or over more than ${MAX_HOPS} others`,
      'refer to the definition itself',
      node.place,
    );
    return undefined;
  }

  /** One hop of a reference. */
  followOnce(node: Node, reference: unknown): Node | undefined {
    if (typeof reference !== 'string') {
      node.child('$ref')?.wrongType('$ref', 'a string');
      return undefined;
    }
    const found = this.documents.resolve(reference, node.uri);
    if (found) return new Node(this, found.value, found.uri);
    this.reportBroken(node, reference);
    return undefined;
  }

  wasReported(node: Node, reference: string): boolean {
    return this.#brokenReferences.has(`${node.uri} ${reference}`);
  }

  reportBroken(node: Node, reference: string): void {
    const key = `${node.uri} ${reference}`;
    if (this.#brokenReferences.has(key)) return;
    this.#brokenReferences.add(key);
    if (this.documents.isMissing(reference, node.uri)) return;
    this.findings.error(
      'unresolved-ref',
      `the $ref '${reference.slice(0, 200)}' leads nowhere`,
      'name something that exists, e.g. #/components/schemas/NAME',
      this.documents.place(childUri(node.uri, '$ref')),
    );
  }

  /** Warns about fields the specification does not have there: a typo would not be enforced. Once for each object. */
  checkFields(node: Node, kind: ObjectKind): void {
    if (!isObject(node.value) || this.#checked.has(node.value)) return;
    this.#checked.add(node.value);
    const known = FIELDS[kind];
    for (const key of Object.keys(node.value)) {
      if (known.has(key)) continue;
      if (!key.startsWith('x-')) this.#unknownField(node, key, kind);
      else if (key.startsWith('x-portcullis-')) this.#extension(node, key, kind);
    }
  }

  /** Warns about `x-portcullis-*` on an object of which nothing is read by such a name. Once for each object. */
  checkNoExtensions(node: Node | undefined, what: string): void {
    if (!isObject(node?.value) || this.#checked.has(node.value)) return;
    this.#checked.add(node.value);
    for (const key of Object.keys(node.value)) {
      if (key.startsWith('x-portcullis-')) this.#misplaced(key, what, this.documents.place(childUri(node.uri, key)));
    }
  }

  /** A schema for the compiler; one object for one place. */
  schemaAt(node: Node): SchemaAt {
    const known = this.#schemas.get(node.uri);
    if (known) return known;
    return this.keepSchema(node.uri, node.value, this.documents.dialectAt(node.uri));
  }

  keepSchema(uri: string, schema: unknown, dialect: Dialect): SchemaAt {
    const made: SchemaAt = Object.freeze({ schema, uri, dialect, documents: this.documents });
    this.#schemas.set(uri, made);
    return made;
  }

  #unknownField(node: Node, key: string, kind: ObjectKind): void {
    const meant = nearest(key, FIELDS[kind]);
    this.findings.warn(
      'unknown-field',
      `'${key.slice(0, 100)}' is no field of ${kind} and is ignored`,
      meant ? `write '${meant}', if that is meant` : "take it out, or begin its name with 'x-'",
      this.documents.place(childUri(node.uri, key)),
    );
  }

  #misplaced(key: string, what: string, place: Place): void {
    this.findings.warn(
      'misplaced-extension',
      `'${key.slice(0, 100)}' has no meaning on ${what} and is ignored`,
      'move it to the schema, the operation, the path item or the top of the document',
      place,
    );
  }

  #extension(node: Node, key: string, kind: ObjectKind): void {
    const place = this.documents.place(childUri(node.uri, key));
    // A parameter of Swagger 2.0 is its own schema; the walk of schemas looks at it.
    if (kind === 'a parameter of Swagger 2.0') return;
    const onOperations = kind === 'an operation' || kind === 'a path item' || kind === 'the document';
    if (!onOperations) {
      this.#misplaced(key, kind, place);
      return;
    }
    if (this.extensions === undefined || this.extensions.includes(key)) return;
    if ((SCHEMA_EXTENSIONS as readonly string[]).includes(key)) {
      const message = `'${key}' belongs to a schema and is ignored on ${kind}`;
      this.findings.warn('misplaced-extension', message, 'move it to the schema of the value', place);
      return;
    }
    const meant = nearest(key, [...this.extensions, ...SCHEMA_EXTENSIONS]);
    this.findings.warn(
      'unknown-extension',
      `'${key.slice(0, 100)}' is no extension Portcullis knows; it is ignored`,
      meant ? `write '${meant}', if that is meant` : `known are ${this.extensions.join(', ')}`,
      place,
    );
  }
}
