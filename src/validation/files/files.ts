import type { MediaType } from '../../contract/model.ts';
import type { Exchange } from '../../gateway/exchange.ts';
import { type Refusal, refuse, type Violation } from '../../gateway/refusal.ts';
import { token } from '../fault.ts';
import type { ValidationOptions } from '../options.ts';
import { binary } from '../readers/binary.ts';
import { multipart, type UploadedFile } from '../readers/multipart.ts';
import type { BodyReader } from '../readers/reader.ts';
import { text } from '../readers/text.ts';
import { xml } from '../readers/xml.ts';
import { shapeOf } from '../shape.ts';
import { FilesJudge, type FoundFault, type GivenFile } from './judge-file.ts';
import { type Scanned, scanFiles } from './scan-files.ts';

export const STAGE = 'files';

/** Faults that are noted in report mode; the rest are counted. */
const MAX_NOTED = 10;
/** Seconds after which a client may try again, where the scanner was away. */
const RETRY_AFTER = '30';

/** What a request's body came to: what the reader made of it, the bytes, and the media type it says. */
export interface ReadFiles {
  readonly value: unknown;
  readonly bytes: Buffer;
  readonly mediaType: string;
}

/** Judges the files of one body; asynchronous only where they are scanned. */
export type JudgeFiles = (exchange: Exchange, read: ReadFiles) => Refusal | undefined | Promise<Refusal | undefined>;

/** Compiles the judgement of files for one declared media type; undefined where none can be among its bodies. */
export function compileFiles(media: MediaType, reader: BodyReader, options: ValidationOptions): JudgeFiles | undefined {
  const { files, enforce } = options.settings;
  if (files.mode === 'off' || !mayHoldFiles(media.type, reader)) return undefined;
  const collect = reader === multipart ? collectParts(media) : collectWhole(media);
  const judge = new FilesJudge(files);
  const outcome = new Outcome(files.mode === 'report', enforce === 'report', options.count);
  return (exchange, read) => {
    const given = collect(read);
    if (given.length === 0) return undefined;
    const refusal = outcome.ofFaults(exchange, judge.judge(given));
    const { scan } = files;
    if (refusal !== undefined || scan === undefined) return refusal;
    return scanFiles(scan, given).then((scanned) => outcome.ofScan(exchange, scanned, scan.onError === 'pass'));
  };
}

/** Text that a program opens as more than text. Other text is a value, and searched as one. */
const TEXT_FILES: ReadonlySet<string> = new Set(['text/csv', 'text/tab-separated-values', 'text/rtf']);

/** Whether bodies of a type are files, or have them. */
export const mayHoldFiles = (type: string, reader: BodyReader): boolean =>
  reader === multipart ||
  reader === binary ||
  (reader === xml && (type === 'image/svg+xml' || type.includes('*'))) ||
  (reader === text && (TEXT_FILES.has(type) || type.includes('*')));

function collectWhole(media: MediaType): (read: ReadFiles) => GivenFile[] {
  const named = media.type.includes('*') ? [] : [media.type];
  return ({ bytes, mediaType, value }) => {
    // A range is read by many readers: what came may be a text like any other.
    const file = typeof value !== 'string' || TEXT_FILES.has(mediaType) || mediaType === 'image/svg+xml';
    return file ? [{ pointer: '', filename: undefined, mediaType, named, bytes }] : [];
  };
}

function collectParts(media: MediaType): (read: ReadFiles) => GivenFile[] {
  const named = new Map<string, readonly string[]>();
  for (const name of new Set([...shapeOf(media.schema).properties.keys(), ...media.encoding.keys()]))
    named.set(name, typesOf(media, name));
  return ({ value }) => {
    const given: GivenFile[] = [];
    const add = (each: unknown, name: string, pointer: string): void => {
      if (!isFile(each)) return;
      const { filename, mediaType, bytes } = each;
      given.push({ pointer, filename, mediaType, bytes, named: named.get(name) ?? NONE });
    };
    for (const [name, held] of Object.entries((value ?? {}) as Record<string, unknown>)) {
      if (Array.isArray(held)) for (const [i, each] of held.entries()) add(each, name, `${token(name)}/${i}`);
      else add(held, name, token(name));
    }
    return given;
  };
}

const NONE: readonly string[] = [];

const isFile = (value: unknown): value is UploadedFile =>
  typeof value === 'object' &&
  value !== null &&
  'bytes' in value &&
  Buffer.isBuffer(value.bytes) &&
  'filename' in value;

