// Careless on purpose where a switch of ../weaknesses.ts is on; the branch beside it is how to do it.
import { needOwn, needRole } from '../caller.ts';
import { date, integer, pathInteger, pathText, readBody, text, UUID } from '../checks.ts';
import { type Clinic, notFound, type Route } from '../clinic.ts';
import { known, type Row } from '../database.ts';
import { newId } from '../ids.ts';
import { needPatient } from './patients.ts';

export const prescriptions: readonly Route[] = [
  {
    method: 'GET',
    path: '/patients/{id}/prescriptions',
    handle: (clinic, ask) => {
      const { weak, database } = clinic;
      const caller = ask.caller();
      needRole(caller, 'patient', 'nurse', 'doctor');
      const id = pathInteger(weak, ask.path, 'id');
      if (!weak('no-ownership')) needOwn(caller, id, 'patient');
      const rows = database.all('SELECT * FROM prescriptions WHERE patient_id = ? ORDER BY issued_on LIMIT 100', id);
      return { status: 200, body: { items: rows.map((row) => prescriptionView(clinic, row)) } };
    },
  },
  {
    method: 'POST',
    path: '/prescriptions',
    handle: async (clinic, ask) => {
      const { weak, database } = clinic;
      const caller = ask.caller();
      // careless: whoever is logged in may prescribe
      if (!weak('missing-role')) needRole(caller, 'doctor');
      const values = readBody(weak, await ask.json(), {
        patientId: { check: integer(1, 999_999_999), required: true },
        medicine: { check: text(1, 120), required: true },
        dose: { check: text(1, 60), required: true },
        instructions: { check: text(1, 500) },
        expiresOn: { check: date, required: true },
        repeats: { check: integer(0, 12) },
      });
      if (!weak('stack-traces')) needPatient(clinic, values.patientId);
      const id = newId(clinic, 'prescriptions');
      const issuedOn = new Date().toISOString().slice(0, 10);
      database.insert('prescriptions', { ...values, id, doctorId: caller.staffId ?? 1, issuedOn });
      const row = database.get('SELECT * FROM prescriptions WHERE id = ?', id) ?? {};
      return { status: 201, body: prescriptionView(clinic, row), headers: { location: `/prescriptions/${id}` } };
    },
  },
  {
    method: 'GET',
    path: '/prescriptions/{id}',
    handle: (clinic, ask) => {
      const { weak, database } = clinic;
      const caller = ask.caller();
      needRole(caller, 'patient', 'nurse', 'doctor');
      const row = database.get('SELECT * FROM prescriptions WHERE id = ?', pathText(weak, ask.path, 'id', UUID));
      if (row === undefined) throw notFound('prescription');
      if (!weak('no-ownership')) needOwn(caller, row.patient_id, 'prescription');
      return { status: 200, body: prescriptionView(clinic, row) };
    },
  },
];

/** A prescription as whoever may see it sees it. */
export function prescriptionView({ weak }: Clinic, row: Row): Row {
  const shown: Row = {
    id: row.id,
    patientId: row.patient_id,
    doctorId: row.doctor_id,
    medicine: row.medicine,
    dose: row.dose,
    instructions: row.instructions,
    issuedOn: row.issued_on,
    expiresOn: row.expires_on,
    repeats: row.repeats,
    status: row.status,
  };
  if (weak('over-sharing')) return known({ ...row, ...shown });
  return known(shown);
}
