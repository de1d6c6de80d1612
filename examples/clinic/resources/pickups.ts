// Careless on purpose where a switch of ../weaknesses.ts is on; the branch beside it is how to do it.
import { needRole } from '../caller.ts';
import { date, readBody, text } from '../checks.ts';
import { notFound, type Route } from '../clinic.ts';
import { findOne } from '../contained/query.ts';
import { prescriptionView } from './prescriptions.ts';

export const pickups: readonly Route[] = [
  {
    method: 'POST',
    path: '/prescriptions/pickup',
    handle: async (clinic, ask) => {
      const { weak, database } = clinic;
      needRole(ask.caller(), 'nurse', 'doctor');
      // careless: no look at what the values are, so an object gets through that asks more than "is it equal"
      const asIs = () => undefined;
      const { code, birthDate } = readBody(weak, await ask.json(), {
        code: { check: weak('operator-injection') ? asIs : text(4, 12, /^PH-\d{1,9}$/), required: true },
        birthDate: { check: weak('operator-injection') ? asIs : date, required: true },
      });
      const rows = database.all(
        `SELECT prescriptions.*, pharmacy_code AS code, birth_date AS birthDate FROM prescriptions
         JOIN patients ON patients.id = patient_id ORDER BY issued_on, prescriptions.id`,
      );
      const row = weak('operator-injection')
        ? findOne(rows, { code, birthDate })
        : findOne(rows, { code: String(code), birthDate: String(birthDate) });
      if (row === undefined) throw notFound('prescription');
      return { status: 200, body: prescriptionView(clinic, row) };
    },
  },
];
