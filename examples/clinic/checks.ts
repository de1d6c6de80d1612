import { type FieldError, Problem } from './clinic.ts';
import type { Weak } from './weaknesses.ts';

/** Says what is wrong with a value; undefined where nothing is. */
export type Check = (value: unknown) => string | undefined;

export interface Field {
  readonly check: Check;
  readonly required?: boolean;
}

export type Fields = Readonly<Record<string, Field>>;

export const text =
  (min: number, max: number, pattern?: RegExp): Check =>
  (value) => {
    if (typeof value !== 'string') return 'must be a string';
    const length = [...value].length;
    if (length < min || length > max) return `must have ${min} to ${max} characters`;
    if (pattern !== undefined && !pattern.test(value)) return 'has the wrong form';
    return /[\u0000-\u0008\u000b-\u001f\u007f]/.test(value) ? 'must not hold control characters' : undefined;
  };

export const integer =
  (min: number, max: number): Check =>
  (value) =>
    Number.isSafeInteger(value) && (value as number) >= min && (value as number) <= max
      ? undefined
      : `must be an integer from ${min} to ${max}`;

export const oneOf =
  (...values: readonly string[]): Check =>
  (value) =>
    values.includes(value as string) ? undefined : `must be one of ${values.join(', ')}`;

export const bool: Check = (value) => (typeof value === 'boolean' ? undefined : 'must be true or false');

export const date: Check = (value) =>
  typeof value === 'string' && /^\d{4}-\d{2}-\d{2}$/.test(value) && isDay(value) ? undefined : 'must be a date';

/** RFC 3339, in UTC. */
export const dateTime: Check = (value) =>
  typeof value === 'string' &&
  /^\d{4}-\d{2}-\d{2}T([01]\d|2[0-3]):[0-5]\d:[0-5]\dZ$/.test(value) &&
  isDay(value.slice(0, 10))
    ? undefined
    : 'must be a date and time in UTC';

const isDay = (day: string): boolean => {
  const parsed = new Date(`${day}T00:00:00Z`);
  return !Number.isNaN(parsed.getTime()) && parsed.toISOString().startsWith(day);
};

export const email: Check = (value) =>
  typeof value === 'string' &&
  value.length <= 120 &&
  /^[a-z0-9._+-]{1,60}@[a-z0-9-]{1,40}(\.[a-z0-9-]{1,20}){1,3}$/i.test(value)
    ? undefined
    : 'must be an e-mail address';

export const phone: Check = text(6, 20, /^\+[0-9 -]+$/);

export const listOf =
  (check: Check, max: number): Check =>
  (value) => {
    if (!Array.isArray(value)) return 'must be a list';
    if (value.length > max) return `must have at most ${max} entries`;
    return value.some((entry) => check(entry) !== undefined) ? 'has a wrong entry' : undefined;
  };

export const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/**
 * Takes from a body what the operation names.
 * @throws Problem 400 with every violation.
 */
export function readBody(weak: Weak, body: Record<string, unknown>, fields: Fields): Record<string, unknown> {
  const errors: FieldError[] = [];
  const values: Record<string, unknown> = Object.create(null);
  for (const [name, value] of Object.entries(body)) {
    const at = `/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
    if (!Object.hasOwn(fields, name)) {
      // careless: whatever was sent is handed on to the INSERT or UPDATE
      if (weak('mass-assignment')) values[name] = value;
      else errors.push({ at: at.slice(0, 100), detail: 'is not a property of this operation' });
      continue;
    }
    const wrong = weak('no-validation') ? undefined : fields[name]?.check(value);
    if (wrong === undefined) values[name] = value;
    else errors.push({ at, detail: wrong });
  }
  if (!weak('no-validation')) {
    for (const [name, field] of Object.entries(fields)) {
      if (field.required && !Object.hasOwn(body, name)) errors.push({ at: `/${name}`, detail: 'is required' });
    }
    if (Object.keys(body).length === 0 && errors.length === 0) errors.push({ at: '', detail: 'must not be empty' });
  }
  if (errors.length > 0) throw invalid(errors);
  return values;
}

/**
 * Takes from the query what the operation names; integers as numbers.
 * @throws Problem 400 with every violation.
 */
export function readQuery(weak: Weak, query: URLSearchParams, fields: Fields): Record<string, unknown> {
  const errors: FieldError[] = [];
  const values: Record<string, unknown> = Object.create(null);
  for (const name of new Set(query.keys())) {
    const field = Object.hasOwn(fields, name) ? fields[name] : undefined;
    if (field === undefined || query.getAll(name).length > 1) {
      if (!weak('no-validation')) {
        errors.push({
          at: `?${name}`.slice(0, 100),
          detail: field === undefined ? 'is not a parameter' : 'is repeated',
        });
        continue;
      }
      if (field === undefined) continue;
    }
    const sent = query.get(name) ?? '';
    const value = /^-?\d{1,15}$/.test(sent) && field.check(sent) !== undefined ? Number(sent) : sent;
    const wrong = weak('no-validation') ? undefined : field.check(value);
    if (wrong === undefined) values[name] = value;
    else errors.push({ at: `?${name}`, detail: wrong });
  }
  for (const [name, field] of Object.entries(fields)) {
    if (field.required && !query.has(name) && !weak('no-validation'))
      errors.push({ at: `?${name}`, detail: 'is required' });
  }
  if (errors.length > 0) throw invalid(errors);
  return values;
}

/** A path parameter that is an integer. @throws Problem 400 */
export function pathInteger(weak: Weak, path: Readonly<Record<string, string>>, name: string): number | string {
  const sent = path[name] ?? '';
  if (/^[1-9]\d{0,8}$/.test(sent)) return Number(sent);
  if (weak('no-validation')) return sent;
  throw invalid([{ at: name, detail: 'must be a positive integer' }]);
}

/** A path parameter of a given form. @throws Problem 400 */
export function pathText(weak: Weak, path: Readonly<Record<string, string>>, name: string, pattern: RegExp): string {
  const sent = path[name] ?? '';
  if (pattern.test(sent) || weak('no-validation')) return sent;
  throw invalid([{ at: name, detail: 'has the wrong form' }]);
}

export const invalid = (errors: readonly FieldError[]): Problem =>
  new Problem(400, 'Invalid request', 'The request does not fit the operation.', { errors: errors.slice(0, 20) });

/** The parameters of a list. */
export const PAGE: Fields = {
  limit: { check: integer(1, Number.MAX_SAFE_INTEGER) },
  offset: { check: integer(0, 1_000_000) },
};

/** How much of a list is asked for. @throws Problem 400 */
export function readPage(weak: Weak, query: Readonly<Record<string, unknown>>): { limit: unknown; offset: unknown } {
  const { limit = 20, offset = 0 } = query;
  // careless: as much as the caller likes, at once
  if (!weak('no-limits')) {
    const wrong = integer(1, 100)(limit);
    if (wrong !== undefined) throw invalid([{ at: '?limit', detail: wrong }]);
  }
  return { limit, offset };
}
