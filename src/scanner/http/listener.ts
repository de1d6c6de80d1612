import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Bait, BaitCall, BaitOptions } from '../model/bait.ts';

/** Baits of one scan; the oldest are forgotten. */
const MAX_BAITS = 20_000;
/** Calls of one bait that are kept. */
const MAX_CALLS = 16;
/** Bytes of a caller's body, and of each header value, that are kept. */
const MAX_BODY = 4_096;
const MAX_VALUE = 512;
const MAX_HEADERS = 64;
const MAX_CONNECTIONS = 256;
const DEADLINE = 10_000;

/** The scanner's own server on loopback: proves that an API makes requests where it is told to. */
export interface Listener {
  bait(options?: BaitOptions): Bait;
  close(): Promise<void>;
}

interface Kept extends Bait {
  readonly requests: BaitCall[];
  readonly status: number;
  readonly location: string | undefined;
  readonly body: string;
  readonly type: string;
}

/**
 * Opens the listener on a free port of 127.0.0.1. It tells nothing to who does not know a path: 404.
 *
 * @throws the error of the socket where no port can be had
 */
export async function createListener(): Promise<Listener> {
  const baits = new Map<string, Kept>();
  const server = createServer({ requestTimeout: DEADLINE, headersTimeout: DEADLINE }, (request, response) => {
    answer(baits, request, response);
  });
  server.maxConnections = MAX_CONNECTIONS;
  server.on('clientError', (_, socket) => void socket.destroy());
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  server.on('error', () => {});
  // A listener that is not closed must not hold the process.
  server.unref();
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  const bait = ({ redirect, body, type }: BaitOptions = {}): Bait => {
    const key = randomBytes(12).toString('hex');
    const marker = `bait${randomBytes(9).toString('hex')}`;
    const target = redirect === undefined ? undefined : bait({ body, type });
    const requests: BaitCall[] = [];
    const kept: Kept = {
      url: `${origin}/${key}`,
      called: () => requests.length > 0,
      requests,
      marker,
      target,
      status: redirect ?? 200,
      location: target?.url,
      body: (body ?? '{"status":"ok","name":"MARKER"}').replaceAll('MARKER', marker),
      type: type ?? 'application/json',
    };
    if (baits.size >= MAX_BAITS) baits.delete(baits.keys().next().value as string);
    baits.set(key, kept);
    return kept;
  };
  return {
    bait,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function answer(baits: ReadonlyMap<string, Kept>, request: IncomingMessage, response: ServerResponse): void {
  const target = request.url ?? '';
  // Whatever is put behind the path (`/key.json`, `/key/x?y`) or before it (a URL as the target), it is this bait.
  const kept = baits.get(/[0-9a-f]{24}/.exec(target)?.[0] ?? '');
  response.on('error', () => {});
  if (!kept) {
    request.resume();
    response.writeHead(404, { 'content-length': 0 }).end();
    return;
  }
  let body = '';
  let size = 0;
  const record = kept.requests.length < MAX_CALLS ? callOf(request, target) : undefined;
  if (record) kept.requests.push(record);
  request.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (record && body.length < MAX_BODY) {
      body += chunk.toString('latin1').slice(0, MAX_BODY - body.length);
      record.body = Buffer.from(body, 'latin1').toString();
    }
    if (size > MAX_BODY * 256) request.destroy();
  });
  request.on('error', () => {});
  response.writeHead(kept.status, {
    'content-type': kept.type,
    'content-length': Buffer.byteLength(kept.body),
    'cache-control': 'no-store',
    connection: 'close',
    ...(kept.location === undefined ? {} : { location: kept.location }),
  });
  response.end(request.method === 'HEAD' ? undefined : kept.body);
}

function callOf(request: IncomingMessage, target: string): { -readonly [K in keyof BaitCall]: BaitCall[K] } {
  const headers = new Map<string, string>();
  for (const [name, value] of Object.entries(request.headers).slice(0, MAX_HEADERS)) {
    headers.set(name, (Array.isArray(value) ? value.join(', ') : (value ?? '')).slice(0, MAX_VALUE));
  }
  return { method: request.method ?? '', target: target.slice(0, MAX_VALUE * 4), headers, body: '' };
}
