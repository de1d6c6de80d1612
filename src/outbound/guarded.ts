import { lookup as dnsLookup, type LookupAddress } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { Agent, type Dispatcher, errors, request } from 'undici';
import { isPublicAddress } from '../shared/address.ts';
import { type Outbound, type OutboundAnswer, OutboundError, type OutboundOptions } from './outbound.ts';

const DEFAULT_MAX_BYTES = 5 * 1024 * 1024;
const DEFAULT_TIMEOUT = 10_000;
/** Longest URL that is asked for. */
const MAX_URL = 8_192;
/** Exchanges at one time; the others wait in line, inside their own deadline. */
const MAX_CONCURRENT = 16;
const MAX_WAITING = 256;

export interface OutboundSettings {
  /**
   * Hosts that documents and tokens may name: exact, or `*.example.com` for every name beneath. Absent: any host on a
   * public address. What the operator named (`allowPrivate`) is not held against this list.
   */
  readonly allowHosts?: readonly string[];
  /** PEM certificates of authorities trusted in place of the runtime's own (node's `ca` option). */
  readonly ca?: string | Buffer | readonly (string | Buffer)[];
  /** Name resolution, for tests. Default: the system's. */
  readonly resolve?: (host: string) => Promise<readonly { readonly address: string; readonly family: number }[]>;
}

/**
 * Makes the guarded client (see `Outbound`). Every connection is new and goes to an address that was checked before:
 * the name is resolved once, so that it cannot mean something else a moment later (DNS rebinding). No proxies from
 * the environment, no redirects, no content codings: bytes on the wire are the bytes that are counted.
 */
export function createOutbound(settings: OutboundSettings = {}): Outbound {
  const allowed = settings.allowHosts?.map((host) => host.toLowerCase().replace(/\.$/, ''));
  const resolve = settings.resolve ?? resolveBySystem;
  const gate = createGate();
  return {
    async fetch(text, options = {}) {
      const url = readUrl(text, options);
      const host = url.hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');
      if (!options.allowPrivate && allowed && !allowed.some((pattern) => hostMatches(host, pattern))) {
        throw new OutboundError(
          'address',
          `${show(url)}: the host is not on the list of allowed hosts; add '${host}' to it if documents may name it`,
        );
      }
      const timeout = options.timeout ?? DEFAULT_TIMEOUT;
      const deadline = new AbortController();
      const timer = setTimeout(() => deadline.abort(), timeout);
      let leave: (() => void) | undefined;
      try {
        leave = await unlessAborted(gate(), deadline.signal, (late) => late());
        const addresses = await unlessAborted(checkedAddresses(url, host, options, resolve), deadline.signal);
        return await exchange(url, addresses, options, settings, deadline.signal);
      } catch (error) {
        throw asOutboundError(error, url, timeout, deadline.signal);
      } finally {
        clearTimeout(timer);
        leave?.();
      }
    },
  };
}

function readUrl(text: string, options: OutboundOptions): URL {
  // The parser below folds every numeric spelling of an IPv4 host (0x7f.1, 2130706433, 127.1) into the dotted one.
  const url = text.length <= MAX_URL ? URL.parse(text) : null;
  if (!url)
    throw new OutboundError('url', 'not an absolute URL (or longer than 8,192 characters); write https://host/path');
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && options.allowPlain)) {
    const mend = url.protocol === 'http:' ? 'use https' : 'only https is fetched';
    throw new OutboundError('scheme', `${show(url)}: the scheme ${url.protocol} is not allowed here; ${mend}`);
  }
  if (url.username !== '' || url.password !== '') {
    throw new OutboundError('url', `${show(url)}: credentials do not belong into a URL; take them out`);
  }
  if (url.hostname === '') throw new OutboundError('url', 'the URL has no host');
  return url;
}

/** Exact, or beneath `*.`; never a match of IP literals by pattern. */
function hostMatches(host: string, pattern: string): boolean {
  if (!pattern.startsWith('*.')) return host === pattern;
  return isIP(host) === 0 && host.endsWith(pattern.slice(1)) && host.length > pattern.length - 1;
}

async function checkedAddresses(
  url: URL,
  host: string,
  options: OutboundOptions,
  resolve: NonNullable<OutboundSettings['resolve']>,
): Promise<LookupAddress[]> {
  const literal = isIP(host);
  const found = literal ? [{ address: host, family: literal }] : await resolve(host);
  if (found.length === 0) throw new OutboundError('network', `${show(url)}: the host has no address; check the name`);
  // One bad address is enough: a name with a public and a private one is an attack more often than a mistake.
  if (!options.allowPrivate && !found.every(({ address }) => isPublicAddress(address))) {
    throw new OutboundError(
      'address',
      `${show(url)}: the host is on a private, loopback or reserved address, which a document or token may not name; ` +
        'name the URL yourself in the configuration, or use a public host',
    );
  }
  return found.slice(0, 8).map(({ address, family }) => ({ address, family }));
}

