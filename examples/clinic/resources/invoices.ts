// Careless on purpose where a switch of ../weaknesses.ts is on; the branch beside it is how to do it.
import { createHash } from 'node:crypto';
import { type Caller, hasRole, needRole } from '../caller.ts';
import { date, integer, invalid, oneOf, PAGE, pathText, readBody, readPage, readQuery, text } from '../checks.ts';
import { type Clinic, notFound, Problem, type Route } from '../clinic.ts';
import type { Row } from '../database.ts';
import { needPatient } from './patients.ts';

const NUMBER = /^INV-\d{4}-\d{4}$/;
const KEY = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const DAY = 24 * 60 * 60_000;

export const invoices: readonly Route[] = [
  {
    method: 'GET',
    path: '/invoices',
    queried: true,
    handle: (clinic, ask) => {
      const { weak, database } = clinic;
      const caller = ask.caller();
      needRole(caller, 'patient', 'clerk', 'admin');
      const query = readQuery(weak, ask.query, {
        patientId: { check: integer(1, 999_999_999) },
        status: { check: oneOf('open', 'paid', 'overdue') },
        ...PAGE,
      });
      const { patientId = null, status = null } = query;
      const { limit, offset } = readPage(weak, query);
      // careless: everybody's bills
      const whose = weak('no-ownership') || isOffice(caller) ? null : (caller.patientId ?? -1);
      const rows = database.all(
        `SELECT * FROM invoices
         WHERE (?1 IS NULL OR patient_id = ?1) AND (?2 IS NULL OR patient_id = ?2) AND (?3 IS NULL OR status = ?3)
         ORDER BY number LIMIT ?4 OFFSET ?5`,
        whose,
        patientId,
        status,
        limit,
        offset,
      );
      return { status: 200, body: { items: rows.map((row) => view(clinic, row)), limit, offset } };
    },
  },
  {
    method: 'POST',
    path: '/invoices',
    handle: async (clinic, ask) => {
      const { weak, database } = clinic;
      needRole(ask.caller(), 'clerk', 'admin');
      const values = readBody(weak, await ask.json(), {
        patientId: { check: integer(1, 999_999_999), required: true },
        text: { check: text(1, 200), required: true },
        amountCents: { check: integer(1, 10_000_000), required: true },
        dueOn: { check: date, required: true },
      });
      if (!weak('stack-traces')) needPatient(clinic, values.patientId);
      const issuedOn = new Date().toISOString().slice(0, 10);
      const year = issuedOn.slice(0, 4);
      const last = database.get('SELECT max(number) AS number FROM invoices WHERE number LIKE ?', `INV-${year}-%`);
      const next = Number(String(last?.number ?? '').slice(-4)) + 1;
      if (next > 9999) throw new Problem(409, 'Conflict', 'The numbers of this year are used up.');
      const number = `INV-${year}-${String(next).padStart(4, '0')}`;
      database.insert('invoices', { ...values, number, issuedOn });
      const row = database.get('SELECT * FROM invoices WHERE number = ?', number) ?? {};
      return { status: 201, body: view(clinic, row), headers: { location: `/invoices/${number}` } };
    },
  },
  {
    method: 'GET',
    path: '/invoices/{number}',
    handle: (clinic, ask) => {
      const { weak } = clinic;
      const caller = ask.caller();
      needRole(caller, 'patient', 'clerk', 'admin');
      const row = find(clinic, pathText(weak, ask.path, 'number', NUMBER));
      if (!weak('no-ownership') && !isOffice(caller) && row.patient_id !== caller.patientId) throw notFound('invoice');
      return { status: 200, body: view(clinic, row) };
    },
  },
  {
    method: 'POST',
    path: '/invoices/{number}/payments',
    handle: async (clinic, ask) => {
      const { weak, database } = clinic;
      const { principal } = needRole(ask.caller(), 'clerk', 'admin');
      const row = find(clinic, pathText(weak, ask.path, 'number', NUMBER));
      const values = readBody(weak, await ask.json(), {
        amountCents: { check: integer(1, 10_000_000), required: true },
        method: { check: oneOf('cash', 'card', 'transfer'), required: true },
      });
      const { amountCents } = values;
      // careless: the same request twice is two payments
      const once = weak('replay')
        ? undefined
        : new Once(clinic, principal, ask.headers['idempotency-key'], [row.number, values]);
      const before = once?.answer();
      if (before !== undefined) return { status: 200, body: before };
      const paidCents = Number(row.paid_cents) + Number(amountCents);
      const open = Number(row.amount_cents) - Number(row.paid_cents);
      // careless: a negative payment pays back
      if (!weak('no-validation') && Number(amountCents) > open) {
        throw new Problem(409, 'Conflict', 'That is more than is open.');
      }
      const status = paidCents >= Number(row.amount_cents) ? 'paid' : row.status;
      database.update('invoices', 'number', row.number, { paidCents, status });
      const answer = view(clinic, find(clinic, String(row.number)));
      once?.keep(answer);
      return { status: 200, body: answer };
    },
  },
];

/** Careful: a payment has a key; whoever sends it again is told again what came of it, and pays once. */
class Once {
  readonly #clinic: Clinic;
  readonly #principal: string;
  readonly #key: string;
  readonly #digest: string;

  /** @throws Problem 400 without a key */
  constructor(clinic: Clinic, principal: string, key: string | string[] | undefined, content: unknown) {
    if (typeof key !== 'string' || !KEY.test(key)) {
      throw invalid([{ at: 'Idempotency-Key', detail: 'must be a UUID, a new one for each payment' }]);
    }
    this.#clinic = clinic;
    this.#principal = principal;
    this.#key = key.toLowerCase();
    this.#digest = createHash('sha256').update(JSON.stringify(content)).digest('hex');
  }

  /** What was answered to the same request before. @throws Problem 422 where the key was another payment's */
  answer(): unknown {
    const kept = this.#clinic.database.get(
      'SELECT digest, answer FROM payments WHERE principal = ? AND key = ?',
      this.#principal,
      this.#key,
    );
    if (kept === undefined) return undefined;
    if (kept.digest !== this.#digest) {
      throw new Problem(422, 'Not usable', 'This Idempotency-Key was used for another payment.');
    }
    return JSON.parse(String(kept.answer));
  }

  keep(answer: unknown): void {
    const { database } = this.#clinic;
    database.run('DELETE FROM payments WHERE booked_at < ?', Date.now() - DAY);
    database.insert('payments', {
      principal: this.#principal,
      key: this.#key,
      digest: this.#digest,
      answer: JSON.stringify(answer),
      bookedAt: Date.now(),
    });
  }
}

const isOffice = (caller: Caller): boolean => hasRole(caller, 'clerk', 'admin');

function find({ database }: Clinic, number: string): Row {
  const row = database.get('SELECT * FROM invoices WHERE number = ?', number);
  if (row === undefined) throw notFound('invoice');
  return row;
}

function view({ weak }: Clinic, row: Row): Row {
  const shown = {
    number: row.number,
    patientId: row.patient_id,
    text: row.text,
    issuedOn: row.issued_on,
    dueOn: row.due_on,
    amountCents: row.amount_cents,
    paidCents: row.paid_cents,
    status: row.status,
  };
  return weak('over-sharing') ? { ...row, ...shown } : shown;
}
