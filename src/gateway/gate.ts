import { STATUS_CODES } from 'node:http';
import type { Http2ServerRequest } from 'node:http2';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { hstsAppliesTo } from '../encryption/hsts.ts';
import type { UpstreamTls } from '../encryption/tls.ts';
import { Targets } from '../forwarding/targets.ts';
import { canonicalRequest, type RequestLimits } from './canonical-request.ts';
import { CrossOrigin } from './cors.ts';
import { Deadlines } from './deadlines.ts';
import { type CanonicalRequest, Exchange, type Peer } from './exchange.ts';
import { exchangeId } from './exchange-id.ts';
import type { Metrics } from './metrics.ts';
import { Passage, type PassageContext, type Recorder } from './passage.ts';
import { type ClientFinder, clientFinder, peerOf } from './peer.ts';
import type { Plan, Published } from './plan.ts';
import { problemBody } from './problem.ts';
import { type Incoming, type Outgoing, RequestBody } from './read-body.ts';
import { type Refusal, refuse } from './refusal.ts';

/** What depends on the configuration and is swapped as one. */
interface InForce {
  readonly plan: Plan;
  readonly targets: Targets;
  readonly limits: RequestLimits;
  readonly client: ClientFinder;
  readonly cross: CrossOrigin;
  readonly hosts: ReadonlySet<string>;
  readonly hsts: string | undefined;
  readonly bodyDeadlines: Deadlines;
  readonly context: PassageContext;
}

const NOTHING: CanonicalRequest = Object.freeze({
  method: '-',
  version: '-',
  host: '',
  authority: '',
  path: '-',
  segments: [],
  query: '',
  headers: Object.freeze(Object.create(null)),
});

/**
 * What a client says in `Expect` (RFC 9110, section 10.1.1): nothing, that it waits for `100 Continue` before it sends
 * the body, or something that nobody can meet.
 */
export type Expectation = 'none' | 'continue' | 'unknown';

/** Methods no contract can ask for. */
const REFUSED_METHODS = new Set(['TRACE', 'TRACK', 'CONNECT']);

/** The gate: takes requests from any listener and leads each along the way of the plan in force. */
export class Gate {
  readonly #recorder: Recorder;
  readonly #metrics: Metrics;
  /**
   * A number, not a Set of passages: V8 links a Set's outgrown tables, and one that has been promoted keeps all later ones
   * and whatever was in them until the next full collection.
   */
  #running = 0;
  readonly #malformed = new WeakSet<Duplex>();
  #force: InForce;
  #idle: (() => void) | undefined;

  /** @param hsts value of Strict-Transport-Security, or undefined for none */
  constructor(plan: Plan, tls: UpstreamTls, hsts: string | undefined, recorder: Recorder, metrics: Metrics) {
    this.#recorder = recorder;
    this.#metrics = metrics;
    this.#force = this.#inForce(plan, tls, hsts);
    metrics.gauge('portcullis_exchanges_running', () => this.#running);
  }

  get plan(): Plan {
    return this.#force.plan;
  }

  get targets(): Targets {
    return this.#force.targets;
  }

  get running(): number {
    return this.#running;
  }

  /** Puts a new plan into force for all exchanges that begin from now on; running ones end under the old one. */
  swap(plan: Plan, tls: UpstreamTls, hsts: string | undefined): void {
    const old = this.#force;
    this.#force = this.#inForce(plan, tls, hsts);
    void old.targets.close();
  }

  #inForce(plan: Plan, tls: UpstreamTls, hsts: string | undefined): InForce {
    const { listen, upstream, forwarding } = plan.configuration;
    const targets = new Targets(upstream, forwarding, tls);
    return {
      plan,
      targets,
      limits: { maxTarget: listen.maxTarget, maxHeaders: listen.maxHeaders },
      client: clientFinder(listen.trustedProxies),
      cross: new CrossOrigin(listen.cors),
      hosts: new Set(listen.hosts),
      hsts,
      bodyDeadlines: new Deadlines(listen.bodyTimeout),
      context: {
        recorder: this.#recorder,
        metrics: this.#metrics,
        targets,
        over: () => {
          if (--this.#running === 0) this.#idle?.();
        },
      },
    };
  }

  /** Takes one request. */
  handle(req: Incoming, res: Outgoing, expectation: Expectation): void {
    const force = this.#force;
    const started = performance.now();
    const time = Date.now();
    const id = exchangeId(time);
    const direct = peerOf(req.socket as Socket);
    const raw = {
      method: req.method ?? '',
      version: req.httpVersion,
      target: req.url ?? '',
      rawHeaders: req.httpVersionMajor >= 2 ? withoutPseudo(req.rawHeaders) : req.rawHeaders,
      authority: req.httpVersionMajor >= 2 ? (req as Http2ServerRequest).authority : undefined,
      secure: direct.secure,
    };
    const canonical = canonicalRequest(raw, force.limits);
    if (!('request' in canonical)) {
      const exchange = new Exchange(id, time, started, direct, {
        ...NOTHING,
        method: raw.method.slice(0, 16),
        version: raw.version,
      });
      this.#begin(exchange, force, req, res).refuse(canonical);
      return;
    }
    const { request } = canonical;
    const exchange = new Exchange(id, time, started, force.client(direct, canonical.forwardedFor), request);
    if (force.hsts !== undefined && hstsAppliesTo(request.host))
      exchange.answerHeaders['strict-transport-security'] = force.hsts;
    force.cross.mark(exchange);
    exchange.source = new RequestBody(req, res, force.bodyDeadlines, expectation === 'continue');
    if (expectation === 'unknown') this.#begin(exchange, force, req, res).start(() => refuse('expectation-failed'));
    else this.#route(exchange, force, req, res);
  }

  #begin(
    exchange: Exchange,
    force: InForce,
    req: Incoming,
    res: Outgoing,
    operationPlan = force.plan.unmatched,
  ): Passage {
    const passage = new Passage(exchange, operationPlan, force.context, req, res);
    this.#running++;
    return passage;
  }

