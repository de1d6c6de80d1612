/**
 * npm run accuracy [-- --sensitivity low|default|high --missed N --false N]
 *
 * What the detectors find and what they take for an attack: on cases of the project's own and, where they are present,
 * on the shared corpora; then how fast. Corpora are read in place and never copied.
 */
import { parseArgs } from 'node:util';
import { SENSITIVITIES, type Sensitivity, somewhere } from '../src/detection/classes/class.ts';
import { CLASSES } from '../src/detection/classes/index.ts';
import { Judge } from '../src/detection/judge.ts';
import { benignValues } from '../src/detection/testing/benign.ts';
import { CASES } from '../src/detection/testing/cases/index.ts';
import { corporaMissing, httpParams, libinjection, payloads } from '../src/detection/testing/corpora.ts';

const { values: options } = parseArgs({
  options: {
    sensitivity: { type: 'string', default: 'default' },
    missed: { type: 'string', default: '0' },
    false: { type: 'string', default: '0' },
  },
});
if (!SENSITIVITIES.includes(options.sensitivity as Sensitivity)) {
  process.stderr.write(`--sensitivity is one of ${SENSITIVITIES.join(', ')}\n`);
  process.exit(2);
}
const QUERY = somewhere('query');
const BODY = somewhere('body');
const judge = new Judge(CLASSES, options.sensitivity as Sensitivity);
const out = (line: string): void => void process.stdout.write(`${line}\n`);

function row(title: string, texts: readonly string[], harmful: boolean): void {
  if (texts.length === 0) return;
  const missed: string[] = [];
  const found: string[] = [];
  for (const text of texts) (judge.find(text, QUERY) === undefined ? missed : found).push(text);
  const rate = ((100 * found.length) / texts.length).toFixed(3);
  const counts = harmful
    ? `found ${String(found.length).padStart(6)}  missed ${String(missed.length).padStart(5)}`
    : `false ${String(found.length).padStart(6)}              `;
  out(`${title.padEnd(44)} n ${String(texts.length).padStart(6)}  ${counts}  ${rate.padStart(8)} %`);
  const shown = harmful ? missed : found;
  const most = Number(harmful ? options.missed : options.false);
  for (const text of shown.slice(0, most)) out(`    ${JSON.stringify(text.slice(0, 160))}`);
}

out(`sensitivity ${options.sensitivity}\n`);
for (const { name } of CLASSES) {
  row(
    `own cases: ${name}`,
    CASES.filter((each) => each.class === name).map((each) => each.text),
    true,
  );
}
if (corporaMissing) out(`(${corporaMissing})`);
const labelled = httpParams();
const ofType = (type: string): string[] => labelled.filter((each) => each.type === type).map((each) => each.text);
row('HttpParams train: sqli', ofType('sqli'), true);
row('HttpParams train: path-traversal', ofType('path-traversal'), true);
row(
  'libinjection: sqli',
  libinjection('sqli-').flatMap(({ texts }) => texts),
  true,
);
row('payloads: sqli', payloads('sqli.txt'), true);
row('payloads: traversal', payloads('traversal.txt'), true);
out('');
row('HttpParams train: norm', ofType('norm'), false);
row(
  'libinjection: false_positives',
  libinjection('false_positives').flatMap(({ texts }) => texts),
  false,
);
const benign = benignValues(20_000).map(({ text }) => Buffer.from(text).toString());
row('own benign set', benign, false);

/** Best of some rounds, in nanoseconds: what else runs on the machine only ever adds. */
function best(rounds: number, work: () => void): number {
  let least = Number.POSITIVE_INFINITY;
  for (let i = 0; i < rounds; i++) {
    const before = process.hrtime.bigint();
    work();
    least = Math.min(least, Number(process.hrtime.bigint() - before));
  }
  return least;
}

const sentence =
  "Dear Dr. O'Brien, thank you for your letter of the 3rd. The patient's condition has improved and she may go home on Monday or Tuesday; please order the usual tests and send the record. ";
const prose = Buffer.from(sentence.repeat(50)).toString();
const characters = benign.reduce((sum, text) => sum + text.length, 0);
const body = [
  'Máire O’Neill',
  'maire.oneill@example.com',
  "12 St John's Road, Flat 4/B",
  'Needs a wheelchair; allergic to nuts or soy?',
  'Please call after 5 pm',
  'Galway',
].map((text) => Buffer.from(text.padEnd(60, ' and so on')).toString());
const each = (texts: readonly string[]) => () => {
  for (const text of texts) judge.find(text, BODY);
};
out('');
const set = best(8, each(benign));
out(
  `own benign set          ${(set / benign.length).toFixed(0)} ns a value, ${((characters * 1000) / set).toFixed(0)} MB/s`,
);
const text = best(30, each(new Array<string>(50).fill(prose)));
out(`prose                   ${((prose.length * 50 * 1000) / text).toFixed(0)} MB/s`);
const fields = best(30, each(new Array<string[]>(500).fill(body).flat())) / 500;
out(`six free-text fields    ${(fields / 1000).toFixed(2)} us`);
