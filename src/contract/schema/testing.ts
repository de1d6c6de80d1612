import { documentsFrom } from '../documents.ts';
import type { Dialect, SchemaAt } from '../model.ts';
import { compileSchema } from './compile.ts';
import type { CompiledSchema, CompileOptions } from './compiled.ts';

const URI = 'http://portcullis.test/schema.json';

/** A schema of a test, where it stands in a document of its own (or at a pointer of one). */
export function schemaAt(root: unknown, dialect: Dialect = '2020-12', pointer = ''): SchemaAt {
  const documents = documentsFrom(root, URI, dialect);
  const found = documents.resolve(`#${pointer}`, URI)!;
  return { schema: found.value, uri: `${URI}#${pointer}`, dialect, documents };
}

/** Compiles a schema of a test; without options as plain JSON Schema. */
export const compileFrom = <Rule = never>(
  root: unknown,
  options: Partial<CompileOptions<Rule>> = {},
  dialect: Dialect = '2020-12',
  pointer = '',
): CompiledSchema<Rule> =>
  compileSchema<Rule>(schemaAt(root, dialect, pointer), { direction: 'none', undeclared: 'allow', ...options });
