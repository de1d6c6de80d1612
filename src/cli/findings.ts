import { type Finding, formatPlace } from '../shared/finding.ts';
import { printable } from './printable.ts';

/** Findings for a terminal: worst first, each with its place and mend. */
export function formatFindings(findings: readonly Finding[]): string {
  const rank = { error: 0, warning: 1, weakness: 2 } as const;
  return [...findings]
    .sort((a, b) => rank[a.severity] - rank[b.severity])
    .map((finding) => {
      const place = finding.place === undefined ? '' : `${formatPlace(finding.place)}: `;
      const operation = finding.operation === undefined ? '' : ` (${finding.operation})`;
      return printable(
        `${place}${finding.severity} ${finding.rule}: ${finding.message}${operation}\n    mend: ${finding.mend}`,
      );
    })
    .join('\n');
}
