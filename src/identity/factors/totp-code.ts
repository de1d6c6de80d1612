import { createHmac, timingSafeEqual } from 'node:crypto';

export const TOTP_ALGORITHMS = ['SHA1', 'SHA256'] as const;
export type TotpAlgorithm = (typeof TOTP_ALGORITHMS)[number];

/** Seconds that one code is for. */
export const PERIOD = 30;
export const DIGITS = 6;
/** Steps before and after the present one that are accepted (RFC 6238, section 5.2, recommends one). */
const WINDOW = 1;

/** The step a moment is in. @param now epoch milliseconds */
export const stepAt = (now: number): number => Math.floor(now / 1000 / PERIOD);

/** The code of a step (RFC 6238, section 4; RFC 4226, section 5.3). */
export function codeOf(secret: Uint8Array, step: number, algorithm: TotpAlgorithm, digits = DIGITS): string {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const mac = createHmac(algorithm, secret).update(counter).digest();
  const offset = (mac.at(-1) as number) & 0xf;
  const number = (mac.readUInt32BE(offset) & 0x7fffffff) % 10 ** digits;
  return String(number).padStart(digits, '0');
}

/**
 * The step whose code was given: the present one or a neighbour. All of them are compared, in constant time.
 * @returns undefined where it is the code of none
 */
export function stepOfCode(
  secret: Uint8Array,
  code: string,
  now: number,
  algorithm: TotpAlgorithm,
): number | undefined {
  const given = Buffer.alloc(DIGITS);
  given.write(code, 'latin1');
  const present = stepAt(now);
  let found: number | undefined;
  for (let step = Math.max(0, present - WINDOW); step <= present + WINDOW; step++) {
    const right = timingSafeEqual(Buffer.from(codeOf(secret, step, algorithm), 'latin1'), given);
    if (right && code.length === DIGITS) found = step;
  }
  return found;
}

/** What an app reads from the QR code; the form is that of Google Authenticator's documentation of key URIs. */
export function otpauthUri(secret32: string, account: string, issuer: string, algorithm: TotpAlgorithm): string {
  const label = `${encodeURIComponent(issuer)}:${encodeURIComponent(account)}`;
  // The usual values are left out: a shorter text makes a coarser code, which cameras read more easily.
  const more = algorithm === 'SHA1' ? '' : `&algorithm=${algorithm}`;
  return `otpauth://totp/${label}?secret=${secret32}&issuer=${encodeURIComponent(issuer)}${more}`;
}
