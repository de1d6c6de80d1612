import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import type { Operation, SecurityRequirement, SecurityScheme } from '../contract/model.ts';
import { type CanonicalRequest, Exchange, type Peer } from '../gateway/exchange.ts';
import type { Refusal } from '../gateway/refusal.ts';
import type { Policy } from '../gateway/room.ts';
import type { AuditEvent, Services } from '../gateway/services.ts';
import { type Outbound, OutboundError } from '../outbound/outbound.ts';
import type { Clock } from '../shared/clock.ts';
import { createCounters } from '../storage/memory-counters.ts';
import { memoryStore } from '../storage/memory-store.ts';
import type { Store } from '../storage/store.ts';
import { authentication } from './authentication.ts';
import { type AuthenticationSettings, settings } from './settings.ts';

/** A clock that tests move. */
export class FakeClock implements Clock {
  time = Date.UTC(2030, 0, 1);
  now(): number {
    return this.time;
  }
  monotonic(): number {
    return this.time;
  }
  pass(milliseconds: number): void {
    this.time += milliseconds;
  }
}

export interface World extends Services {
  readonly clock: FakeClock;
  readonly events: AuditEvent[];
  /** Calls of `store.get`. */
  gets: number;
  /** What the outbound client answers; undefined: the network is down. */
  document: ((url: string) => Buffer) | undefined;
  fetches: string[];
}

/** Services on memory, with everything in reach of a test. */
export function world(store: Store = memoryStore()): World {
  const clock = new FakeClock();
  const kept = new Map<string, unknown>();
  const made: World = {
    store: {
      ...bound(store),
      get: (collection, id) => {
        made.gets++;
        return store.get(collection, id);
      },
    },
    counters: createCounters({ clock }),
    outbound: {
      fetch: async (url) => {
        made.fetches.push(url);
        if (made.document === undefined) throw new OutboundError('network', 'down');
        return { status: 200, mediaType: 'application/json', headers: {}, body: made.document(url) };
      },
    } satisfies Outbound,
    clock,
    dataDirectory: '',
    baseDirectory: '',
    event: (event) => made.events.push(event),
    count: () => undefined,
    keep: <T>(name: string, make: () => T): T => {
      if (!kept.has(name)) kept.set(name, make());
      return kept.get(name) as T;
    },
    events: [],
    gets: 0,
    document: undefined,
    fetches: [],
  };
  return made;
}

const bound = (store: Store): Store => ({
  get: (collection, id) => store.get(collection, id),
  put: (collection, id, record) => store.put(collection, id, record),
  delete: (collection, id) => store.delete(collection, id),
  list: (collection) => store.list(collection),
  transaction: (work) => store.transaction(work),
  version: () => store.version(),
  close: () => store.close(),
});

const PLACE = { file: 'api.yaml', line: 3, column: 5 };

export const scheme = (parts: Partial<SecurityScheme> & Pick<SecurityScheme, 'type'>): SecurityScheme => ({
  name: parts.name ?? `${parts.type}-${parts.scheme ?? parts.in ?? ''}`,
  place: PLACE,
  ...parts,
});

export const KEY_HEADER = scheme({ type: 'apiKey', in: 'header', parameter: 'x-api-key' });
export const KEY_COOKIE = scheme({ type: 'apiKey', in: 'cookie', parameter: 'session' });
export const KEY_QUERY = scheme({ type: 'apiKey', in: 'query', parameter: 'api_key' });
export const BASIC_AUTH = scheme({ type: 'http', scheme: 'basic' });
export const BEARER_AUTH = scheme({ type: 'http', scheme: 'bearer' });
export const OAUTH = scheme({ type: 'oauth2' });

/** An alternative that demands all these schemes. */
export const all = (...schemes: SecurityScheme[]): SecurityRequirement => ({
  schemes: schemes.map((one) => ({ scheme: one, scopes: [] })),
});

export const operation = (security: readonly SecurityRequirement[] | undefined): Operation => ({
  key: 'GET /patients',
  operationId: undefined,
  method: 'GET',
  template: '/patients',
  tags: [],
  summary: undefined,
  deprecated: false,
  parameters: [],
  body: undefined,
  responses: [],
  security,
  extensions: new Map(),
  place: PLACE,
});

export const policy = (given: Record<string, unknown> = {}): Policy<AuthenticationSettings> => ({
  settings: settings.parse(given),
  origins: {},
});

export interface Sent {
  readonly headers?: Record<string, string>;
  readonly query?: string;
  readonly address?: string;
  readonly method?: string;
  readonly path?: string;
  readonly authority?: string;
  readonly peer?: Partial<Peer>;
}

export function exchange(sent: Sent = {}): Exchange {
  const { headers = {}, query = '', address = '192.0.2.1', method = 'GET', path = '/patients' } = sent;
  const authority = sent.authority ?? 'api.example';
  const request: CanonicalRequest = {
    method,
    version: '1.1',
    host: authority.replace(/:\d+$/, ''),
    authority,
    path,
    segments: path.slice(1).split('/'),
    query,
    headers: Object.assign(Object.create(null) as Record<string, string>, headers),
  };
  const standsFor = (host: string) => host === 'api.example';
  return new Exchange(
    'x1',
    0,
    0,
    { address, socket: address, secure: true, tls: 'TLSv1.3', standsFor, ...sent.peer },
    request,
  );
}

/** Compiles the stage of an operation and sends requests through it. */
export function gate(services: Services, security: readonly SecurityRequirement[] | undefined, given = {}) {
  const stage = authentication.stages(policy(given), operation(security), services).authenticate;
  return async (sent: Sent = {}): Promise<{ refusal: Refusal | undefined; exchange: Exchange }> => {
    const made = exchange(sent);
    const refusal = stage === undefined ? undefined : await stage(made);
    return { refusal, exchange: made };
  };
}

export const basicHeader = (name: string, password: string): Record<string, string> => ({
  authorization: `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}`,
});
export const bearer = (token: string): Record<string, string> => ({ authorization: `Bearer ${token}` });

const b64 = (value: unknown): string =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');

/** An issuer of ES256 tokens. */
export class TestIssuer {
  readonly name = 'https://issuer.example';
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
  readonly kid: string;

  constructor(kid = 'k1') {
    this.kid = kid;
    ({ publicKey: this.publicKey, privateKey: this.privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' }));
  }

  get jwk(): Record<string, unknown> {
    return { ...this.publicKey.export({ format: 'jwk' }), kid: this.kid, alg: 'ES256', use: 'sig' };
  }

  set(...more: unknown[]): Buffer {
    return Buffer.from(JSON.stringify({ keys: [this.jwk, ...more] }));
  }

  /** Claims that are fine at this time. */
  claims(now: number, more: Record<string, unknown> = {}): Record<string, unknown> {
    return { iss: this.name, aud: 'clinic', sub: 'ann', exp: now / 1000 + 600, ...more };
  }

  /** Header and payload as objects, or as text where a test needs a certain spelling. */
  token(payload: unknown, header: unknown = { alg: 'ES256', kid: this.kid, typ: 'JWT' }): string {
    const signed = `${b64(header)}.${b64(payload)}`;
    const signature = sign('sha256', Buffer.from(signed), { key: this.privateKey, dsaEncoding: 'ieee-p1363' });
    return `${signed}.${signature.toString('base64url')}`;
  }
}
