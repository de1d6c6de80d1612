import type { RawMessage, ScanRequest } from '../model/exchange.ts';
import type { Steps } from './connection.ts';
import { viewOf } from './encode.ts';
import { endOfHead } from './head.ts';

/** Bytes of a raw message that are looked at to tell what it is. */
const LOOKED_AT = 64 * 1024;

/** A raw message as a list of its parts. */
export function partsOf(message: RawMessage): readonly (string | Uint8Array | { readonly pause: number })[] {
  return typeof message === 'string' || message instanceof Uint8Array ? [message] : message;
}

/** What is written for a raw message. Text is UTF-8. */
export function rawSteps(message: RawMessage): Steps {
  return partsOf(message).map((part) =>
    typeof part === 'string' ? Buffer.from(part) : part instanceof Uint8Array ? viewOf(part) : Math.max(0, part.pause),
  );
}

/**
 * A raw message as a request, as far as it can be read as one: for the record and for reports. The message itself
 * stands in `raw`.
 */
export function rawRequest(message: RawMessage): ScanRequest {
  const pieces: Buffer[] = [];
  let size = 0;
  for (const step of rawSteps(message)) {
    if (typeof step === 'number' || size >= LOOKED_AT) continue;
    pieces.push(step);
    size += step.length;
  }
  const bytes = Buffer.concat(pieces);
  const end = endOfHead(bytes, 0);
  const head = bytes.toString('utf8', 0, end === -1 ? Math.min(bytes.length, LOOKED_AT) : end);
  const lines = head.split(/\r?\n/);
  const line = /^(\S{1,64}) (.*?)(?: HTTP\/\d\.\d)?$/.exec((lines[0] as string).slice(0, 8_192));
  const headers: [string, string][] = [];
  for (const text of lines.slice(1)) {
    const colon = text.indexOf(':');
    if (colon > 0) headers.push([text.slice(0, colon), text.slice(colon + 1).trim()]);
  }
  const body = end === -1 ? undefined : bytes.subarray(end);
  return {
    method: line?.[1] ?? '',
    target: line?.[2] ?? '',
    headers,
    ...(body && body.length > 0 ? { body } : {}),
    raw: message,
  };
}
