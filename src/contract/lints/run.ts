import type { Operation, SecurityScheme } from '../model.ts';
import type { Context, Node } from '../normal/context.ts';
import type { Lint } from './lint.ts';
import { SchemaWalk } from './schema-walk.ts';

/**
 * Runs lints over a contract. Schemas are walked once each, over all operations; a defect that makes a schema
 * unusable (a `$ref` that leads nowhere) is an error.
 */
export function runLints(
  context: Context,
  root: Node,
  operations: readonly Operation[],
  schemes: readonly SecurityScheme[],
  lints: readonly Lint[],
): void {
  const { findings } = context;
  for (const lint of lints) {
    for (const { message, mend, place } of lint.contract?.(root, schemes) ?? []) {
      findings.add(lint.severity, lint.name, message, mend, place ?? root.place);
    }
  }
  const ofOperations = lints.filter((lint) => lint.operation);
  const walk = new SchemaWalk(
    context,
    lints.filter((lint) => lint.schema),
  );
  for (const operation of operations) {
    for (const lint of ofOperations) {
      const result = lint.operation!(operation);
      if (!result) continue;
      findings.add(
        lint.severity,
        lint.name,
        result.message,
        result.mend,
        result.place ?? operation.place,
        operation.key,
      );
    }
    for (const { schema } of operation.parameters) if (schema) walk.start(schema, 'request', operation.key);
    for (const { schema, encoding } of operation.body?.content ?? []) {
      if (schema) walk.start(schema, 'request', operation.key);
      for (const { headers } of encoding.values()) {
        for (const header of headers) if (header.schema) walk.start(header.schema, 'request', operation.key);
      }
    }
    for (const { content, headers } of operation.responses) {
      for (const { schema } of content) if (schema) walk.start(schema, 'response', operation.key);
      for (const { schema } of headers) if (schema) walk.start(schema, 'response', operation.key);
    }
  }
}
