import type { Principal } from '../../gateway/principal.ts';
import { bindingOf, type Confirmation } from '../binding/confirmation.ts';
import { mapped, ownValue, valueAt } from '../issuers/mapping.ts';
import type { IssuerSettings } from '../issuers/settings.ts';

/** What a token says, once its signature is known to be good. */
export type Payload = Readonly<Record<string, unknown>>;

const MAX_TEXT = 256;

/** What RFC 9068, section 2.2, demands beyond what every token must have; all of them texts but the last. */
const PROFILE = ['client_id', 'jti', 'iat'] as const;

/**
 * Judges the registered claims (RFC 7519, section 4.1; RFC 8725, sections 3.8 and 3.9): whom the token is from and for,
 * and when it is good.
 * @param now epoch milliseconds
 * @returns why it cannot be accepted, for the record; undefined where it can
 */
export function claimsProblem(payload: Payload, issuer: IssuerSettings, now: number): string | undefined {
  if (payload['iss'] !== issuer.issuer) return 'iss';
  if (payload['exp'] === undefined) return 'exp is missing or not a number';
  const problem = audienceProblem(payload, issuer) ?? timesProblem(payload, issuer, now) ?? purposeProblem(payload);
  if (problem !== undefined) return problem;
  if (issuer.typ === 'at+jwt') {
    const wrong = PROFILE.find((name) => typeof payload[name] !== (name === 'iat' ? 'number' : 'string'));
    if (wrong !== undefined) return `${wrong} is missing (RFC 9068)`;
  }
  return subjectProblem(payload, issuer);
}

/** Whom the token is for. */
export function audienceProblem({ aud }: Payload, { audience }: IssuerSettings): string | undefined {
  const audiences = typeof aud === 'string' ? [aud] : aud;
  return Array.isArray(audiences) && audiences.some((one) => audience.includes(one)) ? undefined : 'aud';
}

/** When it is good: to the second, with the tolerance that the clocks are given. `exp` may be absent here. */
export function timesProblem(
  { exp, nbf, iat }: Payload,
  { clockTolerance, maxAge }: IssuerSettings,
  now: number,
): string | undefined {
  const seconds = now / 1000;
  if (exp !== undefined && !isTime(exp)) return 'exp is missing or not a number';
  if (exp !== undefined && seconds >= exp + clockTolerance) return 'expired';
  if (nbf !== undefined && (!isTime(nbf) || seconds < nbf - clockTolerance)) return 'not yet valid (nbf)';
  if (iat !== undefined && (!isTime(iat) || seconds < iat - clockTolerance)) return 'issued in the future (iat)';
  if (maxAge === undefined) return undefined;
  if (iat === undefined) return 'iat is missing, so nobody knows how old it is';
  return seconds >= iat + maxAge / 1000 + clockTolerance ? 'older than maxAge' : undefined;
}

/** Epoch milliseconds at which {@link timesProblem} will find it too late; infinite where the token does not say. */
export function endOf({ exp, iat }: Payload, { clockTolerance, maxAge }: IssuerSettings): number {
  const expires = isTime(exp) ? exp * 1000 : Number.POSITIVE_INFINITY;
  const old = maxAge !== undefined && isTime(iat) ? iat * 1000 + maxAge : Number.POSITIVE_INFINITY;
  return Math.min(expires, old) + clockTolerance * 1000;
}

/** Uses of a token, as issuers name them (`token_use`, or Keycloak's claim `typ`), that are not access to an API. */
const OTHER_USES = new Set(['id', 'id_token', 'refresh', 'refresh_token', 'offline', 'logout']);

/**
 * Whether it is another token of the same issuer, signed with the same key (RFC 8725, section 2.8): one that tells the
 * application who signed in, one for new tokens, or a message that a session or anything else has ended (RFC 8417).
 */
export function purposeProblem(payload: Payload): string | undefined {
  if (payload['at_hash'] !== undefined || payload['c_hash'] !== undefined) return 'an ID token, not an access token';
  if (payload['events'] !== undefined) return 'a security event, not an access token';
  for (const name of ['token_use', 'typ']) {
    const use = payload[name];
    if (typeof use === 'string' && OTHER_USES.has(use.toLowerCase())) return `not an access token (${name})`;
  }
  return undefined;
}

/** Who calls: a short text, without anything that could end a line of the record. */
export function subjectProblem(payload: Payload, { subject: name }: IssuerSettings): string | undefined {
  const subject = ownValue(payload, name);
  if (typeof subject !== 'string' || subject === '' || subject.length > MAX_TEXT || /\p{Cc}/u.test(subject))
    return `${name} is missing or not a short text`;
  return undefined;
}

/** Whether the type in the header is one that this issuer's access tokens have (RFC 8725, section 3.11). */
export const isType = (typ: string | undefined, wanted: IssuerSettings['typ']): boolean =>
  wanted === 'any' ? typ === undefined || typ === 'jwt' || typ === 'at+jwt' : typ === wanted.toLowerCase();

/**
 * Makes the principal a token stands for; its claims have passed {@link claimsProblem}.
 * @param digest of what was signed: the credential's id where it has no `jti`
 * @param confirmation to whom it is bound
 * @param scheme by which it was judged
 */
export function principalOf(
  payload: Payload,
  issuer: IssuerSettings,
  digest: string,
  confirmation?: Confirmation,
  scheme = 'jwt',
): Principal {
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
    roles: mapped(payload, issuer.roles, false),
    scopes: mapped(payload, issuer.scopes, true),
    claims: Object.freeze(claims),
    credential: {
      scheme,
      id: typeof jti === 'string' && /^[\x21-\x7e]{1,128}$/.test(jti) ? jti : `sha256:${digest}`,
      binding: bindingOf(confirmation),
    },
  };
}

const isTime = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value);
