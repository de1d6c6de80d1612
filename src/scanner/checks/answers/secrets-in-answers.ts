import type { Check, CheckContext } from '../../model/check.ts';
import type { Exchange } from '../../model/exchange.ts';
import type { Severity } from '../../model/finding.ts';
import { again, sentBefore, within } from './observed.ts';
import { wordsOf } from './sensitive-names.ts';

/** Answers of an operation that are searched. */
const ANSWERS = 100;
/** Values of an answer that are looked at, and characters of each. */
const VALUES = 5_000;
const CHARACTERS = 4_096;

interface Secret {
  readonly kind: string;
  readonly severity: Severity;
  readonly pointer: string;
  readonly value: string;
}

/** Kinds of secrets that show by their form, wherever they stand. */
const FORMS: readonly { readonly kind: string; readonly severity: Severity; readonly looks: RegExp }[] = [
  {
    kind: 'a password hash',
    severity: 'high',
    looks:
      /^(?:\$argon2(?:id|i|d)\$|\$2[abxy]\$\d\d\$|\$[156]\$[\w./]{1,20}\$|\$scrypt\$|\$pbkdf2|pbkdf2[_:]|scrypt:|\{S?SHA\d{0,3}\})/,
  },
  { kind: 'a private key', severity: 'critical', looks: /-----BEGIN [A-Z ]{0,20}PRIVATE KEY-----/ },
  {
    kind: 'a key of a cloud service',
    severity: 'critical',
    looks:
      /^(?:AKIA|ASIA)[A-Z\d]{16}$|^AIza[\w-]{35}$|^gh[pousr]_[A-Za-z\d]{36,}$|^sk_live_[A-Za-z\d]{20,}$|^xox[abpr]-[\w-]{20,}$/,
  },
  {
    kind: 'a connection string with a password',
    severity: 'critical',
    looks: /^(?:postgres(?:ql)?|mysql|mongodb(?:\+srv)?|redis|amqps?):\/\/[^:@/\s]{1,100}:[^@/\s]{1,200}@/,
  },
];

/** Passwords, hashes, keys and card numbers leave in answers, declared or not. */
export const check: Check = {
  id: 'secrets-in-answers',
  group: 'answers',
  title: 'Secrets leave in answers',
  practice: 'necessary-only',
  cwe: 'CWE-522',
  owasp: 'API3:2023',
  severity: 'high',
  why: 'A password hash can be guessed offline, a key can be used at once. Nobody who calls an API needs either.',
  mend: 'Never select these columns. Take them out of the contract too; Portcullis then strips them (disclosure), and masks x-portcullis-sensitive fields.',

  observe(exchange, context) {
    const { operation, answer } = exchange;
    if (answer.status < 200 || answer.status > 299 || answer.body.length === 0) return;
    if (!within(context, operation?.key ?? '', ANSWERS)) return;
    for (const secret of secretsIn(exchange, context)) {
      const shows = (shown: Exchange): readonly string[] | undefined => {
        const same = secretsIn(shown, context).find(
          ({ kind, pointer }) => kind === secret.kind && pointer === secret.pointer,
        );
        return same && [same.value.slice(0, 60)];
      };
      void context.report({
        message: `the answer holds ${secret.kind} at ${secret.pointer || 'its top'}`,
        operation,
        place: `answer ${secret.pointer}`,
        cause: `${operation?.key ?? exchange.request.target} ${secret.kind}`,
        severity: secret.severity,
        proof: { exchanges: [exchange], marks: [secret.value.slice(0, 60)] },
        again: again(context, exchange, shows),
      });
    }
  },
};

function secretsIn(exchange: Exchange, context: CheckContext): Secret[] {
  const found = new Map<string, Secret>();
  const value = exchange.answer.json;
  if (value === undefined) return [];
  // Who logs in or registers is given a token on purpose.
  const givesTokens =
    context.known.login.includes(exchange.operation as never) ||
    context.known.register.includes(exchange.operation as never);
  let left = VALUES;
  const walk = (at: unknown, pointer: string, name: string): void => {
    if (left-- <= 0) return;
    if (typeof at === 'string') {
      const kind = kindOf(at.slice(0, CHARACTERS), name, givesTokens);
      if (kind) found.set(`${kind.kind} ${pointer}`, { ...kind, pointer, value: at });
    } else if (typeof at === 'number' && isCard(String(at), name)) {
      found.set(`card ${pointer}`, { kind: 'a card number', severity: 'medium', pointer, value: String(at) });
    } else if (Array.isArray(at)) for (const item of at.slice(0, 100)) walk(item, `${pointer}/*`, name);
    else if (typeof at === 'object' && at !== null)
      for (const [key, item] of Object.entries(at)) walk(item, `${pointer}/${key}`, key);
  };
  walk(value, '', '');
  return [...found.values()].filter((secret) => secret.kind === 'a password' || !sentBefore(exchange, secret.value));
}

function kindOf(value: string, name: string, givesTokens: boolean): { kind: string; severity: Severity } | undefined {
  for (const { kind, severity, looks } of FORMS) if (looks.test(value)) return { kind, severity };
  if (value === '' || /^[*•x.\-\s]*$/i.test(value)) return undefined;
  const words = wordsOf(name);
  const joined = words.join('');
  if (/^(?:user|account|current|plain|new)?(?:password|passwd|pwd|passphrase)(?:plain|text|plaintext)?$/.test(joined))
    return { kind: 'a password', severity: 'high' };
  if (/(?:password|passwd|pwd)(?:hash|digest|salt)$|^(?:hash|salt)edpassword$/.test(joined) || joined === 'salt')
    return { kind: 'a password hash', severity: 'high' };
  if (
    /^(?:[a-z]{0,20})?(?:clientsecret|privatekey|secretkey|apisecret|signingkey|encryptionkey|totpsecret|mfasecret|otpsecret)$/.test(
      joined,
    ) &&
    !givesTokens
  )
    return { kind: 'a secret', severity: 'high' };
  if (/^(?:cvv|cvc|cvv2|cardverificationvalue|securitycode)$/.test(joined) && /^\d{3,4}$/.test(value))
    return { kind: 'a card verification value', severity: 'high' };
  return isCard(value, name) ? { kind: 'a card number', severity: 'medium' } : undefined;
}

/** A payment card number: 13 to 19 digits, a known first digit, and the check digit of ISO/IEC 7812-1 (Luhn). */
function isCard(value: string, name: string): boolean {
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
