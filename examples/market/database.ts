import { constants, DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import { Refusal } from './market.ts';
import { seed } from './seed.ts';

export type Row = Record<string, unknown>;

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
CREATE TABLE users (id INTEGER PRIMARY KEY, login UNIQUE, password_hash, role, email UNIQUE, display_name, phone,
  tax_number, balance_cents, active, avatar, avatar_type, created_at);
CREATE TABLE wallet_entries (id INTEGER PRIMARY KEY, user_id, kind, amount_cents, reference, made_at);
CREATE INDEX entries_of_user ON wallet_entries (user_id, reference);
CREATE TABLE redeemed (user_id, code);
CREATE INDEX redeemed_by ON redeemed (user_id, code);
CREATE TABLE shops (id INTEGER PRIMARY KEY, seller_id, name, description, payout_account);
CREATE TABLE products (id INTEGER PRIMARY KEY, shop_id, name, description, category, price_cents, stock, cost_cents,
  supplier_note);
CREATE INDEX products_of_shop ON products (shop_id);
CREATE TABLE reviews (id INTEGER PRIMARY KEY, product_id, author_id, rating, text, written_at);
CREATE INDEX reviews_of_product ON reviews (product_id);
CREATE TABLE orders (id INTEGER PRIMARY KEY, buyer_id, status, total_cents, items, ship_to, note, placed_at);
CREATE INDEX orders_of_buyer ON orders (buyer_id);
CREATE TABLE messages (id INTEGER PRIMARY KEY, from_user_id, to_user_id, subject, text, sent_at);
CREATE INDEX messages_to ON messages (to_user_id);
CREATE INDEX messages_from ON messages (from_user_id);
CREATE TABLE campaigns (code, visits);
`;

/** Rows of a table; more are refused: everything is kept in memory. */
const ROWS = 50_000;
const STATEMENTS = 200;

/** The market's SQLite in memory: parameters are always bound; whoever pastes text into `sql` does so in plain sight. */
export class Database {
  readonly #sqlite = new DatabaseSync(':memory:');
  readonly #statements = new Map<string, StatementSync>();
  readonly #columns = new Map<string, ReadonlySet<string>>();
  readonly #rows = new Map<string, number>();

  constructor() {
    this.#sqlite.exec(`BEGIN; ${TABLES}`);
    for (const { name } of this.all("SELECT name FROM sqlite_schema WHERE type = 'table'")) {
      const columns = this.all(`SELECT name FROM pragma_table_info('${name}')`).map((column) => String(column.name));
      this.#columns.set(String(name), new Set(columns));
    }
    seed(this);
    this.#sqlite.exec('COMMIT');
    // However careless the SQL: this runs on somebody's machine, so no statement reaches a file.
    this.#sqlite.setAuthorizer((action) =>
      action === constants.SQLITE_ATTACH || action === constants.SQLITE_DETACH || action === constants.SQLITE_PRAGMA
        ? constants.SQLITE_DENY
        : constants.SQLITE_OK,
    );
  }

  all(sql: string, ...values: unknown[]): Row[] {
    return this.#try(sql, (statement) => statement.all(...values.map(bindable)) as Row[]);
  }

  get(sql: string, ...values: unknown[]): Row | undefined {
    return this.#try(sql, (statement) => statement.get(...values.map(bindable)) as Row | undefined);
  }

  count(sql: string, ...values: unknown[]): number {
    return Number(this.get(`SELECT count(*) AS n ${sql}`, ...values)?.n ?? 0);
  }

  /** @returns the number of changed rows and the new rowid. */
  run(sql: string, ...values: unknown[]): { changes: number; id: number } {
    return this.#try(sql, (statement) => {
      const done = statement.run(...values.map(bindable));
      return { changes: Number(done.changes), id: Number(done.lastInsertRowid) };
    });
  }

  /** Inserts the entries of `record` that are columns of `table`. @returns the new id. @throws Refusal full */
  insert(table: string, record: Row): number {
    const rows = (this.#rows.get(table) ?? 0) + 1;
    if (rows > ROWS) throw new Refusal('full', 'The market is full. Start it again.');
    this.#rows.set(table, rows);
    const columns = this.#fit(table, record);
    const marks = columns.map(() => '?').join(', ');
    return this.run(`INSERT INTO ${table} (${columns.join(', ')}) VALUES (${marks})`, ...columns.map((c) => record[c]))
      .id;
  }

  /** Sets the entries of `record` that are columns of `table` in the row with this id. */
  update(table: string, id: unknown, record: Row): void {
    const columns = this.#fit(table, record);
    if (columns.length === 0) return;
    const set = columns.map((column) => `${column} = ?`).join(', ');
    this.run(`UPDATE ${table} SET ${set} WHERE id = ?`, ...columns.map((column) => record[column]), id);
  }

  remove(table: string, id: unknown): void {
    const { changes } = this.run(`DELETE FROM ${table} WHERE id = ?`, id);
    this.#rows.set(table, (this.#rows.get(table) ?? 0) - changes);
  }

  version(): string {
    return String(this.get('SELECT sqlite_version() AS version')?.version);
  }

  close(): void {
    this.#sqlite.close();
  }

  #fit(table: string, record: Row): string[] {
    const known = this.#columns.get(table);
    return Object.keys(record).filter((name) => known?.has(name));
  }

  #try<T>(sql: string, work: (statement: StatementSync) => T): T {
    try {
      let statement = this.#statements.get(sql);
      if (statement === undefined) {
        statement = this.#sqlite.prepare(sql);
        if (this.#statements.size < STATEMENTS) this.#statements.set(sql, statement);
      }
      return work(statement);
    } catch (error) {
      throw new DatabaseError(sql, error);
    }
  }
}

/** Columns have no type, so that whatever a careless handler lets through can be stored. */
function bindable(value: unknown): SQLInputValue {
  if (value === undefined) return null;
  if (typeof value === 'boolean') return Number(value);
  if (typeof value === 'object' && value !== null && !(value instanceof Uint8Array)) return JSON.stringify(value);
  return value as SQLInputValue;
}
