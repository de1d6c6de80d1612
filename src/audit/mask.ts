/**
 * Masks what looks like a credential in free text (a path, a user agent, evidence). Every pattern is one literal
 * followed by bounded or single-class repetition: linear on any input.
 */

/** A quick look that most text passes; only then are the patterns tried. */
export const SUSPECT =
  /eyJ|[psr]k_|gh[opsur]_|github_pat|glpat-|xox[abeprs]-|AKIA|ASIA|AIza|:\/\/|basic|bearer|dpop|negotiate|-----BEGIN|passw|pwd|secret|token|api[_-]?key|authorization/i;

const PATTERNS: readonly (readonly [RegExp, string])[] = [
  [/-----BEGIN[\s\S]*/g, '[masked key]'],
  [/eyJ[\w.+/=~-]{8,}/g, '[masked token]'],
  [/\b(basic|bearer|dpop|negotiate)(?:\s|%20|[+:]){1,4}[\w.~+/=-]{6,}/gi, '$1 [masked]'],
  [/(?:[psr]k_|gh[opsur]_|github_pat_|glpat-|xox[abeprs]-)[\w-]{10,}/g, '[masked key]'],
  [/(?:AKIA|ASIA)[0-9A-Z]{16}|AIza[\w-]{30,}/g, '[masked key]'],
  [/:\/\/[^\s/@]{1,256}@/g, '://[masked]@'],
  [/(passwo?r?d|passwd|pwd|secret|token|api[_-]?key|authorization)(["']?=["']?)[^\s"'&,;]{1,512}/gi, '$1$2[masked]'],
];

/** Percent-encoded unreserved characters: no writer needs them, a hider might (`%70k_...`). */
const HIDDEN = /%(?:2[DE]|3\d|4[1-9A-F]|5[0-9AF]|6[1-9A-F]|7[0-9AE])/gi;

/**
 * @param text at most a few thousand characters
 * @returns the text, with everything that looks like a credential replaced
 */
export function mask(text: string): string {
  let plain = text;
  if (text.includes('%')) {
    plain = text.replace(HIDDEN, (hidden) => String.fromCharCode(Number.parseInt(hidden.slice(1), 16)));
    // Spelled as sent, unless it was spelled to hide something.
    if (plain !== text && maskPlain(plain) === plain) return maskPlain(text);
  }
  return maskPlain(plain);
}

function maskPlain(text: string): string {
  if (!SUSPECT.test(text)) return text;
  let masked = text;
  for (const [pattern, replacement] of PATTERNS) masked = masked.replace(pattern, replacement);
  return masked;
}

const SECRET_NAMES = [
  'password',
  'passwd',
  'passphrase',
  'secret',
  'token',
  'authorization',
  'cookie',
  'apikey',
  'privatekey',
  'otp',
];

/** Whether a member of that name is masked whatever its value: `client_secret`, `X-Api-Key`, `newPassword`. */
export function namesSecret(name: string): boolean {
  const plain = name.slice(0, 128).toLowerCase().replace(/[_-]/g, '');
  return SECRET_NAMES.some((secret) => plain.endsWith(secret));
}
