import { Problem } from './clinic.ts';

export interface Part {
  readonly name: string;
  readonly filename: string | undefined;
  readonly type: string;
  readonly bytes: Buffer;
}

const MAX_PARTS = 10;
const MAX_PART_HEADERS = 2_000;
const BOUNDARY = /^multipart\/form-data; ?boundary=(?:"([0-9A-Za-z'()+_,./:=? -]{1,70})"|([0-9A-Za-z'+_.-]{1,70}))$/i;
const DISPOSITION = /^form-data; name="([^"\\\r\n\0]{1,60})"(?:; filename="([^"\\\r\n\0]{1,255})")?$/i;

/**
 * Reads a `multipart/form-data` body (RFC 7578), strictly: no preamble, no folded or unknown part headers.
 * @throws Problem 400, 415
 */
export function readParts(contentType: string | undefined, body: Buffer): Part[] {
  const [, quoted, plain] = BOUNDARY.exec(contentType ?? '') ?? [];
  const boundary = quoted ?? plain;
  if (boundary === undefined) throw new Problem(415, 'Unsupported media type', 'Send multipart/form-data.');
  const delimiter = Buffer.from(`\r\n--${boundary}`);
  const parts: Part[] = [];
  if (!body.subarray(0, delimiter.length - 2).equals(delimiter.subarray(2))) throw broken();
  let at = delimiter.length - 2;
  while (true) {
    const line = body.subarray(at, at + 2).toString('latin1');
    if (line === '--') return parts;
    if (line !== '\r\n' || parts.length >= MAX_PARTS) throw broken();
    const head = body.subarray(at, at + MAX_PART_HEADERS).indexOf('\r\n\r\n');
    const end = head < 0 ? -1 : body.indexOf(delimiter, at + head + 2);
    if (end < 0) throw broken();
    parts.push(readPart(body.subarray(at + 2, at + head).toString('utf8'), body.subarray(at + head + 4, end)));
    at = end + delimiter.length;
  }
}

function readPart(head: string, bytes: Buffer): Part {
  let disposition: RegExpExecArray | null = null;
  let type = 'text/plain';
  for (const line of head.split('\r\n')) {
    const colon = line.indexOf(':');
    const value = line.slice(colon + 1).trim();
    const name = line.slice(0, colon).toLowerCase();
    if (name === 'content-disposition' && disposition === null) disposition = DISPOSITION.exec(value);
    else if (name === 'content-type') type = value.toLowerCase();
    else throw broken();
  }
  if (disposition === null) throw broken();
  return { name: disposition[1] ?? '', filename: disposition[2], type, bytes };
}

const broken = (): Problem => new Problem(400, 'Invalid request', 'The multipart body is not well-formed.');
