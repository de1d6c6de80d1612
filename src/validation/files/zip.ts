import { type FileFault, harmful, invalid } from './fault.ts';

/** An entry of a zip archive whose two headers agree. */
export interface ZipEntry {
  readonly name: string;
  /** 0 stored, 8 deflated. */
  readonly method: number;
  readonly crc: number;
  readonly size: number;
  readonly encrypted: boolean;
  /** File type bits of a Unix mode (`0xa000` a symbolic link); 0 where none is said. */
  readonly fileType: number;
  readonly packed: Buffer;
}

const END = Buffer.from('PK\x05\x06', 'latin1');
const LOCAL = 0x04034b50;
const CENTRAL = 0x02014b50;
const DESCRIPTOR = 0x08074b50;
const END64 = 0x06064b50;
const LOCATOR64 = 0x07064b50;
const LOCAL_MARK = Buffer.from('PK\x03\x04', 'latin1');
const MAX_COMMENT = 0xffff;

const broken = (what: string): FileFault => invalid('archive', `is a broken zip archive: ${what}`);
const lying = (what: string): FileFault =>
  harmful('archive-ambiguous', `is a zip archive that can be read in two ways: ${what}`);

interface Directory {
  readonly start: number;
  readonly end: number;
  readonly count: number;
}

/** A central header, with what ZIP64 moved elsewhere put in its place. */
interface Central {
  readonly flags: number;
  readonly method: number;
  readonly crc: number;
  readonly packed: number;
  readonly size: number;
  readonly offset: number;
  readonly rawName: Buffer;
  readonly extra: Buffer;
  readonly fileType: number;
}

/**
 * Reads a zip archive (PKWARE APPNOTE 6.3) that every reader takes alike: one directory, at the very end; each entry's local
 * header says what the central one says; no entry shares bytes with another, none hides between them.
 *
 * @returns its entries, not unpacked yet, or why it is not such an archive
 */
export function readZip(bytes: Buffer, maxEntries: number): ZipEntry[] | FileFault {
  const directory = findDirectory(bytes);
  if ('rule' in directory) return directory;
  if (directory.count > maxEntries) return invalid('archive-entries', `holds more than ${maxEntries} entries`);
  const centrals: Central[] = [];
  let at = directory.start;
  for (let i = 0; i < directory.count; i++) {
    const next = readCentral(bytes, at, directory.end);
    if ('rule' in next) return next;
    centrals.push(next);
    at = next.after;
  }
  if (at !== directory.end) return lying('its directory holds more than it says');
  return readLocals(bytes, centrals, directory.start);
}

function findDirectory(bytes: Buffer): Directory | FileFault {
  const least = Math.max(0, bytes.length - MAX_COMMENT - 22);
  const at = bytes.lastIndexOf(END);
  if (at < least || at + 22 > bytes.length) return broken('it has no end record');
  if (at + 22 + bytes.readUInt16LE(at + 20) !== bytes.length) return lying('something follows its end');
  const other = bytes.subarray(least, at).indexOf(END);
  if (other >= 0 && endsAt(bytes, least + other)) return lying('it has two end records');
  let count = bytes.readUInt16LE(at + 10);
  let size = bytes.readUInt32LE(at + 12);
  let start = bytes.readUInt32LE(at + 16);
  if (bytes.readUInt16LE(at + 4) !== 0 || bytes.readUInt16LE(at + 8) !== count) {
    if (bytes.readUInt16LE(at + 4) !== 0xffff) return broken('it is one of several volumes');
  }
  let end = at;
  if (at >= 20 && bytes.readUInt32LE(at - 20) === LOCATOR64) {
    const record = safe(bytes, at - 12);
    if (record === undefined || record + 56 > at - 20 || bytes.readUInt32LE(record) !== END64)
      return broken('its ZIP64 record is missing');
    const [count64, size64, start64] = [safe(bytes, record + 32), safe(bytes, record + 40), safe(bytes, record + 48)];
    if (count64 === undefined || size64 === undefined || start64 === undefined) return broken('its ZIP64 record');
    // A reader without ZIP64 must not come to another answer.
    if (count !== 0xffff && count !== count64) return lying('its two end records differ');
    if (start !== 0xffffffff && start !== start64) return lying('its two end records differ');
    if (size !== 0xffffffff && size !== size64) return lying('its two end records differ');
    [count, size, start, end] = [count64, size64, start64, record];
  }
  if (start + size !== end) return lying('its directory is not where it says');
  return { start, end, count };
}

/** A second end record counts only if it could be one: its comment reaches the end of the file. */
const endsAt = (bytes: Buffer, at: number): boolean =>
  at + 22 <= bytes.length && at + 22 + bytes.readUInt16LE(at + 20) === bytes.length;

/** 64 bits that are a size; undefined beyond what any file is. */
function safe(bytes: Buffer, at: number): number | undefined {
  if (at < 0 || at + 8 > bytes.length) return undefined;
  const value = bytes.readBigUInt64LE(at);
  return value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : undefined;
}

