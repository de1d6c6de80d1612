import type { Operation } from '../../../contract/model.ts';
import type { Call } from '../../model/call.ts';
import type { Check, CheckContext } from '../../model/check.ts';
import type { Exchange } from '../../model/exchange.ts';
import type { Proof } from '../../model/finding.ts';
import { plain } from './shared/answers.ts';
import { built, loginForm, nameOf, ranked, scrambled, tryLogin, victims } from './shared/logins.ts';

/** Headers that differ from one answer to the next, whoever asked. */
const VOLATILE =
  /^(date|age|etag|content-length|connection|keep-alive|retry-after|set-cookie|expires|last-modified|server-timing|(x-)?ratelimit.*|x-.*(id|time|runtime|duration|remaining|reset))$/;

/** Login and forgotten passwords: is a name that exists answered otherwise than one that does not? */
export const check: Check = {
  id: 'user-enumeration',
  group: 'authentication',
  title: 'Tells which accounts exist',
  practice: 'authenticate',
  cwe: 'CWE-204',
  owasp: 'API2:2023',
  severity: 'medium',
  why: 'Who knows which names exist guesses passwords only for those, writes convincing letters to their owners, and learns who is a customer.',
  mend: 'Give the same status, text, headers and work for a wrong password and for a name that does not exist; say "if there is such an account, we have sent a letter". Portcullis does so for its own users.',

  async run(context) {
    const [user] = victims(context);
    if (user?.login === undefined) context.skip('no identity logs in with a user name and a password');
    else {
      const form = loginForm(context, user);
      const { username, password } = user.login;
      if (form === undefined) context.skip('no login operation takes a user name and a password');
      else {
        const wrong = scrambled(password, context.random('password'));
        await compare(context, form.operation, username, 'a wrong password', (name) =>
          tryLogin(context, form, name, wrong),
        );
        // A right one takes back what the wrong ones counted.
        await tryLogin(context, form, username, password);
      }
      for (const operation of context.operations.filter(asksForReset)) await compareReset(context, operation, username);
    }
    await takenName(context);
  },
};

/** Two made-up names, the known name twice: like must be answered alike, and unlike otherwise. */
async function compare(
  context: CheckContext,
  operation: Operation,
  known: string,
  deed: string,
  send: (name: string) => Promise<Exchange>,
): Promise<void> {
  let round = 0;
  const attempt = async (): Promise<Proof | undefined> => {
    round++;
    const random = context.random(`${operation.key}/${round}`);
    const [first, second] = [scrambled(known, random), scrambled(known, random)];
    const unknown = await send(first);
    const known1 = await send(known);
    if (says(context, unknown, first) === says(context, known1, known)) return undefined;
    const unknown2 = await send(second);
    const known2 = await send(known);
    const outcomes = [unknown, known1, unknown2, known2].map((exchange) => context.outcome(exchange));
    if (outcomes.some((outcome) => outcome === 'limited' || outcome === 'none' || outcome === 'error'))
      return undefined;
    if (says(context, unknown, first) !== says(context, unknown2, second)) return undefined;
    if (says(context, known1, known) !== says(context, known2, known)) return undefined;
    return { exchanges: [unknown2, known2], marks: differing(unknown2, known2) };
  };
  const proof = await attempt();
  if (proof === undefined) return;
  await context.report({
    message: `${operation.key} answers a name that exists otherwise than one that does not (with ${deed})`,
    operation,
    proof,
    again: attempt,
  });
}

/** An answer without the name that was asked for, and without what changes by itself. */
function says(context: CheckContext, { answer }: Exchange, name: string): string {
  const headers = [...answer.headers]
    .filter(([header]) => !VOLATILE.test(header))
    .map(([header, value]) => `${header}: ${value}`)
    .sort();
  let text = answer.text.slice(0, 20_000);
  const [local = name] = name.split('@');
  for (const form of new Set([
    name,
    JSON.stringify(name).slice(1, -1),
    encodeURIComponent(name),
    name.toLowerCase(),
    local,
  ])) {
    if (form.length > 2) text = text.split(form).join('NAME');
  }
  text = text.replace(/[0-9a-f-]{16,}/gi, '*').replace(/\d+/g, '#');
  return `${answer.status} ${context.outcome({ answer } as Exchange)}\n${headers.join('\n')}\n\n${text}`;
}

/** The texts in which two answers differ, as far as they are short enough to be shown. */
function differing(one: Exchange, other: Exchange): string[] {
  if (one.answer.status !== other.answer.status) return [String(other.answer.status)];
  const strings = (exchange: Exchange): string[] => exchange.answer.text.match(/"[^"\\]{3,200}"/g) ?? [];
  const there = new Set(strings(one));
  return strings(other)
    .filter((text) => !there.has(text))
    .slice(0, 3);
}

const RESET =
  /(forgot|recover|reset|lost).*(password|account|pin)|(password|account).*(forgot|recover|reset|lost)|forgot/;

/** Asks for a letter to reset a password, and takes no new one. */
function asksForReset(operation: Operation): boolean {
  if (operation.method !== 'POST' || operation.body === undefined) return false;
  return RESET.test(plain(operation.template)) || RESET.test(plain(operation.operationId ?? ''));
}

async function compareReset(context: CheckContext, operation: Operation, username: string): Promise<void> {
  const base: Call = context.samples(operation)[0]?.call ?? built(context, operation);
  const places = context.places(base).filter(({ in: where }) => where === 'body' || where === 'query');
  const name = nameOf(places);
  if (name === undefined) return;
  // What takes a code or a new password ends the reset, and is not for trying.
  if (places.some(({ word }) => /(password|code|otp|token|pin)/.test(plain(word)))) return;
  const email = context.identities.flatMap(({ own }) => [...own]).find((value) => value.includes('@'));
  const known = /mail/.test(plain(name.word)) && !username.includes('@') ? email : username;
  if (known === undefined) return;
  await compare(context, operation, known, 'a forgotten password', (value) =>
    context.send(context.put(base, name, value), null, { patient: false }),
  );
}

/** Registration cannot hide it without a letter; that it tells at once is worth knowing, no more. */
async function takenName(context: CheckContext): Promise<void> {
  const [operation] = context.known.register;
  const sample = operation === undefined ? undefined : context.samples(operation)[0];
  if (operation === undefined || sample === undefined) return;
  const attempt = async (): Promise<Proof | undefined> => {
    const exchange = await context.send(sample.call, null);
    const outcome = context.outcome(exchange);
    if (outcome !== 'invalid' || !/(taken|exist|already|in use|duplicate)/i.test(exchange.answer.text))
      return undefined;
    return { exchanges: [sample.exchange, exchange], marks: [] };
  };
  const places = context.places(sample.call);
  if (ranked(places, ['username', 'email', 'login', 'user']).length === 0) return;
  const proof = await attempt();
  if (proof === undefined) return;
  await context.report({
    message: `${operation.key} says at once that a name is taken`,
    operation,
    severity: 'informational',
    proof,
    again: attempt,
  });
}
