import { BENIGN_KINDS, benignRequests, benignValues, codePlaces } from '../../src/detection/testing/benign.ts';
import { CASES } from '../../src/detection/testing/cases/index.ts';
import { httpParams, libinjection, payloads } from '../../src/detection/testing/corpora.ts';
import type { Value } from './carriers.ts';

/** A list of values that are all attacks, or all friendly. */
export interface List {
  readonly title: string;
  readonly harmful: boolean;
  /** Classes of which one is the right answer; the first one names the list's class. */
  readonly classes: readonly string[];
  readonly values: readonly Value[];
}

const value = (text: string): Value => ({ text });
const SQL = ['sql-injection'];
const SCRIPT = ['cross-site-scripting', 'xss', 'script-injection'];
const COMMAND = ['command-injection'];
const PATH = ['path-traversal'];

/** Files of payloads, and the class they are about. */
const PAYLOADS: readonly (readonly [string, readonly string[]])[] = [
  ['sqli.txt', SQL],
  ['xss.txt', SCRIPT],
  ['command.txt', COMMAND],
  ['traversal.txt', PATH],
  ['ssti.txt', ['template-injection']],
  ['ldap.txt', ['ldap-injection']],
  ['nosql.txt', ['nosql-injection']],
  ['crlf.txt', ['header-injection', 'response-splitting', 'crlf-injection']],
];

const TYPES: readonly (readonly [string, readonly string[]])[] = [
  ['sqli', SQL],
  ['xss', SCRIPT],
  ['cmdi', COMMAND],
  ['path-traversal', PATH],
];

const BENIGN = 25_000;
const REQUESTS = 2000;

/** Every list there is: cases of the project for each class, the shared corpora where they are present, friendly values. */
export function* lists(classes: readonly string[]): Generator<List> {
  for (const name of classes) {
    // Each at its place; a query where it has none.
    const values = CASES.filter((each) => each.class === name).map(({ text, place }) => ({ text, place: place ?? {} }));
    yield { title: `own cases: ${name}`, harmful: true, classes: [name], values };
  }
  const labelled = httpParams();
  const ofType = (type: string): Value[] => labelled.filter((each) => each.type === type).map(({ text }) => ({ text }));
  for (const [type, of] of TYPES) yield harmful(`HttpParams: ${type}`, of, ofType(type));
  for (const [prefix, of] of [
    ['sqli-', SQL],
    ['xss-', SCRIPT],
  ] as const) {
    const values = libinjection(prefix).flatMap(({ texts }) => texts.map(value));
    yield harmful(`libinjection: ${prefix}*`, of, values);
  }
  for (const [file, of] of PAYLOADS) yield harmful(`payloads: ${file}`, of, payloads(file).map(value));

  yield friendly('HttpParams: norm', ofType('norm'));
  yield friendly(
    'libinjection: false_positives',
    libinjection('false_positives').flatMap(({ texts }) => texts.map(value)),
  );
  yield friendly(`own: ${BENIGN_KINDS.length} kinds of values`, benignValues(BENIGN));
  yield friendly('own: whole requests', benignRequests(REQUESTS).flat());
}

/** What stands at places declared as code or queries: judged at sensitivity `low`. */
export const codeList = (): List => friendly('own: code and queries, at low', codePlaces(REQUESTS));

const harmful = (title: string, classes: readonly string[], values: readonly Value[]): List => ({
  title,
  harmful: true,
  classes,
  values,
});

const friendly = (title: string, values: readonly Value[]): List => ({ title, harmful: false, classes: [], values });
