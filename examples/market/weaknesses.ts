/**
 * Every weakness of the market, by name. Each is an `if` (or a `?`) on `weak('name')` with the careful branch beside it.
 * To add one: a line here, the `if`, an attack under `attacks/`, a row in the README.
 */

interface Entry {
  /** What the market does wrong while the switch is on. */
  readonly does: string;
  /** Common Weakness Enumeration id. */
  readonly cwe: `CWE-${number}`;
  /** OWASP API Security Top 10, 2023. */
  readonly owasp: `API${number}:2023`;
}

const entry = (owasp: number, cwe: number, does: string): Entry => ({
  does,
  cwe: `CWE-${cwe}`,
  owasp: `API${owasp}:2023`,
});

export const WEAKNESSES = {
  // API1: objects of others
  'bola-read': entry(1, 639, "shows any user's profile, wallet, order and invoice to whoever is signed in"),
  'bola-change': entry(1, 639, "changes any user's profile and any shop's product for whoever may change one"),
  'bola-delete': entry(1, 639, "deletes anybody's review and any shop's product"),
  'bola-list': entry(1, 639, "lists everybody's orders and messages"),
  // API2: who calls
  'open-operation': entry(2, 306, 'forgets to ask for a session on wallets and invoices'),
  'weak-login': entry(2, 307, 'lets anyone guess the password of an account for ever'),
  enumeration: entry(2, 204, 'says at sign-in and at registration whether an account exists'),
  'session-survives-logout': entry(2, 613, 'forgets only the cookie at logout: the key works on'),
  'predictable-sessions': entry(2, 340, 'counts where session keys should be random'),
  'session-fixation': entry(2, 384, 'makes the key that came with the sign-in the key of the new session'),
  'session-in-url': entry(2, 598, 'takes the session key from the query too'),
  'insecure-cookie': entry(2, 1004, 'hands out the session cookie without HttpOnly, Secure and SameSite'),
  // API3: properties
  'mass-assignment': entry(3, 915, 'writes every property of a user that is a column: `role`, `balance_cents`'),
  'client-price': entry(3, 915, 'takes the price of an ordered product from the one who orders'),
  'over-sharing': entry(3, 213, 'answers with whole rows: password hashes, tax numbers, bank accounts, costs'),
  // API4: how much
  'unlimited-pages': entry(4, 770, 'answers with pages of any size'),
  'no-rate-limits': entry(4, 770, 'answers as often as anyone asks'),
  'no-body-limits': entry(4, 770, 'reads bodies and stores texts of any length'),
  'trusts-forwarded': entry(4, 348, 'counts guesses and requests by the address that X-Forwarded-For claims'),
  // API5: functions of others
  'missing-role': entry(5, 862, 'lets every user call the operations of the administrators'),
  // API6: flows of the business
  'coupon-reuse': entry(6, 799, 'pays the same coupon to the same user as often as asked'),
  'coupon-race': entry(6, 362, 'looks whether a coupon was used, waits for something else, and pays then'),
  'replayed-transfer': entry(6, 294, 'carries out a transfer again whose reference it has seen'),
  'negative-amounts': entry(6, 1284, 'does not think of amounts below zero: transfers and quantities'),
  // API7
  ssrf: entry(7, 918, 'imports products from any URL that it is told'),
  // API8: injection
  'sql-errors': entry(8, 89, 'pastes `search` of the product list into the SQL text, and tells what SQLite says of it'),
  'sql-boolean': entry(8, 89, 'pastes `category` of the product list into the SQL text, and shows nothing on errors'),
  'sql-blind': entry(8, 89, 'pastes the header X-Campaign into the SQL text of a statistic that no answer shows'),
  'nosql-operators': entry(8, 943, 'hands what stands for a coupon code to the document store, operators included'),
  'reflected-script': entry(8, 79, 'writes `reference` into the page of an invoice as it comes'),
  'stored-script': entry(8, 79, 'writes names and notes into the page of an invoice as they were stored'),
  'path-traversal': entry(8, 22, 'joins the name of a file to its folder, `..` included'),
  'upload-anything': entry(8, 434, 'takes avatars of any type and content, and serves them as what they claim to be'),
  'open-redirect': entry(8, 601, 'redirects to any host'),
  // API8: settings and habits
  'cors-any': entry(8, 942, 'lets every web site read its answers with credentials'),
  'any-content-type': entry(8, 352, 'reads JSON from bodies of any type, which pages of other sites can send'),
  'verbose-errors': entry(8, 200, 'names its software and versions in headers and errors'),
  'stack-traces': entry(8, 209, 'leaves JSON that cannot be read to the runtime, and answers 500 with the stack'),
  'server-errors': entry(8, 248, 'fails on unexpected types, and answers 500'),
  'no-validation': entry(8, 20, 'stores values of any type, range and format'),
  'cacheable-private': entry(8, 525, 'lets every cache keep private answers'),
  sniffable: entry(8, 693, 'sends no nosniff and no Content-Security-Policy'),
  'any-method': entry(8, 650, 'answers methods it does not have like GET'),
  'method-override': entry(8, 650, 'takes the method from X-HTTP-Method-Override, on GET too'),
  // API9: what was forgotten
  'debug-route': entry(9, 489, 'still has the /debug of its developers, with configuration and sessions'),
  'old-version': entry(9, 1059, 'still answers under /api/v0, from before there were sessions'),
  // API10
  'trusts-suppliers': entry(10, 346, 'stores what the feed of a supplier says, whatever it says'),
} as const satisfies Record<string, Entry>;

export type Weakness = keyof typeof WEAKNESSES;

export const ALL_WEAKNESSES = Object.keys(WEAKNESSES) as readonly Weakness[];

/** Tells whether a switch is on. */
export type Weak = (name: Weakness) => boolean;

/** A switch board with only `names` on. */
export function switchBoard(names: Iterable<Weakness>): Weak {
  const on = new Set(names);
  return (name) => on.has(name);
}

/**
 * Reads a comma separated list of switches.
 * @throws Error naming the unknown switch and all that exist.
 */
export function parseWeaknesses(list: string): Weakness[] {
  const names = list
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
  for (const name of names) {
    if (!Object.hasOwn(WEAKNESSES, name)) {
      throw new Error(`unknown weakness "${name}"; there are: ${ALL_WEAKNESSES.join(', ')}`);
    }
  }
  if (names.length === 0) throw new Error('--weak needs at least one name; for none use --careful');
  return names as Weakness[];
}
