import type { Severity } from '../../model/finding.ts';
import { isTelling, wordsOf } from './sensitive-names.ts';

export interface SecretKind {
  readonly kind: string;
  readonly severity: Severity;
}

/** Kinds of secrets that show by their form, wherever they stand in a text. */
export const FORMS: readonly (SecretKind & { readonly looks: RegExp })[] = [
  {
    kind: 'a password hash',
    severity: 'high',
    looks:
      /(?<![\w$])(?:\$argon2(?:id|i|d)\$v?=?\d|\$2[abxy]\$\d\d\$[./\w]{53}|\$[156]\$[\w./=,]{1,40}\$[\w./]{20,90}|\$scrypt\$|\$pbkdf2-\w{3,12}\$|pbkdf2[_:]sha\d{1,3}[:$]\d|scrypt:\d{3,8}:\d{1,3}:\d{1,3}\$|\{S?SHA\d{0,3}\}[\w+/=]{20,})/,
  },
  { kind: 'a private key', severity: 'critical', looks: /-----BEGIN (?:[A-Z]{2,10} ){0,3}PRIVATE KEY-----/ },
  {
    kind: 'a key of a cloud service',
    severity: 'critical',
    looks:
      /(?<![\w-])(?:(?:AKIA|ASIA)(?![A-Z\d]{9}EXAMPLE)[A-Z\d]{16}|AIza[\w-]{35}|gh[pousr]_[A-Za-z\d]{36,60}|github_pat_\w{60,90}|sk_live_[A-Za-z\d]{20,100}|xox[abpr]-\d{6,20}-[\w-]{12,100}|SG\.[\w-]{22}\.[\w-]{43})(?![\w-])/,
  },
  {
    kind: 'a connection string with a password',
    severity: 'critical',
    looks:
      /(?<!\w)(?:postgres(?:ql)?|mysql|mariadb|mongodb(?:\+srv)?|rediss?|amqps?|sqlserver|oracle):\/\/[^:@/\s"]{0,100}:(?![*x<{$])[^@/\s"]{1,200}@[\w.[\]-]/,
  },
];

/** What an object is about: only then is `password` in it the password of somebody, and no label of a form. */
export function isAccount(members: Readonly<Record<string, unknown>>): boolean {
  return Object.entries(members)
    .slice(0, 200)
    .some(([name, value]) => {
      const words = wordsOf(name);
      if (typeof value === 'number') return words.at(-1) === 'id' || words.join('') === 'uid';
      if (typeof value !== 'string' || value === '' || value.toLowerCase() === words.join(' ')) return false;
      if (/@[\w-]{1,100}\./.test(value)) return /mail|login|user|account/.test(words.join(''));
      if (/\s/.test(value)) return false;
      return /^(?:id|_?id|uuid|guid)$/.test(name) ||
        /^(?:user|account|customer|member|staff)(?:id|uuid)$/.test(words.join(''))
        ? true
        : /^(?:user|username|login|account|userlogin|host|hostname)$/.test(words.join('')) &&
            /[\d._-]|^[a-z]{2,30}$/.test(value);
    });
}

/** Which secret a property is by its name, where its value can be one. */
export function kindByName(
  value: string,
  name: string,
  around: Readonly<Record<string, unknown>> | undefined,
): SecretKind | undefined {
  if (!isTelling(value) || value.length > 1_000) return undefined;
  const joined = wordsOf(name).join('');
  if (
    /^(?:user|account|current|plain|new|db|database|smtp|admin|login)?(?:password|passwd|pwd|passphrase)(?:plain|text|plaintext)?$/.test(
      joined,
    )
  ) {
    // A sentence is what somebody says of a password: a rule, an error, a translation.
    const word =
      !/\s\S+\s/.test(value) &&
      !/^(?:pass(?:word|wort|phrase)|kennwort|mot de passe|contrase|senha|required|optional|invalid)/i.test(value);
    return word && around && isAccount(around) ? { kind: 'a password', severity: 'high' } : undefined;
  }
  const long = /^[\w+/=.:$,-]{8,}$/.test(value);
  if (
    /(?:password|passwd|pwd)(?:hash|hashed|digest|salt)$|^(?:hash|hashed|encrypted|salted)(?:password|passwd|pwd)$/.test(
      joined,
    )
  )
    return long ? { kind: 'a password hash', severity: 'high' } : undefined;
  if (joined === 'salt')
    return long && /\d/.test(value) && around && isAccount(around)
      ? { kind: 'a password hash', severity: 'high' }
      : undefined;
  if (
    /(?:clientsecret|privatekey|secretkey|apisecret|signingkey|signingsecret|encryptionkey|totpsecret|mfasecret|otpsecret)$/.test(
      joined,
    )
  )
    return long ? { kind: 'a secret', severity: 'high' } : undefined;
  if (/^(?:card)?(?:cvv|cvc|cvv2|cvc2|cardverificationvalue)$/.test(joined) && /^\d{3,4}$/.test(value))
    return { kind: 'a card verification value', severity: 'high' };
  return isCard(value, name) ? { kind: 'a card number', severity: 'medium' } : undefined;
}

/** A payment card number: 13 to 19 digits, a known first digit, and the check digit of ISO/IEC 7812-1 (Luhn). */
export function isCard(value: string, name: string): boolean {
  const digits = value.replace(/[ -]/g, '');
  if (!/^[3-6]\d{12,18}$/.test(digits)) return false;
  // One number in ten has a right check digit: the name, or the groups of four, must speak for a card too.
  if (!/card|pan\b|payment/i.test(name) && !/^\d{4}([ -])\d{4}\1\d{4}\1\d{1,7}$/.test(value)) return false;
  let sum = 0;
  for (let i = digits.length - 1, twice = false; i >= 0; i--, twice = !twice) {
    const digit = digits.charCodeAt(i) - 48;
    sum += twice ? (digit > 4 ? digit * 2 - 9 : digit * 2) : digit;
  }
  return sum % 10 === 0;
}
