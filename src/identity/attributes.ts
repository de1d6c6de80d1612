/** What a key or user is created with, beside its secret. */
export interface Attributes {
  readonly roles: readonly string[];
  readonly scopes: readonly string[];
  /** What ownership rules compare with: `{ patientId: 1 }`. */
  readonly claims: Readonly<Record<string, unknown>>;
  readonly note: string;
}

/** What was asked for cannot be done with this key or user; the message is for the operator. */
export class IdentityError extends Error {
  readonly code: 'input' | 'unknown' | 'exists' | 'state';
  constructor(code: IdentityError['code'], message: string) {
    super(message);
    this.name = 'IdentityError';
    this.code = code;
  }
}

const MOST = 100;
// A role is a word of the policy; a scope is an RFC 6749 scope-token (section 3.3).
const ROLE = /^[\p{L}\p{N}][\p{L}\p{N}_.:/-]{0,99}$/u;
const SCOPE = /^[\x21\x23-\x5b\x5d-\x7e]{1,200}$/;
const CLAIM = /^[^\s\p{C}]{1,200}$/u;

/**
 * Checks and completes attributes.
 * @throws IdentityError naming the attribute
 */
export function checkedAttributes(given: Partial<Attributes>): Attributes {
  const roles = unique(given.roles ?? [], 'role', ROLE);
  const scopes = unique(given.scopes ?? [], 'scope', SCOPE);
  const claims = given.claims ?? {};
  const note = given.note ?? '';
  if (Object.keys(claims).length > MOST) throw new IdentityError('input', `At most ${MOST} claims.`);
  for (const name of Object.keys(claims)) {
    if (!CLAIM.test(name))
      throw new IdentityError('input', 'A claim name is 1 to 200 characters without spaces or control characters.');
  }
  if (JSON.stringify(claims).length > 8192) throw new IdentityError('input', 'The claims are longer than 8192 bytes.');
  if (note.length > 500 || /\p{Cc}/u.test(note))
    throw new IdentityError('input', 'A note is at most 500 characters, without control characters.');
  return { roles, scopes, claims, note };
}

function unique(values: readonly string[], what: string, form: RegExp): readonly string[] {
  if (values.length > MOST) throw new IdentityError('input', `At most ${MOST} ${what}s.`);
  for (const value of values) {
    if (!form.test(value)) throw new IdentityError('input', `${JSON.stringify(value.slice(0, 50))} is not a ${what}.`);
  }
  return [...new Set(values)];
}

/** Claims as a record without prototype, as everything keyed by outside input is. */
export const ownClaims = (claims: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> =>
  Object.freeze(Object.assign(Object.create(null) as Record<string, unknown>, claims));
