import type { Command } from 'commander';
import { IdentityError } from '../identity/attributes.ts';
import { findClient } from '../identity/clients.ts';
import { type GrantInfo, listGrants, withdraw } from '../identity/server/grants.ts';
import { findUser, findUserById, normalName } from '../identity/users.ts';
import { systemClock } from '../shared/clock.ts';
import type { Store } from '../storage/store.ts';
import type { CliContext } from './context.ts';
import { dated, listed, table, withStore } from './identity-options.ts';

const BY = 'portcullis grants';

interface Which {
  readonly user?: string;
  readonly client?: string;
  readonly json?: boolean;
}

/** Adds `portcullis grants`: what users have granted to applications, and taking it back. */
export function grantsVerb(program: Command, context: CliContext): void {
  const grants = program.command('grants').description('show and withdraw what users have granted to applications');

  grants
    .command('list')
    .description('show the grants in force: one for each login of a user to an application')
    .option('--user <name>', 'of this user')
    .option('--client <id>', 'to this application')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExample: portcullis grants list --user ann')
    .action((options: Which) =>
      withStore(context, (store) => {
        const found = listGrants(store, systemClock, whichOf(store, options));
        if (options.json) return context.json(found.map((grant) => named(store, grant)));
        const rows = found.map((grant) => {
          const { userName, clientName } = named(store, grant);
          return [grant.id, userName, clientName, listed(grant.scopes), dated(grant.issued), dated(grant.ends)];
        });
        for (const line of table([['ID', 'USER', 'APPLICATION', 'SCOPES', 'SINCE', 'ENDS'], ...rows]))
          context.out(line);
      }),
    );

  grants
    .command('revoke')
    .description('take back a grant, or all of a user or to an application; its tokens end at once')
    .argument('[id]', 'id of the grant')
    .option('--user <name>', 'all that this user has granted')
    .option('--client <id>', 'all that was granted to this application')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExample: portcullis grants revoke --user ann --client app_3kTMd0nBq2vXlRcz')
    .action((id: string | undefined, options: Which) =>
      withStore(context, (store) => {
        const ended = withdraw(store, systemClock, { id, ...whichOf(store, options) }, BY);
        if (options.json) return context.json(ended.map((grant) => named(store, grant)));
        context.out(`Withdrawn: ${ended.length} grants.`);
      }),
    );
}

function whichOf(store: Store, { user, client }: Which): { user?: string; client?: string } {
  const id = user === undefined ? undefined : userIdOf(store, user);
  return { ...(id === undefined ? {} : { user: id }), ...(client === undefined ? {} : { client }) };
}

/** Of a name, or of an id: what a user that was removed has granted can still be named by it. */
export function userIdOf(store: Store, given: string): string {
  if (/^user_[0-9A-Za-z]{16}$/.test(given)) return given;
  const name = normalName(given);
  const record = name === undefined ? undefined : findUser(store, name);
  if (record === undefined) throw new IdentityError('unknown', 'There is no such user.');
  return record.id;
}

const named = (store: Store, grant: GrantInfo): GrantInfo & { userName: string; clientName: string } => ({
  ...grant,
  userName: findUserById(store, grant.user)?.name ?? grant.user,
  clientName: findClient(store, grant.client)?.name ?? grant.client,
});
