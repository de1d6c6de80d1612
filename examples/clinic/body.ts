// Careless on purpose where a switch of weaknesses.ts is on; the branch beside it is how to do it.
import type { IncomingMessage } from 'node:http';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { Problem } from './clinic.ts';
import type { Weak } from './weaknesses.ts';

const JSON_LIMIT = 64 * 1024;
const DEEPEST = 32;
/** Where `no-limits` and `gzip-bomb` end all the same: the memory is that of the machine it runs on. */
const MACHINE_LIMIT = 256 * 1024 * 1024;
const INFLATED_LIMIT = 64 * 1024 * 1024;
/** Dropped after a body was found too large, so that the client gets to hear it. */
const DRAINED = 8 * 1024 * 1024;
const inflate = promisify(gunzip);

/**
 * Reads a body of at most `limit` bytes.
 * @throws Problem 413, 415
 */
export async function readBytes(weak: Weak, request: IncomingMessage, limit: number): Promise<Buffer> {
  const coding = (request.headers['content-encoding'] ?? 'identity').trim().toLowerCase();
  const squeezed = coding === 'gzip' && weak('gzip-bomb');
  if (coding !== 'identity' && !squeezed) {
    // RFC 9110, 15.5.16: says which coding would do
    throw new Problem(415, 'Unsupported media type', 'Send the body without a content coding.', {
      headers: { 'accept-encoding': 'identity' },
    });
  }
  const cap = weak('no-limits') ? MACHINE_LIMIT : limit;
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += (chunk as Buffer).length;
    if (size <= cap) chunks.push(chunk as Buffer);
    else if (size > cap + DRAINED) break;
  }
  if (size > cap) {
    throw new Problem(413, 'Too large', `The body may have ${cap} bytes.`, { headers: { connection: 'close' } });
  }
  const bytes = Buffer.concat(chunks);
  // careless: what was sent is counted, what comes out of it is not
  return squeezed ? unsqueeze(bytes) : bytes;
}

async function unsqueeze(bytes: Buffer): Promise<Buffer> {
  try {
    return await inflate(bytes, { maxOutputLength: INFLATED_LIMIT });
  } catch {
    throw new Problem(400, 'Invalid request', 'The body cannot be decompressed.');
  }
}

/**
 * Reads a body that is a JSON object.
 * @throws Problem 400, 413, 415
 */
export async function readJson(weak: Weak, request: IncomingMessage): Promise<Record<string, unknown>> {
  // careless: it is JSON, whatever it calls itself; so any web page may send it without asking (no CORS preflight)
  if (!weak('content-type-confusion')) needType(request, 'application/json');
  const bytes = await readBytes(weak, request, JSON_LIMIT);
  // careless: what cannot be read ends in the handler of unforeseen errors
  const text = weak('stack-traces') ? bytes.toString('utf8') : utf8(bytes);
  const value = weak('stack-traces') ? Object(JSON.parse(text)) : parsed(text);
  if (!weak('deep-json') && jsonFault(text, DEEPEST) === 'too deep') {
    throw new Problem(400, 'Invalid request', `The body may be nested ${DEEPEST} levels deep.`);
  }
  if (!weak('no-validation') && jsonFault(text, Number.MAX_SAFE_INTEGER) === 'repeated name') {
    throw new Problem(400, 'Invalid request', 'A name stands twice in one object: it can be read in two ways.');
  }
  // careless: calls itself for each level that the caller sent, until the stack is full
  return weak('deep-json') ? (copy(value) as Record<string, unknown>) : value;
}

/** @throws Problem 415 unless the body says that it is of `type`, in UTF-8. */
export function needType(request: IncomingMessage, type: string): void {
  const [sent = '', ...parameters] = (request.headers['content-type'] ?? '').toLowerCase().split(';');
  const charset = parameters.map((parameter) => parameter.trim()).find((each) => each.startsWith('charset='));
  if (sent.trim() === type && (charset === undefined || /^charset="?utf-8"?$/.test(charset))) return;
  throw new Problem(415, 'Unsupported media type', `Send ${type}.`, { headers: { accept: type } });
}

/** @throws Problem 400 */
export function utf8(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new Problem(400, 'Invalid request', 'The body is not UTF-8.');
  }
}

function parsed(text: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new Problem(400, 'Invalid request', 'The body is not JSON.');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new Problem(400, 'Invalid request', 'The body must be a JSON object.');
  }
  return value as Record<string, unknown>;
}

function copy(value: unknown): unknown {
  if (Array.isArray(value)) return value.map((inner) => copy(inner));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, copy(inner)]));
}

/** What JSON.parse does not mind. `text` must be well-formed JSON. Linear, and calls itself for nothing. */
export function jsonFault(text: string, deepest: number): 'too deep' | 'repeated name' | undefined {
  /** One entry a level: the names of an object, nothing for a list. */
  const levels: (Set<string> | undefined)[] = [];
  let nameNext = false;
  for (let at = 0; at < text.length; at += 1) {
    const sign = text[at];
    if (sign === '"') {
      const start = at;
      for (at += 1; at < text.length && text[at] !== '"'; at += 1) if (text[at] === '\\') at += 1;
      if (!nameNext) continue;
      const name = String(JSON.parse(text.slice(start, at + 1)));
      const names = levels.at(-1);
      if (names?.has(name)) return 'repeated name';
      names?.add(name);
      nameNext = false;
    } else if (sign === '{' || sign === '[') {
      levels.push(sign === '{' ? new Set() : undefined);
      if (levels.length > deepest) return 'too deep';
      nameNext = sign === '{';
    } else if (sign === '}' || sign === ']') {
      levels.pop();
      nameNext = false;
    } else if (sign === ',') {
      nameNext = levels.at(-1) !== undefined;
    }
  }
  return undefined;
}