  #route(exchange: Exchange, force: InForce, req: Incoming, res: Outgoing): void {
    const { request } = exchange;
    const { plan } = force;
    const unmatched = (refusal: Refusal): void => this.#begin(exchange, force, req, res).start(() => refusal);
    if (force.hosts.size > 0 && !force.hosts.has(request.host)) {
      unmatched(refuse('host-unknown'));
      return;
    }
    if (REFUSED_METHODS.has(request.method)) {
      unmatched(refuse('method-refused'));
      return;
    }
    const own = plan.published.get(request.path);
    if (own !== undefined) {
      this.#publish(exchange, force, req, res, own);
      return;
    }
    const match = plan.contract.router.match(request.method, request.segments);
    if (match === undefined) {
      unmatched(refuse('unknown-path'));
      return;
    }
    if ('allow' in match) {
      if (force.cross.isPreflight(request)) this.#preflight(exchange, force, req, res, match.allow);
      else unmatched(refuse('unknown-method', { headers: { allow: match.allow.join(', ') } }));
      return;
    }
    exchange.operation = match.operation;
    exchange.pathValues = match.values;
    const operationPlan = plan.operations.get(match.operation);
    if (operationPlan === undefined) {
      unmatched(refuse('internal', { evidence: { missing: match.operation.key } }));
      return;
    }
    this.#begin(exchange, force, req, res, operationPlan).start();
  }

  /** A public document of the gate's own: throttled by address like everything else, and recorded. */
  #publish(exchange: Exchange, force: InForce, req: Incoming, res: Outgoing, { mediaType, bytes }: Published): void {
    const passage = this.#begin(exchange, force, req, res);
    passage.start(() => {
      if (req.method !== 'GET' && req.method !== 'HEAD')
        return refuse('unknown-method', { headers: { allow: 'GET, HEAD' } });
      passage.answerItself(200, { 'content-type': mediaType, 'cache-control': 'public, max-age=300' }, bytes);
      return undefined;
    });
  }

  #preflight(exchange: Exchange, force: InForce, req: Incoming, res: Outgoing, methods: readonly string[]): void {
    force.cross.mark(exchange, methods);
    const passage = this.#begin(exchange, force, req, res);
    passage.start(() => {
      passage.answerItself(204);
      return undefined;
    });
  }

  /** Bytes that were no HTTP: answered in kind where something can still be said, and recorded. */
  malformed(error: NodeJS.ErrnoException, socket: Duplex): void {
    // The parser may complain once more of the same bytes while the answer is on its way.
    if (this.#malformed.has(socket)) return;
    this.#malformed.add(socket);
    const code = error.code ?? '';
    const refusal =
      code === 'HPE_HEADER_OVERFLOW'
        ? refuse('headers-too-large')
        : code === 'ERR_HTTP_REQUEST_TIMEOUT'
          ? refuse('request-timeout')
          : refuse('malformed-request', { evidence: { error: code || error.message } });
    const quiet = code === 'ECONNRESET' || code === 'EPIPE' || !socket.writable;
    if (code === 'ECONNRESET' || code === 'EPIPE') {
      socket.destroy();
      return;
    }
    const time = Date.now();
    const peer: Peer = peerOf(socket as Socket);
    const exchange = new Exchange(exchangeId(time), time, performance.now(), peer, NOTHING);
    exchange.refusal = refusal;
    const body = problemBody(refusal, exchange.id);
    exchange.bytesOut = quiet ? 0 : body.length;
    this.#metrics.count('portcullis_refusals_total', { code: refusal.code });
    const send = (): void => {
      if (quiet || !socket.writable) {
        socket.destroy();
        return;
      }
      socket.end(
        `HTTP/1.1 ${refusal.status} ${STATUS_CODES[refusal.status]}\r\nContent-Type: application/problem+json\r\n` +
          `Content-Length: ${body.length}\r\nX-Exchange-Id: ${exchange.id}\r\nCache-Control: no-store\r\nConnection: close\r\n\r\n${body}`,
      );
      setTimeout(() => socket.destroy(), 1000).unref();
    };
    try {
      const recorded = this.#recorder.record(exchange);
      if (recorded === undefined) send();
      else recorded.then(send, send);
    } catch {
      send();
    }
  }

  /** Resolves when no exchange is running any more, or after `deadline` ms. */
  async drained(deadline: number): Promise<boolean> {
    if (this.#running === 0) return true;
    return await new Promise<boolean>((resolve) => {
      const timer = setTimeout(() => resolve(false), deadline);
      this.#idle = () => {
        clearTimeout(timer);
        resolve(true);
      };
    });
  }

  async close(): Promise<void> {
    await this.#force.targets.close();
  }
}

function withoutPseudo(raw: readonly string[]): string[] {
  const rest: string[] = [];
  for (let i = 0; i < raw.length; i += 2) {
    if ((raw[i] as string).charCodeAt(0) !== 0x3a) rest.push(raw[i] as string, raw[i + 1] as string);
  }
  return rest;
}