/** The media types that a contract names for a property: by its encoding, or by the schema of it or of its items. */
function typesOf(media: MediaType, name: string): readonly string[] {
  const types = (media.encoding.get(name)?.contentType ?? '').split(',');
  const at = shapeOf(media.schema).properties.get(name);
  for (const schema of [at?.schema, shapeOf(at).items?.schema]) {
    const said = (schema as { contentMediaType?: unknown } | null | undefined)?.contentMediaType;
    if (typeof said === 'string') types.push(said);
  }
  return types.map((each) => each.split(';', 1)[0]?.trim().toLowerCase() ?? '').filter((each) => each !== '');
}

/** What becomes of what was found. */
class Outcome {
  readonly #report: boolean;
  readonly #lenient: boolean;
  readonly #count: ValidationOptions['count'];

  /**
   * @param report nothing is refused
   * @param lenient what breaks the contract is not refused, what does harm is
   */
  constructor(report: boolean, lenient: boolean, count: ValidationOptions['count']) {
    this.#report = report;
    this.#lenient = lenient;
    this.#count = count;
  }

  ofFaults(exchange: Exchange, found: readonly FoundFault[]): Refusal | undefined {
    if (found.length === 0) return undefined;
    for (const { fault } of found) this.#count?.('portcullis_files_findings_total', { rule: fault.rule });
    const worst = found.find(({ fault }) => fault.harmful);
    if (!this.#report) {
      if (worst !== undefined) return refuse('harmful', { evidence: evidenceOf(worst) });
      if (!this.#lenient)
        return refuse('invalid-request', {
          violations: found.slice(0, MAX_NOTED).map(({ file, fault }) => violation(file, fault.why)),
          evidence: evidenceOf(found[0] as FoundFault),
        });
    }
    for (const each of found.slice(0, MAX_NOTED))
      exchange.note(
        STAGE,
        each.fault.harmful ? 'a harmful file; reported only' : 'an unfit file; reported only',
        evidenceOf(each),
      );
    return undefined;
  }

  ofScan(exchange: Exchange, scanned: Scanned, pass: boolean): Refusal | undefined {
    if (scanned.outcome === 'clean') return undefined;
    this.#count?.('portcullis_files_scans_total', { outcome: scanned.outcome });
    const refusal = refusalOfScan(scanned);
    if (!this.#report && !(scanned.outcome === 'failed' && pass)) return refusal;
    const note = scanned.outcome === 'found' ? 'a harmful file; reported only' : 'files were not scanned';
    exchange.note(STAGE, note, refusal.evidence);
    return undefined;
  }
}

function refusalOfScan(scanned: Exclude<Scanned, { outcome: 'clean' }>): Refusal {
  switch (scanned.outcome) {
    case 'found': {
      const { file, signature } = scanned;
      return refuse('harmful', { evidence: { ...placeOf(file), rule: 'malware', why: `clamd found ${signature}` } });
    }
    case 'too-large':
      return refuse('body-too-large', {
        violations: [violation(scanned.file, 'is larger than what is scanned for viruses')],
        evidence: { ...placeOf(scanned.file), bytes: scanned.file.bytes.length },
      });
    case 'failed':
      return refuse('internal', {
        detail: 'files cannot be scanned at the moment',
        headers: { 'retry-after': RETRY_AFTER },
        evidence: { ...placeOf(scanned.file), why: `clamd ${scanned.why}` },
      });
    case 'busy':
      return refuse('overloaded', {
        detail: 'too many files are being scanned at the moment',
        headers: { 'retry-after': RETRY_AFTER },
        evidence: { class: 'file', why: 'too many scans at once' },
      });
  }
}

const violation = (file: GivenFile, detail: string): Violation => ({ in: 'body', pointer: file.pointer, detail });

const placeOf = (file: GivenFile): Record<string, unknown> => ({
  class: 'file',
  in: 'body',
  name: file.pointer,
  file: file.filename?.slice(0, 200),
  mediaType: file.mediaType,
});

/** What the owner is told; of it, only the `why` of a mistake leaves the gate. */
const evidenceOf = ({ file, kind, fault }: FoundFault): Record<string, unknown> => ({
  ...placeOf(file),
  kind,
  rule: fault.rule,
  ...(fault.path.length > 0 && { within: fault.path.join(' > ') }),
  why: fault.why,
});
