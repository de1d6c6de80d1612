import { constants } from 'node:fs';
import { open, realpath } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { type Outbound, OutboundError } from '../outbound/outbound.ts';
import type { Place } from '../shared/finding.ts';
import { DocumentSet } from './documents.ts';
import type { Findings } from './findings.ts';
import type { Dialect } from './model.ts';
import { guessFormat, LIMITS, parseText } from './parse.ts';
import { absoluteUri, childUri, isObject, ownChild, splitPointer, splitReference } from './references.ts';
import { dialectOf, KNOWN_DIALECTS } from './scopes.ts';

/** Bounds of all documents of one contract together. */
export const SET_LIMITS = {
  documents: 200,
  bytes: 64 * 1024 * 1024,
  /** Milliseconds for everything that comes over the network. */
  network: 30_000,
  /** Fetched or read at one time. */
  parallel: 8,
} as const;

export interface ReadResult {
  readonly documents: DocumentSet;
  /** URI of the root document. */
  readonly uri: string;
  readonly value: unknown;
  /** Local files that were read, absolute. */
  readonly files: readonly string[];
}

/** Something that kept one document from being read. */
interface Failure {
  readonly rule: string;
  readonly message: string;
  readonly mend: string;
}

interface Text {
  readonly text: string;
  readonly mediaType: string;
}

/**
 * Reads the root document and every document that a `$ref` in it reaches, within bounds. What is wrong goes to
 * `findings`.
 * @returns undefined where there is no root document to go on with.
 */
export async function readDocuments(
  source: string,
  outbound: Outbound,
  findings: Findings,
): Promise<ReadResult | undefined> {
  const reader = new DocumentReader(source, outbound, findings);
  return reader.read();
}

class DocumentReader {
  readonly #source: string;
  readonly #outbound: Outbound;
  readonly #findings: Findings;
  readonly #documents = new DocumentSet();
  readonly #files: string[] = [];
  readonly #failed = new Set<string>();
  readonly #remote: boolean;
  readonly #rootUri: string;
  /** Real path of the directory that local references may not leave. */
  #directory = '';
  #bytes = 0;
  #count = 0;
  #deadline = 0;

  constructor(source: string, outbound: Outbound, findings: Findings) {
    this.#source = source;
    this.#outbound = outbound;
    this.#findings = findings;
    this.#remote = /^https?:\/\//i.test(source);
    this.#rootUri = this.#remote ? absoluteUri(splitReference(source).document) : pathToFileURL(localPath(source)).href;
  }

