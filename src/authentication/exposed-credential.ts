import { hash } from 'node:crypto';
import type { Operation } from '../contract/model.ts';
import type { Exchange } from '../gateway/exchange.ts';
import { type Refusal, refuse } from '../gateway/refusal.ts';
import type { Stage } from '../gateway/room.ts';
import type { Services } from '../gateway/services.ts';
import { isWellFormed, KEY_PREFIX } from '../identity/key-format.ts';
import { revokeKey } from '../identity/keys.ts';
import { revoke } from '../identity/revocations.ts';
import { credentialPlaces, queryName, withoutParameters } from '../shared/credential-places.ts';
import { Failed } from './outcome.ts';
import { BEARER, placeId } from './places.ts';
import type { Verifier } from './scheme.ts';
import { SCHEMES } from './schemes/index.ts';
import type { AuthenticationSettings } from './settings.ts';
import type { Verifiers } from './verifiers.ts';

/** The parameter in which a token could once be sent (RFC 6750, section 2.3); RFC 9700, section 4.3.2, forbids it. */
const ACCESS_TOKEN = 'access_token';
/** The gate's own keys wherever they stand. A bounded repetition of one class: linear. */
const KEY = /pk_[0-9A-Za-z]{38}(?![0-9A-Za-z])/;
/** Credentials looked at in one request. */
const MAX_FOUND = 4;
/** Digests told of lately: a client that goes on sending its token so is told of once. */
const MAX_TOLD = 4_096;
/** Made-up credentials told of in one second: a flood of them must not fill the audit log. */
const MAX_TOLD_A_SECOND = 50;

const DETAIL =
  'A credential in a URL stays in histories and logs; it is recorded as exposed. Replace it, and send it in the Authorization header.';

interface Found {
  readonly name: string;
  readonly secret: string;
}

interface Told {
  readonly digests: Set<string>;
  /** Monotonic. */
  second: number;
  count: number;
}

/**
 * Puts before a stage that a credential in the URL is refused, whether or not it is good and whatever else was sent, and
 * that whose it is goes on record: it may have been read by anyone meanwhile. A place that the contract names is none of
 * these: `check` warns of it.
 */
export function refusingExposed(
  stage: Stage,
  operation: Operation,
  { realm, revokeExposed }: Pick<AuthenticationSettings, 'realm' | 'revokeExposed'>,
  { verifiers, services }: Verifiers,
): Stage {
  const allowed = new Set(credentialPlaces(operation).query);
  for (const { in: where, name } of operation.parameters) if (where === 'query') allowed.add(name);
  const bearers = new Set(
    SCHEMES.filter(({ usual }) => usual.some((place) => placeId(place) === placeId(BEARER))).map(({ name }) => name),
  );
  const judges = verifiers.filter(({ scheme }) => bearers.has(scheme));
  const headers = {
    'www-authenticate': `Bearer realm="${realm}", error="invalid_request", error_description="a credential in the URL"`,
  };
  return (exchange) => {
    const { query } = exchange.request;
    if (query === '' || !isSuspicious(query)) return stage(exchange);
    const found = exposedIn(query, allowed);
    if (found.length === 0) return stage(exchange);
    return tellAndRefuse(exchange, found);
  };

  async function tellAndRefuse(exchange: Exchange, found: readonly Found[]): Promise<Refusal> {
    const { request } = exchange;
    const names = new Set(found.map(({ name }) => name));
    exchange.request = { ...request, query: withoutParameters(request.query, names) };
    const credentials: string[] = [];
    for (const one of found) {
      const id = await tell(exchange, one, judges, services, revokeExposed);
      if (id !== undefined) credentials.push(id);
    }
    // Names of parameters that hold a key may be anything.
    const places = found.map(({ name }) => `query ${shown(name)}`);
    return refuse('credentials-in-url', { detail: DETAIL, headers, evidence: { places, credentials } });
  }
}

/** A quick look that costs next to nothing: the two names, or letters that may be written in another way. */
const isSuspicious = (query: string): boolean => SUSPICIOUS.test(query);
const SUSPICIOUS = /access|pk_|%/i;

function exposedIn(query: string, allowed: ReadonlySet<string>): Found[] {
  const found: Found[] = [];
  for (const pair of query.split('&')) {
    const name = queryName(pair);
    if (allowed.has(name) || found.length >= MAX_FOUND) continue;
    const equals = pair.indexOf('=');
    const value = equals === -1 ? '' : decoded(pair.slice(equals + 1));
    const key = KEY.exec(value)?.[0];
    if (key !== undefined && isWellFormed(key)) found.push({ name, secret: key });
    else if (name.toLowerCase() === ACCESS_TOKEN && value !== '') found.push({ name, secret: value });
  }
  return found;
}

/** @returns the credential's id, where it is one */
async function tell(
  exchange: Exchange,
  { name, secret }: Found,
  judges: readonly Verifier[],
  services: Services,
  revokes: boolean,
): Promise<string | undefined> {
  const { store, clock, event, count } = services;
  const outcome = await judges.find((one) => one.recognises(secret, exchange))?.verify(secret, exchange);
  const credential = outcome instanceof Failed ? outcome.credential : outcome?.principal.credential.id;
  const isKey = secret.startsWith(KEY_PREFIX);
  const kind = isKey ? 'key' : 'bearer';
  const ended = revokes && credential !== undefined && !(outcome instanceof Failed);
  if (ended) {
    if (isKey) revokeKey(store, clock, credential);
    else revoke(store, clock, { kind: 'token', subject: credential, reason: 'sent in a URL', by: 'portcullis' });
  }
  const digest = hash('sha256', secret, 'base64url');
  const told = services.keep<Told>('authentication/exposed', () => ({ digests: new Set(), second: 0, count: 0 }));
  if (isTold(told, digest, credential !== undefined, clock.monotonic())) {
    count('portcullis_credentials_exposed_total', { kind: 'not told' });
    return credential;
  }
  count('portcullis_credentials_exposed_total', { kind });
  event({
    event: 'authentication/exposed-credential',
    note: `a credential was sent in the URL (query ${shown(name)})${ended ? '; it is revoked' : ''}`,
    evidence: {
      kind,
      address: exchange.peer.address,
      credential: credential ?? null,
      digest: credential === undefined ? digest : null,
      exchange: exchange.id,
    },
  });
  return credential;
}

/** Whether it was told of already, or is one of a flood of made-up ones. */
function isTold(told: Told, digest: string, known: boolean, now: number): boolean {
  if (told.digests.has(digest)) return true;
  const second = Math.floor(now / 1_000);
  if (second !== told.second) {
    told.second = second;
    told.count = 0;
  }
  if (!known && ++told.count > MAX_TOLD_A_SECOND) return true;
  if (told.digests.size >= MAX_TOLD) told.digests.clear();
  told.digests.add(digest);
  return false;
}

function decoded(value: string): string {
  try {
    return decodeURIComponent(value.replaceAll('+', ' '));
  } catch {
    return value;
  }
}

const shown = (name: string): string => name.slice(0, 40).replace(/[^\w.-]/g, '?');
