/** How a credential is carried: what becomes a security scheme. Never holds its value. */
export type Carrier =
  | { readonly type: 'bearer' }
  | { readonly type: 'basic' }
  | { readonly type: 'key'; readonly in: 'header' | 'query' | 'cookie'; readonly name: string };

/** One request with its answer, wherever it was seen: asked by the scanner, or in a HAR file. */
export interface Sighting {
  /** Upper case. */
  readonly method: string;
  /** Segments, decoded; `{}` or `{name}` for one that is known to be a parameter. */
  readonly path: readonly string[];
  readonly query: readonly (readonly [name: string, value: string])[];
  /** JSON or the fields of a form as an object; undefined value: only the type is known. */
  readonly body?: { readonly type: string; readonly value: unknown } | undefined;
  /** undefined: it was only told that there is such an operation. */
  readonly answer?: { readonly status: number; readonly type: string; readonly json: unknown } | undefined;
  /** How the credentials that were sent are carried; empty: none was sent. */
  readonly carriers: readonly Carrier[];
  /** Whether the answer says: who are you? undefined where that is not known. */
  readonly refused?: boolean | undefined;
}

export const carrierName = (carrier: Carrier): string => {
  if (carrier.type !== 'key') return carrier.type;
  return `${carrier.in}-${carrier.name}`.replace(/[^A-Za-z0-9._-]/g, '-').slice(0, 80);
};

const SECRET_HEADER =
  /^(?:x-)?(?:.*[-_])?(?:api[-_]?key|auth(?:entication|orization)?|token|session|jwt|secret|access[-_]?key)(?:[-_]id)?$/i;
const NOT_SECRET = /csrf|xsrf|sec-websocket|idempotency/i;
const SECRET_QUERY =
  /^(?:api[-_]?key|access[-_]?token|auth[-_]?token|token|jwt|session[-_]?(?:id|key|token)?|sid|apikey|key|secret|signature|sig)$/i;
const SECRET_COOKIE = /sess|sid|token|auth|jwt|login|remember|identity/i;

/** Whether a header carries a credential. */
export const carrierOfHeader = (name: string, value: string): Carrier | undefined => {
  if (/^authorization$/i.test(name)) {
    if (/^bearer\s/i.test(value)) return { type: 'bearer' };
    if (/^basic\s/i.test(value)) return { type: 'basic' };
    return { type: 'key', in: 'header', name: 'Authorization' };
  }
  if (/^(?:proxy-authorization|cookie)$/i.test(name) || NOT_SECRET.test(name) || value === '') return undefined;
  return SECRET_HEADER.test(name) ? { type: 'key', in: 'header', name } : undefined;
};

/** Whether a query parameter carries a credential. */
export const carrierOfQuery = (name: string): Carrier | undefined =>
  SECRET_QUERY.test(name) ? { type: 'key', in: 'query', name } : undefined;

/** Whether a cookie carries a session. */
export const carrierOfCookie = (name: string): Carrier | undefined =>
  SECRET_COOKIE.test(name) && !NOT_SECRET.test(name) ? { type: 'key', in: 'cookie', name } : undefined;

/** Segments of a path, decoded where they can be; undefined for one that is not servable. */
export function segmentsOf(path: string): readonly string[] | undefined {
  const segments = path.split('/').filter((segment) => segment !== '');
  if (segments.length > 20 || path.length > 2_000) return undefined;
  return segments.map((segment) => {
    try {
      return decodeURIComponent(segment);
    } catch {
      return segment;
    }
  });
}

export const pathOf = (segments: readonly string[]): string =>
  `/${segments.map((segment) => encodeURIComponent(segment).replace(/%(?:40|3A|2C|24)/gi, (code) => decodeURIComponent(code))).join('/')}`;
