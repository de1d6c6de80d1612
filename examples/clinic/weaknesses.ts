/**
 * Every weakness of the clinic, by name. Each is one `if (weak('name'))` in a handler, with the careful branch beside
 * it. To add one: a line here, the `if`, an attack under `attacks/`.
 */

interface Entry {
  /** What the clinic does wrong while the switch is on. */
  readonly does: string;
  /** Common Weakness Enumeration id. */
  readonly cwe: `CWE-${number}`;
  /** OWASP API Security Top 10, 2023. */
  readonly owasp: `API${number}:2023`;
}

export const WEAKNESSES = {
  'sql-injection': {
    does: 'pastes `search` and `sort` of GET /patients into the SQL text',
    cwe: 'CWE-89',
    owasp: 'API8:2023',
  },
  'no-ownership': {
    does: "answers any patient's records to any patient who asks by id",
    cwe: 'CWE-639',
    owasp: 'API1:2023',
  },
  'missing-role': {
    does: 'forgets the role check of the staff list, the export and new prescriptions',
    cwe: 'CWE-862',
    owasp: 'API5:2023',
  },
  'over-sharing': {
    does: 'answers with whole rows: password hashes, national ids, internal notes',
    cwe: 'CWE-213',
    owasp: 'API3:2023',
  },
  'stack-traces': {
    does: 'leaves bad input to the database and the runtime, and answers 500 with stack and SQL',
    cwe: 'CWE-209',
    owasp: 'API8:2023',
  },
  'mass-assignment': {
    does: 'writes every property of a body that is a column: `role`, `balanceCents`',
    cwe: 'CWE-915',
    owasp: 'API3:2023',
  },
  'unknown-methods': {
    does: 'answers methods it does not have with 200',
    cwe: 'CWE-650',
    owasp: 'API8:2023',
  },
  'no-limits': {
    does: 'pages and bodies of any size, no time limits',
    cwe: 'CWE-770',
    owasp: 'API4:2023',
  },
  'no-validation': {
    does: 'stores values of any type, range and format',
    cwe: 'CWE-20',
    owasp: 'API8:2023',
  },
  'path-traversal': {
    does: 'joins the name of a document to its folder, `..` included',
    cwe: 'CWE-22',
    owasp: 'API8:2023',
  },
  'upload-anything': {
    does: 'takes files of any type and serves them as what they claim to be',
    cwe: 'CWE-434',
    owasp: 'API8:2023',
  },
  'weak-login': {
    does: 'lets anyone guess passwords for ever and compares hashes byte by byte',
    cwe: 'CWE-307',
    owasp: 'API2:2023',
  },
  'user-enumeration': {
    does: 'says, and shows by its timing, whether a user exists',
    cwe: 'CWE-204',
    owasp: 'API2:2023',
  },
  'no-authentication': {
    does: 'lets a caller without credentials read like the front desk',
    cwe: 'CWE-306',
    owasp: 'API2:2023',
  },
  'trusts-headers': {
    does: "believes the gate's identity headers from anyone",
    cwe: 'CWE-290',
    owasp: 'API2:2023',
  },
  'unsigned-tokens': {
    does: 'accepts tokens with `alg: none` and believes what they say',
    cwe: 'CWE-347',
    owasp: 'API2:2023',
  },
  predictable: {
    does: 'counts where ids should be random',
    cwe: 'CWE-340',
    owasp: 'API1:2023',
  },
  'cors-any': {
    does: 'lets every web site read its answers with credentials',
    cwe: 'CWE-942',
    owasp: 'API8:2023',
  },
  'verbose-errors': {
    does: 'names its software and versions in headers and errors',
    cwe: 'CWE-200',
    owasp: 'API8:2023',
  },
  'token-signature': {
    does: 'decodes tokens and does not verify their signature',
    cwe: 'CWE-347',
    owasp: 'API2:2023',
  },
  'token-algorithm': {
    does: 'lets the token choose HS256, and takes the public key for the secret',
    cwe: 'CWE-347',
    owasp: 'API2:2023',
  },
  'token-expiry': {
    does: 'takes tokens that have expired',
    cwe: 'CWE-613',
    owasp: 'API2:2023',
  },
  'logout-nothing': {
    does: 'leaves a token good after POST /logout',
    cwe: 'CWE-613',
    owasp: 'API2:2023',
  },
  'credentials-in-url': {
    does: 'takes the token from `?access_token=` too',
    cwe: 'CWE-598',
    owasp: 'API2:2023',
  },
  'method-override': {
    does: 'takes the method from `X-HTTP-Method-Override`, and then forgets the role check',
    cwe: 'CWE-285',
    owasp: 'API5:2023',
  },
  'head-skips-checks': {
    does: 'answers HEAD to anyone, with what is in it as length',
    cwe: 'CWE-288',
    owasp: 'API5:2023',
  },
  'old-version': {
    does: 'still answers GET under /v0, where nobody has to log in',
    cwe: 'CWE-1059',
    owasp: 'API9:2023',
  },
  'debug-routes': {
    does: 'leaves /debug, /metrics, /openapi.json and /.env open',
    cwe: 'CWE-489',
    owasp: 'API9:2023',
  },
  'parameter-pollution': {
    does: 'checks the first of a repeated `patientId` and uses the last',
    cwe: 'CWE-235',
    owasp: 'API1:2023',
  },
  'operator-injection': {
    does: 'takes `{"$ne": ...}` in the query for a prescription\'s code',
    cwe: 'CWE-943',
    owasp: 'API8:2023',
  },
  'template-injection': {
    does: 'works out what stands between `{{` and `}}` of a letter',
    cwe: 'CWE-1336',
    owasp: 'API8:2023',
  },
  'command-injection': {
    does: 'puts the name of a printer into a command line',
    cwe: 'CWE-78',
    owasp: 'API8:2023',
  },
  xxe: {
    does: 'lets the XML of a referral name files and addresses',
    cwe: 'CWE-611',
    owasp: 'API8:2023',
  },
  'formula-injection': {
    does: 'writes cells into the export that a spreadsheet runs',
    cwe: 'CWE-1236',
    owasp: 'API8:2023',
  },
  'reflected-script': {
    does: 'writes the topic of GET /help into the page as it was sent',
    cwe: 'CWE-79',
    owasp: 'API8:2023',
  },
  'stored-script': {
    does: 'writes notes into their page as they were sent',
    cwe: 'CWE-79',
    owasp: 'API8:2023',
  },
  'header-injection': {
    does: 'writes `lang` of GET /help into a header, line feeds and all',
    cwe: 'CWE-113',
    owasp: 'API8:2023',
  },
  'log-forging': {
    does: 'writes the decoded request into the log, line feeds and all',
    cwe: 'CWE-117',
    owasp: 'API8:2023',
  },
  'open-redirect': {
    does: 'sends whoever follows GET /go to any other site',
    cwe: 'CWE-601',
    owasp: 'API8:2023',
  },
  ssrf: {
    does: "fetches any address as a partner's calendar",
    cwe: 'CWE-918',
    owasp: 'API7:2023',
  },
  'loose-allow-list': {
    does: "fetches any address that holds the laboratory's name somewhere",
    cwe: 'CWE-184',
    owasp: 'API7:2023',
  },
  'follows-redirects': {
    does: "follows the laboratory's redirects to anywhere",
    cwe: 'CWE-918',
    owasp: 'API10:2023',
  },
  'trusts-third-party': {
    does: "passes an insurer's answer on as it came: type, properties, markup",
    cwe: 'CWE-346',
    owasp: 'API10:2023',
  },
  'endless-booking': {
    does: 'lets one caller book every appointment',
    cwe: 'CWE-799',
    owasp: 'API6:2023',
  },
  replay: {
    does: 'books the same payment again when it is sent again',
    cwe: 'CWE-294',
    owasp: 'API6:2023',
  },
  'no-rate-limit': {
    does: 'counts no requests',
    cwe: 'CWE-770',
    owasp: 'API4:2023',
  },
  'gzip-bomb': {
    does: 'unpacks compressed bodies without counting what comes out',
    cwe: 'CWE-409',
    owasp: 'API4:2023',
  },
  'deep-json': {
    does: 'calls itself for each level of a body, until the stack is full',
    cwe: 'CWE-674',
    owasp: 'API4:2023',
  },
  'content-type-confusion': {
    does: 'reads JSON whatever the body says it is, so that any web page may send it',
    cwe: 'CWE-352',
    owasp: 'API8:2023',
  },
  'trace-method': {
    does: 'says TRACE requests back, with the credentials in them',
    cwe: 'CWE-693',
    owasp: 'API8:2023',
  },
  'cacheable-private': {
    does: 'lets every cache keep private answers for an hour',
    cwe: 'CWE-525',
    owasp: 'API8:2023',
  },
  'no-security-headers': {
    does: 'leaves out nosniff, the content security policy and their like',
    cwe: 'CWE-693',
    owasp: 'API8:2023',
  },
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
