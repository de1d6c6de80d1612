// Careless on purpose where a switch of ../weaknesses.ts is on; the branch beside it is how to do it.
import { needRole } from '../caller.ts';
import { integer, pathText, readBody, text, UUID } from '../checks.ts';
import { type Clinic, notFound, type Route } from '../clinic.ts';
import type { Row } from '../database.ts';
import { escapeHtml, page } from '../html.ts';
import { newId } from '../ids.ts';
import { needPatient } from './patients.ts';

/** What nurses and doctors write down about a patient, and a page of it for the printer. */
export const notes: readonly Route[] = [
  {
    method: 'POST',
    path: '/notes',
    handle: async (clinic, ask) => {
      const { weak, database } = clinic;
      const caller = ask.caller();
      needRole(caller, 'nurse', 'doctor');
      const values = readBody(weak, await ask.json(), {
        patientId: { check: integer(1, 999_999_999), required: true },
        text: { check: text(1, 1_000), required: true },
      });
      if (!weak('stack-traces')) needPatient(clinic, values.patientId);
      const id = newId(clinic, 'notes');
      const writtenAt = new Date().toISOString().replace(/\.\d+Z$/, 'Z');
      database.insert('notes', { ...values, id, writtenBy: caller.principal, writtenAt });
      return { status: 201, body: view(clinic, find(clinic, id)), headers: { location: `/notes/${id}` } };
    },
  },
  {
    method: 'GET',
    path: '/notes/{id}',
    handle: (clinic, ask) => {
      needRole(ask.caller(), 'nurse', 'doctor');
      return { status: 200, body: view(clinic, find(clinic, pathText(clinic.weak, ask.path, 'id', UUID))) };
    },
  },
  {
    method: 'GET',
    path: '/notes/{id}/page',
    produces: 'text/html',
    handle: (clinic, ask) => {
      needRole(ask.caller(), 'nurse', 'doctor');
      const row = find(clinic, pathText(clinic.weak, ask.path, 'id', UUID));
      const written = String(row.text);
      // careless: only colleagues write notes, and colleagues write no scripts
      const shown = clinic.weak('stored-script') ? written : escapeHtml(written);
      return page('Note', `<h1>Note of ${escapeHtml(String(row.written_at))}</h1><p>${shown}</p>`, 'en');
    },
  },
  {
    method: 'DELETE',
    path: '/notes/{id}',
    handle: (clinic, ask) => {
      needRole(ask.caller(), 'nurse', 'doctor');
      const row = find(clinic, pathText(clinic.weak, ask.path, 'id', UUID));
      clinic.database.run('DELETE FROM notes WHERE id = ?', row.id);
      return { status: 204 };
    },
  },
];

function find({ database }: Clinic, id: string): Row {
  const row = database.get('SELECT * FROM notes WHERE id = ?', id);
  if (row === undefined) throw notFound('note');
  return row;
}

function view({ weak }: Clinic, row: Row): Row {
  const shown = { id: row.id, patientId: row.patient_id, text: row.text, writtenAt: row.written_at };
  return weak('over-sharing') ? { ...row, ...shown } : shown;
}
