import type { SchemaAt } from '../model.ts';

/** One violation of a schema: where, which keyword, and a message that never repeats the value. */
export interface SchemaViolation {
  /** RFC 6901 pointer into the value. */
  readonly pointer: string;
  readonly keyword: string;
  readonly detail: string;
}

export interface CompileOptions<Rule> {
  /** Requests: `readOnly` may not come in. Responses: `writeOnly` never leaves, and is not required. */
  readonly direction: 'request' | 'response' | 'none';
  /**
   * What happens to properties that no applicable subschema names (where none says `additionalProperties` or
   * `unevaluatedProperties`, and at least one names properties): `refuse` makes them violations, `strip` lets `cut`
   * remove them, `allow` is plain JSON Schema.
   */
  readonly undeclared: 'refuse' | 'strip' | 'allow';
  /** Asked once for each subschema at compile time: a rule for the values it describes, handed to `cut`'s callback. */
  readonly annotate?: (schema: Readonly<Record<string, unknown>>, uri: string) => Rule | undefined;
  /** Whether `format` is a demand (default), or says something to people only. */
  readonly formats?: 'assert' | 'annotate';
  /** Violations collected at most; default 20. */
  readonly maxViolations?: number;
}

/** What `onAnnotated` returns to take the value out. */
export const REMOVED: unique symbol = Symbol('removed');

export interface Cut {
  /** The value without what may not leave; may share structure with the input, which must not be used again. */
  readonly value: unknown;
  /** undefined where the value was valid. */
  readonly violations: readonly SchemaViolation[] | undefined;
  /** Pointers of what was removed, array indices as `*`, each once, at most 100. */
  readonly removed: readonly string[];
}

export interface CompiledSchema<Rule = never> {
  /** @returns undefined where valid. Never throws, never mutates; cost is linear in the value's size for a given schema. */
  validate(value: unknown): readonly SchemaViolation[] | undefined;
  /**
   * Validates and cuts in one walk. Containers that stand where the schema allows none are removed; of `oneOf`/`anyOf`
   * the branches that validate count, or all of them where none does: never more leaves than the contract names.
   * `onAnnotated` is called for each value whose (sub)schema has a rule, and returns what stands in its place.
   */
  cut(value: unknown, onAnnotated?: (rule: Rule, value: unknown) => unknown): Cut;
}

export type CompileSchema = <Rule = never>(at: SchemaAt, options: CompileOptions<Rule>) => CompiledSchema<Rule>;
