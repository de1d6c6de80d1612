import { isUtf8 } from 'node:buffer';
import { type Kind, SIGNATURES, type Signature } from './signatures.ts';
import { isTarHeader } from './tar.ts';

/** Characters at the beginning of a text that its kind is told by. */
const HEAD = 2048;
/** Entries at the beginning of a package that its kind is told by. */
const MAX_FIRST_ENTRIES = 8;

/** Signatures of printable characters that a sentence could begin with: text all the way is text. */
const WEAK: ReadonlySet<Signature> = new Set(
  SIGNATURES.filter(
    ({ kind, bytes }) =>
      !['gif', 'pdf', 'rtf', 'postscript'].includes(kind) && bytes.every((byte) => byte >= 0x0a && byte < 0x7f),
  ),
);

/** Tells by its bytes what a file is; reads little more than its beginning, and the whole only to see whether it is text. */
export function kindOfBytes(bytes: Buffer): Kind {
  if (bytes.length === 0) return 'empty';
  for (const signature of SIGNATURES) {
    if (!stands(bytes, signature.bytes, signature.at)) continue;
    const kind = refine(signature.kind, bytes);
    if (kind === undefined || (WEAK.has(signature) && isText(bytes))) continue;
    return kind;
  }
  const weak = bySanity(bytes);
  if (weak !== undefined) return weak;
  if ((bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff)) return 'utf16';
  if (isText(bytes)) return kindOfText(bytes);
  // Code runs for an interpreter whatever follows it: bytes that are no text do not make it harmless.
  const begun = kindOfText(bytes);
  return begun === 'php' || begun === 'script' || begun === 'html' || begun === 'svg' ? begun : 'binary';
}

const stands = (bytes: Buffer, wanted: Buffer, at: number): boolean =>
  bytes.length >= at + wanted.length &&
  bytes[at] === wanted[0] &&
  bytes.compare(wanted, 0, wanted.length, at, at + wanted.length) === 0;

/** UTF-8 without NUL. */
export const isText = (bytes: Buffer): boolean => bytes.indexOf(0) < 0 && isUtf8(bytes);

const latin1 = (bytes: Buffer, from: number, to: number): string =>
  bytes.toString('latin1', from, Math.min(to, bytes.length));

/** What a container holds; undefined where the signature was a chance. */
function refine(kind: Kind, bytes: Buffer): Kind | undefined {
  switch (kind) {
    case 'webp':
    case 'wav':
    case 'avi':
      return /^(?:RIFF|RIFX|RF64)$/.test(latin1(bytes, 0, 4)) ? kind : undefined;
    case 'aiff':
      return latin1(bytes, 0, 4) === 'FORM' ? kind : undefined;
    case 'mp4':
      return brand(bytes);
    case 'zip':
      return packageKind(bytes);
    case 'flash':
      return (bytes[3] as number) > 0 && (bytes[3] as number) < 0x40 ? kind : undefined;
    default:
      return kind;
  }
}

/** ISO 14496-12, section 4.3: the major brand of a file type box. */
function brand(bytes: Buffer): Kind {
  if (latin1(bytes, 4, 8) !== 'ftyp') return 'mp4';
  const major = latin1(bytes, 8, 12);
  if (/^avi[fs]$/.test(major)) return 'avif';
  return /^(?:hei[cxms]|hev[cx]|mif1|msf1)$/.test(major) ? 'heic' : 'mp4';
}

/**
 * A package by its first entries: Open Packaging names them in any order, but every writer in use begins with
 * `[Content_Types].xml`, `_rels/` or a part beside them; OpenDocument and EPUB must begin with `mimetype`.
 */
