import { constants, DatabaseSync, type SQLInputValue } from 'node:sqlite';
import { seed } from './seed.ts';

export type Row = Record<string, unknown>;

/** A row or view without the values that are not known. */
export const known = (view: Row): Row => Object.fromEntries(Object.entries(view).filter(([, value]) => value !== null));

/** An error of SQLite with the statement that caused it. */
export class DatabaseError extends Error {
  readonly sql: string;
  constructor(sql: string, cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
    this.name = 'DatabaseError';
    this.sql = sql;
  }
}

const TABLES = `
CREATE TABLE patients (
  id INTEGER PRIMARY KEY, username TEXT UNIQUE, password_hash TEXT, role TEXT NOT NULL DEFAULT 'patient',
  name TEXT, birth_date TEXT, sex TEXT, email TEXT, phone TEXT, address TEXT, blood_type TEXT, allergies TEXT,
  insurer TEXT, insurance_number TEXT, national_id TEXT, internal_notes TEXT,
  balance_cents INTEGER NOT NULL DEFAULT 0, created_at TEXT);
CREATE TABLE staff (
  id INTEGER PRIMARY KEY, username TEXT UNIQUE, password_hash TEXT, role TEXT NOT NULL,
  name TEXT, email TEXT, phone TEXT, department TEXT, license_number TEXT, salary_cents INTEGER, national_id TEXT,
  active INTEGER NOT NULL DEFAULT 1);
CREATE TABLE appointments (
  id INTEGER PRIMARY KEY, patient_id INTEGER NOT NULL REFERENCES patients(id) ON DELETE CASCADE,
  staff_id INTEGER NOT NULL REFERENCES staff(id), starts_at TEXT NOT NULL, minutes INTEGER NOT NULL,
  reason TEXT, status TEXT NOT NULL DEFAULT 'booked', internal_notes TEXT);
CREATE TABLE prescriptions (
  id TEXT PRIMARY KEY, patient_id INTEGER NOT NULL REFERENCES patients(id) ON DELETE CASCADE,
  doctor_id INTEGER NOT NULL REFERENCES staff(id), medicine TEXT NOT NULL, dose TEXT NOT NULL, instructions TEXT,
  issued_on TEXT NOT NULL, expires_on TEXT NOT NULL, repeats INTEGER NOT NULL DEFAULT 0,
  status TEXT NOT NULL DEFAULT 'active', pharmacy_code TEXT);
CREATE TABLE invoices (
  number TEXT PRIMARY KEY, patient_id INTEGER NOT NULL REFERENCES patients(id) ON DELETE CASCADE,
  issued_on TEXT NOT NULL, due_on TEXT NOT NULL, text TEXT NOT NULL, amount_cents INTEGER NOT NULL,
  paid_cents INTEGER NOT NULL DEFAULT 0, status TEXT NOT NULL DEFAULT 'open', internal_margin_cents INTEGER);
CREATE TABLE documents (
  id TEXT PRIMARY KEY, patient_id INTEGER NOT NULL REFERENCES patients(id) ON DELETE CASCADE,
  name TEXT NOT NULL, kind TEXT NOT NULL, media_type TEXT NOT NULL, size INTEGER NOT NULL, sha256 TEXT NOT NULL,
  uploaded_by TEXT NOT NULL, uploaded_at TEXT NOT NULL, stored_as TEXT NOT NULL);
`;

/** Without demo data; made where a file of an earlier clinic lacks them. */
const LATER = `
CREATE TABLE IF NOT EXISTS notes (
  id TEXT PRIMARY KEY, patient_id INTEGER NOT NULL REFERENCES patients(id) ON DELETE CASCADE,
  text TEXT NOT NULL, written_by TEXT NOT NULL, written_at TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS payments (
  principal TEXT NOT NULL, key TEXT NOT NULL, digest TEXT NOT NULL, answer TEXT NOT NULL, booked_at INTEGER NOT NULL,
  PRIMARY KEY (principal, key));
CREATE TABLE IF NOT EXISTS revoked (jti TEXT PRIMARY KEY, until INTEGER NOT NULL);
`;

const OURS = ['patients', 'staff', 'appointments', 'prescriptions', 'invoices', 'documents'] as const;
const DROP = ['notes', 'payments', 'revoked', ...OURS.toReversed()]
  .map((name) => `DROP TABLE IF EXISTS ${name};`)
  .join(' ');

