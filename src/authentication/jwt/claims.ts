import type { Principal } from '../../gateway/principal.ts';
import type { IssuerSettings } from '../settings.ts';

/** What a token says, once its signature is known to be good. */
export type Payload = Readonly<Record<string, unknown>>;

type Path = string | readonly string[];

const MAX_LIST = 200;
const MAX_TEXT = 256;

/**
 * Judges the registered claims (RFC 7519, section 4.1; RFC 8725, sections 3.8 and 3.9): whom the token is from and for,
 * and when it is good.
 * @param now epoch milliseconds
 * @returns why it cannot be accepted, for the record; undefined where it can
 */
export function claimsProblem(payload: Payload, issuer: IssuerSettings, now: number): string | undefined {
  if (payload['iss'] !== issuer.issuer) return 'iss';
  const { aud, exp, nbf, iat } = payload;
  const audiences = typeof aud === 'string' ? [aud] : aud;
  if (!Array.isArray(audiences) || !audiences.some((one) => issuer.audience.includes(one))) return 'aud';
  const seconds = now / 1000;
  if (!isTime(exp)) return 'exp is missing or not a number';
  if (seconds >= exp + issuer.clockTolerance) return 'expired';
  if (nbf !== undefined && (!isTime(nbf) || seconds < nbf - issuer.clockTolerance)) return 'not yet valid (nbf)';
  if (iat !== undefined && (!isTime(iat) || seconds < iat - issuer.clockTolerance)) return 'issued in the future (iat)';
  const subject = ownValue(payload, issuer.subject);
  if (typeof subject !== 'string' || subject === '' || subject.length > MAX_TEXT || /\p{Cc}/u.test(subject))
    return `${issuer.subject} is missing or not a short text`;
  return undefined;
}

/** Whether the type in the header is one that this issuer's access tokens have (RFC 8725, section 3.11). */
export const isType = (typ: string | undefined, wanted: IssuerSettings['typ']): boolean =>
  wanted === 'any' ? typ === undefined || typ === 'jwt' || typ === 'at+jwt' : typ === wanted.toLowerCase();

/**
 * Makes the principal a token stands for; its claims have passed {@link claimsProblem}.
 * @param digest of what was signed: the credential's id where it has no `jti`
 */
export function principalOf(payload: Payload, issuer: IssuerSettings, digest: string): Principal {
  const subject = ownValue(payload, issuer.subject) as string;
  const client = payload['client_id'] ?? payload['azp'];
  const claims = Object.assign(Object.create(null) as Record<string, unknown>, payload);
  for (const [name, path] of Object.entries(issuer.claims)) {
    const value = valueAt(payload, path);
    // What the operator maps stands for exactly that: a token's own claim of this name must not shine through.
    if (value === undefined) delete claims[name];
    else claims[name] = value;
  }
  const jti = payload['jti'];
  return {
    // RFC 9068, section 5: a token for the client itself has the client's id as its subject.
    kind: client === subject ? 'client' : 'user',
    id: `${issuer.issuer}|${subject}`,
    roles: textsOf(valueAt(payload, issuer.roles), false),
    scopes: textsOf(valueAt(payload, issuer.scopes), true),
    claims: Object.freeze(claims),
    credential: {
      scheme: 'jwt',
      id: typeof jti === 'string' && /^[\x21-\x7e]{1,128}$/.test(jti) ? jti : `sha256:${digest}`,
      binding: 'none',
    },
  };
}

const isTime = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value);

/** A list of texts, or one text; scopes in one text are separated by spaces (RFC 8693, section 4.2). */
function textsOf(value: unknown, separated: boolean): readonly string[] {
  const list = typeof value === 'string' ? (separated ? value.split(' ') : [value]) : Array.isArray(value) ? value : [];
  const texts = list.filter((one): one is string => typeof one === 'string' && one !== '' && one.length <= MAX_TEXT);
  return Object.freeze([...new Set(texts)].slice(0, MAX_LIST));
}

/** The value at a path. A text is first taken as the whole name, since names may hold dots (`https://a.example/roles`). */
function valueAt(payload: Payload, path: Path): unknown {
  if (typeof path === 'string') {
    if (Object.hasOwn(payload, path)) return payload[path];
    return path.includes('.') ? valueAt(payload, path.split('.')) : undefined;
  }
  let value: unknown = payload;
  for (const name of path) value = ownValue(value, name);
  return value;
}

function ownValue(value: unknown, name: string): unknown {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return undefined;
  return Object.hasOwn(value, name) ? (value as Record<string, unknown>)[name] : undefined;
}
