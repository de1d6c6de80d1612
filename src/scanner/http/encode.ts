import type { ScanRequest } from '../model/exchange.ts';
import type { Reading } from './answer-reader.ts';

/** What the scanner calls itself where a request does not say. */
export const USER_AGENT = 'portcullis-scan';

/** A request as bytes, and what follows from it. */
export interface Encoded {
  readonly head: Buffer;
  /** Written after the head; undefined where it is in `head` already, or there is none. */
  readonly body: Buffer | undefined;
  /** How its answer is read. */
  readonly reading: Pick<Reading, 'body' | 'maybeNever'>;
  /** Repeating it does no more than sending it once (RFC 9110, section 9.2.2). */
  readonly idempotent: boolean;
  /** Servers may disagree where it ends: it gets a connection of its own, so that no other exchange suffers. */
  readonly alone: boolean;
}

const IDEMPOTENT = new Set(['GET', 'HEAD', 'PUT', 'DELETE', 'OPTIONS', 'TRACE']);
/** Methods whose missing body is said (RFC 9110, section 8.6); servers answer 411 where it is not. */
const WITH_BODY = new Set(['POST', 'PUT', 'PATCH']);
const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const ODD_TARGET = /[\0-\x20\x7f]/;
const ODD_HEADER = /[\0\r\n]/;
/** Bodies up to this size go in one write with the head. */
const JOIN = 64 * 1024;

/**
 * The headers as they are sent, in order: Host and User-Agent first and Content-Length last where the request does not
 * have them. Content-Length is left out beside a Transfer-Encoding, and where there is no body and none is usual.
 */
export function wireHeaders(
  { method, headers, body }: ScanRequest,
  host: string,
): readonly (readonly [name: string, value: string])[] {
  let hasHost = false;
  let hasAgent = false;
  let hasLength = false;
  for (const [name] of headers) {
    switch (name.toLowerCase()) {
      case 'host':
        hasHost = true;
        break;
      case 'user-agent':
        hasAgent = true;
        break;
      case 'content-length':
      case 'transfer-encoding':
        hasLength = true;
    }
  }
  const all: (readonly [string, string])[] = [];
  if (!hasHost) all.push(['Host', host]);
  all.push(...headers);
  const hostFirst = all[0]?.[0].toLowerCase() === 'host';
  if (!hasAgent) all.splice(hostFirst ? 1 : 0, 0, ['User-Agent', USER_AGENT]);
  if (!hasLength && (body !== undefined || WITH_BODY.has(method))) all.push(['Content-Length', String(lengthOf(body))]);
  return all;
}

/** Bytes of a body. */
export function lengthOf(body: ScanRequest['body']): number {
  return body === undefined ? 0 : typeof body === 'string' ? Buffer.byteLength(body) : body.length;
}

/**
 * Writes a request as HTTP/1.1, exactly as it says: nothing is quoted, checked or changed. Text is UTF-8.
 *
 * @param host for the Host header where the request has none
 */
export function encode(request: ScanRequest, host: string): Encoded {
  const { method, target, body } = request;
  let text = `${method} ${target} HTTP/1.1\r\n`;
  let alone = !TOKEN.test(method) || target === '' || ODD_TARGET.test(target);
  let maybeNever = method !== 'HEAD' && method.toUpperCase() === 'HEAD';
  const length = lengthOf(body);
  for (const [name, value] of wireHeaders(request, host)) {
    text += value === '' ? `${name}:\r\n` : `${name}: ${value}\r\n`;
    if (!TOKEN.test(name) || ODD_HEADER.test(value)) alone = true;
    else if (framingDiffers(name, value, length)) alone = true;
    if (value.length === 4 && value.toUpperCase() === 'HEAD') maybeNever = true;
  }
  text += '\r\n';
  // Many servers do not read the body of a GET, and take it for the next request.
  if (
    length > 0 &&
    (method === 'GET' || method === 'HEAD' || (!IDEMPOTENT.has(method.toUpperCase()) && !WITH_BODY.has(method)))
  )
    alone = true;
  const join = length <= JOIN;
  const bytes = body === undefined ? undefined : typeof body === 'string' ? Buffer.from(body) : viewOf(body);
  return {
    head:
      !bytes || length === 0 ? Buffer.from(text) : join ? Buffer.concat([Buffer.from(text), bytes]) : Buffer.from(text),
    body: join ? undefined : bytes,
    reading: { body: method === 'HEAD' ? 'never' : method === 'CONNECT' ? 'tunnel' : 'normal', maybeNever },
    idempotent: IDEMPOTENT.has(method),
    alone,
  };
}

/** A Buffer over the same bytes. */
export function viewOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Whether a header says something of the body, or of the connection, that others may read in another way. */
function framingDiffers(name: string, value: string, length: number): boolean {
  switch (name.length) {
    case 14:
      return name.toLowerCase() === 'content-length' && value !== String(length);
    case 17:
      return name.toLowerCase() === 'transfer-encoding';
    case 10:
      return name.toLowerCase() === 'connection' && value.toLowerCase() !== 'keep-alive';
    default:
      return false;
  }
}
