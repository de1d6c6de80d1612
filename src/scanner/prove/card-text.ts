import { paintOf } from '../report/colour.ts';
import { fit, obeyedByNobody, oneLine, pad, wrap } from '../report/visible.ts';
import type { Card, Held } from './card.ts';

const WORDS: Readonly<Record<Held, string>> = {
  held: 'HELD',
  'not held': 'NOT HELD',
  off: 'SWITCHED OFF',
  'not tried': 'NOT TRIED',
};
const COLOURS = { held: 'good', 'not held': 'critical', off: 'medium', 'not tried': 'dim' } as const;

/** The card for a terminal or the log of a CI job: eight practices, what was tried, what held. */
export function cardText(
  card: Card,
  options: { readonly width?: number | undefined; readonly colours: boolean },
): string {
  const paint = paintOf(options.colours);
  const width = Math.min(140, Math.max(60, options.width ?? 100));
  const lines: string[] = [];
  for (const { practice, held, tried, came, faults } of card.lines) {
    const head = `${pad(practice, 15)} ${paint(COLOURS[held], pad(WORDS[held], 13))}`;
    const rest = wrap(oneLine(`${tried}: ${came}`), width - 30);
    lines.push(`${head} ${rest[0] ?? ''}`);
    for (const line of rest.slice(1)) lines.push(`${' '.repeat(30)}${line}`);
    for (const fault of faults) lines.push(`${' '.repeat(30)}${paint('medium', fit(oneLine(fault), width - 30))}`);
  }
  const count = card.lines.filter(({ held }) => held === 'held').length;
  lines.push(
    '',
    card.held ? paint('good', 'everything held') : paint('critical', `${count} of ${card.lines.length} practices held`),
  );
  return obeyedByNobody(lines.join('\n'));
}
