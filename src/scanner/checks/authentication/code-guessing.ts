import type { Operation } from '../../../contract/model.ts';
import type { Call, ValuePlace } from '../../model/call.ts';
import type { Check, CheckContext } from '../../model/check.ts';
import type { Exchange } from '../../model/exchange.ts';
import type { Proof } from '../../model/finding.ts';
import { plain } from './shared/answers.ts';
import { built, nameOf, type SpareAccount, spareAccount } from './shared/logins.ts';
import { slowsDown, tellsSmallLimit } from './shared/slowing.ts';

/** Wrong codes for one account; fewer when it is tried once more. */
const GUESSES = 30;
const AGAIN = 20;
/** Operations that are tried. */
const MOST = 6;

const CODE =
  /^(otp|otpcode|onetimecode|onetimepassword|mfacode|twofactorcode|totp|verificationcode|resetcode|smscode|authcode|securitycode|passcode|pincode|pin|code)$/;
const ASKS = /(forgot|forget|recover|resend|request|send|reset)/;
/** The answer speaks of the code: it was looked at, not something else refused. */
const TOLD = /\b(otp|codes?|pin|passcode|one[- ]time|verification)\b/i;

/** Short one-time codes, guessed for an account of the scan's own. */
export const check: Check = {
  id: 'code-guessing',
  group: 'authentication',
  title: 'One-time codes can be guessed without end',
  practice: 'throttle',
  cwe: 'CWE-307',
  owasp: 'API2:2023',
  severity: 'high',
  why: 'A code of four or six digits is found by trying them all. Where nothing counts the wrong ones, a reset code of any account is guessed in minutes, and with it the account is taken.',
  mend: 'Throw a code away after five wrong tries and after a few minutes, and count tries for each account. Portcullis limits any operation with x-portcullis-limits.',

  async run(context) {
    const wanted = context.operations.filter((operation) => codeOf(context, operation) !== undefined).slice(0, MOST);
    for (const operation of wanted) {
      if (context.signal.aborted) return;
      const attempt = async (count: number) => await guessed(context, operation, count);
      const proof = await attempt(GUESSES);
      if (proof === undefined) continue;
      await context.report({
        message: `${operation.key} takes ${GUESSES} wrong codes for one account one after the other, neither slower nor refused`,
        operation,
        proof,
        again: () => attempt(AGAIN),
      });
    }
  },
};

interface Form {
  readonly base: Call;
  readonly code: ValuePlace;
  readonly name: ValuePlace;
}

/** A POST that names an account and a code. */
function codeOf(context: CheckContext, operation: Operation): Form | undefined {
  if (operation.method !== 'POST' && operation.method !== 'PUT') return undefined;
  const { login, register, logout } = context.known;
  if ([...login, ...register, ...logout].includes(operation)) return undefined;
  const base = built(context, operation);
  const places = context.places(base).filter((place) => place.in === 'body' || place.in === 'query');
  const code = places.find(({ word }) => CODE.test(plain(word)));
  const name = nameOf(places.filter((place) => place !== code));
  return code !== undefined && name !== undefined ? { base, code, name } : undefined;
}

/** Asks for a code, and sends wrong ones. @returns what shows that nothing counts them */
async function guessed(context: CheckContext, operation: Operation, count: number): Promise<Proof | undefined> {
  const form = codeOf(context, operation);
  const account = await spareAccount(context);
  const name = account && form && callingName(context, account, form.name);
  if (form === undefined || name === undefined) {
    context.skip('no account could be registered whose code could be guessed', operation);
    return undefined;
  }
  await askForCode(context, operation, name);
  const random = context.random(`${operation.key}/${name}`);
  const exchanges: Exchange[] = [];
  for (let at = 0; at < count; at++) {
    const code = String(Math.floor(random() * 10 ** digits(form.code))).padStart(digits(form.code), '0');
    const call = context.put(context.put(form.base, form.name, name), form.code, code);
    const exchange = await context.send(call, null, { patient: false });
    if (!/^(unauthenticated|forbidden|invalid|missing)$/.test(context.outcome(exchange))) return undefined;
    if (tellsSmallLimit(exchange.answer) || !TOLD.test(exchange.answer.text)) return undefined;
    exchanges.push(exchange);
    const [first] = exchanges;
    if (first!.answer.status !== exchange.answer.status || first!.answer.text.length !== exchange.answer.text.length)
      return undefined;
  }
  if (slowsDown(exchanges.map(({ answer }) => answer.milliseconds))) return undefined;
  return { exchanges: [exchanges[0]!, exchanges.at(-1)!], marks: [] };
}

/** As many digits as the contract's example has; four where it has none. */
function digits({ value }: ValuePlace): number {
  const text = typeof value === 'string' || typeof value === 'number' ? String(value) : '';
  return /^\d{4,8}$/.test(text) ? text.length : 4;
}

/** What the account is called where a code is asked for: its address, where that is wanted. */
function callingName(context: CheckContext, { made, username }: SpareAccount, place: ValuePlace): string | undefined {
  const word = plain(place.word);
  const same = context.places(made.call).find((one) => one.in === 'body' && plain(one.word) === word);
  if (typeof same?.value === 'string') return same.value;
  return /mail|phone/.test(word) && !username.includes('@') ? undefined : username;
}

/** Sends what makes the API send a code, where there is such an operation. */
async function askForCode(context: CheckContext, operation: Operation, name: string): Promise<void> {
  for (const other of context.known.account) {
    if (other === operation || other.method !== 'POST' || codeOf(context, other) !== undefined) continue;
    const said = `${other.template.split('/').at(-1) ?? ''} ${other.operationId ?? ''}`;
    if (!ASKS.test(said.toLowerCase())) continue;
    const base = built(context, other);
    const places = context.places(base).filter((place) => place.in === 'body' && place.name !== '');
    const who = nameOf(places);
    if (who === undefined || places.length > 2) continue;
    await context.send(context.put(base, who, name), null, { patient: false });
    return;
  }
}
