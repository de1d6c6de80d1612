import type { Operation } from '../../contract/model.ts';
import { LoadError } from '../../shared/finding.ts';
import { nearest } from '../../shared/nearest.ts';
import { compileSelector, inspectSelector } from '../../shared/selector.ts';
import { type CheckInfo, GROUPS } from '../model/check.ts';
import { OptionError } from './as.ts';

/** Names of checks that were chosen must exist. @throws OptionError with the nearest one */
export function checkNames(flag: '--only' | '--skip', names: readonly string[], checks: readonly CheckInfo[]): void {
  const known = [...GROUPS, ...checks.map(({ id }) => id)];
  for (const name of names) {
    if (known.includes(name)) continue;
    const near = nearest(name, known);
    throw new OptionError(
      `${flag} ${name}: there is no check or group of that name; ${near === undefined ? '`portcullis scan --list` shows them' : `did you mean ${near}?`}`,
    );
  }
}

/**
 * Roles by operation, from roles by selector; where several selectors mean an operation, the last one counts.
 * @throws LoadError for a selector that means no operation
 */
export function rolesByOperation(
  roles: ReadonlyMap<string, readonly string[]>,
  operations: readonly Operation[],
  file: string | undefined,
): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, readonly string[]>();
  for (const [selector, names] of roles) {
    const problem = inspectSelector(selector, operations);
    if (problem !== undefined) {
      const place = file === undefined ? {} : { place: { file, line: 1, column: 1 } };
      throw new LoadError([{ rule: 'scan/selector', severity: 'error', ...problem, ...place }]);
    }
    const matches = compileSelector(selector);
    for (const operation of operations) if (matches(operation)) found.set(operation.key, names);
  }
  return found;
}
