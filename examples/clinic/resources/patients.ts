// Careless on purpose where a switch of ../weaknesses.ts is on; the branch beside it is how to do it.
import { type Caller, hasRole, needOwn, needRole } from '../caller.ts';
import {
  date,
  email,
  type Fields,
  listOf,
  oneOf,
  PAGE,
  pathInteger,
  phone,
  readBody,
  readPage,
  readQuery,
  text,
} from '../checks.ts';
import { type Clinic, notFound, Problem, type Route } from '../clinic.ts';
import { known, type Row } from '../database.ts';

const BLOOD_TYPES = ['A+', 'A-', 'B+', 'B-', 'AB+', 'AB-', 'O+', 'O-', 'unknown'] as const;
const SORTS: Readonly<Record<string, string>> = {
  name: 'name',
  '-name': 'name DESC',
  birthDate: 'birth_date',
  '-birthDate': 'birth_date DESC',
};

const CHANGE: Fields = {
  email: { check: email },
  phone: { check: phone },
  address: { check: text(5, 200) },
  allergies: { check: listOf(text(1, 60), 20) },
  insurer: { check: text(1, 80) },
};

const NEW: Fields = {
  ...CHANGE,
  name: { check: text(1, 100), required: true },
  birthDate: { check: date, required: true },
  sex: { check: oneOf('female', 'male', 'other'), required: true },
  bloodType: { check: oneOf(...BLOOD_TYPES) },
  insuranceNumber: { check: text(10, 12, /^[A-Z]{2}\d{8,10}$/) },
  nationalId: { check: text(11, 11, /^\d{3}-\d{2}-\d{4}$/), required: true },
};

export const patients: readonly Route[] = [
  {
    method: 'GET',
    path: '/patients',
    queried: true,
    handle: ({ weak, database }, ask) => {
      needRole(ask.caller(), 'nurse', 'doctor', 'clerk', 'admin');
      const query = readQuery(weak, ask.query, {
        search: { check: text(1, 80) },
        // careless: no list of what may be sorted by
        sort: { check: weak('sql-injection') ? text(1, 200) : oneOf(...Object.keys(SORTS)) },
        ...PAGE,
      });
      const { search, sort = 'name' } = query;
      const { limit, offset } = readPage(weak, query);
      const columns = 'SELECT id, name, birth_date, phone, email FROM patients';
      let rows: Row[];
      if (weak('sql-injection')) {
        // careless: the caller writes SQL
        const where = search === undefined ? '' : ` WHERE name LIKE '%${search}%'`;
        const order = String(sort)
          .replace(/^-(.*)/, '$1 DESC')
          .replace('birthDate', 'birth_date');
        rows = database.all(`${columns}${where} ORDER BY ${order} LIMIT ${limit} OFFSET ${offset}`);
      } else {
        const pattern = `%${String(search ?? '').replace(/[\\%_]/g, '\\$&')}%`;
        const order = (Object.hasOwn(SORTS, String(sort)) && SORTS[String(sort)]) || 'name';
        rows = database.all(
          `${columns} WHERE name LIKE ? ESCAPE '\\' ORDER BY ${order}, id LIMIT ? OFFSET ?`,
          pattern,
          limit,
          offset,
        );
      }
      const items = rows.map((row) => ({
        id: row.id,
        name: row.name,
        birthDate: row.birth_date,
        phone: row.phone,
        email: row.email,
      }));
      return { status: 200, body: { items, limit, offset } };
    },
  },
  {
    method: 'POST',
    path: '/patients',
    handle: async ({ weak, database }, ask) => {
      const caller = ask.caller();
      needRole(caller, 'clerk', 'admin');
      const values = readBody(weak, await ask.json(), NEW);
      const createdAt = new Date().toISOString().replace(/\.\d+Z$/, 'Z');
      const id = database.insert('patients', { bloodType: 'unknown', allergies: [], ...values, createdAt });
      const row = database.get('SELECT * FROM patients WHERE id = ?', id) ?? {};
      return { status: 201, body: view({ weak }, caller, row), headers: { location: `/patients/${id}` } };
    },
  },
  {
    method: 'GET',
    path: '/patients/{id}',
    handle: ({ weak, database }, ask) => {
      const caller = ask.caller();
      const id = pathInteger(weak, ask.path, 'id');
      // careless: who asks for a number gets its record
      if (!weak('no-ownership')) needOwn(caller, id, 'patient');
      const row = database.get('SELECT * FROM patients WHERE id = ?', id);
      if (row === undefined) throw notFound('patient');
      return { status: 200, body: view({ weak }, caller, row) };
    },
  },
  {
    method: 'PATCH',
    path: '/patients/{id}',
    handle: async ({ weak, database }, ask) => {
      const caller = ask.caller();
      const id = pathInteger(weak, ask.path, 'id');
      needRole(caller, 'patient', 'nurse', 'clerk', 'admin');
      if (!weak('no-ownership')) needOwn(caller, id, 'patient');
      const values = readBody(weak, await ask.json(), CHANGE);
      database.update('patients', 'id', id, values);
      const row = database.get('SELECT * FROM patients WHERE id = ?', id);
      if (row === undefined) throw notFound('patient');
      return { status: 200, body: view({ weak }, caller, row) };
    },
  },
  {
    method: 'DELETE',
    path: '/patients/{id}',
    handle: async ({ weak, database, disk }, ask) => {
      needRole(ask.caller(), 'admin');
      const id = pathInteger(weak, ask.path, 'id');
      const files = database.all('SELECT stored_as FROM documents WHERE patient_id = ?', id);
      if (database.run('DELETE FROM patients WHERE id = ?', id).changes === 0) throw notFound('patient');
      await Promise.all(files.map((file) => disk.remove(String(file.stored_as))));
      return { status: 204 };
    },
  },
];

