/** Words of which a property's name is made when its value is nobody else's business. */
const WORDS: ReadonlySet<string> = new Set(
  'password passwd pwd passphrase hash salt secret token apikey privatekey private pin cvv cvc ssn sin salary wage iban nationalid taxid passport otp totp mfa mnemonic seed internal note notes cookie session credential credentials'.split(
    ' ',
  ),
);
/** Names that are made of harmless words, or that say the opposite. */
const HARMLESS =
  /^(?:has|is|needs?|requires?|reset|forgot|change|min|max)|(?:count|length|expires|expiry|expiresin|type|policy|enabled|updatedat|changedat|url|id)$/;

/** Splits `passwordHash`, `password_hash` and `PASSWORD-HASH` into lower-case words. */
export const wordsOf = (name: string): string[] =>
  name
    .slice(0, 100)
    .replace(/([a-z\d])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z\d]+/)
    .filter((word) => word !== '');

/** Whether a property's name says that its value should not leave. */
export function isSensitiveName(name: string): boolean {
  const words = wordsOf(name);
  const joined = words.join('');
  if (HARMLESS.test(joined) && !/(?:password|passwd|secret|salt|cvv)/.test(joined.replace(HARMLESS, '')))
    return WORDS.has(joined);
  return WORDS.has(joined) || words.some((word) => WORDS.has(word));
}
