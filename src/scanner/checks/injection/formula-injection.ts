import { between } from '../../generate/random.ts';
import type { Call } from '../../model/call.ts';
import type { Check, CheckContext } from '../../model/check.ts';
import type { Exchange } from '../../model/exchange.ts';
import type { Proof } from '../../model/finding.ts';
import type { Ground } from './common/ground.ts';
import { filesOf, formulaIn, type SheetFile } from './common/sheets.ts';
import { again, groundsOf, unlessGone } from './common/targets.ts';
import { isPassword, labelOf, schemaField, typesOf } from './common/words.ts';

/** Characters that begin a formula, in the order in which they are tried. */
const SIGNS = ['=', '@', '+', '-'] as const;
/** Files read after one write; texts of one body that are tried alone. */
const FILES = 12;
const ALONE = 12;
/** Longest formula: `=12345+54321`. */
const LENGTH = 12;

export const check: Check = {
  id: 'formula-injection',
  group: 'injection',
  title: 'Formulas in exported tables',
  practice: 'validate',
  cwe: 'CWE-1236',
  owasp: 'API8:2023',
  severity: 'medium',
  why: 'A text that begins with =, +, - or @ is stored by one caller and stands in a table that others open in a spreadsheet, where it is run as a formula. It reads the rest of the table, sends it elsewhere, or starts programs, with the rights of who opens it.',
  mend: 'Write an apostrophe before cells that begin with =, +, -, @, a tab or a line end, when the table is made. In the contract, give texts a pattern that says how they may begin: the gate refuses the rest.',
  async run(context) {
    const files = await filesOf(context);
    if (files.length === 0) return context.skip('no operation answers with a table (text/csv and the like)');
    const grounds = await groundsOf(
      context,
      ({ method }) => method === 'POST' || method === 'PUT' || method === 'PATCH',
    );
    // One after the other: what one stores is looked for before the next stores something.
    for (const ground of grounds) {
      if (context.signal.aborted) return;
      if (ground.effect === 'read') continue;
      await unlessGone(context, ground.operation, async () => await attack(context, ground, files));
      await unlessGone(context, ground.operation, async () => await ground.end());
    }
  },
};

async function attack(context: CheckContext, ground: Ground, files: readonly SheetFile[]): Promise<void> {
  const names = textsOf(context, ground.sample.call);
  if (names.length === 0) return;
  const random = context.random(ground.operation.key);
  for (const sign of SIGNS) {
    // All texts at once; where that is refused, each alone.
    const all = await stored(context, ground, files, names, sign, random);
    if (all.proof) {
      await report(context, ground, files, await smallest(context, ground, files, names, sign, random), sign, random);
      return;
    }
    if (all.taken) {
      // It came back in no file at all: no other sign would.
      if (!all.seen) return;
      continue;
    }
    for (const name of names.length > 1 ? names.slice(0, ALONE) : []) {
      const one = await stored(context, ground, files, [name], sign, random);
      if (!one.proof) continue;
      await report(context, ground, files, [name], sign, random);
      return;
    }
  }
}

/** Pointers of the texts of a body that may hold anything. */
const textsOf = (context: CheckContext, call: Call): string[] =>
  context
    .places(call)
    .filter((place) => place.in === 'body' && place.name !== '' && !place.readOnly && !isPassword(place))
    .filter(
      (place) => typeof place.value === 'string' || (place.value === undefined && typesOf(place).includes('string')),
    )
    .filter((place) => schemaField(place, 'enum') === undefined && schemaField(place, 'format') === undefined)
    .filter((place) => Number(schemaField(place, 'maxLength') ?? 100) >= LENGTH)
    .map(({ name }) => name);

async function smallest(
  context: CheckContext,
  ground: Ground,
  files: readonly SheetFile[],
  names: readonly string[],
  sign: string,
  random: () => number,
): Promise<readonly string[]> {
  for (const name of names.slice(0, ALONE)) {
    if ((await stored(context, ground, files, [name], sign, random)).proof) return [name];
  }
  return names;
}

async function report(
  context: CheckContext,
  ground: Ground,
  files: readonly SheetFile[],
  names: readonly string[],
  sign: string,
  random: () => number,
): Promise<void> {
  const { operation } = ground;
  const show = again(context, ground, async () => (await stored(context, ground, files, names, sign, random)).proof);
  const proof = await show();
  if (!proof) return;
  const reader = proof.exchanges.at(-1)?.operation?.key ?? 'a table';
  const place = names
    .map((name) => labelOf({ in: 'body', name, word: '', schema: undefined, required: false, value: '' }))
    .join(', ');
  const message = `${operation.key} stores ${place} as it is, and ${reader} writes it into a table: a cell begins with ${sign} and is a formula`;
  await context.report({ message, operation, place, proof, again: show });
}

interface Stored {
  readonly taken: boolean;
  /** The text stands in a file, whatever was made of it. */
  readonly seen: boolean;
  readonly proof: Proof | undefined;
}

/** Stores a sum, which does no harm, and reads the files. */
async function stored(
  context: CheckContext,
  ground: Ground,
  files: readonly SheetFile[],
  names: readonly string[],
  sign: string,
  random: () => number,
): Promise<Stored> {
  const sum = `${between(random, 10_234, 98_765)}+${between(random, 10_234, 98_765)}`;
  let call = await ground.next();
  for (const place of context.places(call)) {
    if (place.in === 'body' && names.includes(place.name)) call = context.put(call, place, `${sign}${sum}`);
  }
  const put = await context.send(call, ground.as);
  if (context.outcome(put) !== 'success') return { taken: false, seen: false, proof: undefined };
  let seen = false;
  let read = 0;
  for (const file of files) {
    for (const ask of file.readings(call, put, ground)) {
      if (read++ >= FILES) return { taken: true, seen, proof: undefined };
      const exchange: Exchange = await ask();
      if (context.outcome(exchange) !== 'success') continue;
      seen ||= exchange.answer.text.includes(sum);
      const mark = formulaIn(exchange, `${sign}${sum}`);
      if (mark !== undefined) return { taken: true, seen, proof: { exchanges: [put, exchange], marks: [mark] } };
    }
  }
  return { taken: true, seen, proof: undefined };
}