/** A patient as the caller may see it. */
function view({ weak }: Pick<Clinic, 'weak'>, caller: Caller, row: Row): Row {
  const shown: Row = {
    id: row.id,
    name: row.name,
    birthDate: row.birth_date,
    sex: row.sex,
    email: row.email,
    phone: row.phone,
    address: row.address,
    bloodType: row.blood_type,
    allergies: listed(row.allergies),
    insurer: row.insurer,
    balanceCents: row.balance_cents,
    createdAt: row.created_at,
  };
  if (weak('over-sharing')) {
    // careless: everything that is known, to everyone
    const { insurance_number: insuranceNumber, national_id: nationalId, internal_notes: internalNotes } = row;
    return known({ ...row, ...shown, insuranceNumber, nationalId, internalNotes });
  }
  // Careful: a diagnosis is nobody's business at the front desk.
  if (!hasRole(caller, 'patient', 'nurse', 'doctor')) delete shown.allergies;
  if (typeof row.insurance_number === 'string') shown.insuranceNumber = last4(row.insurance_number);
  if (hasRole(caller, 'clerk', 'doctor', 'admin') && typeof row.national_id === 'string') {
    shown.nationalId = last4(row.national_id);
  }
  if (hasRole(caller, 'doctor', 'admin') && typeof row.internal_notes === 'string') {
    shown.internalNotes = row.internal_notes;
  }
  return known(shown);
}

const last4 = (value: string): string => `****${value.slice(-4)}`;

function listed(value: unknown): unknown {
  try {
    return JSON.parse(String(value));
  } catch {
    return [];
  }
}

/** @throws Problem 400 where there is no such patient to write something for. */
export function needPatient({ database }: Pick<Clinic, 'database'>, id: unknown): void {
  if (database.get('SELECT id FROM patients WHERE id = ?', id) === undefined) {
    throw new Problem(400, 'Invalid request', 'There is no such patient.');
  }
}
