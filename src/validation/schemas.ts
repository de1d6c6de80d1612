import type { Documents, SchemaAt } from '../contract/model.ts';
import { compileSchema } from '../contract/schema/compile.ts';
import type { CompiledSchema } from '../contract/schema/compiled.ts';
import { MAX_VIOLATIONS } from './fault.ts';

const compiled = new WeakMap<Documents, Map<string, CompiledSchema>>();

/** Compiles a schema for requests, once for each place in the contract and way to treat what it does not name. */
export function requestSchema(at: SchemaAt, undeclared: 'refuse' | 'strip' | 'allow'): CompiledSchema {
  let cache = compiled.get(at.documents);
  if (cache === undefined) compiled.set(at.documents, (cache = new Map()));
  const key = `${undeclared} ${at.uri}`;
  let schema = cache.get(key);
  if (schema === undefined) {
    schema = compileSchema(at, { direction: 'request', undeclared, maxViolations: MAX_VIOLATIONS });
    cache.set(key, schema);
  }
  return schema;
}
