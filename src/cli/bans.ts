import { userInfo } from 'node:os';
import type { Command } from 'commander';
import { systemClock } from '../shared/clock.ts';
import { formatDuration, parseDuration } from '../shared/duration.ts';
import { addBan, BanError, type BanInfo, findBans, liftBans, listBans } from '../throttling/bans/administration.ts';
import { describeTarget } from '../throttling/bans/ban.ts';
import type { CliContext } from './context.ts';
import { table, withStore } from './identity-options.ts';
import { printable } from './printable.ts';

/** Adds `portcullis bans`: list, show, lift, add. A running gate takes each change over in half a second. */
export function bansVerb(program: Command, context: CliContext): void {
  const bans = program.command('bans').description('see, lift and add bans: who is shut out for harm, or by hand');

  bans
    .command('list')
    .description('show who is banned')
    .option('--all', 'also bans that are over, but still make the next one longer')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExample: portcullis bans list --all')
    .action((options: { all?: boolean; json?: boolean }) =>
      withBans(context, (store) => {
        const found = listBans(store, systemClock).filter((ban) => options.all || ban.state === 'in force');
        if (options.json) return context.json(found);
        const rows = found.map((ban) => [
          ban.id,
          ban.state,
          ban.kind,
          describeTarget(ban),
          moment(ban.since),
          moment(ban.until),
          String(ban.count),
          ban.reason ?? 'harm',
        ]);
        for (const line of table([['ID', 'STATE', 'KIND', 'WHO', 'SINCE', 'UNTIL', 'COUNT', 'WHY'], ...rows]))
          context.out(line);
      }),
    );

  bans
    .command('show')
    .description('show the bans of an address, a range or a principal, or the one with an id')
    .argument('<which>', 'address, range, principal (key:key_..., user:...) or id (ban_...)')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExample: portcullis bans show 192.0.2.7')
    .action((which: string, options: { json?: boolean }) =>
      withBans(context, (store) => {
        refuseSecret(which, context);
        const found = findBans(store, systemClock, which);
        if (options.json) return context.json(found);
        for (const ban of found) for (const line of describe(ban)) context.out(printable(line));
      }),
    );

  bans
    .command('lift')
    .description('end bans at once, in every worker, and forget them')
    .argument('[which]', 'address, range, principal (key:key_..., user:...) or id (ban_...)')
    .option('--all', 'all of them')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExample: portcullis bans lift key:key_3kTMd0nBq2vXlRcz')
    .action((which: string | undefined, options: { all?: boolean; json?: boolean }) =>
      withBans(context, (store) => {
        if ((which === undefined) !== (options.all === true))
          throw new BanError('input', 'Name the ban to lift, or say --all.');
        if (which !== undefined) refuseSecret(which, context);
        const lifted = liftBans(store, systemClock, which, person());
        if (options.json) return context.json(lifted);
        for (const ban of lifted) context.out(printable(`Lifted ${ban.id}: ${ban.kind} ${describeTarget(ban)}.`));
        if (lifted.length === 0) context.out('Nobody is banned.');
      }),
    );

  bans
    .command('add')
    .description('ban by hand, everything that an address, a range or a principal sends')
    .argument('<who>', 'address (IPv6: its /64), range, or principal (key:key_..., user:...)')
    .requiredOption('--for <span>', 'how long: 30m, 24h, 90d')
    .requiredOption('--reason <text>', 'why; shown by `bans list`, and in the audit log')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      '\nHolds unless the configuration says `throttling.bans: off`.\nExample: portcullis bans add 198.51.100.0/24 --for 24h --reason "scans us since Monday"',
    )
    .action((who: string, options: { for: string; reason: string; json?: boolean }) =>
      withBans(context, (store) => {
        refuseSecret(who, context);
        const span = parseDuration(options.for);
        if (span === undefined) throw new BanError('input', '--for is a span such as 30m, 24h or 90d.');
        const ban = addBan(store, systemClock, { who, span, reason: options.reason }, person());
        if (options.json) return context.json(ban);
        context.out(printable(`Banned ${ban.kind} ${ban.subject} until ${moment(ban.until)} (${ban.id}).`));
      }),
    );
}

/** As {@link withStore}; what is wrong with a ban becomes a message, too. */
function withBans(context: CliContext, work: (store: Parameters<Parameters<typeof withStore>[1]>[0]) => unknown) {
  return withStore(context, (store) => {
    try {
      return work(store);
    } catch (error) {
      if (error instanceof BanError) context.fail(2, error.message);
      throw error;
    }
  });
}

/** Who did it, for the audit log. */
function person(): string {
  try {
    return `cli, ${userInfo().username}`;
  } catch {
    // an account without an entry in the system's list, as containers have them
    return `cli, uid ${process.getuid?.() ?? 'unknown'}`;
  }
}

const moment = (time: number): string => `${new Date(time).toISOString().slice(0, 19)}Z`;

function describe(ban: BanInfo): string[] {
  const rows: [string, string | undefined][] = [
    ['who', `${ban.kind} ${describeTarget(ban)}`],
    ['state', ban.state],
    ['since', `${moment(ban.since)}, for ${formatDuration(ban.until - ban.since)}`],
    ['until', moment(ban.until)],
    ['count', `${ban.count} in a row${ban.by === 'harm' ? `; forgotten ${moment(ban.forget)}` : ''}`],
    ['why', ban.by === 'hand' ? `by hand: ${ban.reason ?? ''}` : 'harm'],
    ['from', ban.from],
    ['cause', ban.cause.length === 0 ? undefined : ban.cause.join(', ')],
  ];
  return [
    ban.id,
    ...rows.flatMap(([name, value]) => (value === undefined ? [] : [`  ${name.padEnd(8)}${value}`])),
    ...(ban.cause[0]?.startsWith('ban_') === false
      ? [`  portcullis audit show ${ban.cause.at(-1)} shows the last`]
      : []),
  ];
}

/** A key as an argument has been seen by the shell's history and by everyone who can list processes. */
function refuseSecret(given: string, context: CliContext): void {
  if (!/^(?:key:)?pk_/.test(given)) return;
  context.fail(
    2,
    "That is a key, not its id. As an argument it now stands in the shell's history and was visible in the list of processes: treat it as exposed. `portcullis keys list` shows the ids.",
  );
}
