import { randomUUID } from 'node:crypto';
import type { Clinic } from './clinic.ts';

/** A new id for a record of `table`. */
export function newId(
  { weak, database }: Pick<Clinic, 'weak' | 'database'>,
  table: 'documents' | 'prescriptions' | 'notes',
): string {
  if (weak('predictable')) {
    // careless: looks like a UUID, is a counter
    const { last } = database.get(`SELECT max(rowid) AS last FROM ${table}`) ?? {};
    return `00000000-0000-4000-8000-${(Number(last) + 1).toString(16).padStart(12, '0')}`;
  }
  return randomUUID();
}
