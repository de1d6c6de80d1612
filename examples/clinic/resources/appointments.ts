// Careless on purpose where a switch of ../weaknesses.ts is on; the branch beside it is how to do it.
import { hasRole, needOwn, needRole, STAFF_ROLES } from '../caller.ts';
import { dateTime, integer, oneOf, PAGE, pathInteger, readBody, readPage, readQuery, text } from '../checks.ts';
import { type Clinic, notFound, Problem, type Route } from '../clinic.ts';
import type { Row } from '../database.ts';
import { BOOKINGS } from '../limits.ts';
import { needPatient } from './patients.ts';

const STATUSES = ['booked', 'arrived', 'done', 'cancelled'] as const;

export const appointments: readonly Route[] = [
  {
    method: 'GET',
    path: '/appointments',
    queried: true,
    handle: (clinic, ask) => {
      const { weak, database } = clinic;
      const caller = ask.caller();
      const query = readQuery(weak, ask.query, {
        status: { check: oneOf(...STATUSES) },
        ...PAGE,
      });
      const { status } = query;
      const { limit, offset } = readPage(weak, query);
      // careless: the whole clinic's calendar
      const whose = weak('no-ownership') || hasRole(caller, ...STAFF_ROLES) ? null : (caller.patientId ?? -1);
      const rows = database.all(
        `SELECT * FROM appointments WHERE (?1 IS NULL OR patient_id = ?1) AND (?2 IS NULL OR status = ?2)
         ORDER BY starts_at, id LIMIT ?3 OFFSET ?4`,
        whose,
        status ?? null,
        limit,
        offset,
      );
      return { status: 200, body: { items: rows.map((row) => view(clinic, row)), limit, offset } };
    },
  },
  {
    method: 'GET',
    path: '/patients/{id}/appointments',
    handle: (clinic, ask) => {
      const { weak, database } = clinic;
      const caller = ask.caller();
      const id = pathInteger(weak, ask.path, 'id');
      if (!weak('no-ownership')) needOwn(caller, id, 'patient');
      const rows = database.all('SELECT * FROM appointments WHERE patient_id = ? ORDER BY starts_at LIMIT 100', id);
      return { status: 200, body: { items: rows.map((row) => view(clinic, row)) } };
    },
  },
  {
    method: 'POST',
    path: '/appointments',
    handle: async (clinic, ask) => {
      const { weak, database } = clinic;
      const caller = ask.caller();
      needRole(caller, 'patient', ...STAFF_ROLES);
      const values = readBody(weak, await ask.json(), {
        patientId: { check: integer(1, 999_999_999), required: true },
        staffId: { check: integer(1, 999_999_999), required: true },
        startsAt: { check: dateTime, required: true },
        minutes: { check: integer(5, 120), required: true },
        reason: { check: text(1, 500), required: true },
      });
      if (!weak('no-ownership')) needOwn(caller, values.patientId, 'patient');
      // careless: the foreign keys will tell, in their own words
      if (!weak('stack-traces')) {
        needPatient(clinic, values.patientId);
        const staff = database.get('SELECT id FROM staff WHERE id = ? AND active = 1', values.staffId);
        if (staff === undefined) throw new Problem(400, 'Invalid request', 'There is nobody of that number here.');
      }
      // careless: one caller may take every appointment there is, and sell them
      if (!weak('endless-booking')) ask.spend(BOOKINGS);
      const id = database.insert('appointments', values);
      const row = database.get('SELECT * FROM appointments WHERE id = ?', id) ?? {};
      return { status: 201, body: view(clinic, row), headers: { location: `/appointments/${id}` } };
    },
  },
  {
    method: 'GET',
    path: '/appointments/{id}',
    handle: (clinic, ask) => {
      const { weak, database } = clinic;
      const caller = ask.caller();
      const row = database.get('SELECT * FROM appointments WHERE id = ?', pathInteger(weak, ask.path, 'id'));
      if (row === undefined) throw notFound('appointment');
      if (!weak('no-ownership')) needOwn(caller, row.patient_id, 'appointment');
      return { status: 200, body: view(clinic, row) };
    },
  },
  {
    method: 'PATCH',
    path: '/appointments/{id}',
    handle: async (clinic, ask) => {
      const { weak, database } = clinic;
      needRole(ask.caller(), 'nurse', 'doctor', 'clerk');
      const id = pathInteger(weak, ask.path, 'id');
      const values = readBody(weak, await ask.json(), {
        startsAt: { check: dateTime },
        minutes: { check: integer(5, 120) },
        status: { check: oneOf(...STATUSES) },
      });
      database.update('appointments', 'id', id, values);
      const row = database.get('SELECT * FROM appointments WHERE id = ?', id);
      if (row === undefined) throw notFound('appointment');
      return { status: 200, body: view(clinic, row) };
    },
  },
  {
    method: 'DELETE',
    path: '/appointments/{id}',
    handle: ({ weak, database }, ask) => {
      needRole(ask.caller(), 'nurse', 'doctor', 'clerk');
      const { changes } = database.run('DELETE FROM appointments WHERE id = ?', pathInteger(weak, ask.path, 'id'));
      if (changes === 0) throw notFound('appointment');
      return { status: 204 };
    },
  },
];

function view({ weak }: Clinic, row: Row): Row {
  const shown = {
    id: row.id,
    patientId: row.patient_id,
    staffId: row.staff_id,
    startsAt: row.starts_at,
    minutes: row.minutes,
    reason: row.reason,
    status: row.status,
  };
  return weak('over-sharing') ? { ...row, ...shown } : shown;
}
