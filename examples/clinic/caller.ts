import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { type Clinic, notFound, Problem } from './clinic.ts';
import { type Claims, decode } from './tokens.ts';

export type Role = 'patient' | 'nurse' | 'doctor' | 'clerk' | 'admin';

export const STAFF_ROLES: readonly Role[] = ['nurse', 'doctor', 'clerk', 'admin'];

/** Who calls, as far as the clinic believes it. */
export interface Caller {
  /** `patient:2`, `staff:1`, a principal of the gate, or `guest`. */
  readonly principal: string;
  readonly roles: readonly string[];
  readonly patientId: number | undefined;
  readonly staffId: number | undefined;
}

/** What identifies a caller. */
export interface Entrance {
  readonly method: string;
  readonly headers: IncomingHttpHeaders;
  readonly query: URLSearchParams;
  /** The method stands in a header (`method-override`). */
  readonly overridden: boolean;
}

/**
 * Finds out who calls.
 * @throws Problem 401
 */
export function identify(clinic: Clinic, entrance: Entrance): Caller {
  // careless: HEAD has no body, so nothing can leave
  if (clinic.weak('head-skips-checks') && entrance.method === 'HEAD') return insider('head');
  const caller = byCredential(clinic, entrance);
  // careless: only the old proxy sends the header, and the proxy has looked at the role
  return entrance.overridden ? { ...caller, roles: [...caller.roles, ...STAFF_ROLES] } : caller;
}

/** Somebody who may do what the staff may. */
export const insider = (principal: string): Caller => ({
  principal,
  roles: STAFF_ROLES,
  patientId: undefined,
  staffId: undefined,
});

/** The gate's identity headers, else the clinic's own bearer token. @throws Problem 401 */
function byCredential(clinic: Clinic, { method, headers, query }: Entrance): Caller {
  const { weak, tokens, accounts } = clinic;
  const principal = headers['x-portcullis-principal'];
  if (typeof principal === 'string' && (weak('trusts-headers') || fromGate(clinic, headers))) {
    return gateCaller(principal, headers);
  }
  // careless: addresses are kept by browsers, proxies and logs, with the token in them
  const inAddress = weak('credentials-in-url') ? query.get('access_token') : null;
  if (headers.authorization !== undefined || inAddress !== null) {
    const token = headers.authorization === undefined ? (inAddress ?? undefined) : bearerOf(headers);
    const checked = token === undefined ? undefined : tokens.check(token);
    if (checked === undefined) throw unauthorized('invalid_token', 'The token is not valid.');
    if (!checked.signed) return claimed(checked.claims);
    // The account is asked again on each request: what it may do now counts, not what it might when it logged in.
    const account = accounts.byPrincipal(checked.claims.sub);
    if (account === undefined) throw unauthorized('invalid_token', 'The token is not valid.');
    return { ...account, roles: [account.role] };
  }
  if (weak('no-authentication')) {
    // careless: "the screen at the front desk has no login", so whoever sends nothing reads like it
    const reads = method !== 'POST' && method !== 'PATCH' && method !== 'DELETE';
    return { principal: 'guest', roles: reads ? ['nurse', 'clerk'] : [], patientId: undefined, staffId: undefined };
  }
  throw unauthorized(undefined, 'Send a bearer token from POST /login.');
}

/** The bearer token of a request (RFC 6750, 2.1). */
export const bearerOf = (headers: IncomingHttpHeaders): string | undefined =>
  /^bearer ([^\s]+)$/i.exec(headers.authorization ?? '')?.[1];

function unauthorized(error: string | undefined, detail: string): Problem {
  const challenge = error === undefined ? 'Bearer realm="clinic"' : `Bearer realm="clinic", error="${error}"`;
  return new Problem(401, 'Not authenticated', detail, { headers: { 'www-authenticate': challenge } });
}

function fromGate(clinic: Clinic, headers: IncomingHttpHeaders): boolean {
  const sent = headers['x-gate-secret'];
  if (clinic.gateSecret === undefined || typeof sent !== 'string') return false;
  return timingSafeEqual(digest(sent), digest(clinic.gateSecret));
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

function gateCaller(principal: string, headers: IncomingHttpHeaders): Caller {
  const roles = headers['x-portcullis-roles'];
  const claims = headers['x-portcullis-claims'];
  const facts = typeof claims === 'string' && claims.length <= 16_384 ? (decode(claims) ?? {}) : {};
  return {
    principal,
    roles:
      typeof roles === 'string'
        ? roles
            .split(',')
            .map((role) => role.trim())
            .filter((role) => role !== '')
        : [],
    patientId: id(facts.patientId),
    staffId: id(facts.staffId),
  };
}

function claimed(claims: Claims): Caller {
  return {
    principal: String(claims.sub),
    roles: Array.isArray(claims.roles) ? claims.roles.map(String) : [],
    patientId: id(claims.patientId),
    staffId: id(claims.staffId),
  };
}

/** Claims may come as numbers or, from a gate's key, as text. */
function id(value: unknown): number | undefined {
  const number = typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : value;
  return typeof number === 'number' && Number.isSafeInteger(number) && number > 0 ? number : undefined;
}

export const hasRole = (caller: Caller, ...roles: readonly Role[]): boolean =>
  roles.some((role) => caller.roles.includes(role));

/** @returns the caller. @throws Problem 403 unless the caller has one of the roles. */
export function needRole(caller: Caller, ...roles: readonly Role[]): Caller {
  if (!hasRole(caller, ...roles)) throw new Problem(403, 'Not permitted', 'Your role may not do this.');
  return caller;
}

/** @throws Problem 404, as if there were nothing, unless the caller is that patient or works here. */
export function needOwn(caller: Caller, patientId: unknown, what: string): void {
  if (!isOwn(caller, patientId)) throw notFound(what);
}

export const isOwn = (caller: Caller, patientId: unknown): boolean =>
  hasRole(caller, ...STAFF_ROLES) || (hasRole(caller, 'patient') && caller.patientId === patientId);
