import type { Check, CheckContext } from '../../model/check.ts';
import type { Exchange } from '../../model/exchange.ts';
import type { Proof, Severity } from '../../model/finding.ts';
import { type Attempt, accountAttempts, type Entry, type Stranger, strangerAttempts } from './bypass/attempts.ts';
import { type OpenForm, openForm } from './bypass/form.ts';
import { scrambled, spareAccount, victims } from './shared/logins.ts';

/** Operations of logging in that are looked at. */
const FORMS = 3;

/** Logging in without knowing a password. */
export const check: Check = {
  id: 'login-bypass',
  group: 'authentication',
  title: 'A login that lets strangers in',
  practice: 'authenticate',
  cwe: 'CWE-287',
  owasp: 'API2:2023',
  severity: 'critical',
  why: 'What is sent for a user name or a password becomes part of the question the login asks, or is compared without a look at what it is. Whoever sends the right characters is logged in, often as the first user there is: the administrator.',
  mend: 'Bind user name and password as values, and never hand a parsed body to a database as it is. Compare with the function of the password hash, which takes a text and nothing else. In the contract give both a string type with a maximal length, and require them: Portcullis refuses the rest.',

  async run(context) {
    if (context.known.login.length === 0) return context.skip('no operation logs in with a name and a password');
    for (const operation of context.known.login.slice(0, FORMS)) {
      const form = openForm(context, operation);
      if (form === undefined) context.skip('it takes no user name and password that could be exchanged', operation);
      else await attack(context, form);
    }
  },
};

/** The login limits its callers: ends the attempts on it. */
class Limited extends Error {}

async function attack(context: CheckContext, form: OpenForm): Promise<void> {
  const { operation, writing } = form;
  const random = context.random(operation.key);
  const model = victims(context)[0]?.login;
  const stranger = (): Stranger => ({
    name: scrambled(model?.username ?? (/mail/i.test(form.name.word) ? 'qvexamwor@mail.example' : 'qvexamwor'), random),
    password: scrambled(model?.password ?? 'Wq7-vexamwor', random),
  });
  const tell = async (attempt: Attempt, who: () => Stranger, after?: () => Promise<void>): Promise<boolean> => {
    const show = async (): Promise<Proof | undefined> => await proofOf(context, form, attempt, who, random, after);
    const proof = await show();
    return proof !== undefined && (await report(context, form, attempt, proof, show));
  };
  try {
    // A login that lets everybody in, or answers everybody alike, cannot be bypassed in a way that shows.
    for (let i = 0; i < 2; i++) if (await enters(context, form, stranger())) return;
    // One finding is enough: the same hole shows in many ways.
    for (const attempt of strangerAttempts(writing)) {
      if (context.signal.aborted || (await tell(attempt, stranger))) return;
    }
    const account = await accountOf(context, form);
    if (account === undefined) {
      context.skip('ways past the password of one account: no account of its own could be had', operation);
      return;
    }
    const known = (): Stranger => ({ name: account.username, password: scrambled(account.password, random) });
    // A right password takes back what wrong ones counted.
    const reset = async (): Promise<void> => {
      await form.send({ name: account.username, password: account.password });
    };
    for (const attempt of accountAttempts(writing)) {
      if (context.signal.aborted || (await tell(attempt, known, reset))) return;
    }
    await inOtherCase(context, form, account, reset);
  } catch (error) {
    if (!(error instanceof Limited)) throw error;
    context.skip('it limits its callers: the rest of the ways was not tried', operation);
  }
}

interface Account {
  readonly username: string;
  readonly password: string;
}

/** An account that the scan made, which nobody misses if it is locked; else the one the scan needs least. */
async function accountOf(context: CheckContext, form: OpenForm): Promise<Account | undefined> {
  const spare = (await spareAccount(context)) ?? victims(context)[0]?.login;
  if (spare === undefined) return undefined;
  const right = await form.send({ name: spare.username, password: spare.password });
  return form.entered(right) ? spare : undefined;
}

/** Waits for a limit of the login, for each; seconds of one. */
const WAITS = 2;
const LONGEST = 15;
const waited = new WeakMap<OpenForm, number>();

/** @throws Limited where the login limits its callers for longer than is waited */
async function asked(context: CheckContext, form: OpenForm, entry: Entry): Promise<Exchange> {
  for (;;) {
    const exchange = await form.send(entry);
    if (context.outcome(exchange) !== 'limited') return exchange;
    const count = waited.get(form) ?? 0;
    const seconds = Number(exchange.answer.headers.get('retry-after') ?? Number.NaN);
    if (count >= WAITS || !(seconds >= 0 && seconds <= LONGEST)) throw new Limited();
    waited.set(form, count + 1);
    await context.pause(seconds * 1_000 + 200);
  }
}

const enters = async (context: CheckContext, form: OpenForm, entry: Entry): Promise<boolean> =>
  form.entered(await asked(context, form, entry));

/** The attempt is let in; its twin and a plain wrong password are not. One request where it is not let in. */
async function proofOf(
  context: CheckContext,
  form: OpenForm,
  attempt: Attempt,
  who: () => Stranger,
  random: () => number,
  after: (() => Promise<void>) | undefined,
): Promise<Proof | undefined> {
  const { enter, refuse } = attempt.make(who(), random);
  const exchange = await asked(context, form, enter);
  if (!form.entered(exchange)) {
    await after?.();
    return undefined;
  }
  const twin = await asked(context, form, refuse);
  const plain = await asked(context, form, who());
  await after?.();
  if (form.entered(twin) || form.entered(plain)) return undefined;
  return { exchanges: [plain, twin, exchange], marks: [] };
}

async function report(
  context: CheckContext,
  form: OpenForm,
  { what, at }: Attempt,
  proof: Proof,
  again: () => Promise<Proof | undefined>,
  severity: Severity = 'critical',
): Promise<boolean> {
  const { operation, name, password } = form;
  const label = (place: OpenForm['name']): string =>
    place.in === 'body' ? `body ${place.name}` : `query parameter ${place.name}`;
  const place = at === 'both' ? `${label(name)}, ${label(password)}` : label(at === 'name' ? name : password);
  return await context.report({
    message: `${operation.key} logs in without a right password: ${what} is enough (${place})`,
    operation,
    place,
    cause: `${operation.key} ${what}`,
    severity,
    proof,
    again: async () => {
      try {
        return await again();
      } catch (error) {
        if (!(error instanceof Limited)) throw error;
        return undefined;
      }
    },
  });
}

/** The right password in capitals for small letters: far fewer passwords than there seem to be. */
async function inOtherCase(
  context: CheckContext,
  form: OpenForm,
  { username, password }: Account,
  reset: () => Promise<void>,
): Promise<void> {
  const other = [...password]
    .map((char) => (char === char.toLowerCase() ? char.toUpperCase() : char.toLowerCase()))
    .join('');
  if (other === password) return;
  const attempt: Attempt = {
    what: 'the password in capitals for small letters, and small letters for capitals,',
    at: 'password',
    make: ({ password: wrong }) => ({
      enter: { name: username, password: other },
      refuse: { name: username, password: wrong },
    }),
  };
  const random = context.random(`${form.operation.key} case`);
  const who = (): Stranger => ({ name: username, password: scrambled(password, random) });
  const show = async (): Promise<Proof | undefined> => await proofOf(context, form, attempt, who, random, reset);
  const proof = await show();
  if (proof) await report(context, form, attempt, proof, show, 'low');
}
