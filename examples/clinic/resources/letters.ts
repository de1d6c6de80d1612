// Careless on purpose where a switch of ../weaknesses.ts is on; the branch beside it is how to do it.
import { needRole } from '../caller.ts';
import { integer, readBody, text } from '../checks.ts';
import { Problem, type Route } from '../clinic.ts';
import { evaluate } from '../contained/arithmetic.ts';
import { run } from '../contained/shell.ts';
import type { Row } from '../database.ts';

const PRINTERS = ['front-desk', 'ward', 'laboratory'] as const;
const PLACEHOLDER = /\{\{\s*([^{}]{0,200}?)\s*\}\}/g;
const LONGEST = 4_000;

/** Letters from templates, and labels on paper. */
export const letters: readonly Route[] = [
  {
    method: 'POST',
    path: '/letters',
    handle: async ({ weak, database }, ask) => {
      needRole(ask.caller(), 'nurse', 'doctor', 'clerk');
      const { patientId, template } = readBody(weak, await ask.json(), {
        patientId: { check: integer(1, 999_999_999), required: true },
        template: { check: text(1, 2_000), required: true },
      });
      const row = database.get(
        'SELECT * FROM patients WHERE id = ?',
        weak('no-validation') ? Number(patientId) : patientId,
      );
      if (row === undefined) throw new Problem(400, 'Invalid request', 'There is no such patient.');
      const filled = weak('template-injection') ? calculate(String(template), row) : fill(String(template), row);
      return { status: 200, body: { text: filled.slice(0, LONGEST) } };
    },
  },
  {
    method: 'POST',
    path: '/labels',
    handle: async ({ weak, disk }, ask) => {
      needRole(ask.caller(), 'nurse', 'clerk');
      const { printer, copies = 1 } = readBody(weak, await ask.json(), {
        printer: { check: text(1, 100), required: true },
        copies: { check: integer(1, 20) },
      });
      if (weak('command-injection')) {
        // careless: the name of the printer becomes a part of a command line
        return { status: 200, body: { printer, copies, output: await run(disk, `lp -n ${copies} -d ${printer}`) } };
      }
      if (!PRINTERS.some((name) => name === printer)) {
        throw new Problem(400, 'Invalid request', `The printers are ${PRINTERS.join(', ')}.`);
      }
      return { status: 200, body: { printer, copies, output: `request id is ${printer}-17 (1 file)\n` } };
    },
  },
];

/** Careful: three words are known, and each stands for a value; nothing is worked out. */
function fill(template: string, row: Row): string {
  const words = new Map([
    ['name', String(row.name)],
    ['birthDate', String(row.birth_date)],
    ['today', new Date().toISOString().slice(0, 10)],
  ]);
  return template.replace(PLACEHOLDER, (_whole, word: string) => {
    const value = words.get(word);
    if (value === undefined) {
      throw new Problem(
        400,
        'Invalid request',
        `A template may hold ${[...words.keys()].join(', ')} in double braces.`,
      );
    }
    return value;
  });
}

/** careless: what stands between the braces is worked out, with all that is known of the patient at hand */
function calculate(template: string, row: Row): string {
  const lookup = (name: string): string | number | undefined => {
    if (name === 'today') return new Date().toISOString().slice(0, 10);
    const column = name.replace(/^patient\./, '').replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
    const value = Object.hasOwn(row, column) ? row[column] : undefined;
    return typeof value === 'number' || typeof value === 'string' ? value : undefined;
  };
  return template.replace(PLACEHOLDER, (_whole, expression: string) => {
    try {
      return String(evaluate(expression, lookup));
    } catch {
      return '';
    }
  });
}
