import { type FileFault, harmful } from '../fault.ts';
import type { Kind } from '../signatures.ts';

/** Bytes at the end in which a zip archive's end record can stand. */
const TAIL = 65_557;
const HEAD = 1024;

/** What is never in a picture, a sound or a font; long enough that it is never there by chance. */
const FOREIGN: readonly (readonly [mark: Buffer, why: string])[] = [
  [Buffer.from('This program cannot be run in DOS mode'), 'a program'],
  [Buffer.from('This program must be run under Win32'), 'a program'],
  [Buffer.from('\x7fELF\x02\x01\x01\0', 'latin1'), 'a program'],
  [Buffer.from('\x7fELF\x01\x01\x01\0', 'latin1'), 'a program'],
  [Buffer.from('__HALT_COMPILER'), 'an archive of PHP'],
  [Buffer.from('Rar!\x1a\x07', 'latin1'), 'an archive'],
  [Buffer.from('7z\xbc\xaf\x27\x1c', 'latin1'), 'an archive'],
];

/**
 * Code behind a `<`, by what interpreters begin with. The short marks (`<?=`, `<%`) stand in any long file by chance, so they
 * count with what must follow.
 */
const CODE =
  /<(?:\?php(?:[\s(]|$)|\?=\s{0,4}(?:\$[a-z_]|[a-z_]{3,30}\s{0,4}\(|`[\x20-\x7e]{2,100}`)|\?\s{1,4}(?:eval|system|passthru|exec|assert|include|require|echo)\b|%@\s{0,4}(?:page|language|import|include|taglib|webservice)\b|%=?\s{0,4}(?:eval|execute|response|request|runtime|session|server|out)\b|script[\s>]|jsp:|svg[\s/>]|iframe[\s/>]|html[\s>]|body[\s>]|img\s[^<>]{0,200}onerror|!entity\s)/iy;

/** Judges whether a file that a decoder shows is something else as well, for another reader. */
export function judgePolyglot(bytes: Buffer, kind: Kind): FileFault | undefined {
  const found = kind === 'pdf' ? inDocument(bytes) : inMedia(bytes, kind);
  return found === undefined ? undefined : harmful('polyglot', `is also ${found}`);
}

function inMedia(bytes: Buffer, kind: Kind): string | undefined {
  if (isScript(bytes, kind)) return 'a script';
  if (bytes.subarray(0, HEAD).indexOf('%PDF-') >= 0) return 'a PDF';
  for (const [mark, why] of FOREIGN) if (bytes.indexOf(mark) >= 0) return why;
  if (endsInZip(bytes)) return 'a zip archive';
  return holdsCode(bytes) ? 'code' : undefined;
}

/** Text about code is what documents are for: only before and behind the document it is another one's. */
function inDocument(bytes: Buffer): string | undefined {
  if (endsInZip(bytes)) return 'a zip archive';
  const end = bytes.lastIndexOf('%%EOF');
  if (end >= 0) {
    const rest = bytes.subarray(end + 5);
    for (const [mark, why] of FOREIGN) if (rest.indexOf(mark) >= 0) return why;
    if (holdsCode(rest)) return 'code';
  }
  const first = bytes.indexOf(' obj');
  return holdsCode(bytes.subarray(0, Math.min(first < 0 ? HEAD : first, HEAD))) ? 'code' : undefined;
}

/** One pass over the bytes as characters, stopping at each `<` only. */
function holdsCode(bytes: Buffer): boolean {
  const text = bytes.toString('latin1');
  for (let at = text.indexOf('<'); at >= 0; at = text.indexOf('<', at + 1)) {
    CODE.lastIndex = at;
    if (CODE.test(text)) return true;
  }
  return false;
}

/** An end record in the tail whose directory is where it would be: readers of zip begin at the end. */
function endsInZip(bytes: Buffer): boolean {
  const tail = bytes.subarray(Math.max(0, bytes.length - TAIL));
  for (let at = tail.lastIndexOf('PK\x05\x06'); at >= 0; at = at === 0 ? -1 : tail.lastIndexOf('PK\x05\x06', at - 1)) {
    if (at + 22 > tail.length) continue;
    const reaches = at + 22 + tail.readUInt16LE(at + 20) === tail.length;
    const directory = bytes.length - tail.length + at - tail.readUInt32LE(at + 12);
    const stands = directory >= 0 && directory + 4 <= bytes.length && bytes.readUInt32LE(directory) === 0x02014b50;
    if (stands && reaches) return true;
  }
  return false;
}

/**
 * Pictures whose first bytes are chosen so that they are a script too: where the format has a number, stands `/*` or `=`.
 */
function isScript(bytes: Buffer, kind: Kind): boolean {
  const text = bytes.toString('latin1', 0, 16);
  if (kind === 'gif') return /^GIF8[79]a(?:\/\*|=[\x20-\x7e]|[\x20-\x7e]{4})/.test(text);
  if (kind === 'jpeg') return text.startsWith('\xff\xd8\xff\xe0/*');
  return kind === 'bmp' && /^BM(?:\/\*|=[\x20-\x7e])/.test(text);
}
