// A part of the clinic that is careless on purpose, built so that what it is careless with stays in here.
import type { Row } from '../database.ts';

/** The comparisons of a document database. */
const OPERATORS: Readonly<Record<string, (value: unknown, operand: unknown) => boolean>> = {
  $eq: (value, operand) => value === operand,
  $ne: (value, operand) => value !== operand,
  $gt: (value, operand) => typeof value === typeof operand && (value as string) > (operand as string),
  $gte: (value, operand) => typeof value === typeof operand && (value as string) >= (operand as string),
  $lt: (value, operand) => typeof value === typeof operand && (value as string) < (operand as string),
  $lte: (value, operand) => typeof value === typeof operand && (value as string) <= (operand as string),
  $in: (value, operand) => Array.isArray(operand) && operand.includes(value),
  $nin: (value, operand) => Array.isArray(operand) && !operand.includes(value),
  $exists: (value, operand) => (value !== undefined && value !== null) === (operand !== false),
  $regex: (value, operand) => typeof value === 'string' && simplePattern(String(operand)).test(value),
  $not: (value, operand) => !fits(value, operand),
};

/**
 * The first row that fits a query as document databases take them: `{ code: 'PH-1' }`, `{ code: { $ne: null } }`.
 * @throws Error for an operator that there is not
 */
export const findOne = (rows: readonly Row[], query: Readonly<Record<string, unknown>>): Row | undefined =>
  rows.find((row) => Object.entries(query).every(([name, wanted]) => fits(row[name], wanted)));

function fits(value: unknown, wanted: unknown): boolean {
  if (typeof wanted !== 'object' || wanted === null) return value === wanted;
  const operators = Object.entries(wanted);
  if (operators.length === 0 || !operators.every(([name]) => name.startsWith('$'))) return false;
  return operators.every(([name, operand]) => {
    const compare = Object.hasOwn(OPERATORS, name) ? OPERATORS[name] : undefined;
    if (compare === undefined) throw new Error(`unknown operator: ${name}`);
    return compare(value, operand);
  });
}

/** `^`, `$`, `.` and at most two `.*`; all else stands for itself, so that no pattern can hang the machine. */
function simplePattern(text: string): RegExp {
  const begins = text.startsWith('^');
  const ends = text.length > 1 && text.endsWith('$');
  const inner = text.slice(begins ? 1 : 0, ends ? -1 : undefined).slice(0, 100);
  const parts = inner.split('.*');
  const kept = [...parts.slice(0, 2), ...(parts.length > 2 ? [parts.slice(2).join('')] : [])];
  const escaped = kept.map((part) => part.replace(/[\\^$*+?()[\]{}|]/g, '\\$&'));
  return new RegExp(`${begins ? '^' : ''}${escaped.join('.*')}${ends ? '$' : ''}`, 's');
}