  async read(): Promise<ReadResult | undefined> {
    this.#deadline = performance.now() + SET_LIMITS.network;
    const root = await this.#load(this.#rootUri, '2020-12', { file: this.#name(this.#rootUri), line: 1, column: 1 });
    if (root === undefined) return undefined;
    let level = [this.#rootUri];
    while (level.length > 0) level = await this.#follow(level);
    for (const { id, uri } of this.#documents.duplicateIds) {
      this.#findings.error(
        'duplicate-id',
        `another schema has the same $id '${id.slice(0, 200)}'`,
        'give each schema its own $id',
        this.#documents.place(uri),
      );
    }
    return { documents: this.#documents, uri: this.#rootUri, value: root.value, files: this.#files };
  }

  /** Loads what the documents of one level refer to. @returns the URIs of the next level. */
  async #follow(level: readonly string[]): Promise<string[]> {
    const wanted = new Map<string, { dialect: Dialect; place: Place; optional: boolean }>();
    for (const uri of level) {
      for (const { reference, base, pointer, optional } of this.#documents.references(uri)) {
        const { document } = splitReference(reference);
        if (document === '') continue;
        const target = absoluteUri(document, base);
        if (wanted.has(target) || this.#failed.has(target) || this.#documents.has(target)) continue;
        const at = childUri(`${uri}#`, ...splitPointer(pointer));
        const place = this.#documents.place(optional ? at : childUri(at, '$ref'));
        wanted.set(target, { dialect: this.#documents.dialectAt(at), place, optional });
      }
      for (const { name, pointer } of this.#documents.unknownDialects(uri)) {
        this.#findings.warn(
          'unknown-dialect',
          `the dialect '${name.slice(0, 200)}' is not known; the ${pointer === '/jsonSchemaDialect' ? 'schemas are read as 2020-12' : 'schema is read by the rules of the document'}`,
          `use https://json-schema.org/draft/2020-12/schema; known are ${KNOWN_DIALECTS.join(', ')}`,
          this.#documents.place(childUri(`${uri}#`, ...splitPointer(pointer))),
        );
      }
    }
    const next: string[] = [];
    const queue = [...wanted];
    const work = async (): Promise<void> => {
      for (let entry = queue.shift(); entry; entry = queue.shift()) {
        const [uri, { dialect, place, optional }] = entry;
        if (await this.#load(uri, dialect, place, optional)) next.push(uri);
      }
    };
    await Promise.all(Array.from({ length: SET_LIMITS.parallel }, work));
    return next;
  }

  async #load(uri: string, dialect: Dialect, from: Place, optional = false): Promise<{ value: unknown } | undefined> {
    const failed = (): void => {
      this.#failed.add(uri);
      this.#documents.addMissing(uri);
    };
    const fail = ({ rule, message, mend }: Failure): undefined => {
      failed();
      this.#findings.add(optional ? 'warning' : 'error', rule, message, mend, from);
    };
    if (++this.#count > SET_LIMITS.documents) {
      failed();
      if (this.#count > SET_LIMITS.documents + 1) return undefined;
      const message = `the contract refers to more than ${SET_LIMITS.documents} documents`;
      return fail({ rule: 'limit', message, mend: 'bundle it into fewer files' });
    }
    const found = await this.#text(uri);
    if ('rule' in found) return fail(found);
    const file = this.#name(uri);
    const { value, map, problems } = parseText(found.text, guessFormat(uri, found.mediaType, found.text));
    if (problems.length > 0) {
      failed();
      for (const { rule, message, mend, offset } of problems) {
        this.#findings.error(rule, message, mend, { file, ...map.position(offset) });
      }
      return undefined;
    }
    const own = documentDialect(value) ?? dialect;
    this.#documents.add({ value, uri, dialect: own, file, map, openapi: true });
    return { value };
  }

  async #text(uri: string): Promise<Text | Failure> {
    let bytes: Buffer | Failure;
    let mediaType = '';
    if (/^https?:/.test(uri)) {
      const answer = await this.#fetch(uri);
      if ('rule' in answer) return answer;
      bytes = answer.body;
      mediaType = answer.mediaType;
    } else {
      bytes = await this.#readFile(uri);
    }
    if (!Buffer.isBuffer(bytes)) return bytes;
    this.#bytes += bytes.length;
    if (this.#bytes > SET_LIMITS.bytes) {
      const message = `the documents of the contract are larger than ${mebibytes(SET_LIMITS.bytes)} in all`;
      return { rule: 'limit', message, mend: 'take out what is not needed' };
    }
    try {
      return { text: new TextDecoder('utf-8', { fatal: true }).decode(bytes), mediaType };
    } catch {
      return { rule: 'encoding', message: `${this.#name(uri)} is not UTF-8`, mend: 'save it as UTF-8' };
    }
  }

  async #fetch(uri: string): Promise<{ body: Buffer; mediaType: string } | Failure> {
    const timeout = Math.min(10_000, Math.floor(this.#deadline - performance.now()));
    if (timeout <= 0) {
      const message = `fetching the contract took longer than ${SET_LIMITS.network / 1000} s`;
      return { rule: 'unreadable', message, mend: 'bundle its documents into one file' };
    }
    // The operator named the source; what the source names is trusted only as far as the same origin goes.
    const named = this.#remote && URL.parse(uri)?.origin === URL.parse(this.#rootUri)?.origin;
    try {
      return await this.#outbound.fetch(uri, {
        accept: 'application/yaml, application/json, */*;q=0.1',
        maxBytes: LIMITS.bytes,
        timeout,
        allowPrivate: named,
        allowPlain: named,
      });
    } catch (error) {
      const known = error instanceof OutboundError;
      const message = known ? error.message : 'the document cannot be fetched';
      return { rule: 'unreadable', message, mend: 'make it reachable, or keep a local copy beside the contract' };
    }
  }

  async #readFile(uri: string): Promise<Buffer | Failure> {
    const isRoot = uri === this.#rootUri;
    const outside = (what: string): Failure => ({
      rule: 'reference-outside',
      message: `the reference leads to ${what}, outside of the contract's directory`,
      mend: 'move the file under the directory of the contract',
    });
    if (!uri.startsWith('file:')) {
      const scheme = uri.slice(0, 40).replace(/:.*$/s, '');
      const message = `the reference names '${uri.slice(0, 200)}', which is neither a file nor http(s) (${scheme})`;
      return { rule: 'unresolved-ref', message, mend: 'refer to a file beside the contract, or to an https URL' };
    }
    if (this.#remote) return outside('a local file');
    let path: string;
    try {
      path = fileURLToPath(uri);
    } catch {
      return outside('no plain local path');
    }
    try {
      // A file is judged by where it really is: neither `..` nor a symbolic link leads out.
      const real = await realpath(path);
      if (isRoot) this.#directory = await realpath(dirname(path));
      else if (!real.startsWith(this.#directory === sep ? sep : this.#directory + sep)) {
        return outside(`'${basename(path)}'`);
      }
      const bytes = await readBounded(real, this.#name(uri));
      if (Buffer.isBuffer(bytes)) this.#files.push(resolve(path));
      return bytes;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      const message = `${this.#name(uri)} cannot be read (${READABLE[code ?? ''] ?? code ?? 'unknown reason'})`;
      return { rule: 'unreadable', message, mend: 'check the name and the permissions' };
    }
  }

  /** How a person knows the document: as they gave it, or relative to that. */
  #name(uri: string): string {
    if (!uri.startsWith('file:')) {
      const url = URL.parse(uri);
      return url ? `${url.protocol}//${url.host}${url.pathname}` : uri.slice(0, 300);
    }
    if (this.#remote) return uri.slice(0, 300);
    const given = this.#source.startsWith('file:') ? localPath(this.#source) : this.#source;
    if (uri === this.#rootUri) return given;
    try {
      return join(dirname(given), relative(dirname(localPath(this.#source)), fileURLToPath(uri)));
    } catch {
      return uri.slice(0, 300);
    }
  }
}

const READABLE: Readonly<Record<string, string>> = Object.assign(Object.create(null), {
  ENOENT: 'there is no such file',
  EACCES: 'permission denied',
  EISDIR: 'it is a directory',
  ELOOP: 'symbolic links in a circle',
  ENOTDIR: 'a part of the path is no directory',
  ENAMETOOLONG: 'the name is too long',
});

const mebibytes = (bytes: number): string => `${bytes / 1024 / 1024} MiB`;

function localPath(source: string): string {
  if (source.startsWith('file:')) {
    try {
      return fileURLToPath(source);
    } catch {
      return resolve(source);
    }
  }
  return resolve(source);
}

/** Reads a regular file up to the cap; a pipe, a device or a directory is refused without waiting for it. */
async function readBounded(path: string, name: string): Promise<Buffer | Failure> {
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const stats = await file.stat();
    if (!stats.isFile()) {
      const kind = stats.isDirectory() ? 'a directory' : 'no regular file';
      return { rule: 'unreadable', message: `${name} is ${kind}`, mend: 'name the file of the contract' };
    }
    const tooLarge: Failure = {
      rule: 'limit',
      message: `${name} is larger than ${mebibytes(LIMITS.bytes)}`,
      mend: 'split it, or take out examples',
    };
    if (stats.size > LIMITS.bytes) return tooLarge;
    const chunks: Buffer[] = [];
    let size = 0;
    for (;;) {
      const { buffer, bytesRead } = await file.read({ buffer: Buffer.allocUnsafe(1024 * 1024) });
      if (bytesRead === 0) return Buffer.concat(chunks, size);
      size += bytesRead;
      if (size > LIMITS.bytes) return tooLarge;
      chunks.push(buffer.subarray(0, bytesRead));
    }
  } finally {
    await file.close();
  }
}

/** What a document says about its own dialect, by its version field or `$schema`. */
export function documentDialect(value: unknown): Dialect | undefined {
  if (!isObject(value)) return undefined;
  const openapi = ownChild(value, 'openapi');
  if (typeof openapi === 'string') {
    if (openapi.startsWith('3.0')) return 'openapi-3.0';
    const given = ownChild(value, 'jsonSchemaDialect');
    return (typeof given === 'string' ? dialectOf(given) : undefined) ?? '2020-12';
  }
  if (ownChild(value, 'swagger') !== undefined) return 'swagger-2.0';
  const schema = ownChild(value, '$schema');
  return typeof schema === 'string' ? dialectOf(schema) : undefined;
}
