// Careless on purpose: see weaknesses.ts. Never put this in front of anything but Portcullis, on your own machine.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { identify } from './caller.ts';
import { type Ask, type Clinic, Problem, type Reply, type Route } from './clinic.ts';
import { DatabaseError } from './database.ts';
import { appointments } from './resources/appointments.ts';
import { documents } from './resources/documents.ts';
import { exports } from './resources/export.ts';
import { invoices } from './resources/invoices.ts';
import { patients } from './resources/patients.ts';
import { prescriptions } from './resources/prescriptions.ts';
import { session } from './resources/session.ts';
import { staff } from './resources/staff.ts';

const ROUTES: readonly Route[] = [
  ...session,
  ...patients,
  ...appointments,
  ...prescriptions,
  ...invoices,
  ...staff,
  ...documents,
  ...exports,
];

const JSON_LIMIT = 64 * 1024;
/** Where `no-limits` ends all the same: the memory is that of the machine it runs on. */
const MACHINE_LIMIT = 256 * 1024 * 1024;
/** Dropped after a body was found too large, so that the client gets to hear it. */
const DRAINED = 8 * 1024 * 1024;

/** The clinic as an HTTP server, not yet listening. */
export function clinicServer(clinic: Clinic): Server {
  const { weak } = clinic;
  const server = createServer((request, response) => {
    answer(clinic, request, response).catch((error: unknown) => {
      if (!response.headersSent) send(clinic, request, response, failure(clinic, error));
      else response.destroy();
    });
  });
  if (weak('no-limits')) {
    server.requestTimeout = 0;
    server.headersTimeout = 0;
  } else {
    server.requestTimeout = 30_000;
    server.headersTimeout = 10_000;
    server.maxRequestsPerSocket = 10_000;
  }
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    if (!socket.writable) return;
    // careless: even a method that HTTP does not have is fine
    const fine = weak('unknown-methods') && error.code === 'HPE_INVALID_METHOD';
    const body = fine ? '{"ok":true}' : '';
    socket.end(
      `HTTP/1.1 ${fine ? '200 OK' : '400 Bad Request'}\r\ncontent-type: application/json\r\n` +
        `content-length: ${body.length}\r\nconnection: close\r\n\r\n${body}`,
    );
  });
  return server;
}

async function answer(clinic: Clinic, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { weak } = clinic;
  const { path, query } = target(request.url ?? '/');
  if (weak('cors-any') && request.method === 'OPTIONS' && request.headers.origin !== undefined) {
    send(clinic, request, response, { status: 204 });
    return;
  }
  const found = match(path);
  if (found.length === 0) throw new Problem(404, 'Not found', 'There is nothing here.');
  const asked = request.method === 'HEAD' ? 'GET' : request.method;
  let hit = found.find(({ route }) => route.method === asked);
  // careless: a method that is not there is taken for the first that is
  if (hit === undefined && weak('unknown-methods')) hit = found[0];
  if (hit === undefined) {
    const allow = [...new Set(found.map(({ route }) => route.method))].join(', ');
    throw new Problem(405, 'Method not allowed', `Allowed here: ${allow}.`, { headers: { allow } });
  }
  const ask: Ask = {
    method: request.method ?? '',
    path: hit.values,
    query,
    headers: request.headers,
    caller: () => identify(clinic, request.method ?? '', request.headers),
    bytes: (limit) => readBytes(request, weak('no-limits') ? MACHINE_LIMIT : limit),
    json: () => readJson(clinic, request),
  };
  send(clinic, request, response, await hit.route.handle(clinic, ask));
}

function target(url: string): { path: string; query: URLSearchParams } {
  const mark = url.indexOf('?');
  const path = mark < 0 ? url : url.slice(0, mark);
  if (!path.startsWith('/')) throw new Problem(400, 'Invalid request', 'The request target must be a path.');
  return { path, query: new URLSearchParams(mark < 0 ? '' : url.slice(mark + 1)) };
}

/** Routes whose template fits the path; those with more fixed segments first. */
function match(path: string): { route: Route; values: Record<string, string> }[] {
  const segments = path.slice(1).split('/');
  const hits: { route: Route; values: Record<string, string>; fixed: number }[] = [];
  for (const route of ROUTES) {
    const template = route.path.slice(1).split('/');
    if (template.length !== segments.length) continue;
    const values: Record<string, string> = Object.create(null);
    let fixed = 0;
    const fits = template.every((part, index) => {
      const segment = decodeSegment(segments[index] ?? '');
      if (!part.startsWith('{')) {
        fixed += 1;
        return part === segment;
      }
      if (segment === undefined || segment === '') return false;
      values[part.slice(1, -1)] = segment;
      return true;
    });
    if (fits) hits.push({ route, values, fixed });
  }
  const most = Math.max(...hits.map((hit) => hit.fixed));
  return hits.filter((hit) => hit.fixed === most);
}

