import type { Operation } from '../contract/model.ts';
import type { AuditSettings } from './settings.ts';
import { quote } from './text.ts';

/** What an operation's policy says about its records, with the part of the record that never changes. */
export interface RecordedOperation {
  readonly json: string;
  readonly fullPath: boolean;
  /** Names of query parameters whose values are recorded. */
  readonly queryValues: ReadonlySet<string> | undefined;
}

export type RecordPolicy = Pick<AuditSettings, 'paths' | 'queryValues'>;

/** Compiles one operation's policy. */
export function recordedOperation(operation: Operation, policy: RecordPolicy): RecordedOperation {
  const id = operation.operationId === undefined ? '' : `,"id":${quote(operation.operationId, 256)}`;
  return {
    json: `,"operation":{"key":${quote(operation.key, 512)}${id}}`,
    fullPath: policy.paths === 'full',
    queryValues: policy.queryValues.length > 0 ? new Set(policy.queryValues) : undefined,
  };
}

/**
 * Policies by operation, from the load of a plan to the records of its exchanges. The audit room has no stage that
 * could carry them, and an operation lives exactly as long as its plan does.
 */
const compiled = new WeakMap<Operation, RecordedOperation>();

/** Called at load, for every operation. */
export function keepPolicy(operation: Operation, policy: RecordPolicy): void {
  compiled.set(operation, recordedOperation(operation, policy));
}

/** The policy of an operation; `standard` is what holds where a plan did not say. */
export function policyOf(operation: Operation, standard: RecordPolicy): RecordedOperation {
  let known = compiled.get(operation);
  if (known === undefined) {
    known = recordedOperation(operation, standard);
    compiled.set(operation, known);
  }
  return known;
}
