import type { Severity } from '../../model/finding.ts';

/** Splits `passwordHash`, `password_hash` and `PASSWORD-HASH` into lower-case words. */
export const wordsOf = (name: string): string[] =>
  name
    .slice(0, 100)
    .replace(/([a-z\d])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z\d]+/)
    .filter((word) => word !== '');

/** Words that make a name sensitive wherever they stand in it. */
const WORDS: ReadonlySet<string> = new Set(
  'password passwd pwd passphrase ssn iban cvv cvc salary wage wages mnemonic totp'.split(' '),
);
/** Names that end so are sensitive, written without separators. */
const ENDINGS =
  /(?:socialsecurity(?:number)?|national(?:id|idnumber|insurancenumber|number)|tax(?:id|number|payerid|identificationnumber|code)|bankaccount(?:number)?|accountnumber|routingnumber|passport(?:number|no)|(?:driver|driving)s?licen[cs]e(?:number)?|(?:credit)?card(?:number|pan)|privatekey|secretkey|apikey|apisecret|clientsecret|(?:mfa|otp|twofactor|2fa)secret|signing(?:key|secret)|encryptionkey|seedphrase|(?:recovery|backup)codes?|(?:reset|resetpassword|passwordreset|verification|activation|session|access|refresh|remember)(?:token|key)|reset(?:code|link)|salaryamount|salarycents|passwordsalt)$/;
/** What is written for colleagues. */
const CONFIDENTIAL = /^(?:internal|private|confidential|hidden|secret|staff|admin)$/;
const REMARK = /^(?:note|notes|comment|comments|remark|remarks|memo|memos|rating|assessment)$/;
/** Names that speak of the thing, and are not it. */
const ABOUT =
  /^(?:has|is|needs?|requires?|reset|forgot|change|min|max|can|must|show|allow|last|next|page|csrf|xsrf)$|^(?:count|length|expires?|expiry|expired|type|policy|enabled|updated|changed|url|uri|at|date|rules?|hint|strength|required|set|label|placeholder|last4|masked|country|format|version|status|verified|attempts?|currency|range|min|max)$/;
/** Values that stand for one that is not shown. */
const MASKED =
  /^$|[*•█]{2}|^[x#.\-_\s]+\w{0,4}$|^[[<({]?\s?(?:redacted|hidden|masked|filtered|removed|secret|protected|null|none|undefined|unset|set|n\/?a|yes|no|true|false|string)\s?[\])>}]?$/i;

/** Whether a value says something: not null, not a flag, not stars. */
export const isTelling = (value: unknown): value is string | number =>
  typeof value === 'number' || (typeof value === 'string' && !MASKED.test(value.trim().slice(0, 200)));

/**
 * Whether a property's name says that its values should not leave, and how bad it is that they do. Names that may mean
 * anything (`notes`, `hash`, `token`, `pin`) count only where the values speak for it.
 * @returns undefined where nothing speaks for it
 */
export function sensitivityOf(name: string, values: readonly unknown[]): Severity | undefined {
  const telling = values.filter(isTelling);
  if (telling.length === 0) return undefined;
  const words = wordsOf(name);
  const joined = words.join('');
  if (words.some((word) => CONFIDENTIAL.test(word)) && words.some((word) => REMARK.test(word))) return 'high';
  if (words.some((word) => ABOUT.test(word)) && !ENDINGS.test(joined)) return undefined;
  if (words.some((word) => WORDS.has(word)) || ENDINGS.test(joined)) return 'high';
  const keys = telling.filter((value) => typeof value === 'string' && /^[\w+/=.~-]{16,}$/.test(value));
  if (keys.length > 0 && words.includes('salt')) return 'high';
  const paging = words.some((word) =>
    /^(?:continuation|cursor|prev|previous|sync|delta|public|device|push)$/.test(word),
  );
  return keys.length > 0 && !paging && (words.at(-1) === 'token' || words.at(-1) === 'secret') ? 'high' : undefined;
}
