// Careless on purpose: see weaknesses.ts. Never put this in front of anything but Portcullis, on your own machine.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { accepts } from './accept.ts';
import { failure, send, writeByHand } from './answering.ts';
import { needType, readBytes, readJson, utf8 } from './body.ts';
import { type Caller, identify, insider } from './caller.ts';
import { invalid } from './checks.ts';
import { type Ask, type Clinic, Problem, type Reply, type Route } from './clinic.ts';
import { CALLS, type Left, type Limit, limitHeaders } from './limits.ts';
import { match, methodsOf } from './routes.ts';

const TEXT_LIMIT = 64 * 1024;
const OLD = '/v0';

/** The clinic as an HTTP server, not yet listening. */
export function clinicServer(clinic: Clinic): Server {
  const { weak, log } = clinic;
  const server = createServer({ connectionsCheckingInterval: 2_000 }, (request, response) => {
    const exchange = new Exchange(clinic, request, response);
    exchange
      .answer()
      .catch((error: unknown) => failure(clinic, error))
      .then((reply) => {
        log.add(exchange.principal, request.method ?? '', request.url ?? '', reply.status);
        if (response.headersSent) response.destroy();
        else send(clinic, request, response, reply);
      })
      .catch(() => response.destroy());
  });
  if (weak('no-limits')) {
    server.requestTimeout = 0;
    server.headersTimeout = 0;
  } else {
    server.requestTimeout = 30_000;
    server.headersTimeout = 10_000;
    server.maxRequestsPerSocket = 10_000;
    server.maxConnections = 1_000;
  }
  const problem = [['content-type', 'application/problem+json']] as const;
  server.on('connect', (_request, socket) => {
    const { status, body } = failure(clinic, new Problem(405, 'Method not allowed', 'This is no proxy.'));
    writeByHand(socket, status, [...problem, ['allow', 'GET, HEAD, POST, PATCH, DELETE']], JSON.stringify(body));
  });
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    if (!socket.writable) return;
    if (weak('unknown-methods') && error.code === 'HPE_INVALID_METHOD') {
      // careless: even a method that HTTP does not have is fine
      writeByHand(socket, 200, [['content-type', 'application/json']], '{"ok":true}');
      return;
    }
    const { status, body } = failure(clinic, unreadable(error.code));
    writeByHand(socket, status, problem, JSON.stringify(body));
  });
  return server;
}

function unreadable(code: string | undefined): Problem {
  if (code === 'HPE_HEADER_OVERFLOW')
    return new Problem(431, 'Header too large', 'The head of the request is too large.');
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return new Problem(408, 'Too slow', 'The request did not come in time.');
  if (code === 'HPE_INVALID_METHOD') return new Problem(501, 'Not implemented', 'There is no such method.');
  return new Problem(400, 'Invalid request', 'That is no HTTP request.');
}

/** One request on its way to a reply. */
class Exchange {
  readonly #clinic: Clinic;
  readonly #request: IncomingMessage;
  readonly #response: ServerResponse;
  readonly #limited: Left[] = [];
  readonly #address: string;
  #identify: () => Caller = () => insider('nobody');
  /** Who called, for the log; an address where nobody knows. */
  principal: string;

  constructor(clinic: Clinic, request: IncomingMessage, response: ServerResponse) {
    this.#clinic = clinic;
    this.#request = request;
    this.#response = response;
    this.#address = request.socket.remoteAddress ?? '';
    this.principal = this.#address;
  }

