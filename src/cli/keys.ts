import type { Command } from 'commander';
import { IdentityError } from '../identity/attributes.ts';
import { enter, person } from '../identity/journal.ts';
import { KEY_PREFIX } from '../identity/key-format.ts';
import { unusedFor } from '../identity/key-use.ts';
import { createKey, type KeyInfo, keyIdOf, listKeys, revokeKey, rotateKey } from '../identity/keys.ts';
import { readLastUses } from '../identity/uses.ts';
import { systemClock } from '../shared/clock.ts';
import { parseDuration } from '../shared/duration.ts';
import type { Store } from '../storage/store.ts';
import type { CliContext } from './context.ts';
import { attributesOf, collect, dated, expiryOf, listed, table, withStore } from './identity-options.ts';
import { readSecret, type Terminal } from './secret-input.ts';
import {
  createSigningKey,
  endSigningKey,
  isSigningKey,
  type SigningKeyOptions,
  signingKeyRows,
  signingKeys,
} from './signing-keys.ts';

/** Adds `portcullis keys`: create, list, rotate, revoke. A key is written to standard output, alone, once. */
export function keysVerb(program: Command, context: CliContext, terminal?: Terminal): void {
  const keys = program.command('keys').description('create, list, rotate and revoke API keys');

  keys
    .command('create')
    .description('make a key; it is shown once')
    .option('--role <role>', 'role of the key (repeatable)', collect)
    .option('--scope <scope>', 'scope of the key (repeatable)', collect)
    .option('--claim <name=value>', 'attribute for ownership rules, e.g. patientId=1 (repeatable)', collect)
    .option('--from <range>', 'address range it may be used from, e.g. 203.0.113.0/24 (repeatable)', collect)
    .option('--expires <when>', 'span or date, e.g. 90d or 2030-01-31', 'never')
    .option('--note <text>', 'whose key it is, and for what')
    .option('--public-key <file>', 'make a public key known that its owner signs requests with (PEM or JWK)')
    .option('--new-key <file>', 'the same, and make the pair: the private half goes into this file')
    .option('--key-id <id>', 'of a signing key: the keyid of its signatures; default: a random one')
    .option('--algorithm <name>', 'of a signing key, where it does not say it by itself')
    .option('--for <kind:id>', 'of a signing key: whose it is, such as key:key_... or user:ann; default: its own')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExample: portcullis keys create --role nurse --expires 90d --note "ward 3"')
    .action((options: SigningKeyOptions & { from?: string[] }) =>
      withStore(context, (store) => {
        if (isSigningKey(options)) return createSigningKey(store, options, context);
        const expires = expiryOf(options.expires, systemClock.now());
        const attributes = attributesOf(options);
        const { key, secret } = createKey(store, systemClock, { ...attributes, expires, ranges: options.from });
        tellGate(store, 'created', key);
        const from = key.ranges.length === 0 ? '' : `, only from ${key.ranges.join(', ')}`;
        const told = `Created ${key.id}: roles ${listed(key.roles)}, expires ${dated(key.expires)}${from}.`;
        show(context, options.json, key, secret, told);
      }),
    );

  keys
    .command('list')
    .description('show the keys; never their secrets')
    .option('--all', 'revoked and expired ones too')
    .option('--unused <span>', 'only those that nobody has used for so long, e.g. 90d')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExample: portcullis keys list --unused 90d')
    .action((options: { all?: boolean; unused?: string; json?: boolean }) =>
      withStore(context, async (store) => {
        const span = options.unused === undefined ? undefined : parseDuration(options.unused);
        if (options.unused !== undefined && span === undefined)
          throw new IdentityError('input', '--unused is a span such as 30d or 90d.');
        const { since, uses } = readLastUses(await context.dataDirectory());
        const now = systemClock.now();
        const found = listKeys(store, systemClock)
          .filter((key) => options.all || key.state === 'valid')
          .map((key) => ({ ...key, lastUse: uses.get(key.id) ?? null }))
          .filter((key) => span === undefined || unusedFor(key, key.lastUse, since, now) >= span);
        // Uses of signing keys are not noted.
        const signing = span === undefined ? signingKeys(store, options.all === true) : [];
        if (options.json) return context.json([...found, ...signing]);
        const rows = found.map((key) => [
          key.id,
          key.state,
          listed(key.roles),
          listed(key.scopes),
          dated(key.created),
          dated(key.expires),
          key.lastUse === null ? '-' : `${dated(key.lastUse.at)} from ${key.lastUse.network}`,
          listed(key.ranges),
          key.note,
        ]);
        for (const line of table([
          ['ID', 'STATE', 'ROLES', 'SCOPES', 'CREATED', 'EXPIRES', 'LAST USED', 'ONLY FROM', 'NOTE'],
          ...rows,
          ...signingKeyRows(signing).map((row) => [...row.slice(0, -1), '-', '-', row.at(-1) as string]),
        ]))
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
        tellGate(store, 'rotated', old, { to: key.id });
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
        const ended = endSigningKey(store, id);
        if (ended !== undefined) return options.json ? context.json(ended) : context.out(`Revoked ${ended.id}.`);
        const key = revokeKey(store, systemClock, id);
        tellGate(store, 'revoked', key);
        const successor = listKeys(store, systemClock).find((one) => one.id === key.rotatedTo && one.state === 'valid');
        if (options.json) return context.json(key);
        context.out(`Revoked ${key.id}.`);
        if (successor !== undefined)
          context.err(`Its successor ${successor.id} stays valid; revoke it too if that is meant.`);
      }),
    );
}

/** For the audit log of the running gate. */
function tellGate(store: Store, did: string, key: KeyInfo, more: Readonly<Record<string, unknown>> = {}): void {
  const { id, roles, ranges, expires } = key;
  const evidence = { key: id, roles, ...(ranges.length === 0 ? {} : { ranges }), expires: dated(expires), ...more };
  enter(store, systemClock, { event: `identity/key-${did}`, note: `key ${id} ${did}`, evidence }, person());
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
