import type { Source } from './classes/class.ts';
import type { Spot } from './exceptions.ts';
import type { Finding } from './judge.ts';
import type { SearchNode } from './search-tree.ts';

/** A finding with its place. */
export interface Found extends Finding {
  readonly spot: Spot;
  /** It is the name of something, not a value. */
  readonly key: boolean;
  /** Its place is secret: the span is not to be shown. */
  readonly secret: boolean;
}

/** A text too long to be searched: refused, for nothing passes unsearched. */
export interface TooLong {
  readonly spot: Spot;
  readonly length: number;
}

/** What takes the texts of a walk; an answer ends it. */
export interface Visitor {
  /** `path` is the walk's own and changes after the call. */
  text(text: string, source: Source, name: string, path: readonly string[], key: boolean, secret: boolean): boolean;
}

/** Containers within containers; validation lets no more through. Beyond, strings are searched as one. */
const MAX_DEPTH = 600;

/** A file of a multipart body, as validation makes them. */
interface FileLike {
  readonly filename: string | undefined;
  readonly bytes: Uint8Array;
}

const isFile = (value: object): value is FileLike =>
  'bytes' in value && 'filename' in value && value.bytes instanceof Uint8Array;

/** Hands every text of a value, names of members included, to the visitor. @returns whether it said to end. */
export class Walk {
  readonly #visitor: Visitor;
  readonly #path: string[] = [];
  #source: Source = 'body';
  #name = '';

  constructor(visitor: Visitor) {
    this.#visitor = visitor;
  }

  start(value: unknown, source: Source, name: string, node: SearchNode): boolean {
    this.#source = source;
    this.#name = name;
    this.#path.length = 0;
    return this.#value(value, node, false);
  }

  #value(value: unknown, node: SearchNode, secret: boolean): boolean {
    if (typeof value === 'string') {
      if (node.pinned || value.length < 2) return false;
      return this.#visitor.text(value, this.#source, this.#name, this.#path, false, secret || node.secret);
    }
    if (typeof value !== 'object' || value === null) return false;
    if (this.#path.length >= MAX_DEPTH) throw new RangeError(`a value is nested more than ${MAX_DEPTH} deep`);
    if (Array.isArray(value)) {
      const path = this.#path;
      for (let i = 0; i < value.length; i++) {
        const each: unknown = value[i];
        // Numbers, booleans and null need no place.
        if (typeof each !== 'string' && (typeof each !== 'object' || each === null)) continue;
        path.push(String(i));
        if (this.#value(each, node.item(i), secret || node.secret)) return true;
        path.pop();
      }
      return false;
    }
    if (isFile(value)) return this.#file(value, secret || node.secret);
    return this.#object(value as Record<string, unknown>, node, secret || node.secret);
  }

  #object(value: Record<string, unknown>, node: SearchNode, secret: boolean): boolean {
    const path = this.#path;
    for (const name of Object.keys(value)) {
      path.push(name);
      if (!node.declares(name) && name.length > 1) {
        if (this.#visitor.text(name, this.#source, this.#name, path, true, false)) return true;
      }
      const each = value[name];
      if (typeof each === 'string' || (typeof each === 'object' && each !== null)) {
        if (this.#value(each, node.property(name), secret)) return true;
      }
      path.pop();
    }
    return false;
  }

  /** The name a file bears, and what is in a part that is no file but says it is something other than text. */
  #file(file: FileLike, secret: boolean): boolean {
    const { filename, bytes } = file;
    if (filename !== undefined) return this.#visitor.text(filename, 'filename', this.#name, this.#path, false, false);
    const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
    return this.#visitor.text(text, this.#source, this.#name, this.#path, false, secret);
  }
}
