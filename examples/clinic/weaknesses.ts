/**
 * Every weakness of the clinic, by name. Each is one `if (weak('name'))` in a handler, with the careful branch beside
 * it. To add one: a line here, the `if`, an attack in `attacks.ts`.
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
