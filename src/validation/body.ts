import type { MediaType, Operation, RequestBody } from '../contract/model.ts';
import type { CompiledSchema, SchemaViolation } from '../contract/schema/compiled.ts';
import type { Exchange } from '../gateway/exchange.ts';
import { type Refusal, type RefusalCode, refuse } from '../gateway/refusal.ts';
import type { Stage } from '../gateway/room.ts';
import { type Coding, type CodingLimits, decode, parseCoding } from './content-coding.ts';
import { Malformed, token, Violations } from './fault.ts';
import { compileFiles, type JudgeFiles } from './files/files.ts';
import { refuseMalformed } from './judge.ts';
import { type ParsedMediaType, parseMediaType } from './media-type.ts';
import type { ValidationOptions } from './options.ts';
import { binary } from './readers/binary.ts';
import { READERS, readerFor } from './readers/index.ts';
import { multipart } from './readers/multipart.ts';
import type { BodyReader, ReadBody, Reading } from './readers/reader.ts';
import { text } from './readers/text.ts';
import { ARRAY, allows, shapeOf } from './shape.ts';

export const STAGE = 'validate-body';

/** How bodies of one media type are read and judged. */
interface Entry {
  readonly reader: BodyReader;
  readonly read: ReadBody;
  readonly schema: CompiledSchema | undefined;
  /** Judge every item of the value by itself. */
  readonly each: boolean;
  readonly limit: number;
  /** Cut undeclared properties out and write the body anew. */
  readonly cut: boolean;
  readonly files: JudgeFiles | undefined;
}

/** A Content-Type header as judged, before the body is read. */
interface Typed {
  readonly header: string;
  readonly type: ParsedMediaType;
  readonly entry: Entry;
}

/** Compiles the stage that reads the body. It is the first to touch a byte of it, and the last to parse one. */
export function compileBody(operation: Operation, options: ValidationOptions): Stage {
  return operation.body === undefined ? refuseAnyBody : new BodyJudge(operation, operation.body, options).stage;
}

/**
 * RFC 9110, section 9.3.1: content in a request that defines none may be a smuggled request. The limit of nothing lets the
 * listener stop at the first byte.
 */
const refuseAnyBody: Stage = (exchange) => {
  if (!exchange.hasBody || exchange.request.headers['content-length'] === '0') return undefined;
  return exchange.readBody(0).then((bytes) => {
    if (Buffer.isBuffer(bytes) ? bytes.length === 0 : bytes.code !== 'body-too-large')
      return Buffer.isBuffer(bytes) ? undefined : bytes;
    return invalidBody('this operation takes no body');
  });
};

const invalidBody = (detail: string): Refusal =>
  refuse('invalid-request', { violations: [{ in: 'body', pointer: '', detail }] });

class BodyJudge {
  readonly #coding: CodingLimits;
  readonly #required: boolean;
  readonly #report: boolean;
  readonly #exact = new Map<string, Entry>();
  /** By the range as it stands: `image/*`, `application/*+json`, `*\/*`. */
  readonly #ranges = new Map<string, ReadonlyMap<BodyReader, Entry>>();
  readonly #accepted: Readonly<Record<string, string>>;
  readonly #acceptedCodings: Readonly<Record<string, string>>;
  // Clients of one operation send one header: the last one judged is nearly always the next one.
  #last: Typed | undefined = undefined;

  constructor(operation: Operation, body: RequestBody, options: ValidationOptions) {
    this.#coding = options.settings;
    this.#required = body.required;
    this.#report = options.settings.enforce === 'report';
    for (const media of body.content) {
      if (!media.type.includes('*')) {
        const reader = readerFor(media.type);
        if (reader !== undefined) this.#exact.set(media.type, compileEntry(media, reader, options));
        continue;
      }
      this.#ranges.set(media.type, compileRange(media, options));
    }
    const types = body.content.map((media) => media.type).join(', ');
    const hint =
      operation.method === 'PATCH' ? 'accept-patch' : operation.method === 'POST' ? 'accept-post' : undefined;
    this.#accepted = hint === undefined ? { accept: types } : { accept: types, [hint]: types };
    this.#acceptedCodings = { 'accept-encoding': options.settings.contentCodings.join(', ') || 'identity' };
  }

