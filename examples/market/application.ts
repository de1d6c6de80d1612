// Careless on purpose: see weaknesses.ts. Never put this in front of anything but a scanner or a gate, on your own machine.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type Declared, type Hit, matches, readContract } from './contract.ts';
import { DatabaseError } from './database.ts';
import { readInput } from './input.ts';
import { Counter, FLOW, GENERAL, limitHeaders } from './limits.ts';
import { type Ask, type Caller, type Handlers, type Market, Refusal, type Reply, slowDown } from './market.ts';
import { readRequest, type Target } from './request.ts';
import { admin } from './resources/admin.ts';
import { debugPage } from './resources/debug.ts';
import { files } from './resources/files.ts';
import { messages } from './resources/messages.ts';
import { orders } from './resources/orders.ts';
import { products } from './resources/products.ts';
import { reviews } from './resources/reviews.ts';
import { session } from './resources/session.ts';
import { users } from './resources/users.ts';
import { wallet } from './resources/wallet.ts';

const HANDLERS: Handlers = {
  ...session,
  ...users,
  ...wallet,
  ...products,
  ...reviews,
  ...orders,
  ...messages,
  ...files,
  ...admin,
};

/** Operations that cost others something: counted by address, and much narrower. */
const FLOWS = new Set(['signIn', 'register', 'sendMessage', 'redeemCoupon']);

/** The market as an HTTP server, not yet listening. */
export function marketServer(market: Market): Server {
  const contract = readContract();
  for (const { id } of contract) if (HANDLERS[id] === undefined) throw new Error(`nothing handles ${id}`);
  const counters = { general: new Counter(GENERAL), flow: new Counter(FLOW) };
  const server = createServer((request, response) => {
    answer(market, contract, counters, request, response).catch((error: unknown) => {
      if (!response.headersSent) send(market, request, response, failure(market, error));
      else response.destroy();
    });
  });
  server.requestTimeout = 30_000;
  server.headersTimeout = 10_000;
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    if (!socket.writable) return;
    // careless: even a method that HTTP does not have is fine
    const fine = market.weak('any-method') && error.code === 'HPE_INVALID_METHOD';
    const body = fine ? '{"ok":true}' : '';
    socket.end(
      `HTTP/1.1 ${fine ? '200 OK' : '400 Bad Request'}\r\ncontent-type: application/json\r\n` +
        `content-length: ${body.length}\r\nconnection: close\r\n\r\n${body}`,
    );
  });
  return server;
}

async function answer(
  market: Market,
  contract: readonly Declared[],
  counters: { general: Counter; flow: Counter },
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { weak } = market;
  const target = readRequest(market, request);
  if (weak('cors-any') && request.method === 'OPTIONS' && request.headers.origin !== undefined) {
    send(market, request, response, { status: 204 });
    return;
  }
  if (weak('debug-route') && /^(?:\/api)?\/debug$/.test(target.path)) {
    send(market, request, response, debugPage(market));
    return;
  }
  const caller = target.old ? { id: 0, role: 'admin' } : signedIn(market, target.key);
  if (!weak('no-rate-limits')) {
    const counted = counters.general.count(caller === undefined ? target.address : `user ${caller.id}`, Date.now());
    for (const [name, value] of Object.entries(limitHeaders(GENERAL, counted))) response.setHeader(name, value);
    if (!counted.allowed) throw slowDown(counted.reset);
  }
  const { declared, values } = route(market, contract, target);
  if (!weak('no-rate-limits') && FLOWS.has(declared.id)) {
    const counted = counters.flow.count(`${declared.id} ${target.address}`, Date.now());
    for (const [name, value] of Object.entries(limitHeaders(FLOW, counted))) response.setHeader(name, value);
    if (!counted.allowed) throw slowDown(counted.reset);
  }
  const ask: Ask = {
    headers: request.headers,
    address: target.address,
    key: target.key,
    callerIfAny: caller,
    caller: () => {
      if (caller === undefined) throw new Refusal('not_signed_in', 'Sign in first: POST /api/session.');
      return caller;
    },
    input: (without = []) => readInput(weak, request, { declared, values }, target.query, without),
  };
  send(market, request, response, await HANDLERS[declared.id]!(market, ask));
}

