import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { IdentityError } from '../identity/attributes.ts';
import {
  approveClient,
  type ClientInfo,
  createClient,
  GRANT_TYPES,
  listClients,
  PROOFS,
  type Proof,
  removeClient,
  showClient,
  suspendClient,
} from '../identity/clients.ts';
import { withdraw } from '../identity/server/grants.ts';
import { systemClock } from '../shared/clock.ts';
import type { CliContext } from './context.ts';
import { collect, dated, listed, table, withStore } from './identity-options.ts';

const BY = 'portcullis clients';
const LARGEST_KEYS = 64 * 1024;

interface CreateOptions {
  readonly contact?: string;
  readonly note?: string;
  readonly proof?: string;
  readonly keys?: string;
  readonly redirect?: string[];
  readonly logout?: string[];
  readonly grant?: string[];
  readonly scope?: string[];
  readonly json?: boolean;
}

interface ApproveOptions {
  readonly scope?: string[];
  readonly role?: string[];
  readonly grant?: string[];
  readonly redirect?: string[];
  readonly range?: string[];
  readonly rateClass?: string;
  readonly own?: boolean;
  readonly json?: boolean;
}

/** Adds `portcullis clients`: a developer creates an application, an admin approves it, and may suspend or remove it. */
export function clientsVerb(program: Command, context: CliContext): void {
  const clients = program.command('clients').description('register applications, and say what each may ask for');

  clients
    .command('create')
    .description('register an application; it gets nothing until it is approved. A secret is shown once')
    .argument('<name>', 'name that users see when they are asked for consent')
    .option('--redirect <uri>', 'where users are sent back to, character by character (repeatable)', collect)
    .option('--logout <uri>', 'where users may be sent after logout (repeatable)', collect)
    .option('--grant <type>', `${GRANT_TYPES.join(', ')} (repeatable; default: the first two)`, collect)
    .option('--scope <scope>', 'scope it would like to ask for (repeatable)', collect)
    .option('--proof <how>', `how it proves to be itself: ${PROOFS.join(', ')}`, 'none')
    .option('--keys <file>', 'its public keys (JWK set), for private_key_jwt')
    .option('--contact <text>', 'who answers for it')
    .option('--note <text>', 'what it is for')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      '\nExample: portcullis clients create "Lab reports" --redirect https://lab.example/callback --scope records:read',
    )
    .action((name: string, options: CreateOptions) =>
      withStore(context, (store) => {
        const made = createClient(
          store,
          systemClock,
          {
            name,
            contact: options.contact,
            note: options.note,
            proof: options.proof as Proof,
            keys: options.keys === undefined ? [] : keysIn(options.keys),
            redirectUris: options.redirect,
            logoutUris: options.logout,
            grants: options.grant,
            scopes: options.scope,
          },
          BY,
        );
        if (options.json) return context.json({ ...made.client, secret: made.secret });
        context.err(
          `Registered ${made.client.name} as ${made.client.id}, to be approved: portcullis clients approve ${made.client.id}`,
        );
        if (made.secret === undefined) return context.out(made.client.id);
        context.err('This is its secret. It is shown this once and stored nowhere; keep it where secrets are kept:');
        context.out(made.secret);
      }),
    );

  clients
    .command('list')
    .description('show the applications')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExample: portcullis clients list')
    .action((options: { json?: boolean }) =>
      withStore(context, (store) => {
        const found = listClients(store);
        if (options.json) return context.json(found);
        const rows = found.map((one) => [
          one.id,
          one.state,
          one.name,
          listed(one.grants),
          listed(one.scopes),
          dated(one.created),
        ]);
        for (const line of table([['ID', 'STATE', 'NAME', 'GRANTS', 'SCOPES', 'CREATED'], ...rows])) context.out(line);
      }),
    );

  clients
    .command('show')
    .description('show one application, with all that was registered and approved')
    .argument('<id>', 'id of the application (app_...)')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExample: portcullis clients show app_3kTMd0nBq2vXlRcz')
    .action((id: string, options: { json?: boolean }) =>
      withStore(context, (store) => tell(context, options.json, showClient(store, id))),
    );

  clients
    .command('approve')
    .description('let an application have tokens; what is not named stays as it was registered')
    .argument('<id>')
    .option('--scope <scope>', 'scope it may ask for (repeatable)', collect)
    .option('--role <role>', 'role it may act in: for users as far as they have it, for itself (repeatable)', collect)
    .option('--grant <type>', `${GRANT_TYPES.join(', ')} (repeatable)`, collect)
    .option('--redirect <uri>', 'redirect URI (repeatable)', collect)
    .option('--range <cidr>', 'address range its requests must come from (repeatable)', collect)
    .option('--rate-class <name>', 'class of limits it falls under')
    .option('--own', 'it belongs to the operator of the API: users are not asked for consent')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      '\nExample: portcullis clients approve app_3kTMd0nBq2vXlRcz --scope records:read --role patient --range 192.0.2.0/24',
    )
    .action((id: string, options: ApproveOptions) =>
      withStore(context, (store) => {
        const approved = approveClient(
          store,
          systemClock,
          id,
          {
            scopes: options.scope,
            roles: options.role,
            grants: options.grant,
            redirectUris: options.redirect,
            ranges: options.range,
            rateClass: options.rateClass,
            own: options.own,
          },
          BY,
        );
        tell(context, options.json, approved);
      }),
    );

  clients
    .command('suspend')
    .description('end what an application may do at once, its tokens included; approve it to let it go on')
    .argument('<id>')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExample: portcullis clients suspend app_3kTMd0nBq2vXlRcz')
    .action((id: string, options: { json?: boolean }) =>
      withStore(context, (store) => tell(context, options.json, suspendClient(store, systemClock, id, BY))),
    );

  clients
    .command('remove')
    .description('take an application out for good, with all that users have granted it')
    .argument('<id>')
    .addHelpText('after', '\nExample: portcullis clients remove app_3kTMd0nBq2vXlRcz')
    .action((id: string) =>
      withStore(context, (store) => {
        removeClient(store, systemClock, id, BY);
        const ended = withdraw(store, systemClock, { client: id }, BY);
        context.out(`Removed, and ${ended.length} grants with it.`);
      }),
    );
}

function keysIn(file: string): unknown[] {
  let keys: unknown;
  try {
    const text = readFileSync(file, 'utf8');
    keys = text.length > LARGEST_KEYS ? undefined : (JSON.parse(text) as { keys?: unknown }).keys;
  } catch {
    keys = undefined;
  }
  if (!Array.isArray(keys)) throw new IdentityError('input', '--keys names a file with a JWK set: {"keys": [...]}.');
  return keys;
}

function tell(context: CliContext, json: boolean | undefined, client: ClientInfo): void {
  if (json) {
    context.json(client);
    return;
  }
  const lines: [string, string][] = [
    ['id', client.id],
    ['name', client.name],
    ['state', client.state],
    ['contact', client.contact],
    ['note', client.note],
    ['proof', client.proof],
    ['grants', listed(client.grants)],
    ['redirect', listed(client.redirectUris)],
    ['scopes', listed(client.scopes)],
    ['roles', client.roles.length === 0 ? '- (for users: all of theirs)' : listed(client.roles)],
    ['ranges', client.ranges.length === 0 ? '- (any address)' : listed(client.ranges)],
    ['rate class', client.rateClass ?? '-'],
    ['consent', client.own ? 'not asked (own)' : 'asked'],
    ['created', dated(client.created)],
    ['decided', client.decided === null ? '-' : dated(client.decided)],
  ];
  for (const line of table(lines.filter(([, value]) => value !== ''))) context.out(line);
}
