// Careless on purpose where a switch of ../weaknesses.ts is on; the branch beside it is how to do it.
import { needRole } from '../caller.ts';
import type { Route } from '../clinic.ts';
import { EXPORTS } from '../limits.ts';

const COLUMNS = ['id', 'name', 'birth_date', 'email', 'phone', 'insurer', 'balance_cents'] as const;

export const exports: readonly Route[] = [
  {
    method: 'GET',
    path: '/export/patients',
    produces: 'text/csv',
    handle: ({ weak, database }, ask) => {
      const caller = ask.caller();
      // careless: only the office knows the address
      if (!weak('missing-role')) needRole(caller, 'admin');
      if (!weak('no-rate-limit')) ask.spend(EXPORTS);
      // careless: a cell that begins like a formula is run by the spreadsheet of whoever opens the export
      const cell = weak('formula-injection') ? quoted : (value: unknown) => quoted(harmless(value));
      const rows = database.all(`SELECT ${COLUMNS.join(', ')} FROM patients ORDER BY id`);
      const lines = [COLUMNS.join(','), ...rows.map((row) => COLUMNS.map((column) => cell(row[column])).join(','))];
      return { status: 200, raw: `${lines.join('\r\n')}\r\n`, headers: { 'content-type': 'text/csv; charset=utf-8' } };
    },
  },
];

/** Careful: text that a spreadsheet would take for a formula gets a mark that says it is text. */
const harmless = (value: unknown): unknown =>
  typeof value === 'string' && /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;

/** A cell (RFC 4180). */
function quoted(value: unknown): string {
  const text = String(value ?? '');
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
