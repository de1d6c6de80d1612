/** To whom a token is bound (the claim `cnf`, RFC 7800): what its holder must prove. At least one of the two is there. */
export interface Confirmation {
  /** SHA-256 thumbprint of the key that signs the proofs (RFC 9449, section 6.1). */
  readonly jkt: string | undefined;
  /** SHA-256 thumbprint of the client's certificate (RFC 8705, section 3.1). */
  readonly x5t: string | undefined;
}

/** SHA-256 in base64url: 43 characters, of which the last holds four bits. */
const DIGEST = /^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$/;

/**
 * Reads the claim `cnf` of a token or of an introspection answer.
 * @returns undefined where the token is bound to nobody; why it cannot be used, for the record
 */
export function confirmationOf(cnf: unknown): Confirmation | undefined | string {
  if (cnf === undefined) return undefined;
  if (cnf === null || typeof cnf !== 'object' || Array.isArray(cnf)) return 'cnf is not an object';
  const { jkt, 'x5t#S256': x5t } = cnf as Record<string, unknown>;
  // RFC 7800, section 3.1, would have what is not understood ignored: a bound token would then work for everyone.
  if (jkt === undefined && x5t === undefined) return 'cnf binds the token in a way that cannot be checked';
  if (jkt !== undefined && !isDigest(jkt)) return 'cnf.jkt is not a SHA-256 thumbprint';
  if (x5t !== undefined && !isDigest(x5t)) return 'cnf.x5t#S256 is not a SHA-256 thumbprint';
  return Object.freeze({ jkt, x5t });
}

/** How a token is bound, as it stands in `principal.credential.binding`: of two ways the one for each request. */
export const bindingOf = (confirmation: Confirmation | undefined): 'none' | 'dpop' | 'certificate' =>
  confirmation === undefined ? 'none' : confirmation.jkt !== undefined ? 'dpop' : 'certificate';

const isDigest = (value: unknown): value is string => typeof value === 'string' && DIGEST.test(value);
