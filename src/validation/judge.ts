import type { CompiledSchema } from '../contract/schema/compiled.ts';
import type { Violation } from '../gateway/refusal.ts';
import { type Refusal, refuse } from '../gateway/refusal.ts';
import { type Malformed, token, type Violations } from './fault.ts';
import type { Field } from './fields.ts';
import type { Pair } from './pairs.ts';
import { ARRAY, BOOLEAN, INTEGER, NULL, NUMBER, OBJECT, STRING } from './shape.ts';

/** A field with what the contract demands of its value. */
export interface Demand {
  readonly field: Field;
  readonly name: string;
  readonly pointer: string;
  readonly required: boolean;
  readonly schema: CompiledSchema | undefined;
  /** Text is allowed beside other types: what the narrower type breaks may still be right as text. */
  readonly mixed: boolean;
}

export function demand(field: Field, required: boolean, schema: CompiledSchema | undefined): Demand {
  const { name, shape } = field.carrier;
  const mixed =
    shape.stated &&
    (shape.types & STRING) !== 0 &&
    (shape.types & (INTEGER | NUMBER | BOOLEAN | NULL | ARRAY | OBJECT)) !== 0;
  return { field, name, pointer: token(name), required, schema, mixed };
}

/** Reads a value and judges it by its schema; puts it where it belongs. */
export function judge(
  demanded: Demand,
  given: readonly Pair[] | undefined,
  into: Record<string, unknown>,
  violations: Violations,
): void {
  const { field, pointer, schema } = demanded;
  const where = field.carrier.in;
  if (given === undefined) {
    if (demanded.required) violations.add(where, pointer, 'is required');
    return;
  }
  const before = violations.list.length;
  for (const pair of given) {
    if (pair.semicolon && !field.allowReserved)
      violations.add(where, pointer, 'holds a semicolon that must be percent-encoded');
  }
  const value = field.read(given, violations);
  into[demanded.name] = value;
  if (violations.list.length !== before || schema === undefined) return;
  if (value === '' && field.carrier.allowEmptyValue) return;
  const found = schema.validate(value);
  if (found === undefined) return;
  if (demanded.mixed && typeof value !== 'string' && given.length === 1) {
    const text = (given[0] as Pair).value;
    if (schema.validate(text) === undefined) {
      into[demanded.name] = text;
      return;
    }
  }
  for (const each of found) violations.add(where, pointer + each.pointer, each.detail);
}

/** The refusal for what cannot be read. */
export function refuseMalformed(fault: Malformed, where: string, headers?: Readonly<Record<string, string>>): Refusal {
  if (fault.code === 'invalid-request') {
    const violations: Violation[] = [{ in: where, pointer: fault.pointer, detail: fault.detail }];
    return refuse('invalid-request', { violations });
  }
  return refuse(fault.code, headers === undefined ? { detail: fault.detail } : { detail: fault.detail, headers });
}
