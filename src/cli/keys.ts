import type { Command } from 'commander';
import { IdentityError } from '../identity/attributes.ts';
import { KEY_PREFIX } from '../identity/key-format.ts';
import { createKey, type KeyInfo, keyIdOf, listKeys, revokeKey, rotateKey } from '../identity/keys.ts';
import { systemClock } from '../shared/clock.ts';
import { parseDuration } from '../shared/duration.ts';
import type { CliContext } from './context.ts';
import {
  type AttributeOptions,
  attributesOf,
  collect,
  dated,
  expiryOf,
  listed,
  table,
  withStore,
} from './identity-options.ts';
import { readSecret, type Terminal } from './secret-input.ts';

/** Adds `portcullis keys`: create, list, rotate, revoke. A key is written to standard output, alone, once. */
export function keysVerb(program: Command, context: CliContext, terminal?: Terminal): void {
  const keys = program.command('keys').description('create, list, rotate and revoke API keys');

  keys
    .command('create')
    .description('make a key; it is shown once')
    .option('--role <role>', 'role of the key (repeatable)', collect)
    .option('--scope <scope>', 'scope of the key (repeatable)', collect)
    .option('--claim <name=value>', 'attribute for ownership rules, e.g. patientId=1 (repeatable)', collect)
    .option('--expires <when>', 'span or date, e.g. 90d or 2030-01-31', 'never')
    .option('--note <text>', 'whose key it is, and for what')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExample: portcullis keys create --role nurse --expires 90d --note "ward 3"')
    .action((options: AttributeOptions & { expires: string; json?: boolean }) =>
      withStore(context, (store) => {
        const expires = expiryOf(options.expires, systemClock.now());
        const { key, secret } = createKey(store, systemClock, { ...attributesOf(options), expires });
        show(
          context,
          options.json,
          key,
          secret,
          `Created ${key.id}: roles ${listed(key.roles)}, expires ${dated(key.expires)}.`,
        );
      }),
    );

  keys
    .command('list')
    .description('show the keys; never their secrets')
    .option('--all', 'revoked and expired ones too')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExample: portcullis keys list --all')
    .action((options: { all?: boolean; json?: boolean }) =>
      withStore(context, (store) => {
        const found = listKeys(store, systemClock).filter((key) => options.all || key.state === 'valid');
        if (options.json) return context.json(found);
        const rows = found.map((key) => [
          key.id,
          key.state,
          listed(key.roles),
          listed(key.scopes),
          dated(key.created),
          dated(key.expires),
          key.note,
        ]);
        for (const line of table([['ID', 'STATE', 'ROLES', 'SCOPES', 'CREATED', 'EXPIRES', 'NOTE'], ...rows]))
          context.out(line);
      }),
    );

  keys
    .command('rotate')
    .description('make the successor of a key; the old one goes on for a while')
    .argument('<id>', 'id of the key (key_...)')
    .option('--overlap <span>', 'how long the old key stays valid', '24h')
    .option('--expires <when>', 'of the new key; default: as long as the old one had')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExample: portcullis keys rotate key_3kTMd0nBq2vXlRcz --overlap 1h')
    .action((id: string, options: { overlap: string; expires?: string; json?: boolean }) =>
      withStore(context, (store) => {
        refuseSecret(id, (secret) => keyIdOf(store, secret), context, 'rotate');
        const overlap = parseDuration(options.overlap);
        if (overlap === undefined) throw new IdentityError('input', '--overlap is a span such as 0s, 30m or 24h.');
        const expires = options.expires === undefined ? undefined : expiryOf(options.expires, systemClock.now());
        const { key, secret, old } = rotateKey(store, systemClock, id, { overlap, expires });
        const told = `Rotated ${old.id} to ${key.id}; the old key ends ${dated(old.expires)}, the new one ${dated(key.expires)}.`;
        show(context, options.json, { ...key, rotated: old } as KeyInfo, secret, told);
      }),
    );

  keys
    .command('revoke')
    .description('end a key at once, in every worker')
    .argument('[id]', 'id of the key (key_...); without it the key itself is read from standard input')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExample: portcullis keys revoke key_3kTMd0nBq2vXlRcz')
    .action((given: string | undefined, options: { json?: boolean }) =>
      withStore(context, async (store) => {
        if (given !== undefined) refuseSecret(given, (secret) => keyIdOf(store, secret), context, 'revoke');
        const id = given ?? keyIdOf(store, (await readSecret('Key to revoke: ', terminal))?.trim() ?? '');
        if (id === undefined)
          throw new IdentityError('unknown', 'What came from standard input is not a key of this store.');
        const key = revokeKey(store, systemClock, id);
        const successor = listKeys(store, systemClock).find((one) => one.id === key.rotatedTo && one.state === 'valid');
        if (options.json) return context.json(key);
        context.out(`Revoked ${key.id}.`);
        if (successor !== undefined)
          context.err(`Its successor ${successor.id} stays valid; revoke it too if that is meant.`);
      }),
    );
}

function show(context: CliContext, json: boolean | undefined, key: KeyInfo, secret: string, told: string): void {
  if (json) {
    context.json({ ...key, key: secret });
    return;
  }
  context.err(told);
  context.err('This is the key. It is shown this once and stored nowhere; keep it where secrets are kept:');
  context.out(secret);
}

/** A key as an argument has been seen by the shell's history and by everyone who can list processes. */
function refuseSecret(
  given: string,
  idOf: (secret: string) => string | undefined,
  context: CliContext,
  verb: string,
): void {
  if (!given.startsWith(KEY_PREFIX)) return;
  const id = idOf(given);
  context.fail(
    2,
    `That is a key, not its id. As an argument it now stands in the shell's history and was visible in the list of processes: treat it as exposed. ${
      id === undefined
        ? 'It is not a key of this store.'
        : `It is ${id}: ${verb === 'revoke' ? '' : 'revoke it rather than rotate it: '}portcullis keys revoke ${id}`
    }`,
  );
}
