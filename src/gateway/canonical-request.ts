import { Bare } from '../shared/bare.ts';
import { canonicalPath, checkQuery, NotCanonical } from './canonical-path.ts';
import type { CanonicalRequest } from './exchange.ts';
import { type Refusal, refuse } from './refusal.ts';

/** What the parser saw, the same for HTTP/1.1 and HTTP/2. */
export interface RawRequest {
  readonly method: string;
  readonly version: string;
  readonly target: string;
  /** Names and values in turn, as received (pseudo headers of HTTP/2 left out). */
  readonly rawHeaders: readonly string[];
  /** `:authority` of HTTP/2. */
  readonly authority?: string;
  readonly secure: boolean;
}

export interface RequestLimits {
  /** Characters of the request target. */
  readonly maxTarget: number;
  /** Header fields. */
  readonly maxHeaders: number;
}

/** Fields that must not come twice: two readers would pick different ones (RFC 9110, section 5.3). */
const SINGLETONS = new Set([
  'host',
  'authorization',
  'proxy-authorization',
  'content-type',
  'content-length',
  'content-encoding',
  'content-location',
  'content-range',
  'transfer-encoding',
  'expect',
  'range',
  'if-range',
  'if-modified-since',
  'if-unmodified-since',
  'date',
  'from',
  'location',
  'max-forwards',
  'origin',
  'referer',
  'user-agent',
  'x-api-key',
  'idempotency-key',
  'dpop',
  'access-control-request-method',
  'last-event-id',
  'upgrade',
]);

/** Fields for one connection only (RFC 9110, section 7.6.1); those that `Connection` names come on top. */
const HOP_BY_HOP = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'proxy-authenticate',
  'proxy-authorization',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'http2-settings',
]);

/** Fields by which upstreams are told who calls, or what to do instead: only the gate may say. */
const SPOKEN_BY_THE_GATE = new Set([
  'forwarded',
  'x-real-ip',
  'x-client-ip',
  'x-cluster-client-ip',
  'true-client-ip',
  'cf-connecting-ip',
  'client-ip',
  'fastly-client-ip',
  'x-original-url',
  'x-rewrite-url',
  'x-original-uri',
  'x-original-host',
  'x-original-method',
  'x-http-method-override',
  'x-http-method',
  'x-method-override',
  'x-host',
  'x-forwarded',
  'x-remote-user',
  'remote-user',
  'x-remote-addr',
  'x-envoy-original-path',
  'x-accel-redirect',
  'x-sendfile',
  'x-request-id',
  'x-amzn-trace-id',
  'surrogate-capability',
  'proxy',
]);

