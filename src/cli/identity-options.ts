import { type Attributes, IdentityError } from '../identity/attributes.ts';
import { parseDuration } from '../shared/duration.ts';
import type { Store } from '../storage/store.ts';
import { StoreError } from '../storage/store-error.ts';
import type { CliContext } from './context.ts';

/** For options that may be given several times. */
export const collect = (value: string, before: string[] | undefined): string[] => [...(before ?? []), value];

export interface AttributeOptions {
  readonly role?: string[];
  readonly scope?: string[];
  readonly claim?: string[];
  readonly note?: string;
}

/** Attributes as they were written on the command line. @throws IdentityError naming the option */
export function attributesOf(options: AttributeOptions): Partial<Attributes> {
  const claims = Object.create(null) as Record<string, unknown>;
  for (const text of options.claim ?? []) {
    const equals = text.indexOf('=');
    if (equals < 1) throw new IdentityError('input', '--claim is written name=value, such as --claim patientId=1');
    const name = text.slice(0, equals);
    if (name in claims) throw new IdentityError('input', `--claim ${name} is given twice.`);
    claims[name] = claimValue(text.slice(equals + 1));
  }
  return { roles: options.role ?? [], scopes: options.scope ?? [], claims, note: options.note ?? '' };
}

/**
 * A claim's value: a number, true, false or a JSON list or text where it is written as one, else the text itself.
 * `1` is a number, `007`, `1e400` and numbers too large to be exact stay texts.
 */
function claimValue(text: string): unknown {
  if (!/^(?:-?\d|true$|false$|["[])/.test(text)) return text;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'number' && String(value) !== text ? text : value;
  } catch {
    return text;
  }
}

const DATE = /^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?(?:Z|[+-]\d{2}:\d{2}))?$/;

/** `90d`, `2030-01-31` (its first moment, UTC) or `2030-01-31T12:00:00Z`, as epoch milliseconds; `never` is null. */
export function expiryOf(text: string, now: number): number | null {
  if (text === 'never') return null;
  const span = parseDuration(text);
  if (span !== undefined) return now + span;
  const time = DATE.test(text) ? Date.parse(text) : Number.NaN;
  // Date.parse rolls 31 February over into March.
  const rolled = Number.isNaN(time) || (text.length === 10 && new Date(time).toISOString().slice(0, 10) !== text);
  if (rolled) throw new IdentityError('input', '--expires is a span (90d), a date (2030-01-31), a UTC time, or never.');
  return time;
}

/** Runs a verb on the store, which is closed afterwards; what the operator can mend becomes a message. */
export async function withStore(context: CliContext, work: (store: Store) => unknown): Promise<void> {
  let problem: string;
  try {
    const store = await context.openStore();
    try {
      await work(store);
      return;
    } finally {
      store.close();
    }
  } catch (error) {
    if (!(error instanceof IdentityError || error instanceof StoreError)) throw error;
    problem = error.message;
  }
  context.fail(2, problem);
}

export const listed = (values: readonly string[]): string => (values.length === 0 ? '-' : values.join(','));
export const dated = (time: number | null): string =>
  time === null ? 'never' : `${new Date(time).toISOString().slice(0, 16)}Z`;

/** Rows under a heading, in columns; notes and names of outside origin lose their control characters. */
export function table(rows: readonly (readonly string[])[]): string[] {
  const clean = rows.map((row) => row.map((cell) => cell.replace(/\p{C}/gu, '?')));
  const widths = (clean[0] ?? []).map((_, column) => Math.max(...clean.map((row) => row[column]?.length ?? 0)));
  return clean.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}
