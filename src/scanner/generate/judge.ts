import type { Documents, SchemaAt } from '../../contract/model.ts';
import { compileSchema } from '../../contract/schema/compile.ts';
import type { CompiledSchema, SchemaViolation } from '../../contract/schema/compiled.ts';

/** Says whether the contract allows a value in a request. */
export interface Judge {
  /** False: the schema cannot be compiled, and nothing is known of any value. */
  readonly knows: boolean;
  accepts(value: unknown): boolean;
  violations(value: unknown): readonly SchemaViolation[];
}

const judges = new WeakMap<Documents, Map<string, Judge>>();
/** Schemas kept for one contract at most; beyond, they are compiled again. */
const MAX_KEPT = 20_000;

const NONE: readonly SchemaViolation[] = [];
const IGNORANT: Judge = { knows: false, accepts: () => true, violations: () => NONE };

/** The judge of a schema, compiled when it is first asked. Never throws: what cannot be compiled knows nothing. */
export function judgeOf(at: SchemaAt | undefined): Judge {
  if (at === undefined) return IGNORANT;
  let known = judges.get(at.documents);
  if (known === undefined) judges.set(at.documents, (known = new Map()));
  let judge = known.get(at.uri);
  if (judge === undefined) {
    judge = make(at);
    if (known.size >= MAX_KEPT) known.clear();
    known.set(at.uri, judge);
  }
  return judge;
}

function make(at: SchemaAt): Judge {
  let schema: CompiledSchema;
  try {
    schema = compileSchema(at, { direction: 'request', undeclared: 'allow' });
  } catch {
    return IGNORANT;
  }
  const violations = (value: unknown): readonly SchemaViolation[] => {
    const found = schema.validate(value);
    if (found === undefined) return NONE;
    // A place that is itself for reading only: what it may hold is asked, not whether it may be sent.
    return found.filter(({ pointer, keyword }) => pointer !== '' || keyword !== 'readOnly');
  };
  return { knows: true, accepts: (value) => violations(value).length === 0, violations };
}
