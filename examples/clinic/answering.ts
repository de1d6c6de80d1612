// Careless on purpose where a switch of weaknesses.ts is on; the branch beside it is how to do it.
import { type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { Readable } from 'node:stream';
import { type Clinic, Problem, type Reply } from './clinic.ts';
import { DatabaseError } from './database.ts';

/** Turns whatever was thrown into an answer. */
export function failure(clinic: Clinic, error: unknown): Reply {
  const { weak } = clinic;
  const known = error instanceof Problem;
  const status = known ? error.status : 500;
  const body: Record<string, unknown> = {
    type: 'about:blank',
    title: known ? error.title : 'Internal error',
    status,
    detail: known ? error.message : 'Something went wrong.',
  };
  if (known && error.errors !== undefined) body.errors = error.errors;
  if (!known && weak('stack-traces') && error instanceof Error) {
    body.detail = error.message;
    body.stack = error.stack;
    if (error instanceof DatabaseError) body.sql = error.sql;
  }
  if (weak('verbose-errors')) body.server = versions(clinic);
  return { status, body, headers: { 'content-type': 'application/problem+json', ...(known ? error.headers : {}) } };
}

const versions = (clinic: Clinic): string =>
  `clinic/0.9.2 node/${process.versions.node} sqlite/${clinic.database.version()} (${process.platform})`;

/** Sends a reply. Headers that are set already stay. */
export function send(clinic: Clinic, request: IncomingMessage, response: ServerResponse, reply: Reply): void {
  response.statusCode = reply.status;
  for (const [name, value] of Object.entries(commonHeaders(clinic, request))) response.setHeader(name, value);
  const own = reply.headers ?? {};
  if (clinic.weak('header-injection') && Object.values(own).some((value) => /[\r\n]/.test(value))) {
    sendByHand(response, own, reply);
    return;
  }
  for (const [name, value] of Object.entries(own)) response.setHeader(name, value);
  if (reply.raw instanceof Readable) {
    const stream = reply.raw;
    stream.on('error', () => response.destroy());
    response.on('close', () => stream.destroy());
    stream.pipe(response);
    return;
  }
  if (typeof reply.raw !== 'string' && reply.body === undefined) {
    response.end();
    return;
  }
  if (reply.raw === undefined && !response.hasHeader('content-type')) {
    response.setHeader('content-type', 'application/json');
  }
  const text = typeof reply.raw === 'string' ? reply.raw : JSON.stringify(reply.body);
  response.setHeader('content-length', Buffer.byteLength(text));
  response.end(text);
}

function commonHeaders({ weak, ...clinic }: Clinic, request: IncomingMessage): Record<string, string> {
  const headers: Record<string, string> = {};
  // careless: saves work, and every cache on the way keeps what only one caller should see
  headers['cache-control'] = weak('cacheable-private') ? 'public, max-age=3600' : 'no-store';
  if (!weak('no-security-headers')) {
    headers['x-content-type-options'] = 'nosniff';
    headers['content-security-policy'] =
      "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";
    headers['x-frame-options'] = 'DENY';
    headers['referrer-policy'] = 'no-referrer';
    headers['cross-origin-resource-policy'] = 'same-origin';
  }
  const origin = request.headers.origin;
  if (weak('cors-any') && origin !== undefined) {
    headers['access-control-allow-origin'] = origin;
    headers['access-control-allow-credentials'] = 'true';
    headers['access-control-allow-methods'] = 'GET, POST, PUT, PATCH, DELETE';
    headers['access-control-allow-headers'] = request.headers['access-control-request-headers'] ?? '*';
  }
  if (weak('verbose-errors')) {
    headers.server = versions({ weak, ...clinic });
    headers['x-powered-by'] = 'clinic';
  }
  return headers;
}

/** careless: Node refuses a line feed in a header, so the head is put together "by ourselves, it is only text". */
function sendByHand(response: ServerResponse, own: Readonly<Record<string, string>>, reply: Reply): void {
  const text = typeof reply.raw === 'string' ? reply.raw : JSON.stringify(reply.body ?? '');
  const set = Object.entries(response.getHeaders()).map(([name, value]) => [name, String(value)] as const);
  writeByHand(response.socket, reply.status, [...set, ...Object.entries(own)], text);
}

/** Writes a whole answer to a connection that no response object stands for, and ends it. */
export function writeByHand(
  socket: Duplex | null,
  status: number,
  headers: readonly (readonly [name: string, value: string])[],
  body: string,
): void {
  const head = headers.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  socket?.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n${head}` +
      `content-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
  );
}