function decodeSegment(segment: string): string | undefined {
  try {
    return decodeURIComponent(segment);
  } catch {
    return undefined;
  }
}

async function readBytes(request: IncomingMessage, limit: number): Promise<Buffer> {
  if ((request.headers['content-encoding'] ?? 'identity') !== 'identity') {
    throw new Problem(415, 'Unsupported media type', 'Send the body without a content coding.');
  }
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += (chunk as Buffer).length;
    if (size <= limit) chunks.push(chunk as Buffer);
    else if (size > limit + DRAINED) break;
  }
  if (size > limit) {
    throw new Problem(413, 'Too large', `The body may have ${limit} bytes.`, { headers: { connection: 'close' } });
  }
  return Buffer.concat(chunks);
}

async function readJson(clinic: Clinic, request: IncomingMessage): Promise<Record<string, unknown>> {
  const { weak } = clinic;
  const type = (request.headers['content-type'] ?? '').split(';', 1)[0]?.trim().toLowerCase();
  if (type !== 'application/json' && !weak('no-validation')) {
    throw new Problem(415, 'Unsupported media type', 'Send application/json.');
  }
  const bytes = await readBytes(request, weak('no-limits') ? MACHINE_LIMIT : JSON_LIMIT);
  // careless: what cannot be read ends in the error handler below
  if (weak('stack-traces')) return Object(JSON.parse(bytes.toString('utf8')));
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    throw new Problem(400, 'Invalid request', 'The body is not JSON.');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new Problem(400, 'Invalid request', 'The body must be a JSON object.');
  }
  return value as Record<string, unknown>;
}

/** Turns whatever was thrown into an answer. */
function failure(clinic: Clinic, error: unknown): Reply {
  const { weak } = clinic;
  const known = error instanceof Problem;
  const body: Record<string, unknown> = {
    type: 'about:blank',
    title: known ? error.title : 'Internal error',
    status: known ? error.status : 500,
    detail: known ? error.message : 'Something went wrong.',
  };
  if (known && error.errors !== undefined) body.errors = error.errors;
  if (!known && weak('stack-traces') && error instanceof Error) {
    body.detail = error.message;
    body.stack = error.stack;
    if (error instanceof DatabaseError) body.sql = error.sql;
  }
  if (weak('verbose-errors')) body.server = versions(clinic);
  return {
    status: known ? error.status : 500,
    body,
    headers: { 'content-type': 'application/problem+json', ...(known ? error.headers : {}) },
  };
}

const versions = (clinic: Clinic): string =>
  `clinic/0.9.2 node/${process.versions.node} sqlite/${clinic.database.version()} (${process.platform})`;

function send(clinic: Clinic, request: IncomingMessage, response: ServerResponse, reply: Reply): void {
  const { weak } = clinic;
  response.statusCode = reply.status;
  response.setHeader('cache-control', 'no-store');
  response.setHeader('x-content-type-options', 'nosniff');
  const origin = request.headers.origin;
  if (weak('cors-any') && origin !== undefined) {
    response.setHeader('access-control-allow-origin', origin);
    response.setHeader('access-control-allow-credentials', 'true');
    response.setHeader('access-control-allow-methods', 'GET, POST, PUT, PATCH, DELETE');
    response.setHeader('access-control-allow-headers', request.headers['access-control-request-headers'] ?? '*');
  }
  if (weak('verbose-errors')) {
    response.setHeader('server', versions(clinic));
    response.setHeader('x-powered-by', 'clinic');
  }
  for (const [name, value] of Object.entries(reply.headers ?? {})) response.setHeader(name, value);
  if (reply.raw instanceof Readable) {
    const stream = reply.raw;
    stream.on('error', () => response.destroy());
    response.on('close', () => stream.destroy());
    stream.pipe(response);
  } else if (typeof reply.raw === 'string') {
    response.end(reply.raw);
  } else if (reply.body !== undefined) {
    if (!response.hasHeader('content-type')) response.setHeader('content-type', 'application/json');
    const text = JSON.stringify(reply.body);
    response.setHeader('content-length', Buffer.byteLength(text));
    response.end(text);
  } else {
    response.end();
  }
}
