import { hash } from 'node:crypto';

/** Characters of a token that is looked at. */
const MOST = 16_384;
const JTI = /^[\x21-\x7e]{1,128}$/;
const COMPACT = /^[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+){2}$/;

/** What of a token is its name: `jti` where it has a usable one, else a digest. */
export const tokenId = (jti: unknown, digest: string): string =>
  typeof jti === 'string' && JTI.test(jti) ? jti : `sha256:${digest}`;

/** What a pasted token says about itself. Nothing of it is verified: it serves to revoke, never to let in. */
export interface TokenSketch {
  /** As a gate would name it: `jti`, or `sha256:` and a digest (of what is signed; of all of an opaque one). */
  readonly id: string;
  readonly issuer: string | undefined;
  readonly subject: string | undefined;
  /** Epoch milliseconds. */
  readonly expires: number | undefined;
}

/**
 * Reads what identifies a token, signed or opaque.
 * @returns undefined where the text is none: empty, too long, or with spaces in it
 */
export function sketchToken(text: string): TokenSketch | undefined {
  if (text === '' || text.length > MOST || !/^[\x21-\x7e]+$/.test(text)) return undefined;
  const opaque = { id: `sha256:${digest(text)}`, issuer: undefined, subject: undefined, expires: undefined };
  if (!COMPACT.test(text)) return opaque;
  let claims: Record<string, unknown>;
  try {
    const value: unknown = JSON.parse(Buffer.from(text.split('.')[1] as string, 'base64url').toString('utf8'));
    if (value === null || typeof value !== 'object' || Array.isArray(value)) return opaque;
    claims = value as Record<string, unknown>;
  } catch {
    return opaque;
  }
  const { jti, iss, sub, exp } = claims;
  return {
    // Without the signature: an ECDSA signature has a second valid spelling.
    id: tokenId(jti, digest(text.slice(0, text.lastIndexOf('.')))),
    issuer: typeof iss === 'string' ? iss : undefined,
    subject: typeof sub === 'string' ? sub : undefined,
    expires: typeof exp === 'number' && Number.isFinite(exp) ? exp * 1000 : undefined,
  };
}

const digest = (text: string): string => hash('sha256', text, 'base64url');