/** What a session may do is what its user may do now, not what it was at the sign-in. */
function signedIn({ sessions, database }: Market, key: string | undefined): Caller | undefined {
  const found = key === undefined ? undefined : sessions.find(key);
  if (found === undefined) return undefined;
  const user = database.get('SELECT id, role FROM users WHERE id = ? AND active = 1', found.userId);
  return user === undefined ? undefined : { id: Number(user.id), role: String(user.role) };
}

/** @throws Refusal no_such_path (404), no_such_method (405): of the few that have a status of their own */
function route({ weak }: Market, contract: readonly Declared[], target: Target): Hit {
  const hits = matches(contract, target.path);
  if (hits.length === 0) throw new Refusal('no_such_path', 'There is nothing here.', { status: 404 });
  const hit = hits.find(({ declared }) => declared.method === target.method);
  if (hit !== undefined) return hit;
  // careless: a method that is not there is taken for the first that is
  if (weak('any-method')) return hits[0]!;
  const methods = hits.flatMap(({ declared }) => (declared.method === 'GET' ? ['GET', 'HEAD'] : [declared.method]));
  const allow = [...new Set(methods)].join(', ');
  throw new Refusal('no_such_method', `Allowed here: ${allow}.`, { status: 405, headers: { allow } });
}

/** Turns whatever was thrown into an answer. */
function failure(market: Market, error: unknown): Reply & { readonly error: object } {
  const { weak } = market;
  const server = weak('verbose-errors') ? { server: versions(market) } : {};
  if (error instanceof Refusal) {
    const { code, message, fields, more, status, headers } = error;
    return {
      status,
      headers,
      error: { code, message, ...(fields === undefined ? {} : { fields }), ...more, ...server },
    };
  }
  // careless: "then support knows at once what it was"
  if (weak('sql-errors') && error instanceof DatabaseError) {
    return { error: { code: 'database', message: error.message, sql: error.sql, ...server } };
  }
  const stack = weak('stack-traces') && error instanceof Error ? { stack: error.stack } : {};
  const message = weak('stack-traces') ? String(error) : 'Something went wrong.';
  return { status: 500, error: { code: 'internal', message, ...stack, ...server } };
}

const versions = ({ database }: Market): string =>
  `market/2.3.1 node/${process.versions.node} sqlite/${database.version()} (${process.platform})`;

function send(
  market: Market,
  request: IncomingMessage,
  response: ServerResponse,
  reply: Reply & { readonly error?: object },
): void {
  const { weak } = market;
  response.statusCode = reply.status ?? 200;
  response.setHeader('cache-control', weak('cacheable-private') ? 'public, max-age=600' : 'no-store');
  if (!weak('sniffable')) {
    response.setHeader('x-content-type-options', 'nosniff');
    response.setHeader('content-security-policy', "default-src 'none'; frame-ancestors 'none'; sandbox");
  }
  const origin = request.headers.origin;
  if (weak('cors-any') && origin !== undefined) {
    response.setHeader('access-control-allow-origin', origin);
    response.setHeader('access-control-allow-credentials', 'true');
    response.setHeader('access-control-allow-methods', 'GET, POST, PUT, PATCH, DELETE');
    response.setHeader('access-control-allow-headers', request.headers['access-control-request-headers'] ?? '*');
  }
  if (weak('verbose-errors')) {
    response.setHeader('server', versions(market));
    response.setHeader('x-powered-by', 'market');
  }
  for (const [name, value] of Object.entries(reply.headers ?? {})) response.setHeader(name, value);
  if (reply.status === 204 || reply.status === 302) {
    response.end();
    return;
  }
  const envelope = reply.error === undefined ? { ok: true, data: reply.data } : { ok: false, error: reply.error };
  const { type, content } = reply.raw ?? { type: 'application/json; charset=utf-8', content: JSON.stringify(envelope) };
  response.setHeader('content-type', type);
  response.setHeader('content-length', Buffer.byteLength(content));
  response.end(content);
}
