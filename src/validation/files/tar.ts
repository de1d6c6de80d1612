import { type FileFault, harmful, invalid } from './fault.ts';

/** Bytes of a block: headers are one, contents are filled up to whole ones. */
const BLOCK = 512;
/** Bytes of a long name or of extended headers (pax), which are entries of their own. */
const MAX_EXTENDED = 64 * 1024;

/** An entry of a tar archive. */
export interface TarEntry {
  readonly name: string;
  readonly kind: 'file' | 'directory' | 'link' | 'hard link' | 'device';
  /** Where a link points, in the archive's own spelling. */
  readonly target: string;
  readonly bytes: Buffer;
}

const text = (bytes: Buffer, from: number, length: number): string => {
  const field = bytes.subarray(from, from + length);
  const end = field.indexOf(0);
  return field.toString('utf8', 0, end < 0 ? length : end);
};

/** A number in octal digits, or in base 256 where its first bit is set (GNU); undefined where it is neither. */
function number(bytes: Buffer, from: number, length: number): number | undefined {
  if ((bytes[from] as number) === 0x80) {
    const high = bytes.readUInt32BE(from + length - 8);
    return high > 0x1f_ffff ? undefined : high * 2 ** 32 + bytes.readUInt32BE(from + length - 4);
  }
  const digits = text(bytes, from, length).trim();
  if (digits === '') return 0;
  return /^[0-7]{1,14}$/.test(digits) ? Number.parseInt(digits, 8) : undefined;
}

/** Whether a block with the checksum of a header stands there (POSIX.1-1988, ustar). */
export function isTarHeader(bytes: Buffer, at: number): boolean {
  if (at + BLOCK > bytes.length || bytes[at] === 0) return false;
  const said = number(bytes, at + 148, 8);
  if (said === undefined || said === 0) return false;
  let sum = 8 * 0x20;
  for (let i = 0; i < BLOCK; i++) if (i < 148 || i >= 156) sum += bytes[at + i] as number;
  return sum === said;
}

/**
 * Reads a tar archive: ustar, with GNU long names and pax paths and sizes.
 *
 * @returns its entries, or why it cannot be read in one way
 */
export function readTar(bytes: Buffer, maxEntries: number): TarEntry[] | FileFault {
  const entries: TarEntry[] = [];
  let at = 0;
  let name: string | undefined;
  let target: string | undefined;
  let size: number | undefined;
  while (at + BLOCK <= bytes.length && bytes[at] !== 0) {
    if (!isTarHeader(bytes, at)) return invalid('archive', 'is a broken tar archive');
    if (entries.length >= maxEntries) return invalid('archive-entries', `holds more than ${maxEntries} entries`);
    const length = size ?? number(bytes, at + 124, 12);
    const header = at;
    const start = header + BLOCK;
    if (length === undefined || start + length > bytes.length) return invalid('archive', 'is a broken tar archive');
    const content = bytes.subarray(start, start + length);
    const type = String.fromCharCode(bytes[header + 156] as number);
    at = start + Math.ceil(length / BLOCK) * BLOCK;
    if (type === 'L' || type === 'K' || type === 'x' || type === 'g') {
      if (length > MAX_EXTENDED) return harmful('archive', 'holds a name of more than 64 KiB');
      if (type === 'L') name = text(content, 0, length);
      else if (type === 'K') target = text(content, 0, length);
      else {
        const records = paxRecords(content);
        // Extractors disagree on which of two wins.
        if (records === undefined) return harmful('archive', 'holds broken extended headers');
        name = records.get('path') ?? records.get('GNU.sparse.name') ?? name;
        target = records.get('linkpath') ?? target;
        const said = records.get('size');
        if (said !== undefined) {
          if (!/^\d{1,15}$/.test(said)) return harmful('archive', 'holds broken extended headers');
          size = Number(said);
        }
      }
      continue;
    }
    const prefix = text(bytes, header + 257, 5) === 'ustar' ? text(bytes, header + 345, 155) : '';
    const own = text(bytes, header, 100);
    entries.push({
      name: name ?? (prefix === '' ? own : `${prefix}/${own}`),
      kind: kindOf(type),
      target: target ?? text(bytes, header + 157, 100),
      bytes: type === '1' || type === '2' ? content.subarray(0, 0) : content,
    });
    name = undefined;
    target = undefined;
    size = undefined;
  }
  return entries;
}

function kindOf(type: string): TarEntry['kind'] {
  if (type === '1') return 'hard link';
  if (type === '2') return 'link';
  if (type === '5') return 'directory';
  return /[346]/.test(type) ? 'device' : 'file';
}

/** `LENGTH KEY=VALUE\n`, again and again; undefined where one is broken or a key stands twice. */
function paxRecords(bytes: Buffer): Map<string, string> | undefined {
  const records = new Map<string, string>();
  let at = 0;
  while (at < bytes.length && bytes[at] !== 0) {
    const space = bytes.indexOf(0x20, at);
    if (space < 0 || space - at > 8) return undefined;
    const length = Number(bytes.toString('latin1', at, space));
    const end = at + length;
    if (!Number.isInteger(length) || length < 5 || end > bytes.length || bytes[end - 1] !== 0x0a) return undefined;
    const record = bytes.toString('utf8', space + 1, end - 1);
    const equals = record.indexOf('=');
    const key = record.slice(0, equals);
    if (equals < 1 || records.has(key)) return undefined;
    records.set(key, record.slice(equals + 1));
    at = end;
  }
  return records;
}