const METHOD = /^[A-Z]{3,16}$/;
const AUTHORITY =
  /^(\[[0-9a-f:.]{2,45}\]|[a-z0-9](?:[a-z0-9_-]*[a-z0-9_])?(?:\.[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?)*\.?)(?::(\d{1,5}))?$/;
// Control characters other than tab; llhttp lets some of them through in values.
const CONTROL = /[\x00-\x08\x0a-\x1f\x7f]/;

/**
 * Makes one unambiguous request of what the parser saw, or says why that cannot be done.
 * The forwarded-for chain is handed back apart, because only trusted proxies are believed.
 */
export function canonicalRequest(
  raw: RawRequest,
  limits: RequestLimits,
): { request: CanonicalRequest; forwardedFor: string | undefined } | Refusal {
  if (raw.target.length > limits.maxTarget)
    return refuse('uri-too-long', { detail: `the limit is ${limits.maxTarget} characters` });
  if (raw.rawHeaders.length > limits.maxHeaders * 2) {
    return refuse('headers-too-large', { detail: `the limit is ${limits.maxHeaders} header fields` });
  }
  if (!METHOD.test(raw.method)) return refuse('malformed-request', { detail: 'the method is not a known token' });

  const headers = new Bare<string>();
  const dropped = new Bare<string>();
  const fold = foldHeaders(raw.rawHeaders, headers, dropped);
  if (fold !== undefined) return fold;
  const forwardedFor = dropped['x-forwarded-for'];
  const transfer = dropped['transfer-encoding'];
  if (transfer !== undefined) {
    if (transfer.toLowerCase() !== 'chunked') return ambiguous('the only transfer coding understood is chunked');
    if (headers['content-length'] !== undefined)
      return ambiguous('both Content-Length and Transfer-Encoding were sent');
  }

  const host = headers['host'];
  if (raw.authority !== undefined && host !== undefined && host.toLowerCase() !== raw.authority.toLowerCase()) {
    return ambiguous('Host and :authority differ');
  }
  const authority = (raw.authority ?? host ?? '').toLowerCase();
  const parts = authority.length <= 270 ? AUTHORITY.exec(authority) : null;
  if (parts === null || Number(parts[2] ?? 0) > 65535)
    return ambiguous('Host must be one host, with or without a port');

  let target = raw.target;
  if (target.charCodeAt(0) !== 0x2f) {
    // RFC 9112, section 3.2.2: absolute-form must be understood; it may say nothing else than Host does.
    const scheme = raw.secure ? 'https://' : 'http://';
    const rest = target.slice(scheme.length);
    const slash = rest.search(/[/?#]/);
    const named = slash < 0 ? rest : rest.slice(0, slash);
    if (target.slice(0, scheme.length).toLowerCase() !== scheme || named.toLowerCase() !== authority) {
      return ambiguous('the request target is neither a path nor the URL that Host says');
    }
    target = slash < 0 ? '/' : rest.slice(slash);
    if (target.charCodeAt(0) !== 0x2f) target = `/${target}`;
  }
  const mark = target.indexOf('?');
  const query = mark < 0 ? '' : target.slice(mark + 1);
  const sent = mark < 0 ? target : target.slice(0, mark);
  let path: ReturnType<typeof canonicalPath>;
  try {
    path = canonicalPath(sent);
    if (query !== '') checkQuery(query);
  } catch (error) {
    if (error instanceof NotCanonical) return refuse('path-not-canonical', { detail: error.message });
    throw error;
  }
  const connection = dropped['connection'];
  if (connection !== undefined && connection !== 'keep-alive') dropNamed(connection, headers);
  return {
    request: {
      method: raw.method,
      version: raw.version,
      host: parts[1] as string,
      authority,
      path: path.path,
      segments: path.segments,
      query,
      pathAsSent: sent === path.path ? undefined : sent,
      headers,
    },
    forwardedFor,
  };
}

const ambiguous = (detail: string): Refusal => refuse('ambiguous-request', { detail });

/** What a field name means here; names of no meaning are simply passed on. */
const SINGLETON = 1;
const DROPPED = 2;
const KINDS = new Map<string, number>();
for (const name of SINGLETONS) KINDS.set(name, SINGLETON);
for (const name of [...HOP_BY_HOP, ...SPOKEN_BY_THE_GATE]) KINDS.set(name, (KINDS.get(name) ?? 0) | DROPPED);

function kindOf(name: string): number {
  const known = KINDS.get(name);
  if (known !== undefined) return known;
  const spoken = name.charCodeAt(0) === 0x78 && (name.startsWith('x-portcullis-') || name.startsWith('x-forwarded-'));
  return spoken ? DROPPED : 0;
}

/** Sorts the fields into those that go on and those that are looked at once and dropped; refuses what is ambiguous. */
function foldHeaders(
  raw: readonly string[],
  headers: Record<string, string>,
  dropped: Record<string, string>,
): Refusal | undefined {
  let underscores = false;
  for (let i = 0; i < raw.length; i += 2) {
    const name = (raw[i] as string).toLowerCase();
    const value = raw[i + 1] as string;
    if (CONTROL.test(value)) return refuse('malformed-request', { detail: 'a header value holds a control character' });
    if (name.includes('_')) underscores = true;
    const kind = kindOf(name);
    const into = (kind & DROPPED) === 0 ? headers : dropped;
    const before = into[name];
    if (before === undefined) into[name] = value;
    else if ((kind & SINGLETON) !== 0) return ambiguous(`the header ${name} was sent more than once`);
    else into[name] = name === 'cookie' ? `${before}; ${value}` : `${before}, ${value}`;
  }
  return underscores ? foldSpellings(headers, dropped) : undefined;
}

/** CGI and WSGI read `X_User` and `X-User` as one: both at once can be read in two ways, and no spelling may slip by. */
function foldSpellings(headers: Record<string, string>, dropped: Record<string, string>): Refusal | undefined {
  for (const name of Object.keys(headers)) {
    if (!name.includes('_')) continue;
    const dashed = name.replaceAll('_', '-');
    if (headers[dashed] !== undefined || dropped[dashed] !== undefined)
      return ambiguous(`the header ${dashed} was sent in two spellings`);
    if (kindOf(dashed) !== 0) delete headers[name];
  }
  return undefined;
}

/** Fields that `Connection` names are for this connection only (RFC 9110, section 7.6.1). */
function dropNamed(connection: string, headers: Record<string, string>): void {
  for (const token of connection.split(',')) {
    const name = token.trim().toLowerCase();
    // Host and the framing stay: a client must not be able to take them away.
    if (name !== 'host' && name !== 'content-length' && name !== 'content-type' && name !== 'content-encoding')
      delete headers[name];
  }
}