async function exchange(
  url: URL,
  addresses: LookupAddress[],
  options: OutboundOptions,
  settings: OutboundSettings,
  signal: AbortSignal,
): Promise<OutboundAnswer> {
  const maxBytes = options.maxBytes ?? DEFAULT_MAX_BYTES;
  const timeout = options.timeout ?? DEFAULT_TIMEOUT;
  const ca = options.ca ?? settings.ca;
  const lookup: LookupFunction = (_name, wanted, callback) => {
    if (wanted.all) callback(null, addresses);
    else callback(null, addresses[0]!.address, addresses[0]!.family);
  };
  const agent = new Agent({
    allowH2: false,
    connections: 1,
    pipelining: 0,
    maxHeaderSize: 16_384,
    headersTimeout: timeout,
    bodyTimeout: timeout,
    connect: {
      lookup,
      timeout,
      rejectUnauthorized: true,
      minVersion: 'TLSv1.2',
      ...(ca === undefined ? {} : { ca: ca as string | Buffer | (string | Buffer)[] }),
    },
  });
  try {
    const answer = await request(url, {
      dispatcher: agent,
      signal,
      method: options.form === undefined ? 'GET' : 'POST',
      headers: {
        accept: options.accept ?? '*/*',
        'accept-encoding': 'identity',
        'user-agent': 'portcullis',
        ...(options.authorization === undefined ? {} : { authorization: options.authorization }),
        ...(options.form === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' }),
      },
      body: options.form?.toString() ?? null,
    });
    judgeHead(url, answer, maxBytes);
    const body = await readBody(url, answer.body, maxBytes);
    const headers: Record<string, string> = Object.create(null);
    for (const [name, value] of Object.entries(answer.headers)) {
      if (value !== undefined) headers[name.toLowerCase()] = Array.isArray(value) ? value.join(', ') : value;
    }
    const mediaType = (headers['content-type'] ?? '').split(';', 1)[0]!.trim().toLowerCase();
    return { status: answer.statusCode, mediaType, headers, body };
  } finally {
    // Not awaited: nothing waits for a peer that will not close.
    void agent.destroy().catch(() => {});
  }
}

function judgeHead(url: URL, answer: Dispatcher.ResponseData, maxBytes: number): void {
  const { statusCode: status, headers } = answer;
  const problem = (code: OutboundError['code'], message: string): never => {
    answer.body.on('error', () => {});
    answer.body.destroy();
    throw new OutboundError(code, `${show(url)}: ${message}`, { status });
  };
  if (status >= 300 && status < 400) {
    problem('redirect', `answered ${status}; redirects are not followed: name the final URL`);
  }
  if (status < 200 || status > 299) problem('status', `answered ${status} instead of 200; check the URL`);
  const coding = headers['content-encoding'];
  if (coding !== undefined && String(coding).trim().toLowerCase() !== 'identity' && String(coding) !== '') {
    problem('network', 'answered with a content coding that was not asked for; serve it without compression');
  }
  if (Number(headers['content-length'] ?? 0) > maxBytes) problem('size', tooLarge(maxBytes));
}

async function readBody(url: URL, body: Dispatcher.ResponseData['body'], maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maxBytes) throw new OutboundError('size', `${show(url)}: ${tooLarge(maxBytes)}`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, size);
}

const tooLarge = (maxBytes: number): string =>
  `is larger than ${maxBytes.toLocaleString('en')} bytes; serve a smaller document`;

/** A URL for messages: no user, no query (either may hold a credential). */
const show = (url: URL): string => `${url.protocol}//${url.host}${url.pathname}`.slice(0, 300);

function asOutboundError(error: unknown, url: URL, timeout: number, signal: AbortSignal): OutboundError {
  if (error instanceof OutboundError) return error;
  const late =
    signal.aborted ||
    error instanceof errors.HeadersTimeoutError ||
    error instanceof errors.BodyTimeoutError ||
    error instanceof errors.ConnectTimeoutError;
  if (late) {
    return new OutboundError(
      'timeout',
      `${show(url)}: took longer than ${timeout.toLocaleString('en')} ms; is it reachable?`,
    );
  }
  const { code } = error as NodeJS.ErrnoException;
  const what = code ?? (error instanceof Error ? error.name : 'unknown failure');
  return new OutboundError('network', `${show(url)}: cannot be fetched (${what}); check host, port and certificate`, {
    cause: error,
  });
}

const resolveBySystem = (host: string): Promise<LookupAddress[]> =>
  new Promise((done, fail) => {
    dnsLookup(host, { all: true, order: 'verbatim' }, (error, found) => (error ? fail(error) : done(found)));
  });

/** Waits for work, but not beyond the signal; what comes late is handed to `discard`. */
function unlessAborted<T>(work: Promise<T>, signal: AbortSignal, discard?: (late: T) => void): Promise<T> {
  return new Promise((done, fail) => {
    const onAbort = (): void => fail(signal.reason);
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
    work.then(
      (value) => {
        signal.removeEventListener('abort', onAbort);
        if (signal.aborted) discard?.(value);
        done(value);
      },
      (error: unknown) => {
        signal.removeEventListener('abort', onAbort);
        fail(error);
      },
    );
  });
}

/** Lets MAX_CONCURRENT in at a time, in order; the promise gives the function that leaves again. */
function createGate(): () => Promise<() => void> {
  let inside = 0;
  const waiting: (() => void)[] = [];
  const leave = (): void => {
    inside--;
    waiting.shift()?.();
  };
  return () =>
    new Promise((enter, refuse) => {
      const go = (): void => {
        inside++;
        enter(leave);
      };
      if (inside < MAX_CONCURRENT) go();
      else if (waiting.length < MAX_WAITING) waiting.push(go);
      else refuse(new OutboundError('network', 'too many outbound requests are waiting; try again later'));
    });
}