  readonly stage: Stage = (exchange) => {
    const header = exchange.request.headers['content-type'];
    if (header === undefined) return exchange.readBody(0).then((bytes) => this.#untyped(exchange, bytes));
    const typed = this.#last?.header === header ? this.#last : this.#type(header);
    if (!('entry' in typed)) return typed;
    this.#last = typed;
    const coding = parseCoding(exchange.request.headers['content-encoding'], this.#coding);
    if (coding instanceof Malformed) return refuseMalformed(coding, 'body', this.#acceptedCodings);
    return exchange.readBody(typed.entry.limit).then((bytes) => this.#decode(exchange, typed, coding, bytes));
  };

  /** Content-Type with a body of that type declared, or the refusal. */
  #type(header: string): Typed | Refusal {
    const type = parseMediaType(header);
    if ('detail' in type) return this.#unsupported(type.detail);
    const entry = this.#entry(type.type);
    if (entry === undefined) return this.#unsupported('the contract declares no body of this type');
    const fault = entry.reader.check?.(type);
    return fault === undefined ? { header, type, entry } : refuseMalformed(fault, 'body');
  }

  /** The exact type before `type/*+suffix` before `type/*` before `*\/*`. */
  #entry(type: string): Entry | undefined {
    const exact = this.#exact.get(type);
    if (exact !== undefined) return exact;
    const top = type.slice(0, type.indexOf('/') + 1);
    const plus = type.lastIndexOf('+');
    const range =
      (plus < 0 ? undefined : this.#ranges.get(`${top}*${type.slice(plus)}`)) ??
      this.#ranges.get(`${top}*`) ??
      this.#ranges.get('*/*');
    if (range === undefined) return undefined;
    const reader = readerFor(type);
    return reader && range.get(reader);
  }

  #unsupported(detail: string): Refusal {
    return refuse('unsupported-media-type', { detail, headers: this.#accepted });
  }

  /** No type, no body: what it might be is anyone's guess. */
  #untyped(exchange: Exchange, bytes: Buffer | Refusal): Refusal | undefined {
    if (Buffer.isBuffer(bytes) && bytes.length === 0) return this.#absent(exchange);
    const code: RefusalCode = Buffer.isBuffer(bytes) ? 'body-too-large' : bytes.code;
    return code === 'body-too-large' ? this.#unsupported('a body needs a Content-Type') : (bytes as Refusal);
  }

  #absent(exchange: Exchange): Refusal | undefined {
    if (!this.#required) return undefined;
    const refusal = invalidBody('a body is required');
    if (!this.#report) return refusal;
    exchange.note(STAGE, 'breaks the contract; reported only', { violations: refusal.violations });
    return undefined;
  }

  #decode(
    exchange: Exchange,
    typed: Typed,
    coding: Coding | undefined,
    bytes: Buffer | Refusal,
  ): Refusal | undefined | Promise<Refusal | undefined> {
    if (!Buffer.isBuffer(bytes)) return bytes;
    if (bytes.length === 0) return this.#absent(exchange);
    if (coding === undefined) return this.#judge(exchange, typed, bytes);
    const decoded = decode(bytes, coding, typed.entry.limit, this.#coding);
    const go = (plain: Buffer | Malformed): Refusal | undefined | Promise<Refusal | undefined> => {
      if (plain instanceof Malformed) return refuseMalformed(plain, 'body', this.#acceptedCodings);
      return plain.length === 0 ? this.#absent(exchange) : this.#judge(exchange, typed, plain);
    };
    return decoded instanceof Promise ? decoded.then(go) : go(decoded);
  }

  #judge(
    exchange: Exchange,
    { type, entry }: Typed,
    bytes: Buffer,
  ): Refusal | undefined | Promise<Refusal | undefined> {
    const violations = new Violations();
    const reading = entry.read(bytes, type, violations);
    if (reading instanceof Malformed) return refuseMalformed(reading, 'body');
    let { value, bytes: forwarded } = reading;
    let removed = reading.dropped.map(token);
    const { schema } = entry;
    if (schema !== undefined) {
      if (entry.cut) {
        const cut = schema.cut(value);
        addAll(violations, cut.violations, '', reading);
        value = cut.value;
        if (cut.removed.length > 0) {
          removed = [...cut.removed];
          if (!violations.some) forwarded = Buffer.from(JSON.stringify(value));
        }
      } else if (entry.each) {
        for (const [index, item] of (reading.judged as unknown[]).entries())
          addAll(violations, schema.validate(item), `/${index}`, reading);
      } else addAll(violations, schema.validate(reading.judged), '', reading);
    }
    if (violations.some) {
      if (!this.#report) return refuse('invalid-request', { violations: violations.list });
      exchange.note(STAGE, 'breaks the contract; reported only', { violations: violations.list });
    }
    if (removed.length > 0) {
      const note = this.#report ? 'would remove undeclared properties' : 'removed undeclared properties';
      exchange.note(STAGE, note, { removed: removed.slice(0, 20), count: removed.length });
    }
    const body = { mediaType: type.type, contentType: entry.reader.contentType(type), bytes: forwarded, value };
    const take = (refusal: Refusal | undefined): Refusal | undefined => {
      if (refusal === undefined) exchange.body = body;
      return refusal;
    };
    const judged = entry.files?.(exchange, body);
    return judged instanceof Promise ? judged.then(take) : take(judged);
  }
}

/** A stand-in for a file is not to be judged as the text it is. */
const FILE_KEYWORDS = new Set([
  'minLength',
  'maxLength',
  'pattern',
  'format',
  'type',
  'const',
  'enum',
  'contentEncoding',
  'contentMediaType',
]);

function addAll(
  violations: Violations,
  found: readonly SchemaViolation[] | undefined,
  prefix: string,
  { files }: Reading,
): void {
  if (found === undefined) return;
  // What a reader could not type is told once, by the reader.
  const told = violations.list.map((each) => each.pointer);
  for (const { pointer, keyword, detail } of found) {
    if (files?.has(pointer) && FILE_KEYWORDS.has(keyword)) continue;
    const at = prefix + pointer;
    if (told.includes(at) || (keyword === 'type' && told.some((each) => each.startsWith(`${at}/`)))) continue;
    violations.add('body', at, detail);
  }
}

function compileEntry(media: MediaType, reader: BodyReader, options: ValidationOptions): Entry {
  const { settings } = options;
  const wanted = settings.undeclaredProperties;
  const cut = reader.rewritable && wanted === 'strip' && settings.enforce === 'enforce';
  // Where a body is not written anew, what it may not hold is refused, except at the top of forms, which do it themselves.
  const undeclared = wanted === 'strip' && !reader.rewritable ? 'refuse' : wanted;
  const shape = shapeOf(media.schema);
  // Bytes under a name that is read: strictly, but what comes of it is not the string that the schema means.
  const judged = reader.judges !== 'none' && (!shape.binary || reader === text);
  const schema = judged && media.schema !== undefined ? options.compile(media.schema, undeclared) : undefined;
  return {
    reader,
    read: reader.compile(media, options),
    schema,
    each: reader.judges === 'each' && !allows(shape, ARRAY),
    limit: reader.large ? settings.maxUpload : settings.maxBody,
    cut: cut && schema !== undefined,
    files: compileFiles(media, reader, options),
  };
}

/** What becomes of each family of media types within a range. */
function compileRange(media: MediaType, options: ValidationOptions): ReadonlyMap<BodyReader, Entry> {
  if (!media.type.endsWith('*')) {
    // `application/*+json` says how it is read, as an exact type does.
    const reader = readerFor(media.type);
    return new Map(reader === undefined ? [] : [[reader, compileEntry(media, reader, options)]]);
  }
  if (!shapeOf(media.schema).binary)
    return new Map(
      READERS.filter((reader) => enforceable(media, reader)).map((reader) => [
        reader,
        compileEntry(media, reader, options),
      ]),
    );
  // Where the contract says bytes, nobody parses what they are; parts in an envelope are more than bytes.
  const entry = compileEntry(media, binary, options);
  return new Map(READERS.filter((reader) => reader !== multipart).map((reader) => [reader, entry]));
}

/**
 * Whether a range with a schema may be met by a media type whose reader cannot judge it: else a client could choose a
 * type to get past the schema. An exact type is the contract's own choice, and told at load.
 */
export function enforceable(media: MediaType, reader: BodyReader): boolean {
  if (media.schema === undefined || reader.judges !== 'none') return true;
  const shape = shapeOf(media.schema);
  return shape.binary || !shape.stated;
}
