import { createPrivateKey, createPublicKey, generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { readPrivate, writeWhole } from '../../encryption/private-file.ts';
import type { Clock } from '../../shared/clock.ts';
import type { Store } from '../../storage/store.ts';
import { randomBase62 } from '../random.ts';
import type { ServerSettings } from './settings.ts';

/** A key is published for this long before it signs, in ms: others keep key sets for minutes. */
const LEAD = 30 * 60_000;
/** Cookie keys kept beside the newest. */
const COOKIE_KEYS = 2;
const PUBLIC = 0o644;

/** One key for ES256. Times are epoch milliseconds. */
interface SigningKey {
  readonly jwk: Readonly<Record<string, string>>;
  /** When it begins to sign. */
  readonly from: number;
}

interface Stored {
  readonly version: 1;
  readonly signing: readonly SigningKey[];
  readonly cookies: readonly { readonly secret: string; readonly from: number }[];
  /** 32 bytes, base64url: what the store's records are sealed with. */
  readonly seal: string;
}

/** The keys of the authorization server as they are now. */
export interface Keyring {
  /** Private JWKs, the one that signs first. */
  readonly signing: readonly Readonly<Record<string, string>>[];
  /** Secrets of the cookies' signatures, newest first. */
  readonly cookies: readonly string[];
  readonly seal: Buffer;
  /** Another text whenever anything above is another. */
  readonly text: string;
}

/** The public halves, for the gate and whoever else verifies. */
export const jwksFile = (dataDirectory: string): string => join(dataDirectory, 'identity', 'jwks.json');
const ringFile = (dataDirectory: string): string => join(dataDirectory, 'identity', 'keys.json');

/**
 * Reads the keys, makes them where there are none, and renews what is due. The file has mode 0600; the store's lock keeps
 * two processes from doing it at once.
 */
export function keepKeys(
  dataDirectory: string,
  store: Store,
  clock: Clock,
  settings: Pick<ServerSettings, 'rotate' | 'accessToken'>,
): Keyring {
  mkdirSync(join(dataDirectory, 'identity'), { recursive: true, mode: 0o700 });
  const file = ringFile(dataDirectory);
  const now = clock.now();
  let stored = read(file);
  if (stored === undefined || renewed(stored, now, settings) !== stored || !exists(jwksFile(dataDirectory))) {
    stored = store.transaction(() => {
      const before = read(file) ?? made(now);
      const after = renewed(before, now, settings);
      writeWhole(file, `${JSON.stringify(after)}\n`);
      const keys = after.signing.map(({ jwk }) => publicHalf(jwk));
      writeWhole(jwksFile(dataDirectory), `${JSON.stringify({ keys })}\n`, PUBLIC);
      return after;
    });
  }
  return ringOf(stored, now);
}

function ringOf(stored: Stored, now: number): Keyring {
  const active = [...stored.signing].reverse().find(({ from }) => from <= now) ?? stored.signing[0]!;
  const signing = [active, ...stored.signing.filter((key) => key !== active)].map(({ jwk }) => jwk);
  const cookies = [...stored.cookies].reverse().map(({ secret }) => secret);
  const text = JSON.stringify([signing.map(({ kid }) => kid), cookies.length, stored.cookies.at(-1)?.from]);
  return { signing, cookies, seal: Buffer.from(stored.seal, 'base64url'), text };
}

const exists = (file: string): boolean => statSync(file, { throwIfNoEntry: false }) !== undefined;

function read(file: string): Stored | undefined {
  const text = readPrivate(file)?.text;
  if (text === undefined) return undefined;
  try {
    const stored = JSON.parse(text) as Stored;
    if (stored.version === 1 && stored.signing.length > 0 && stored.cookies.length > 0) return stored;
  } catch {
    // told below
  }
  throw new Error(`${file} is damaged: put back a backup, or move it away (every token and sign-in ends then)`);
}

const made = (now: number): Stored => ({
  version: 1,
  signing: [{ jwk: newKey(), from: now }],
  cookies: [{ secret: randomBytes(32).toString('base64url'), from: now }],
  seal: randomBytes(32).toString('base64url'),
});

/** The keys after what is due at a time; the same object where nothing is. */
function renewed(
  stored: Stored,
  now: number,
  { rotate, accessToken }: Pick<ServerSettings, 'rotate' | 'accessToken'>,
): Stored {
  let { signing, cookies } = stored;
  const newest = signing.at(-1)!;
  if (now >= newest.from + rotate) signing = [...signing, { jwk: newKey(), from: now + Math.min(LEAD, rotate / 4) }];
  // A key may go when its successor has signed for as long as anything that it signed itself can be good.
  const kept = signing.filter((_, index) => {
    const successor = signing[index + 1];
    return successor === undefined || now < successor.from + accessToken + 2 * LEAD;
  });
  if (kept.length !== signing.length) signing = kept;
  if (now >= cookies.at(-1)!.from + rotate)
    cookies = [...cookies, { secret: randomBytes(32).toString('base64url'), from: now }].slice(-COOKIE_KEYS);
  return signing === stored.signing && cookies === stored.cookies ? stored : { ...stored, signing, cookies };
}

function newKey(): Record<string, string> {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const { kty, crv, x, y, d } = privateKey.export({ format: 'jwk' }) as Record<string, string>;
  return { kty: kty!, crv: crv!, x: x!, y: y!, d: d!, alg: 'ES256', use: 'sig', kid: randomBase62(16) };
}

function publicHalf(jwk: Readonly<Record<string, string>>): object {
  const { d: _, ...half } = jwk;
  return half;
}

/** The public key of a JWK of this server. */
export const publicKeyOf = (jwk: Readonly<Record<string, string>>) =>
  createPublicKey(createPrivateKey({ key: jwk, format: 'jwk' }));
