import { letters } from '../../../generate/random.ts';

/** What is sent in place of a user name and a password; undefined: the field is left out. */
export interface Entry {
  readonly name: unknown;
  readonly password: unknown;
}

/**
 * A way past a login. `enter` should be let in where the weakness is there; `refuse` is the same but for what makes the
 * difference (a condition that is false, an operator that there is none of), and must be turned away like any wrong guess.
 */
export interface Attempt {
  /** For people: `an SQL condition in the user name`. */
  readonly what: string;
  /** The place: what the finding names. */
  readonly at: 'name' | 'password' | 'both';
  /** Numbers differ with each call. */
  make(stranger: Stranger, random: () => number): { readonly enter: Entry; readonly refuse: Entry };
}

/** A user name and a password that nobody has. */
export interface Stranger {
  readonly name: string;
  readonly password: string;
}

/** How the fields of a login are written on the wire. */
export type Writing = 'json' | 'fields';

const inBoth = (value: unknown): Entry => ({ name: value, password: value });

/** Conditions in a statement: each quote, with the rest of the statement cut off and without; a bracket closed before. */
function statements(): Attempt[] {
  const attempts: Attempt[] = [];
  const add = (
    what: string,
    at: Attempt['at'],
    write: (start: string, left: string, right: string) => string,
  ): void => {
    attempts.push({
      what,
      at,
      make: (stranger, random) => {
        const [same, other] = [letters(random, 5), letters(random, 5)];
        const start = at === 'password' ? stranger.password : stranger.name;
        const entry = (text: string): Entry =>
          at === 'both' ? inBoth(text) : at === 'name' ? { ...stranger, name: text } : { ...stranger, password: text };
        return { enter: entry(write(start, same, same)), refuse: entry(write(start, same, other)) };
      },
    });
  };
  for (const quote of ["'", '"']) {
    const equal = (left: string, right: string): string => `${quote}${left}${quote}=${quote}${right}${quote}`;
    // `or` is written small: XPath reads it only so, and SQL either way.
    add('a condition in a query', 'name', (start, left, right) => `${start}${quote} or ${equal(left, right)} -- -`);
    add(
      'a condition in a query',
      'both',
      (start, left, right) => `${start}${quote} or ${equal(left, right).slice(0, -1)}`,
    );
    add('a condition in a query', 'password', (start, left, right) => `${start}${quote} or ${equal(left, right)} -- -`);
    add('a condition in a query', 'name', (start, left, right) => `${start}${quote}) or (${equal(left, right)}) -- -`);
    add(
      'a condition in a query',
      'name',
      (start, left, right) => `${start}${quote} or ${equal(left, right)} limit 1 -- -`,
    );
    add('a condition in a query', 'name', (start, left, right) => `${start}${quote} or ${equal(left, right)} #`);
    // Without a blank, and with the look of an e-mail address.
    add(
      'a condition in a query',
      'name',
      (start, left, right) => `${start}${quote}or(${equal(left, right)})--@mail.example`,
    );
  }
  return attempts;
}

/** Operators of a document store where a text belongs. */
function operators(writing: Writing): Attempt[] {
  const field = (operator: string, value: unknown): unknown =>
    writing === 'json' ? { [operator]: value } : new Suffixed(`[${operator}]`, String(value));
  const wide = (operator: string, value: (stranger: string) => unknown): Attempt[] =>
    (['both', 'password'] as const).map((at) => ({
      what: `the operator ${operator}`,
      at,
      make: (stranger) => {
        const entry = (name: string): Entry => ({
          name: at === 'both' ? field(name, value(stranger.name)) : stranger.name,
          password: field(name, value(stranger.password)),
        });
        // The same object under a name that is no operator.
        return { enter: entry(operator), refuse: entry(operator.slice(1)) };
      },
    }));
  return [
    ...wide('$ne', (stranger) => stranger),
    ...wide('$gt', () => ''),
    ...(writing === 'json' ? wide('$nin', (stranger) => [stranger]) : wide('$regex', () => '^.')),
  ];
}

/** A field that goes under its name with something behind it: `password[$ne]`. */
export class Suffixed {
  readonly suffix: string;
  readonly value: string;
  constructor(suffix: string, value: string) {
    this.suffix = suffix;
    this.value = value;
  }
}

/** Filters of a directory (RFC 4515): an entry with any password, or any entry at all. */
const FILTERS: readonly Attempt[] = [
  {
    what: 'a condition in a directory filter',
    at: 'name',
    make: (stranger) => ({
      enter: { ...stranger, name: `*)(objectClass=*))(|(objectClass=*` },
      refuse: { ...stranger, name: `${stranger.name})(objectClass=*))(|(objectClass=*` },
    }),
  },
  {
    what: 'a wildcard of a directory filter',
    at: 'both',
    make: (stranger) => ({
      enter: inBoth('*'),
      refuse: { name: `${stranger.name}*`, password: `${stranger.password}*` },
    }),
  },
];

/** What a comparison without a look at the type takes for equal to the password that is not there. */
const ABSENT: readonly (readonly [what: string, value: unknown])[] = [
  ['no password at all', undefined],
  ['null for a password', null],
  ['an empty password', ''],
  ['an empty list for a password', []],
  ['true for a password', true],
  ['0 for a password', 0],
];

const absent = (writing: Writing): Attempt[] =>
  ABSENT.filter(([, value]) => writing === 'json' || value === undefined || value === '').map(([what, password]) => ({
    what,
    at: 'password',
    make: (stranger) => ({ enter: { name: stranger.name, password }, refuse: stranger }),
  }));

/** Ways that need no account that exists: tried with made-up names only. Likely ones first: a limit may end it. */
export const strangerAttempts = (writing: Writing): readonly Attempt[] => {
  const sql = statements();
  const [first, second, third, ...others] = operators(writing);
  return [
    ...sql.slice(0, 2),
    ...(first ? [first] : []),
    ...(second ? [second] : []),
    ...(third ? [third] : []),
    ...sql.slice(2, 7),
    ...FILTERS,
    ...absent(writing),
    ...sql.slice(7),
    ...others,
  ];
};

/**
 * Ways to one account whose name is known: the rest of the query is cut off behind the name, or the password is
 * something that compares equal to everything. `stranger` has the account's name, and a password that is wrong.
 */
export const accountAttempts = (writing: Writing): readonly Attempt[] => [
  ...["'", '"'].map(
    (quote): Attempt => ({
      what: 'a user name that ends the query',
      at: 'name',
      make: (stranger) => ({
        enter: { ...stranger, name: `${stranger.name}${quote} -- -` },
        refuse: { ...stranger, name: `${stranger.name}${quote}x -- -` },
      }),
    }),
  ),
  {
    what: 'the operator $ne',
    at: 'password',
    make: (stranger) => {
      const value = (operator: string): unknown =>
        writing === 'json' ? { [operator]: stranger.password } : new Suffixed(`[${operator}]`, stranger.password);
      return {
        enter: { name: stranger.name, password: value('$ne') },
        refuse: { name: stranger.name, password: value('ne') },
      };
    },
  },
  {
    what: 'a wildcard of a directory filter',
    at: 'password',
    make: (stranger) => ({ enter: { ...stranger, password: '*' }, refuse: stranger }),
  },
  ...absent(writing),
];
