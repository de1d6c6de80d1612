/**
 * npm run accuracy [-- --sensitivity low|default|high] [--class NAME] [--missed N] [--false N] [--json] [--profile]
 * npm run accuracy -- --file FILE --harmful|--benign [--encoded] [--class NAME] [--missed N] [--false N]
 *
 * What the detectors find and what they take for an attack: on cases of the project's own and, where they are present,
 * on the shared corpora, each value in a query, a JSON body and a form; then how fast. `--file` judges a list of yours,
 * one value a line (`--encoded`: percent-encoded). Corpora are read in place and never copied.
 */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { SENSITIVITIES, type Sensitivity } from '../src/detection/classes/class.ts';
import { CLASS_NAMES, CLASSES } from '../src/detection/classes/index.ts';
import { Judge } from '../src/detection/judge.ts';
import { corporaMissing, decode } from '../src/detection/testing/corpora.ts';
import { codeList, type List, lists } from './accuracy/lists.ts';
import { balanced, type Score, score } from './accuracy/score.ts';
import { profile, speed } from './accuracy/speed.ts';

const { values: options } = parseArgs({
  options: {
    sensitivity: { type: 'string', default: 'default' },
    class: { type: 'string' },
    missed: { type: 'string', default: '0' },
    false: { type: 'string', default: '0' },
    file: { type: 'string' },
    harmful: { type: 'boolean', default: false },
    benign: { type: 'boolean', default: false },
    encoded: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    profile: { type: 'boolean', default: false },
  },
});
const stop = (message: string): never => {
  process.stderr.write(`${message}\n`);
  process.exit(2);
};
const sensitivity = options.sensitivity as Sensitivity;
if (!SENSITIVITIES.includes(sensitivity)) stop(`--sensitivity is one of ${SENSITIVITIES.join(', ')}`);
if (options.class !== undefined && !CLASS_NAMES.includes(options.class))
  stop(`--class is one of ${CLASS_NAMES.join(', ')}`);
if (options.file !== undefined && options.harmful === options.benign) stop('--file needs --harmful or --benign');

const asked = CLASSES.filter(({ name }) => options.class === undefined || name === options.class);
const judge = new Judge(asked, sensitivity);
const out = (line: string): void => {
  if (!options.json) process.stdout.write(`${line}\n`);
};

function* chosen(): Generator<List> {
  if (options.file !== undefined) {
    const lines = readFileSync(options.file, 'utf8')
      .split(/\r?\n/)
      .filter((line) => line !== '');
    const values = lines.map((line) => ({ text: options.encoded ? decode(line) : line }));
    yield { title: options.file, harmful: options.harmful, classes: asked.map(({ name }) => name), values };
    return;
  }
  for (const list of lists(asked.map(({ name }) => name)))
    if (options.class === undefined || !list.harmful || list.classes.includes(options.class)) yield list;
}

/** The share that was found of what does harm as it stands. */
const ofAttacks = ({ count, found, undecidable }: Score): string => ((100 * found) / (count - undecidable)).toFixed(3);

function show(each: Score): void {
  const { count, found, harmful } = each;
  const wrong = harmful ? count - found : found;
  const percent = ((100 * found) / count).toFixed(3).padStart(8);
  const carriers = Object.values(each.wrong).join('/');
  out(
    `${each.title.padEnd(36)} n ${String(count).padStart(6)}  ${harmful ? 'missed' : 'false '} ${String(wrong).padStart(5)} (${carriers})  ${harmful ? percent : percent} %${
      each.undecidable > 0
        ? `; ${ofAttacks(each)} % of the attacks, without ${each.undecidable} that are none as they stand`
        : ''
    }`,
  );
  const by = Object.entries(each.by).sort(([, a], [, b]) => b - a);
  if (by.length > 0 && !(harmful && by.length === 1 && by[0]?.[0] === each.class))
    out(`    by ${by.map(([name, times]) => `${name} ${times}`).join(', ')}`);
  for (const { text, kind, said } of each.examples.slice(0, Number(harmful ? options.missed : options.false)))
    out(
      `    ${JSON.stringify(text.slice(0, 160))}${kind === undefined ? '' : ` [${kind}]`}${said === undefined ? '' : `\n        ${JSON.stringify(said)}`}`,
    );
}

if (options.profile) {
  for (const line of profile(sensitivity)) out(line);
  process.exit(0);
}
out(`sensitivity ${sensitivity}; missed and false: in any carrier (query/json/form)\n`);
if (corporaMissing && options.file === undefined) out(`(${corporaMissing})`);
const scores: Score[] = [];
for (const list of chosen()) {
  if (list.values.length === 0) continue;
  const of = score(list, judge);
  scores.push(of);
  show(of);
}
if (options.file === undefined) {
  const code = score(codeList(), new Judge(asked, 'low'));
  scores.push(code);
  show(code);
}
const mean = balanced(scores);
if (mean !== undefined) out(`\nbalanced accuracy ${mean.toFixed(3)} %`);
if (options.json) process.stdout.write(`${JSON.stringify({ sensitivity, balanced: mean, scores }, null, 1)}\n`);
else if (options.file === undefined && options.class === undefined) {
  out('');
  for (const line of speed(sensitivity)) out(line);
}
