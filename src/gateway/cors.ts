import type { CanonicalRequest, Exchange } from './exchange.ts';
import type { ListenSettings } from './settings.ts';

type Cors = NonNullable<ListenSettings['cors']>;

/** Answers cross-origin questions as configured; what no one configured gets no CORS headers at all. */
export class CrossOrigin {
  readonly #cors: Cors | undefined;
  readonly #origins: ReadonlySet<string>;

  constructor(cors: Cors | undefined) {
    this.#cors = cors;
    this.#origins = new Set(cors?.origins);
  }

  /** Whether this is a preflight (Fetch standard, CORS-preflight request) that the gate answers itself. */
  isPreflight(request: CanonicalRequest): boolean {
    return (
      this.#cors !== undefined &&
      request.method === 'OPTIONS' &&
      request.headers['origin'] !== undefined &&
      request.headers['access-control-request-method'] !== undefined
    );
  }

  /**
   * Headers for the answer to an allowed origin, set on the exchange.
   * @param methods for a preflight: what the path allows
   */
  mark(exchange: Exchange, methods?: readonly string[]): void {
    const cors = this.#cors;
    if (cors === undefined) return;
    const headers = exchange.answerHeaders;
    headers['vary'] = 'Origin';
    const origin = exchange.request.headers['origin'];
    if (origin === undefined) return;
    const any = this.#origins.has('*') && !cors.credentials;
    if (!any && !this.#origins.has(origin)) return;
    headers['access-control-allow-origin'] = any ? '*' : origin;
    if (cors.credentials) headers['access-control-allow-credentials'] = 'true';
    if (methods === undefined) {
      if (cors.expose.length > 0) headers['access-control-expose-headers'] = cors.expose.join(', ');
      return;
    }
    headers['access-control-allow-methods'] = methods.join(', ');
    headers['access-control-allow-headers'] = cors.headers.join(', ');
    headers['access-control-max-age'] = String(cors.maxAge);
  }
}
