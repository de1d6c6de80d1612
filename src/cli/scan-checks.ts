import type { Check } from '../scanner/model/check.ts';
import type { CliContext } from './context.ts';
import { table } from './identity-options.ts';

/** Prints every check: id, group, severity, CWE, OWASP, practice, title. */
export function listOfChecks(checks: readonly Check[], json: boolean, context: CliContext): void {
  if (json) {
    context.json(
      checks.map(({ id, group, title, practice, severity, cwe, owasp, why, mend, destructive }) => ({
        id,
        group,
        title,
        practice,
        severity,
        cwe,
        owasp,
        why,
        mend,
        destructive: destructive === true,
      })),
    );
    return;
  }
  const rows = checks.map(({ id, group, severity, cwe, owasp, practice, title, destructive }) => [
    id,
    group,
    severity,
    cwe,
    owasp,
    practice,
    destructive === true ? `${title} (only with --destructive)` : title,
  ]);
  for (const line of table([['id', 'group', 'severity', 'CWE', 'OWASP', 'practice', 'title'], ...rows]))
    context.out(line);
}
