import type { Check, CheckContext } from '../../model/check.ts';
import type { Exchange } from '../../model/exchange.ts';
import type { Proof } from '../../model/finding.ts';
import { labours, waits } from './common/delayed.ts';
import { marksOf } from './common/marks.ts';
import { type Form, follows, settle } from './common/pairs.ts';
import { again, overPlaces, type Target } from './common/targets.ts';
import { named, schemaField, typesOf, wordsOf } from './common/words.ts';
import { delaysOf, work } from './sql/delays.ts';
import { sqlComplaint } from './sql/errors.ts';
import { numberForms, orderForms, parserPairs, quotedForms } from './sql/forms.ts';

const SORTS: ReadonlySet<string> = new Set([
  'sort',
  'order',
  'orderby',
  'sortby',
  'column',
  'field',
  'by',
  'direction',
  'dir',
  'group',
]);
/** Columns that ORDER BY is tried with, at most. */
const COLUMNS = 4;

export const check: Check = {
  id: 'sql-injection',
  group: 'injection',
  title: 'SQL injection',
  practice: 'validate',
  cwe: 'CWE-89',
  owasp: 'API8:2023',
  severity: 'critical',
  why: 'A value of the request becomes part of an SQL statement. Whoever calls can read, and often change, all that the database holds, whatever the operation is for.',
  mend: 'Bind every value as a parameter; take names of columns and directions from a fixed list. In the contract, give the parameter an enum, a pattern or a number type: the gate then refuses what is none.',
  async run(context) {
    await overPlaces(
      context,
      () => true,
      async (target) => await attack(context, target),
    );
  },
};

async function attack(context: CheckContext, target: Target): Promise<void> {
  const odd = await complaint(context, target);
  if (!odd) return;
  if (target.reads) await reading(context, target, odd);
  else await writing(context, target, odd);
}

const isNumber = (target: Target): boolean => /^-?\d{1,12}$/.test(target.text);

/**
 * A quote that the engine complains about, where a plain word earns no complaint.
 * @returns the answer to a single quote; undefined where a finding came of it
 */
async function complaint(context: CheckContext, target: Target): Promise<Exchange | undefined> {
  let odd: Exchange | undefined;
  for (const tail of isNumber(target) ? ["'"] : ["'", '"']) {
    const broken = await target.send(target.text + tail);
    odd ??= broken;
    const found = sqlComplaint(broken.answer.text);
    if (!found) continue;
    const show = async (): Promise<Proof | undefined> => {
      const control = await target.send(`${target.text}7`);
      const exchange = await target.send(target.text + tail);
      const words = sqlComplaint(exchange.answer.text)?.words;
      if (words === undefined || sqlComplaint(control.answer.text)) return undefined;
      return { exchanges: [control, exchange], marks: [words] };
    };
    const proof = await show();
    if (!proof) continue;
    const message = `${target.operation.key} puts ${target.label} into an SQL statement: a quote makes ${found.engine} complain about its syntax`;
    if (await context.report(candidate(context, target, message, proof, show))) return undefined;
  }
  return odd;
}

/** Conditions that are true and false, in every way into a statement that only reads. */
async function reading(context: CheckContext, target: Target, odd: Exchange): Promise<void> {
  const settled = await settle(context, target);
  if (!settled) return;
  const { likeness, control } = settled;
  const tried = async (forms: readonly Form[]): Promise<boolean> => {
    for (const form of forms) {
      const proof = await follows(context, target, form, likeness, control);
      if (!proof) continue;
      const show = async (): Promise<Proof | undefined> => {
        const once = await settle(context, target);
        return once && (await follows(context, target, form, once.likeness, once.control));
      };
      const message = `${target.operation.key} puts ${target.label} into an SQL statement, as ${form.name}: its answers follow conditions that were sent along`;
      if (await context.report(candidate(context, target, message, proof, show))) return true;
    }
    return false;
  };
  const { random, text } = target;
  const number = isNumber(target);
  if (number && (await tried(numberForms(text, random)))) return;
  // A place that refuses a quote refuses most: only what would succeed if the refusal were the engine's.
  const refused = context.outcome(odd) === 'invalid';
  const quoted = quotedForms(text, random, true);
  if (await tried(number || refused ? quoted.filter(({ first }) => first) : quoted)) return;
  if (isOrder(target) && (await tried(orderForms(columnsOf(target), random)))) return;
  const silent = likeness.same({ exchange: odd, sent: `${text}'` }, control);
  if (silent ? target.place.in !== 'body' : context.outcome(odd) === 'error') await waiting(context, target);
}

