import type { Command } from 'commander';
import { IdentityError } from '../identity/attributes.ts';
import { PasswordHashing } from '../identity/password-hashing.ts';
import { createUser, listUsers, removeUser, setDisabled, setPassword, type UserInfo } from '../identity/users.ts';
import { systemClock } from '../shared/clock.ts';
import type { CliContext } from './context.ts';
import { type AttributeOptions, attributesOf, collect, dated, listed, table, withStore } from './identity-options.ts';
import { isTerminal, readSecret, type Terminal } from './secret-input.ts';
import { userFactors } from './user-factors.ts';

/** Adds `portcullis users`: create, list, disable, enable, password, remove. Passwords never stand in the arguments. */
export function usersVerb(program: Command, context: CliContext, terminal?: Terminal): void {
  const users = program.command('users').description('create and manage users who sign in with a password');
  const hashing = new PasswordHashing();
  const tell = (json: boolean | undefined, user: UserInfo, text: string): void =>
    json ? context.json(user) : context.out(text);

  users
    .command('create')
    .description('make a user; the password is asked for, or read from standard input')
    .argument('<name>', 'letters, digits and . _ @ + -; upper and lower case are the same')
    .option('--role <role>', 'role of the user (repeatable)', collect)
    .option('--scope <scope>', 'scope of the user (repeatable)', collect)
    .option('--claim <name=value>', 'attribute for ownership rules, e.g. patientId=1 (repeatable)', collect)
    .option('--note <text>', 'who it is')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExample: portcullis users create ann --role doctor < password.txt')
    .action((name: string, options: AttributeOptions & { json?: boolean }) =>
      withStore(context, async (store) => {
        const attributes = attributesOf(options);
        const password = await newPassword(terminal);
        const user = await createUser(store, systemClock, hashing, { ...attributes, name, password });
        tell(options.json, user, `Created user ${user.name} (${user.id}): roles ${listed(user.roles)}.`);
      }),
    );

  users
    .command('list')
    .description('show the users')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExample: portcullis users list --json')
    .action((options: { json?: boolean }) =>
      withStore(context, (store) => {
        const found = listUsers(store);
        if (options.json) return context.json(found);
        const rows = found.map((user) => [
          user.name,
          user.disabled ? 'disabled' : 'enabled',
          listed(user.roles),
          listed(user.scopes),
          dated(user.changed),
          user.note,
        ]);
        for (const line of table([['NAME', 'STATE', 'ROLES', 'SCOPES', 'PASSWORD SET', 'NOTE'], ...rows]))
          context.out(line);
      }),
    );

  for (const [verb, disabled] of [
    ['disable', true],
    ['enable', false],
  ] as const) {
    users
      .command(verb)
      .description(disabled ? 'lock a user out at once, in every worker' : 'let a disabled user in again')
      .argument('<name>')
      .option('--json', 'print JSON')
      .addHelpText('after', `\nExample: portcullis users ${verb} ann`)
      .action((name: string, options: { json?: boolean }) =>
        withStore(context, (store) => {
          const user = setDisabled(store, name, disabled);
          tell(options.json, user, `User ${user.name} is ${verb}d.`);
        }),
      );
  }

  users
    .command('password')
    .description('set a new password; the old one ends at once')
    .argument('<name>')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExample: portcullis users password ann < password.txt')
    .action((name: string, options: { json?: boolean }) =>
      withStore(context, async (store) => {
        const user = await setPassword(store, systemClock, hashing, name, await newPassword(terminal));
        tell(options.json, user, `User ${user.name} has a new password.`);
      }),
    );

  userFactors(users, context);

  users
    .command('remove')
    .description('take a user out for good')
    .argument('<name>')
    .addHelpText('after', '\nExample: portcullis users remove ann')
    .action((name: string) =>
      withStore(context, (store) => {
        removeUser(store, name);
        context.out('Removed.');
      }),
    );
}

async function newPassword(terminal: Terminal | undefined): Promise<string> {
  const password = await readSecret('Password (15 characters or more, not shown): ', terminal);
  if (password === undefined) throw new IdentityError('input', 'No password was given.');
  if (isTerminal(terminal) && (await readSecret('Once more: ', terminal)) !== password)
    throw new IdentityError('input', 'The two passwords are not the same.');
  return password;
}
