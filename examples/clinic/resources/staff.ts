// Careless on purpose where a switch of ../weaknesses.ts is on; the branch beside it is how to do it.
import { type Caller, hasRole, needRole, STAFF_ROLES } from '../caller.ts';
import { bool, email, integer, PAGE, pathInteger, phone, readBody, readPage, readQuery, text } from '../checks.ts';
import { type Clinic, notFound, type Route } from '../clinic.ts';
import { known, type Row } from '../database.ts';

export const staff: readonly Route[] = [
  {
    method: 'GET',
    path: '/staff',
    queried: true,
    handle: (clinic, ask) => {
      const { weak, database } = clinic;
      const caller = ask.caller();
      // careless: the page is only linked from the admin's menu, so nobody else will find it
      if (!weak('missing-role')) needRole(caller, 'admin');
      const { limit, offset } = readPage(weak, readQuery(weak, ask.query, PAGE));
      const rows = database.all('SELECT * FROM staff ORDER BY id LIMIT ? OFFSET ?', limit, offset);
      return { status: 200, body: { items: rows.map((row) => view(clinic, caller, row)), limit, offset } };
    },
  },
  {
    method: 'GET',
    path: '/staff/{id}',
    handle: (clinic, ask) => {
      const { weak } = clinic;
      const caller = ask.caller();
      needRole(caller, ...STAFF_ROLES);
      return { status: 200, body: view(clinic, caller, find(clinic, pathInteger(weak, ask.path, 'id'))) };
    },
  },
  {
    method: 'PATCH',
    path: '/staff/{id}',
    handle: async (clinic, ask) => {
      const { weak, database } = clinic;
      const caller = ask.caller();
      needRole(caller, 'admin');
      const id = pathInteger(weak, ask.path, 'id');
      const values = readBody(weak, await ask.json(), {
        email: { check: email },
        phone: { check: phone },
        department: { check: text(1, 60) },
        salaryCents: { check: integer(0, 100_000_000) },
        active: { check: bool },
      });
      database.update('staff', 'id', id, values);
      return { status: 200, body: view(clinic, caller, find(clinic, id)) };
    },
  },
];

function find({ database }: Clinic, id: unknown): Row {
  const row = database.get('SELECT * FROM staff WHERE id = ?', id);
  if (row === undefined) throw notFound('member of staff');
  return row;
}

function view({ weak }: Clinic, caller: Caller, row: Row): Row {
  const shown: Row = {
    id: row.id,
    name: row.name,
    role: row.role,
    department: row.department,
    email: row.email,
    phone: row.phone,
    licenseNumber: row.license_number,
    active: row.active === 1,
  };
  if (hasRole(caller, 'admin')) shown.salaryCents = row.salary_cents;
  if (weak('over-sharing')) return known({ ...row, salaryCents: row.salary_cents, ...shown });
  return known(shown);
}