/** Where a quote makes a write fail and two quotes do not: what only an SQL parser tells apart, then time. */
async function writing(context: CheckContext, target: Target, odd: Exchange): Promise<void> {
  const { text, random } = target;
  const outcome = context.outcome(odd);
  if (outcome === 'success' || outcome === 'limited') return;
  const even = await target.send(`${text}''`);
  if (context.outcome(even) !== 'success') {
    if (outcome === 'error') await waiting(context, target);
    return;
  }
  const settled = await settle(context, target);
  if (!settled) return;
  const inBody = target.place.in === 'body' && target.ground.effect === 'make';
  for (const form of parserPairs(text, random, inBody)) {
    const proof = await succeeds(context, target, form);
    if (!proof) continue;
    const show = async (): Promise<Proof | undefined> => await succeeds(context, target, form);
    const message = `${target.operation.key} puts ${target.label} into an SQL statement, as ${form.name}: what an SQL parser takes succeeds, what it refuses fails`;
    if (await context.report(candidate(context, target, message, proof, show))) return;
  }
  await waiting(context, target);
}

/** Every `yes` succeeds, every `no` fails. */
async function succeeds(context: CheckContext, target: Target, form: Form): Promise<Proof | undefined> {
  let shown: Proof | undefined;
  for (const { yes, no } of form.pairs) {
    const wrong = await target.send(no);
    const outcome = context.outcome(wrong);
    if (outcome === 'success' || outcome === 'limited' || outcome === 'none') return undefined;
    const right = await target.send(yes);
    if (context.outcome(right) !== 'success') return undefined;
    shown = { exchanges: [wrong, right], marks: marksOf(right, yes) };
  }
  return shown;
}

/** Waits that were sent along: the last resort, where nothing else shows. */
async function waiting(context: CheckContext, target: Target): Promise<void> {
  for (const { engine, write } of delaysOf(target.text, isNumber(target), target.random)) {
    const proof = await waits(context, target, write);
    if (!proof) continue;
    const show = async (): Promise<Proof | undefined> => await waits(context, target, write);
    const message = `${target.operation.key} puts ${target.label} into an SQL statement: ${engine} waits as long as it is told to`;
    if (await context.report(candidate(context, target, message, proof, show))) return;
  }
  const write = work(target.text);
  const proof = await labours(context, target, write);
  if (!proof) return;
  const show = async (): Promise<Proof | undefined> => await labours(context, target, write);
  const message = `${target.operation.key} puts ${target.label} into an SQL statement: the answer takes as long as the counting that was sent along`;
  await context.report(candidate(context, target, message, proof, show));
}

function isOrder({ place }: Target): boolean {
  return named(place, SORTS) || wordsOf(place.word).join('').endsWith('orderby');
}

/** What may be a column: the value itself, others the contract names, fields of the answer. */
function columnsOf(target: Target): string[] {
  const names = new Set<string>();
  const add = (value: unknown): void => {
    const name = String(value)
      .replace(/^[-+]/, '')
      .replace(/[\s:,.](asc|desc)$/i, '');
    if (/^[a-z_][a-z0-9_]{0,40}$/i.test(name) && !/^(asc|desc)$/i.test(name)) names.add(name);
  };
  add(target.text);
  const values = schemaField(target.place, 'enum');
  if (Array.isArray(values)) for (const value of values.slice(0, 20)) add(value);
  const item = firstItem(target.ground.sample.exchange.answer.json);
  for (const [name, value] of Object.entries(item ?? {})) if (typeof value !== 'object') add(name);
  // `a` stands for nothing known; snake case is how columns are often written.
  const all = [...names].filter((name) => name !== 'a' || typesOf(target.place).length === 0);
  return [...new Set(all.flatMap((name) => [name, wordsOf(name).join('_')]))].slice(0, COLUMNS);
}

function firstItem(json: unknown): object | undefined {
  const lists = Array.isArray(json)
    ? [json]
    : Object.values(Object(json)).flatMap((value) => [value, ...Object.values(Object(value))]);
  for (const list of lists) {
    if (Array.isArray(list) && typeof list[0] === 'object' && list[0] !== null) return list[0];
  }
  return undefined;
}

function candidate(
  context: CheckContext,
  target: Target,
  message: string,
  proof: Proof,
  show: () => Promise<Proof | undefined>,
): Parameters<CheckContext['report']>[0] {
  const { operation, label } = target;
  return { message, operation, place: label, proof, again: again(context, target, show) };
}
