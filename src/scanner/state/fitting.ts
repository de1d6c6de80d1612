import type { SchemaAt } from '../../contract/model.ts';
import { judgeOf } from '../generate/judge.ts';

type Value = string | number;

/** A value in the type that a schema wants: the number of a text, the text of a number. */
export function fitting(value: Value, schema: SchemaAt | undefined): Value {
  if (!schema) return value;
  const judge = judgeOf(schema);
  if (!judge.knows || judge.accepts(value)) return value;
  if (typeof value === 'number') return judge.accepts(String(value)) ? String(value) : value;
  const number = Number(value);
  return /^-?\d{1,15}(\.\d{1,10})?$/.test(value) && judge.accepts(number) ? number : value;
}

/** Whether a schema takes a value, in one type or the other. */
export const fits = (value: Value, schema: SchemaAt | undefined): boolean =>
  schema === undefined || judgeOf(schema).accepts(fitting(value, schema));
