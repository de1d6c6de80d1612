import type { Command } from 'commander';
import { IdentityError } from '../identity/attributes.ts';
import { person } from '../identity/journal.ts';
import { KEY_PREFIX } from '../identity/key-format.ts';
import { listRevocations } from '../identity/revocations.ts';
import { carryOut, liftByHand, type Order, REVOCABLE, type Revocable } from '../identity/revoking.ts';
import { systemClock } from '../shared/clock.ts';
import type { CliContext } from './context.ts';
import { dated, table, withStore } from './identity-options.ts';
import { momentOf } from './moment.ts';
import { printable } from './printable.ts';
import { readSecret, type Terminal } from './secret-input.ts';

interface Options {
  readonly before?: string;
  readonly reason?: string;
  readonly issuer?: string;
  readonly keys?: boolean;
  readonly json?: boolean;
}

const WHAT: Readonly<Record<Exclude<Revocable, 'keys'>, { arg: string; text: string; example: string }>> = {
  token: {
    arg: '[jti]',
    text: 'one token: by its jti, or read from standard input',
    example: 'revoke token < token.txt',
  },
  family: {
    arg: '<grant>',
    text: 'everything that comes from one sign-in or consent',
    example: 'revoke family 8f3hG2kq',
  },
  client: { arg: '<client>', text: 'what an application was issued', example: 'revoke client app_3kTMd0nBq2vXlRcz' },
  user: {
    arg: '<user>',
    text: 'what a user was issued, by name, id or issuer|subject',
    example: 'revoke user ann --before 2h',
  },
  issuer: {
    arg: '<issuer>',
    text: 'what an issuer has issued until now; * for all issuers',
    example: 'revoke issuer https://login.example.com',
  },
  key: {
    arg: '[key]',
    text: 'an API key (id, or itself on standard input); with --before its line up to then',
    example: 'revoke key key_3kTMd0nBq2vXlRcz',
  },
};

/** Adds `portcullis revoke`: ends what was issued, in every worker from the next request on. Tokens never stand in the arguments. */
export function revokeVerb(program: Command, context: CliContext, terminal?: Terminal): void {
  const revoke = program
    .command('revoke')
    .description('end tokens, grants, keys, and all that was issued before a time');
  const done = (order: Order, json: boolean | undefined) =>
    withStore(context, (store) => {
      const result = carryOut(store, systemClock, order, person());
      if (json) return context.json(result);
      const when = result.before === 'ever' ? '' : `, issued until ${result.before}`;
      const keys = result.keys === undefined ? '' : ` (${result.keys.length} keys ended)`;
      context.out(printable(`Revoked ${result.kind} ${result.subject}${when}${keys}.`));
      if (result.hint !== undefined) context.err(result.hint);
    });

  for (const kind of REVOCABLE) {
    if (kind === 'keys') continue;
    const { arg, text, example } = WHAT[kind];
    const verb = revoke.command(kind).description(text).argument(arg);
    if (kind !== 'token' && kind !== 'family')
      verb.option(
        '--before <time>',
        'only what was issued until then: now, 2h (ago), 2026-11-20, 2026-11-20T12:00:00Z',
      );
    verb
      .option('--reason <text>', 'why; for the audit log')
      .option('--json', 'print JSON')
      .addHelpText('after', `\nExample: portcullis ${example}`)
      .action(async (subject: string | undefined, options: Options) => {
        const pasted = subject === undefined;
        if (subject !== undefined) refuseSecret(subject, context);
        const token = pasted ? ((await readSecret(`The ${kind}: `, terminal))?.trim() ?? '') : undefined;
        await guarded(context, () =>
          done({ kind, subject, token, before: timeOf(options.before), reason: options.reason }, options.json),
        );
      });
  }

  revoke
    .command('before')
    .description('everything that was issued until a time: by an issuer, by all of them, or all API keys')
    .argument('<time>', 'now, 2h (ago), 2026-11-20, 2026-11-20T12:00:00Z')
    .option('--issuer <issuer>', 'tokens of this issuer only')
    .option('--keys', 'API keys instead of tokens')
    .option('--reason <text>', 'why; for the audit log')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExample: portcullis revoke before 2026-11-20T12:00:00Z --reason "laptop stolen"')
    .action((time: string, options: Options) =>
      guarded(context, () => {
        const which: Order = options.keys ? { kind: 'keys' } : { kind: 'issuer', subject: options.issuer ?? '*' };
        return done({ ...which, before: timeOf(time), reason: options.reason }, options.json);
      }),
    );

  revoke
    .command('list')
    .description('show what is revoked; keys are shown by `keys list --all`')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExample: portcullis revoke list --json')
    .action((options: { json?: boolean }) =>
      withStore(context, (store) => {
        const found = listRevocations(store, systemClock);
        if (options.json) return context.json(found);
        const rows = found.map(({ kind, subject, before, at, until, by, reason }) => [
          kind === 'grant' ? 'family' : kind,
          subject,
          before === null ? 'ever' : dated(before),
          dated(at),
          until > 8.64e15 ? 'never' : dated(until),
          by,
          reason,
        ]);
        for (const line of table([['WHAT', 'WHOSE', 'ISSUED UNTIL', 'REVOKED', 'KEPT UNTIL', 'BY', 'WHY'], ...rows]))
          context.out(line);
      }),
    );

  revoke
    .command('lift')
    .description('take a revocation back; a revoked key stays revoked')
    .argument('<what>', 'token, family, client, user or issuer')
    .argument('<whose>', 'as `revoke list` shows it')
    .addHelpText('after', '\nExample: portcullis revoke lift user ann')
    .action((what: string, whose: string) =>
      withStore(context, (store) => {
        if (!liftByHand(store, systemClock, what, whose, person()))
          throw new IdentityError('unknown', 'There is no such revocation: portcullis revoke list shows them.');
        context.out('Lifted.');
      }),
    );
}

const timeOf = (text: string | undefined): number | undefined =>
  text === undefined ? undefined : momentOf(text, systemClock.now());

/** What is wrong with what was written becomes a message. */
async function guarded(context: CliContext, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (error instanceof IdentityError) context.fail(2, error.message);
    throw error;
  }
}

/** A secret as an argument has been seen by the shell's history and by everyone who can list processes. */
function refuseSecret(given: string, context: CliContext): void {
  if (!given.startsWith(KEY_PREFIX) && !/^[A-Za-z0-9_-]{10,}(?:\.[A-Za-z0-9_-]+){2}$/.test(given)) return;
  context.fail(
    2,
    "That is a secret. As an argument it now stands in the shell's history and was visible in the list of processes: treat it as exposed. Give it on standard input: portcullis revoke token < file",
  );
}
