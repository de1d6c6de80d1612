import { isUtf8 } from 'node:buffer';
import { Malformed } from '../fault.ts';
import { parseMediaType, parseValue, skipSpace, tokenEnd } from '../media-type.ts';

/** One part of a multipart body (RFC 7578). */
export interface Part {
  readonly name: string;
  /** undefined for a plain field; empty where a form had a file field and no file was chosen. */
  readonly filename: string | undefined;
  /** As the part's Content-Type says, lower case, without parameters; undefined where there is none. */
  readonly mediaType: string | undefined;
  readonly bytes: Buffer;
  /** The part with its headers, as it stands between two delimiters. */
  readonly source: Buffer;
}

export interface PartLimits {
  readonly parts: number;
}

/** Bytes of the header block of one part. */
const MAX_PART_HEADERS = 2048;
const MAX_NAME = 256;
const CRLF = Buffer.from('\r\n');
const BLANK_LINE = Buffer.from('\r\n\r\n');
/** RFC 2046, section 5.1.1, without the space: readers disagree on where it is trimmed. */
const BOUNDARY = /^[0-9A-Za-z'()+_,\-./:=?]{1,70}$/;

/** Whether a boundary is one that every reader takes in whole. */
export const goodBoundary = (boundary: string | undefined): boundary is string =>
  boundary !== undefined && BOUNDARY.test(boundary);

/**
 * Splits a multipart body by a grammar that has one reading: delimiters only at the beginning of a line ended by CRLF and
 * nowhere else in any spelling, nothing before the first (but one CRLF) nor after the last, no padding, and of each part
 * no headers but `Content-Disposition` and `Content-Type`, each once and unfolded.
 */
export function splitParts(bytes: Buffer, boundary: string, limits: PartLimits): Part[] | Malformed {
  const delimiter = Buffer.from(`--${boundary}`, 'latin1');
  const parts: Part[] = [];
  let at = startsWith(bytes, CRLF, 0) ? 2 : 0;
  if (!startsWith(bytes, delimiter, at)) return new Malformed('', 'does not begin with its boundary');
  for (;;) {
    const after = at + delimiter.length;
    if (bytes[after] === 0x2d && bytes[after + 1] === 0x2d) {
      const rest = bytes.length - after - 2;
      if (rest === 0 || (rest === 2 && startsWith(bytes, CRLF, after + 2))) return parts;
      return new Malformed('', 'something follows the last boundary');
    }
    if (!startsWith(bytes, CRLF, after)) return new Malformed('', 'a boundary is not followed by CRLF');
    if (parts.length >= limits.parts) return new Malformed('', `more than ${limits.parts} parts`);
    const start = after + 2;
    // The search must not run through the whole body for each part that has no blank line.
    const blank = bytes.subarray(start, start + MAX_PART_HEADERS + 4).indexOf(BLANK_LINE);
    if (blank < 0) return new Malformed('', `the headers of a part do not end within ${MAX_PART_HEADERS} bytes`);
    const content = start + blank + 4;
    const next = bytes.indexOf(delimiter, start);
    if (next < 0) return new Malformed('', 'the last boundary is missing');
    // Anywhere but at the beginning of a line it would be a delimiter for lenient readers only.
    if (next < content + 2 || !startsWith(bytes, CRLF, next - 2))
      return new Malformed('', 'the boundary stands within a part');
    const part = parsePart(bytes, start, content, next - 2);
    if (part instanceof Malformed) return part;
    parts.push(part);
    at = next;
  }
}

function parsePart(bytes: Buffer, start: number, content: number, end: number): Part | Malformed {
  const head = bytes.subarray(start, content - 4);
  if (!isUtf8(head)) return new Malformed('', 'the headers of a part are not UTF-8');
  let disposition: Disposition | undefined;
  let mediaType: string | undefined;
  for (const line of head.toString('utf8').split('\r\n')) {
    if (/[\x00-\x1f\x7f]/.test(line)) return new Malformed('', 'a control character in the headers of a part');
    const colon = tokenEnd(line, 0);
    if (colon === 0 || line.charCodeAt(colon) !== 0x3a) return new Malformed('', 'a malformed header line in a part');
    const value = line.slice(skipSpace(line, colon + 1));
    switch (line.slice(0, colon).toLowerCase()) {
      case 'content-disposition': {
        if (disposition !== undefined) return new Malformed('', 'Content-Disposition stands twice in a part');
        const parsed = parseDisposition(value);
        if (parsed instanceof Malformed) return parsed;
        disposition = parsed;
        break;
      }
      case 'content-type': {
        if (mediaType !== undefined) return new Malformed('', 'Content-Type stands twice in a part');
        const parsed = parseMediaType(value);
        if ('detail' in parsed) return new Malformed('', `in a part: ${parsed.detail}`);
        if (parsed.type.startsWith('multipart/') || parsed.type.startsWith('message/'))
          return new Malformed('', 'a part must not have parts of its own');
        mediaType = parsed.type;
        break;
      }
      default:
        return new Malformed('', 'a part has a header other than Content-Disposition and Content-Type');
    }
  }
  if (disposition === undefined) return new Malformed('', 'a part has no Content-Disposition');
  return {
    name: disposition.name,
    filename: disposition.filename,
    mediaType,
    bytes: bytes.subarray(content, end),
    source: bytes.subarray(start, end),
  };
}

interface Disposition {
  readonly name: string;
  readonly filename: string | undefined;
}

/**
 * `form-data; name="a"; filename="b.png"` (RFC 7578, section 4.2; RFC 6266). Only these two, each once; no extended
 * (`filename*`) form; no backslash, which is an escape for some readers and a character for others.
 */
function parseDisposition(value: string): Disposition | Malformed {
  let at = tokenEnd(value, 0);
  if (value.slice(0, at).toLowerCase() !== 'form-data')
    return new Malformed('', 'Content-Disposition of a part must be form-data');
  let name: string | undefined;
  let filename: string | undefined;
  while (at < value.length) {
    at = skipSpace(value, at);
    if (value.charCodeAt(at) !== 0x3b) return badDisposition();
    at = skipSpace(value, at + 1);
    const end = tokenEnd(value, at);
    const key = value.slice(at, end).toLowerCase();
    if (value.charCodeAt(end) !== 0x3d) return badDisposition();
    const parsed = parseValue(value, end + 1);
    if (parsed === undefined) return badDisposition();
    at = parsed.end;
    if (parsed.text.length > MAX_NAME)
      return new Malformed('', `a name in a part is longer than ${MAX_NAME} characters`);
    if (key === 'name' && name === undefined) name = parsed.text;
    else if (key === 'filename' && filename === undefined) filename = parsed.text;
    else return badDisposition();
  }
  if (name === undefined || name === '') return new Malformed('', 'a part has no name');
  if (filename !== undefined && !goodFilename(filename))
    return new Malformed('', 'a file name must be a plain name, not a path');
  return { name, filename };
}

const badDisposition = (): Malformed =>
  new Malformed('', 'Content-Disposition of a part allows name and filename only, each once and without escapes');

/** RFC 7578, section 4.2: path information in a file name must not be used; so it need not be sent. */
const goodFilename = (name: string): boolean =>
  !/[/\\:\x00-\x1f\x7f-\x9f]|%(?:2f|5c|00|0[ad])/i.test(name) &&
  name !== '.' &&
  name !== '..' &&
  !/^\s|[\s.]$/.test(name);

function startsWith(bytes: Buffer, prefix: Buffer, at: number): boolean {
  if (at + prefix.length > bytes.length) return false;
  for (let i = 0; i < prefix.length; i++) if (bytes[at + i] !== prefix[i]) return false;
  return true;
}
