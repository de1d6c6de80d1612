import { type Sensitivity, somewhere } from '../../src/detection/classes/class.ts';
import { CLASSES } from '../../src/detection/classes/index.ts';
import { featuresOf } from '../../src/detection/features.ts';
import { formsOf } from '../../src/detection/forms.ts';
import { Judge } from '../../src/detection/judge.ts';
import { type Benign, benignValues } from '../../src/detection/testing/benign.ts';

const BODY = somewhere('body');
const flat = (text: string): string => Buffer.from(text).toString();

const SENTENCE =
  "Dear Dr. O'Brien, thank you for your letter of the 3rd. The patient's condition has improved and she may go home on Monday or Tuesday; please order the usual tests and send the record. ";
const FIELDS = [
  'Máire O’Neill',
  'maire.oneill@example.com',
  "12 St John's Road, Flat 4/B",
  'Needs a wheelchair; allergic to nuts or soy?',
  'Please call after 5 pm',
  'Galway',
].map((text) => flat(text.padEnd(60, ' and so on')));

/** Values that are timed together: few enough that nothing else gets the core in between. */
const TOGETHER = 100;
const ROUNDS = 15;

/** Nanoseconds for all values: of each hundred its best round, since what else runs on the machine only ever adds. */
function timeOf<T>(values: readonly T[], work: (value: T) => void): number {
  const best: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    for (let from = 0; from < values.length; from += TOGETHER) {
      const to = Math.min(values.length, from + TOGETHER);
      const before = process.hrtime.bigint();
      for (let i = from; i < to; i++) work(values[i] as T);
      const time = Number(process.hrtime.bigint() - before);
      const at = from / TOGETHER;
      best[at] = Math.min(best[at] ?? time, time);
    }
  }
  return best.reduce((sum, time) => sum + time, 0);
}

const characters = (texts: readonly string[]): number => texts.reduce((sum, text) => sum + text.length, 0);
const rate = (count: number, time: number): string => `${((count * 1000) / time).toFixed(0)} MB/s`;

/** How fast texts are judged, in lines to print. */
export function* speed(sensitivity: Sensitivity): Generator<string> {
  const judge = new Judge(CLASSES, sensitivity);
  const time = (texts: readonly string[]): number => timeOf(texts, (text) => judge.find(text, BODY));
  const nasty = benignValues(20_000).map(({ text }) => text);
  const prose = Array.from({ length: 500 }, () => flat(SENTENCE.repeat(10)));
  const set = time(nasty);
  yield `own benign set          ${(set / nasty.length).toFixed(0)} ns a value, ${rate(characters(nasty), set)}`;
  yield `prose                   ${rate(characters(prose), time(prose))}`;
  const bodies = 500;
  yield `six free-text fields    ${(time(new Array<string[]>(bodies).fill(FIELDS).flat()) / bodies / 1000).toFixed(2)} us`;
}

/** What each part of judging costs on the own benign set, and which kinds of values cost most, in lines to print. */
export function* profile(sensitivity: Sensitivity): Generator<string> {
  const values = benignValues(10_000);
  const total = characters(values.map(({ text }) => text));
  const report = (name: string, time: number, asked: number): string =>
    `${name.padEnd(36)} ${(time / total).toFixed(3).padStart(7)} ns a character   asked ${String(asked).padStart(6)}`;
  const sent = values.map(({ text }) => ({ name: 'as sent', text, features: featuresOf(text) }));
  yield report(
    'features',
    timeOf(values, ({ text }) => featuresOf(text)),
    values.length,
  );
  yield report(
    'forms',
    timeOf(sent, ({ text, features }) => formsOf(text, features)),
    values.length,
  );
  const forms = sent.flatMap((form) => [form, ...formsOf(form.text, form.features)]);
  for (const each of CLASSES) {
    const asked = forms.filter(({ features }) => (each.features & features) !== 0 && each.wants?.(features) !== false);
    yield report(
      each.name,
      timeOf(asked, (form) => void each.search(form, BODY, sensitivity)),
      asked.length,
    );
  }
  const judge = new Judge(CLASSES, sensitivity);
  const kinds = Map.groupBy(values, ({ kind }: Benign) => kind);
  const costs = Array.from(kinds, ([kind, of]) => {
    const time = timeOf(of, ({ text }) => judge.find(text, BODY));
    return { kind, time, rate: rate(characters(of.map(({ text }) => text)), time) };
  }).sort((a, b) => b.time - a.time);
  const sum = costs.reduce((all, { time }) => all + time, 0);
  for (const { kind, time, rate: speed } of costs.slice(0, 20))
    yield `${kind.padEnd(36)} ${((100 * time) / sum).toFixed(1).padStart(5)} % of the time, ${speed}`;
}
