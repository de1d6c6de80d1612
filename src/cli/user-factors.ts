import type { Command } from 'commander';
import { listFactors, takeFactors } from '../identity/factors/administration.ts';
import type { FactorInfo } from '../identity/factors/records.ts';
import { person } from '../identity/journal.ts';
import { systemClock } from '../shared/clock.ts';
import type { CliContext } from './context.ts';
import { dated, table, withStore } from './identity-options.ts';

/** Adds `portcullis users factors`: what a user has enrolled beside the password, and a way to take it out. */
export function userFactors(users: Command, context: CliContext): void {
  const factors = users
    .command('factors')
    .description('show what a user has enrolled beside the password, or take it out')
    .argument('<name>')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      '\nExample: portcullis users factors ann\nTake one out: portcullis users factors remove --help',
    )
    .action((name: string, options: { json?: boolean }) =>
      withStore(context, (store) => {
        const found = listFactors(store, name);
        if (options.json) return context.json(found);
        for (const line of table([['ID', 'KIND', 'STATE', 'ADDED', 'LAST USED', 'NAME'], ...found.map(row)]))
          context.out(line);
      }),
    );

  factors
    .command('remove')
    .description(
      'take a factor out at once, for a user who has lost it; the password alone signs in where none is left',
    )
    .argument('<name>')
    .argument('[factor]', 'id of the factor')
    .option('--all', 'all factors of the user')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExample: portcullis users factors remove ann passkey_4fQ0kz1LmN8x')
    .action((name: string, factor: string | undefined, options: { all?: boolean; json?: boolean }, command: Command) =>
      withStore(context, (store) => {
        if ((factor === undefined) !== (options.all === true))
          context.fail(2, 'Name the factor, or all of them with --all: portcullis users factors shows their ids.');
        const gone = takeFactors(store, systemClock, name, factor, person());
        // `--json` may have been taken by the verb above.
        if (command.optsWithGlobals<{ json?: boolean }>().json) return context.json(gone);
        for (const { id, kind } of gone) context.out(`Removed ${kind} ${id}.`);
      }),
    );
}

const row = (one: FactorInfo): string[] => [
  one.id,
  one.kind,
  one.left === undefined ? one.state : `${one.left} left`,
  dated(one.created),
  one.used === null ? 'never' : dated(one.used),
  one.name,
];
