import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AuditEvent, Services } from '../../gateway/services.ts';
import type { Clock } from '../../shared/clock.ts';
import { createCounters } from '../../storage/memory-counters.ts';
import { memoryStore } from '../../storage/memory-store.ts';
import type { Login, Passed } from '../server/factor.ts';
import type { UserRecord } from '../users.ts';

/** CBOR (RFC 8949) of what authenticators send: numbers, texts, bytes and maps. */
export function cbor(value: unknown): Buffer {
  const head = (major: number, length: number): Buffer => {
    if (length < 24) return Buffer.of((major << 5) | length);
    if (length < 256) return Buffer.of((major << 5) | 24, length);
    return Buffer.of((major << 5) | 25, length >> 8, length & 0xff);
  };
  if (typeof value === 'number') return value >= 0 ? head(0, value) : head(1, -1 - value);
  if (Buffer.isBuffer(value)) return Buffer.concat([head(2, value.length), value]);
  if (typeof value === 'string') return Buffer.concat([head(3, Buffer.byteLength(value)), Buffer.from(value)]);
  const entries = [...(value as Map<unknown, unknown>)];
  return Buffer.concat([head(5, entries.length), ...entries.flatMap(([key, one]) => [cbor(key), cbor(one)])]);
}

const sha256 = (data: Buffer | string): Buffer => createHash('sha256').update(data).digest();

/** What a test changes about a ceremony. */
export interface Twist {
  readonly origin?: string;
  readonly challenge?: string;
  readonly host?: string;
  readonly type?: string;
  readonly crossOrigin?: boolean;
  readonly topOrigin?: string;
  readonly verified?: boolean;
  readonly counter?: number;
  readonly userHandle?: string;
  readonly signWith?: KeyObject;
  readonly id?: string;
}

/** An authenticator in software: one ES256 key, a counter, and nothing that would keep it from lying. */
export class SoftAuthenticator {
  readonly id = randomBytes(32);
  readonly privateKey: KeyObject;
  readonly #point: { x: Buffer; y: Buffer };
  counter = 0;
  userHandle = '';
  readonly #origin: string;

  constructor(origin: string) {
    this.#origin = origin;
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    this.privateKey = privateKey;
    const { x = '', y = '' } = publicKey.export({ format: 'jwk' });
    this.#point = { x: Buffer.from(x, 'base64url'), y: Buffer.from(y, 'base64url') };
  }

  /** Answers `navigator.credentials.create`, as the script puts it into the form. */
  create(options: { challenge: string; rp: { id: string }; user: { id: string } }, twist: Twist = {}): string {
    this.userHandle = options.user.id;
    const { x, y } = this.#point;
    const key = cbor(
      new Map<unknown, unknown>([
        [1, 2],
        [3, -7],
        [-1, 1],
        [-2, x],
        [-3, y],
      ]),
    );
    const length = Buffer.of(this.id.length >> 8, this.id.length & 0xff);
    const data = Buffer.concat([this.#head(options.rp.id, 0x40, twist), Buffer.alloc(16), length, this.id, key]);
    const attestation = new Map<string, unknown>([
      ['fmt', 'none'],
      ['attStmt', new Map()],
      ['authData', data],
    ]);
    return this.#json(twist, {
      clientDataJSON: this.#client('webauthn.create', options.challenge, twist),
      attestationObject: cbor(attestation).toString('base64url'),
      transports: ['internal'],
    });
  }

  /** Answers `navigator.credentials.get`. */
  get(options: { challenge: string; rpId?: string }, twist: Twist = {}): string {
    this.counter = twist.counter ?? this.counter + 1;
    const client = this.#client('webauthn.get', options.challenge, twist);
    const data = this.#head(options.rpId ?? '', 0, twist);
    const signed = Buffer.concat([data, sha256(Buffer.from(client, 'base64url'))]);
    return this.#json(twist, {
      clientDataJSON: client,
      authenticatorData: data.toString('base64url'),
      signature: sign('sha256', signed, twist.signWith ?? this.privateKey).toString('base64url'),
      userHandle: twist.userHandle ?? this.userHandle,
    });
  }

  #head(host: string, flags: number, twist: Twist): Buffer {
    const head = Buffer.alloc(5);
    head[0] = flags | 0x01 | (twist.verified === false ? 0 : 0x04);
    head.writeUInt32BE(this.counter, 1);
    return Buffer.concat([sha256(twist.host ?? host), head]);
  }

  #client(type: string, challenge: string, twist: Twist): string {
    const { crossOrigin, topOrigin } = twist;
    const data = {
      type: twist.type ?? type,
      challenge: twist.challenge ?? challenge,
      origin: twist.origin ?? this.#origin,
      ...(crossOrigin === undefined ? {} : { crossOrigin }),
      ...(topOrigin === undefined ? {} : { topOrigin }),
    };
    return Buffer.from(JSON.stringify(data)).toString('base64url');
  }

  #json({ id }: Twist, response: object): string {
    const own = id ?? this.id.toString('base64url');
    return JSON.stringify({ id: own, rawId: own, type: 'public-key', clientExtensionResults: {}, response });
  }
}

export interface FactorWorld extends Services {
  readonly clock: Clock & { time: number };
  readonly events: AuditEvent[];
}

/** Services on memory with a data directory of their own. */
export function factorWorld(context: { after(work: () => void): void }): FactorWorld {
  const dataDirectory = mkdtempSync(join(tmpdir(), 'portcullis-factors-'));
  const store = memoryStore();
  context.after(() => {
    store.close();
    rmSync(dataDirectory, { recursive: true, force: true });
  });
  const clock = {
    time: Date.UTC(2030, 0, 1),
    now: () => clock.time,
    monotonic: () => clock.time,
  };
  const kept = new Map<string, unknown>();
  const events: AuditEvent[] = [];
  return {
    store,
    clock,
    events,
    counters: createCounters({ clock }),
    outbound: { fetch: () => Promise.reject(new Error('nothing is fetched')) },
    dataDirectory,
    baseDirectory: dataDirectory,
    event: (event) => void events.push(event),
    count: () => undefined,
    keep: <T>(name: string, make: () => T): T => {
      if (!kept.has(name)) kept.set(name, make());
      return kept.get(name) as T;
    },
  };
}

export const ORIGIN = 'https://login.example';
export const ANN = { id: 'user_ann0000000000000', name: 'ann' };

export const passedPassword = (at = 0): Passed => ({ factor: 'password', amr: ['pwd'], at });

/** A login of Ann that has come as far as the password. */
export const loginOf = (more: Partial<Login> = {}): Login => ({
  name: ANN.name,
  user: { id: ANN.id, disabled: false } as UserRecord,
  client: { id: 'app', name: 'App' },
  acrValues: [],
  passed: [passedPassword()],
  address: '192.0.2.1',
  group: '192.0.2.1',
  origin: ORIGIN,
  language: 'en',
  state: {},
  ...more,
});

export const form = (fields: Record<string, string>): ReadonlyMap<string, string> => new Map(Object.entries(fields));