/** The clinic's SQLite file: parameters are always bound; whoever pastes text into `sql` does so in plain sight. */
export class Database {
  readonly #sqlite: DatabaseSync;
  readonly #columns = new Map<string, ReadonlySet<string>>();
  /** True where the file was empty and has just been filled with the demo data. */
  readonly fresh: boolean;

  /**
   * @param file path, or `:memory:`.
   * @param fresh begins with the demo data, whatever the file holds.
   * @throws Error where the file is something else than a clinic's database.
   */
  constructor(file: string, fresh: boolean) {
    this.#sqlite = new DatabaseSync(file, { enableForeignKeyConstraints: true });
    const tables = this.all("SELECT name FROM sqlite_schema WHERE type = 'table'").map((row) => String(row.name));
    if (tables.length > 0 && !OURS.every((name) => tables.includes(name))) {
      throw new Error('it is not a database of the clinic; name another file');
    }
    this.fresh = fresh || tables.length === 0;
    if (fresh && tables.length > 0) this.#sqlite.exec(DROP);
    if (this.fresh) {
      this.#sqlite.exec(`BEGIN; ${TABLES}`);
      seed(this);
      this.#sqlite.exec('COMMIT');
    }
    this.#sqlite.exec(LATER);
    for (const { name } of this.all("SELECT name FROM sqlite_schema WHERE type = 'table'")) {
      const columns = this.all(`SELECT name FROM pragma_table_info('${name}')`).map((column) => String(column.name));
      this.#columns.set(String(name), new Set(columns));
    }
    // However careless the SQL: this runs on somebody's machine, so no statement reaches another file.
    this.#sqlite.setAuthorizer((action) =>
      action === constants.SQLITE_ATTACH || action === constants.SQLITE_DETACH || action === constants.SQLITE_PRAGMA
        ? constants.SQLITE_DENY
        : constants.SQLITE_OK,
    );
  }

  all(sql: string, ...values: unknown[]): Row[] {
    return this.#try(sql, () => this.#sqlite.prepare(sql).all(...(values as SQLInputValue[])) as Row[]);
  }

  get(sql: string, ...values: unknown[]): Row | undefined {
    return this.#try(sql, () => this.#sqlite.prepare(sql).get(...(values as SQLInputValue[])) as Row | undefined);
  }

  /** @returns the number of changed rows and the new rowid. */
  run(sql: string, ...values: unknown[]): { changes: number; id: number } {
    return this.#try(sql, () => {
      const done = this.#sqlite.prepare(sql).run(...(values as SQLInputValue[]));
      return { changes: Number(done.changes), id: Number(done.lastInsertRowid) };
    });
  }

  /** Inserts the entries of `record` (camelCase) that are columns of `table`. @returns the new rowid. */
  insert(table: string, record: Row): number {
    const { columns, values } = this.#fit(table, record);
    return this.run(
      `INSERT INTO ${table} (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})`,
      ...values,
    ).id;
  }

  /** Sets the entries of `record` (camelCase) that are columns of `table` where `key` equals `id`. */
  update(table: string, key: string, id: unknown, record: Row): number {
    const { columns, values } = this.#fit(table, record);
    if (columns.length === 0) return 0;
    const set = columns.map((column) => `${column} = ?`).join(', ');
    return this.run(`UPDATE ${table} SET ${set} WHERE ${key} = ?`, ...values, id).changes;
  }

  version(): string {
    return String(this.get('SELECT sqlite_version() AS version')?.version);
  }

  close(): void {
    this.#sqlite.close();
  }

  #fit(table: string, record: Row): { columns: string[]; values: unknown[] } {
    const known = this.#columns.get(table);
    const columns: string[] = [];
    const values: unknown[] = [];
    for (const [name, value] of Object.entries(record)) {
      const column = name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
      if (known !== undefined && !known.has(column)) continue;
      columns.push(column);
      values.push(typeof value === 'boolean' ? Number(value) : Array.isArray(value) ? JSON.stringify(value) : value);
    }
    return { columns, values };
  }

  #try<T>(sql: string, work: () => T): T {
    try {
      return work();
    } catch (error) {
      throw new DatabaseError(sql, error);
    }
  }
}
