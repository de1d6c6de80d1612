// Careless on purpose where a switch of ../weaknesses.ts is on; the branch beside it is how to do it.
import { needRole } from '../caller.ts';
import type { Route } from '../clinic.ts';

const COLUMNS = ['id', 'name', 'birth_date', 'email', 'phone', 'insurer', 'balance_cents'] as const;

export const exports: readonly Route[] = [
  {
    method: 'GET',
    path: '/export/patients',
    handle: ({ weak, database }, ask) => {
      const caller = ask.caller();
      // careless: only the office knows the address
      if (!weak('missing-role')) needRole(caller, 'admin');
      const rows = database.all(`SELECT ${COLUMNS.join(', ')} FROM patients ORDER BY id`);
      const lines = [COLUMNS.join(','), ...rows.map((row) => COLUMNS.map((column) => cell(row[column])).join(','))];
      return { status: 200, raw: `${lines.join('\r\n')}\r\n`, headers: { 'content-type': 'text/csv; charset=utf-8' } };
    },
  },
];

/** RFC 4180, and no formula: a spreadsheet would run a cell that begins like one. */
function cell(value: unknown): string {
  const text = String(value ?? '');
  const safe = /^[=+\-@\t\r]/.test(text) && typeof value === 'string' ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
