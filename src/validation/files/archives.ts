import { judgeMacroParts, judgeOfficePart } from './active/office.ts';
import { type Inspection, judgeContent, type Surroundings } from './contents.ts';
import { type FileFault, harmful, invalid, within } from './fault.ts';
import { gunzip, unpackEntry } from './inflate.ts';
import { escapes, judgeEntryName, leadOf } from './names.ts';
import type { Kind } from './signatures.ts';
import { kindOfBytes } from './sniff.ts';
import { readTar, type TarEntry } from './tar.ts';
import { readZip, type ZipEntry } from './zip.ts';

const SYMLINK = 0xa000;
/** Unix file types of devices and sockets. A pipe is what was packed from one: a file. */
const DEVICES: ReadonlySet<number> = new Set([0x2000, 0x6000, 0xc000]);
const MAX_LINK = 4096;

const tooDeep = ({ budget }: Inspection, depth: number): FileFault | undefined =>
  depth > budget.limits.maxDepth
    ? harmful('archive-depth', `holds archives more than ${budget.limits.maxDepth} deep`)
    : undefined;

/** Judges a zip archive, or a document that is one, and everything in it. */
export function judgeZip(bytes: Buffer, kind: Kind, inspection: Inspection, at: Surroundings): FileFault | undefined {
  const depth = at.depth + 1;
  const { budget, allows } = inspection;
  const deep = tooDeep(inspection, depth);
  if (deep !== undefined) return deep;
  const entries = readZip(bytes, budget.entriesLeft);
  if ('rule' in entries) return entries;
  budget.entries(entries.length);
  const total = entries.reduce((sum, entry) => sum + entry.size, 0);
  const document = kind === 'ooxml' || kind === 'odf' || kind === 'epub';
  const around: Surroundings = { depth, inside: document ? 'document' : kind === 'jar' ? 'nothing' : 'archive' };
  const named = entries.map((entry) => entry.name);
  const fault =
    budget.take(total, bytes.length, depth) ??
    first(named, judgeEntryName) ??
    (document && !allows('macros') ? judgeMacroParts(named) : undefined);
  if (fault !== undefined) return fault;
  return worst(entries, (entry) => judgeEntry(entry, kind, inspection, around));
}

/** The first attack among entries, else the first mistake: a program at the beginning must not hide what follows. */
function worst<T extends { readonly name: string }>(
  entries: readonly T[],
  judge: (entry: T) => FileFault | undefined,
): FileFault | undefined {
  let mistake: FileFault | undefined;
  for (const entry of entries) {
    const fault = judge(entry);
    if (fault?.harmful === true) return within(entry.name, fault);
    if (fault !== undefined) mistake ??= within(entry.name, fault);
  }
  return mistake;
}

function first<T>(items: readonly T[], judge: (item: T) => FileFault | undefined): FileFault | undefined {
  for (const item of items) {
    const fault = judge(item);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

function judgeEntry(entry: ZipEntry, kind: Kind, inspection: Inspection, around: Surroundings): FileFault | undefined {
  const { allows } = inspection;
  if (DEVICES.has(entry.fileType)) return harmful('archive-device', 'holds a device');
  // Nobody can look into it: that its sizes lie cannot be told either.
  if (entry.encrypted)
    return allows('encrypted') ? undefined : invalid('encrypted', 'is encrypted and cannot be judged');
  const bytes = unpackEntry(entry);
  if (!Buffer.isBuffer(bytes)) return bytes;
  if (entry.fileType === SYMLINK) return judgeLink(bytes.toString('utf8', 0, MAX_LINK), entry.name, allows('symlinks'));
  if (bytes.length === 0) return undefined;
  const inner = kindOfBytes(bytes);
  if (around.inside === 'document') {
    const fault = judgeOfficePart(entry.name, bytes, inner, kind, allows);
    if (fault !== undefined) return fault;
    // The parts are in the document's own XML, judged there; what else is in it must stand by itself.
    if (inner === 'xml' || inner === 'text' || inner === 'html') return judgeContent(bytes, 'text', inspection, around);
  }
  return judgeContent(bytes, inner, inspection, around);
}

/**
 * A link within the archive is a convenience, one that leads out of it lets the next entry be written anywhere. One that climbs
 * and stays within does so only if every link on its way is what it seems.
 */
function judgeLink(target: string, from: string, allowed: boolean): FileFault | undefined {
  const lead = leadOf(target, from);
  if (lead === 'out') return harmful('archive-link', 'holds a link that leads out of it');
  return lead === 'in' || allowed ? undefined : invalid('archive-link', 'holds a link that climbs');
}

/** Judges a tar archive. Its contents are not packed: what they come to is what the archive is. */
export function judgeTar(bytes: Buffer, inspection: Inspection, at: Surroundings): FileFault | undefined {
  const depth = at.depth + 1;
  const { budget } = inspection;
  const deep = tooDeep(inspection, depth);
  if (deep !== undefined) return deep;
  const entries = readTar(bytes, budget.entriesLeft);
  if ('rule' in entries) return entries;
  budget.entries(entries.length);
  const around: Surroundings = { depth, inside: 'archive' };
  return worst(entries, (entry) => judgeTarEntry(entry, inspection, around));
}

function judgeTarEntry(entry: TarEntry, inspection: Inspection, around: Surroundings): FileFault | undefined {
  const { kind, name, target, bytes } = entry;
  const fault = judgeEntryName(name);
  if (fault !== undefined) return fault;
  if (kind === 'device') return harmful('archive-device', 'holds a device');
  // A hard link is told from the root of the archive, a symbolic one from where it stands.
  if (kind === 'link' || kind === 'hard link')
    return judgeLink(target, kind === 'link' ? name : 'x', inspection.allows('symlinks'));
  return bytes.length === 0 ? undefined : judgeContent(bytes, kindOfBytes(bytes), inspection, around);
}

/** Judges what a gzip file holds. A tar archive in it is one with it, not one within it. */
export function judgeGzip(bytes: Buffer, inspection: Inspection, at: Surroundings): FileFault | undefined {
  const depth = at.depth + 1;
  const { budget } = inspection;
  const deep = tooDeep(inspection, depth);
  if (deep !== undefined) return deep;
  const name = gzipName(bytes);
  if (name !== undefined && escapes(name)) return harmful('archive-path', 'holds a name that leads elsewhere');
  const most = Math.min(budget.left, Math.max(bytes.length * budget.limits.maxRatio, 1024 * 1024));
  const plain = gunzip(bytes, most);
  if (plain === undefined) return invalid('archive', 'is a broken gzip file');
  const fault = budget.take(plain === 'too-large' ? most + 1 : plain.length, bytes.length, depth);
  if (fault !== undefined) return fault;
  if (plain === 'too-large') return invalid('archive-size', `unpacks to more than ${most} bytes`);
  const inner = kindOfBytes(plain);
  const around: Surroundings = { depth: inner === 'tar' ? at.depth : depth, inside: 'archive' };
  return judgeContent(plain, inner, inspection, around);
}

/** The name a gzip file says that its contents had (RFC 1952, section 2.3.1). */
function gzipName(bytes: Buffer): string | undefined {
  const flags = bytes[3] ?? 0;
  if ((flags & 8) === 0) return undefined;
  const start = (flags & 4) !== 0 && bytes.length >= 12 ? 12 + bytes.readUInt16LE(10) : 10;
  const end = bytes.indexOf(0, start);
  return end < 0 ? undefined : bytes.toString('latin1', start, Math.min(end, start + MAX_LINK));
}