  /** @throws Problem and whatever handlers throw */
  async answer(): Promise<Reply> {
    const { weak } = this.#clinic;
    const request = this.#request;
    needOnce(request, 'host', 'authorization', 'content-type', 'content-encoding');
    const { path: whole, query } = target(request.url ?? '/');
    if (weak('cors-any') && request.method === 'OPTIONS' && request.headers.origin !== undefined)
      return { status: 204 };
    // careless: says back what came, tokens and cookies that a proxy added along with it
    if (weak('trace-method') && request.method === 'TRACE') return echo(request);
    // careless: version 0 was switched off in the menu only; it knows no logins
    const old = weak('old-version') && whole.startsWith(`${OLD}/`) && request.method === 'GET';
    const overriding = weak('method-override') ? request.headers['x-http-method-override'] : undefined;
    const overridden = typeof overriding === 'string';
    const method = overridden ? overriding.toUpperCase() : (request.method ?? '');
    const entrance = { method, headers: request.headers, query, overridden };
    this.#identify = once(() => (old ? insider('version 0') : identify(this.#clinic, entrance)));
    this.#count();
    if (weak('credentials-in-url')) query.delete('access_token');

    const found = match(weak, old ? whole.slice(OLD.length) : whole);
    if (found.length === 0) throw new Problem(404, 'Not found', 'There is nothing here.');
    const asked = method === 'HEAD' ? 'GET' : method;
    let hit = found.find(({ route }) => route.method === asked);
    // careless: a method that is not there is taken for the first that is
    if (hit === undefined && weak('unknown-methods')) hit = found[0];
    if (hit === undefined) {
      const allow = methodsOf(found);
      throw new Problem(405, 'Method not allowed', `Allowed here: ${allow}.`, { headers: { allow } });
    }
    if (!hit.route.open) this.#identify();
    this.#negotiate(hit.route, query);
    return hit.route.handle(this.#clinic, this.#ask(method, hit.values, query));
  }

  /** Counts the request against its caller: whoever has no (good) credential is counted by address. */
  #count(): void {
    let known: Caller | undefined;
    try {
      known = this.#identify();
      this.principal = known.principal;
    } catch {
      // Answered by the operation, where it wants to know.
    }
    // careless: as often as the caller likes
    if (!this.#clinic.weak('no-rate-limit')) this.#spend(CALLS, known?.principal ?? this.#address);
  }

  /** @throws Problem 429 */
  #spend(limit: Limit, key: string): void {
    const left = this.#clinic.limits.take(limit, key);
    this.#limited.push(left);
    for (const [name, value] of Object.entries(limitHeaders(this.#limited))) this.#response.setHeader(name, value);
    if (!left.granted) throw new Problem(429, 'Too many requests', 'Slow down, and try again later.');
  }

  /** @throws Problem 400, 406 */
  #negotiate(route: Route, query: URLSearchParams): void {
    const { produces = route.method === 'DELETE' ? '' : 'application/json' } = route;
    if (produces !== '' && !accepts(this.#request.headers.accept, produces)) {
      throw new Problem(406, 'Not acceptable', `The answer is ${produces}.`);
    }
    if (route.queried || this.#clinic.weak('no-validation')) return;
    const [extra] = query.keys();
    if (extra !== undefined) throw invalid([{ at: `?${extra}`.slice(0, 100), detail: 'is not a parameter' }]);
  }

  #ask(method: string, path: Readonly<Record<string, string>>, query: URLSearchParams): Ask {
    const { weak } = this.#clinic;
    const request = this.#request;
    const bytes = (limit: number): Promise<Buffer> => readBytes(weak, request, limit);
    return {
      method,
      path,
      query,
      headers: request.headers,
      address: this.#address,
      caller: () => this.#identify(),
      spend: (limit) => this.#spend(limit, this.principal),
      bytes,
      json: () => readJson(weak, request),
      text: async (type) => {
        needType(request, type);
        return utf8(await bytes(TEXT_LIMIT));
      },
    };
  }
}

/** Fields that have one value: what is there twice is read in two ways. @throws Problem 400 */
function needOnce(request: IncomingMessage, ...names: readonly string[]): void {
  for (const name of names) {
    if ((request.headersDistinct[name]?.length ?? 0) > 1) {
      throw new Problem(400, 'Invalid request', `The header ${name} is repeated.`);
    }
  }
}

function target(url: string): { path: string; query: URLSearchParams } {
  const mark = url.indexOf('?');
  const path = mark < 0 ? url : url.slice(0, mark);
  if (!path.startsWith('/')) throw new Problem(400, 'Invalid request', 'The request target must be a path.');
  return { path, query: new URLSearchParams(mark < 0 ? '' : url.slice(mark + 1)) };
}

function echo(request: IncomingMessage): Reply {
  const lines = [`TRACE ${request.url} HTTP/1.1`];
  for (let at = 0; at < request.rawHeaders.length; at += 2) {
    lines.push(`${request.rawHeaders[at]}: ${request.rawHeaders[at + 1]}`);
  }
  return { status: 200, raw: `${lines.join('\r\n')}\r\n\r\n`, headers: { 'content-type': 'message/http' } };
}

/** Works once, and says (or throws) the same every time. */
function once<T>(work: () => T): () => T {
  let done: (() => T) | undefined;
  return () => {
    if (done === undefined) {
      try {
        const value = work();
        done = () => value;
      } catch (error) {
        done = () => {
          throw error;
        };
      }
    }
    return done();
  };
}
