import type { Configuration } from '../../config/configuration.ts';
import type { Card } from './card.ts';
import type { Ledger } from './ledger.ts';
import type { Reconciliation } from './reconcile.ts';

/** What differs where a gate is proven that runs for others too. */
export function runningSaid({ throttling, authentication }: Configuration): readonly string[] {
  const { bans } = throttling;
  return [
    `the gate runs for others too: its rates hold for the scan, which waits as it is told, and after ${authentication.lockout.address.failures} wrong credentials this address is locked for them`,
    ...(bans !== 'off' && bans.mode === 'enforce'
      ? [
          `its bans are enforced: after some ${bans.harmful} harmful requests it bans the scanner; exempt its address in throttling.bans.exempt while it is proven, or let prove start a gate of its own`,
        ]
      : []),
  ];
}

/** What the log tells beside whether it fits. */
export function logSaid(found: Reconciliation | undefined, ledger: Ledger): readonly string[] {
  if (found === undefined) return [];
  const notes: string[] = [];
  const times = (name: string): number => found.events.get(name) ?? 0;
  const would = times('throttling/would-ban');
  if (would > 0) notes.push(`the gate would have banned the scanner ${would} times for the harm it tried`);
  const banned = times('throttling/banned');
  if (banned > 0) notes.push(`the gate banned somebody ${banned} times while it was proven`);
  const locked = times('authentication/locked');
  if (locked > 0) notes.push(`wrong credentials led to ${locked} ${locked === 1 ? 'lock' : 'locks'}`);
  const crashed = times('gateway/crashed');
  if (crashed > 0) notes.push(`the gate recorded ${crashed} errors of its own (gateway/crashed)`);
  for (const { operation, code, result, count } of found.friendly)
    if (result === 'failed') notes.push(`the API failed behind the gate: ${operation}, ${count} times ${code}`);
  if (ledger.beyond > 0) notes.push(`${ledger.beyond} exchanges beyond the first million were not compared one by one`);
  for (const { log, notes: said } of found.logs) for (const note of said) notes.push(`log ${log}: ${note}`);
  return notes;
}

/** The card as notes: for reports in which it has no place of its own. */
export const cardSaid = (card: Card): readonly string[] =>
  card.lines.map(
    ({ practice, held, tried, came, faults }) =>
      `${practice}: ${held}. ${tried}: ${came}${faults.length === 0 ? '' : `. ${faults.join('; ')}`}`,
  );
