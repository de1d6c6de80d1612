import { createServer, type IncomingMessage, type Server, type ServerResponse, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { type Refusal, refuse } from '../gateway/refusal.ts';
import { type Exposed, findExposed } from './exposed.ts';
import type { EncryptionSettings } from './settings.ts';

const MAX_HEAD = 8_192;
const HEAD_TIMEOUT = 5_000;
const MAX_CONNECTIONS = 128;
/** Characters of a target that a redirect may repeat. */
const MAX_TARGET = 2_048;
/** Digests told of lately: a client that goes on sending its key in clear is told of once. */
const MAX_TOLD = 4_096;
/** Told of in one second; more is a flood of made-up credentials, which must not fill the audit log. */
const MAX_TOLD_A_SECOND = 50;

export interface ClearTextOptions {
  readonly plainHttp: Exclude<EncryptionSettings['plainHttp'], 'off'>;
  /** Where a redirect leads, without a trailing slash: `https://localhost:8443`. From configuration, never from `Host`. */
  readonly origin: string;
  /**
   * Called for each credential seen in clear, before the answer leaves: record it, and revoke it where `revoke` says so.
   * May be called again for one that was told of long ago. What it throws is given to `failed`.
   */
  readonly exposed: (exposed: Exposed, about: { readonly revoke: boolean; readonly address: string }) => void;
  readonly failed?: (error: Error) => void;
  /** Called when a flood kept credentials from being told of. */
  readonly overflow?: () => void;
}

/**
 * The listener for plain HTTP: serves nothing. Every request gets 403 and a problem that names the reason; it is never
 * redirected when it carries a credential, so that a client with a wrong URL breaks where its developer sees it, not
 * where an eavesdropper does. Bodies are not read; one request a connection; head 8 KiB and 5 s; 128 connections.
 * @returns the server, not listening yet
 */
export function createRefusingListener(options: ClearTextOptions): Server {
  const tell = teller(options);
  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    const exposed = findExposed(request);
    for (const one of exposed) tell(one, request.socket.remoteAddress ?? '');
    const location = exposed.length === 0 ? redirectFor(options, request) : undefined;
    if (location !== undefined) {
      response.writeHead(308, { ...FIXED, location, 'content-length': 0 });
      response.end();
    } else send(response, request.method, exposed.length > 0);
  };
  const server = createServer(
    {
      insecureHTTPParser: false,
      maxHeaderSize: MAX_HEAD,
      headersTimeout: HEAD_TIMEOUT,
      requestTimeout: HEAD_TIMEOUT,
      connectionsCheckingInterval: 1_000,
      keepAlive: false,
      requireHostHeader: false,
    },
    answer,
  );
  server.maxConnections = MAX_CONNECTIONS;
  server.maxRequestsPerSocket = 1;
  server.keepAliveTimeout = 1;
  server.setTimeout(HEAD_TIMEOUT, (socket) => socket.destroy());
  server.on('checkContinue', answer);
  server.on('checkExpectation', answer);
  // Upgrades come as plain requests as long as nobody listens for them; CONNECT hands out the bare socket.
  server.on('connect', (request: IncomingMessage, socket: Socket) => {
    for (const one of findExposed(request)) tell(one, socket.remoteAddress ?? '');
    socket.end(bare('tls-required'));
  });
  server.on('clientError', (_error, socket) => {
    if (socket.writable) socket.end(bare('malformed-request'));
    else socket.destroy();
  });
  return server;
}

const FIXED = {
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  connection: 'close',
} as const;

function send(response: ServerResponse, method: string | undefined, exposed: boolean): void {
  const refusal = exposed
    ? refuse('credentials-in-clear', {
        detail: 'The credential could be read on the way; it is recorded as exposed. Replace it, and use https.',
      })
    : refuse('tls-required', { detail: 'This API is served over https only.' });
  const body = problem(refusal);
  response.writeHead(refusal.status, {
    ...FIXED,
    'content-type': 'application/problem+json',
    'content-length': body.length,
  });
  response.end(method === 'HEAD' ? undefined : body);
}

const problem = ({ code, title, status, detail }: Refusal): Buffer =>
  Buffer.from(JSON.stringify({ type: `urn:portcullis:${code}`, title, status, detail, code }));

function bare(code: 'tls-required' | 'malformed-request'): string {
  const refusal = refuse(code);
  const body = problem(refusal).toString();
  return (
    `HTTP/1.1 ${refusal.status} ${STATUS_CODES[refusal.status]}\r\nContent-Type: application/problem+json\r\n` +
    `Content-Length: ${Buffer.byteLength(body)}\r\nCache-Control: no-store\r\nConnection: close\r\n\r\n${body}`
  );
}

/** Only for requests that change nothing, to our own origin, with a target that can be nothing but a path. */
function redirectFor({ plainHttp, origin }: ClearTextOptions, request: IncomingMessage): string | undefined {
  const { method, url = '' } = request;
  if (plainHttp.answer !== 'redirect' || (method !== 'GET' && method !== 'HEAD')) return undefined;
  if (url.length > MAX_TARGET || !/^\/(?!\/)[\x21\x23-\x3b\x3d\x3f-\x5b\x5d\x5f\x61-\x7a\x7e]*$/.test(url))
    return undefined;
  return origin + url;
}

function teller({ plainHttp, exposed, failed, overflow }: ClearTextOptions) {
  let told = new Set<string>();
  let second = 0;
  let count = 0;
  return (one: Exposed, address: string): void => {
    if (told.has(one.digest)) return;
    const now = Math.floor(performance.now() / 1_000);
    if (now !== second) {
      second = now;
      count = 0;
    }
    // What has the form of a key is always told of: one look-up of its digest tells a real one from a made-up one.
    if (++count > MAX_TOLD_A_SECOND && one.kind !== 'key') {
      overflow?.();
      return;
    }
    if (told.size >= MAX_TOLD) told = new Set();
    told.add(one.digest);
    try {
      exposed(one, { revoke: plainHttp.revokeExposed, address });
    } catch (error) {
      told.delete(one.digest);
      failed?.(error as Error);
    }
  };
}