function packageKind(bytes: Buffer): Kind {
  let at = 0;
  for (let i = 0; i < MAX_FIRST_ENTRIES && at + 30 <= bytes.length && bytes.readUInt32LE(at) === 0x04034b50; i++) {
    const nameLength = bytes.readUInt16LE(at + 26);
    const name = latin1(bytes, at + 30, at + 30 + nameLength);
    const data = at + 30 + nameLength + bytes.readUInt16LE(at + 28);
    if (name === 'mimetype' && i === 0) {
      const said = latin1(bytes, data, data + 80);
      if (said.startsWith('application/epub+zip')) return 'epub';
      if (said.startsWith('application/vnd.oasis.opendocument.')) return 'odf';
    }
    if (name === '[Content_Types].xml' || name === '_rels/.rels') return 'ooxml';
    if (name.startsWith('META-INF/') && i === 0) return 'jar';
    const packed = bytes.readUInt32LE(at + 18);
    if ((bytes.readUInt16LE(at + 6) & 8) !== 0 && packed === 0) break;
    at = data + packed;
  }
  // The order is the writer's own: the directory at the end has all the names.
  const tail = bytes.subarray(Math.max(0, bytes.length - 65_536));
  return tail.includes('[Content_Types].xml') ? 'ooxml' : 'zip';
}

/** Kinds whose signature is too short to be believed alone. */
function bySanity(bytes: Buffer): Kind | undefined {
  const first = bytes[0] as number;
  const second = bytes[1] ?? 0;
  if (first === 0x4d && second === 0x5a) {
    const header = bytes.length >= 0x40 ? bytes.readUInt32LE(0x3c) : 0;
    if (header > 0 && latin1(bytes, header, header + 4) === 'PE\0\0') return 'pe';
    return isText(bytes) ? undefined : 'pe';
  }
  if (first === 0x42 && second === 0x4d && bytes.length >= 26) {
    const size = bytes.readUInt32LE(14);
    if ([12, 40, 52, 56, 64, 108, 124].includes(size)) return 'bmp';
  }
  if (first === 0xff && (second & 0xe0) === 0xe0) {
    const layer = (second >> 1) & 3;
    const third = bytes[2] ?? 0xff;
    if (layer === 0 && (second & 0xf0) === 0xf0) return 'aac';
    if ((layer === 1 || layer === 2) && third >> 4 !== 15 && ((third >> 2) & 3) !== 3) return 'mp3';
  }
  return isTarHeader(bytes, 0) ? 'tar' : undefined;
}

/** What a text is, by how it begins. */
function kindOfText(bytes: Buffer): Kind {
  const start = latin1(bytes, 0, HEAD).replace(/^\xef\xbb\xbf/, '');
  if (/^#! ?\//.test(start)) return 'script';
  const text = start.replace(/^\s+/, '');
  if (/^<\?(?:php|=)/i.test(text)) return 'php';
  if (/^%PDF-/.test(text)) return 'pdf';
  if (/^(?:push graphic-context|viewbox \d)/i.test(text)) return 'mvg';
  if (text.charCodeAt(0) !== 0x3c) return 'text';
  const root = rootOf(text);
  if (root === 'svg') return 'svg';
  // The marks of the WHATWG's MIME sniffing, without those that Markdown begins with as well.
  if (root !== undefined && /^(?:html|head|body|script|iframe|style|title|meta|link|object|embed)$/.test(root))
    return 'html';
  return text.startsWith('<?xml') || /^<!(?!--)/.test(text) ? 'xml' : 'text';
}

/** The first element of a document of markup, without its prefix, lower case; `html` where the document type says so. */
export function rootOf(text: string): string | undefined {
  let at = 0;
  for (;;) {
    while (/\s/.test(text.charAt(at)) && at < text.length) at++;
    let end: number;
    if (text.startsWith('<!--', at)) end = text.indexOf('-->', at + 4) + 2;
    else if (text.startsWith('<?', at)) end = text.indexOf('?>', at + 2) + 1;
    else if (text.startsWith('<!', at)) {
      const name = /^<!doctype\s+(?:[\w-]+:)?([\w-]+)/i.exec(text.slice(at, at + 100))?.[1]?.toLowerCase();
      if (name === 'html' || name === 'svg') return name;
      const subset = text.indexOf('[', at);
      const close = text.indexOf('>', at);
      end = subset >= 0 && subset < close ? text.indexOf(']>', subset) + 1 : close;
    } else break;
    if (end < at + 2) return undefined;
    at = end + 1;
  }
  return /^<(?:[\w-]{1,40}:)?([a-z][\w-]{0,40})/i.exec(text.slice(at, at + 100))?.[1]?.toLowerCase();
}