function readCentral(bytes: Buffer, at: number, end: number): (Central & { after: number }) | FileFault {
  if (at + 46 > end || bytes.readUInt32LE(at) !== CENTRAL) return broken('its directory');
  const nameEnd = at + 46 + bytes.readUInt16LE(at + 28);
  const extraEnd = nameEnd + bytes.readUInt16LE(at + 30);
  const after = extraEnd + bytes.readUInt16LE(at + 32);
  if (after > end) return broken('its directory');
  const extra = bytes.subarray(nameEnd, extraEnd);
  let [size, packed, offset] = [bytes.readUInt32LE(at + 24), bytes.readUInt32LE(at + 20), bytes.readUInt32LE(at + 42)];
  if (size === 0xffffffff || packed === 0xffffffff || offset === 0xffffffff) {
    // APPNOTE 4.5.3: in this order, each only where the field is full.
    const field = extraField(extra, 0x0001);
    let from = 0;
    const take = (): number => {
      const value = field === undefined ? undefined : safe(field, from);
      from += 8;
      return value ?? Number.NaN;
    };
    if (size === 0xffffffff) size = take();
    if (packed === 0xffffffff) packed = take();
    if (offset === 0xffffffff) offset = take();
    if (Number.isNaN(size + packed + offset)) return broken('a ZIP64 field');
  }
  return {
    flags: bytes.readUInt16LE(at + 8),
    method: bytes.readUInt16LE(at + 10),
    crc: bytes.readUInt32LE(at + 16),
    packed,
    size,
    offset,
    rawName: bytes.subarray(at + 46, nameEnd),
    extra,
    fileType: (bytes.readUInt32LE(at + 38) >>> 16) & 0xf000,
    after,
  };
}

/** The data of an extra field by its id (APPNOTE 4.5). */
function extraField(extra: Buffer, id: number): Buffer | undefined {
  let at = 0;
  while (at + 4 <= extra.length) {
    const length = extra.readUInt16LE(at + 2);
    if (extra.readUInt16LE(at) === id) return extra.subarray(at + 4, at + 4 + length);
    at += 4 + length;
  }
  return undefined;
}

function readLocals(bytes: Buffer, centrals: readonly Central[], directory: number): ZipEntry[] | FileFault {
  const entries: ZipEntry[] = [];
  const order = [...centrals].sort((a, b) => a.offset - b.offset);
  const names = new Set<string>();
  let free = 0;
  for (const central of order) {
    const { offset, rawName } = central;
    if (offset < free) return harmful('archive-bomb', 'is a zip archive whose entries overlap');
    if (offset + 30 > directory || bytes.readUInt32LE(offset) !== LOCAL) return broken('an entry is not where it says');
    if (bytes.subarray(free, offset).includes(LOCAL_MARK)) return lying('an entry is not in its directory');
    const nameEnd = offset + 30 + bytes.readUInt16LE(offset + 26);
    const start = nameEnd + bytes.readUInt16LE(offset + 28);
    if (start + central.packed > directory) return broken('an entry is cut off');
    const fault = disagreement(bytes, offset, central, nameEnd, start);
    if (fault !== undefined) return fault;
    free = afterDescriptor(bytes, start + central.packed, central);
    // A second name for readers that know the field (Info-ZIP Unicode Path): it must be the first.
    const other = extraField(central.extra, 0x7075)?.subarray(5);
    const name = nameOf(other === undefined || other.length === 0 ? rawName : other);
    if (other !== undefined && isAscii(rawName) && name !== nameOf(rawName)) return lying('an entry has two names');
    if (names.has(name)) return lying('two entries have one name');
    names.add(name);
    entries.push({
      name,
      method: central.method,
      crc: central.crc,
      size: central.size,
      encrypted: (central.flags & 0x2041) !== 0 || central.method === 99,
      fileType: central.fileType,
      packed: bytes.subarray(start, start + central.packed),
    });
  }
  if (bytes.subarray(free, directory).includes(LOCAL_MARK)) return lying('an entry is not in its directory');
  return entries;
}

/** Where the local header says something else than the central one. Bit 3: the sizes follow the data, here may be zeros. */
function disagreement(
  bytes: Buffer,
  at: number,
  central: Central,
  nameEnd: number,
  start: number,
): FileFault | undefined {
  const flags = bytes.readUInt16LE(at + 6);
  if (!bytes.subarray(at + 30, nameEnd).equals(central.rawName)) return lying('an entry has two names');
  if (bytes.readUInt16LE(at + 8) !== central.method || ((flags ^ central.flags) & 0x2049) !== 0)
    return lying('an entry has two headers that differ');
  const later = (flags & 8) !== 0;
  const extra = bytes.subarray(nameEnd, start);
  const wide = extraField(extra, 0x0001);
  const agrees = (said: number, real: number, place: number): boolean =>
    said === real ||
    (later && said === 0) ||
    (said === 0xffffffff &&
      (wide === undefined ? later : safe(wide, place) === real || (later && safe(wide, place) === 0)));
  const good =
    agrees(bytes.readUInt32LE(at + 22), central.size, 0) &&
    agrees(bytes.readUInt32LE(at + 18), central.packed, 8) &&
    agrees(bytes.readUInt32LE(at + 14), central.crc, -1);
  return good ? undefined : lying('an entry has two sizes');
}

/** Index after the data descriptor, in the four forms that are written. */
function afterDescriptor(bytes: Buffer, end: number, { flags, crc }: Central): number {
  if ((flags & 8) === 0 || end + 12 > bytes.length) return end;
  const marked = bytes.readUInt32LE(end) === DESCRIPTOR;
  return bytes.readUInt32LE(marked ? end + 4 : end) === crc ? end + (marked ? 16 : 12) : end;
}

const isAscii = (bytes: Buffer): boolean => bytes.every((byte) => byte < 0x80);

/** UTF-8 where it is, else as bytes: what matters in a name is ASCII in both. */
function nameOf(bytes: Buffer): string {
  const text = bytes.toString('utf8');
  return text.includes('\ufffd') ? bytes.toString('latin1') : text;
}
