import type { Operation } from '../../../../contract/model.ts';
import { buildCall } from '../../../calls/build.ts';
import type { Call, ValuePlace } from '../../../model/call.ts';
import type { CheckContext } from '../../../model/check.ts';
import type { Exchange } from '../../../model/exchange.ts';
import type { Identity } from '../../../model/identity.ts';
import { plain } from './answers.ts';

const NAMES = [
  'username',
  'user',
  'login',
  'loginname',
  'email',
  'emailaddress',
  'mail',
  'identifier',
  'account',
  'name',
  'userid',
  'phone',
  'phonenumber',
];
const PASSWORDS = ['password', 'passwd', 'pass', 'pwd', 'passphrase', 'passcode', 'secret', 'pin'];

/** A login as it can be tried with other names and passwords. */
export interface LoginForm {
  readonly operation: Operation;
  call(username: string, password: string): Call;
}

/** The login of an identity, or the API's; undefined where none is known. */
export function loginForm(context: CheckContext, as: Identity | undefined): LoginForm | undefined {
  const operation = as?.login?.operation ?? context.known.login[0];
  if (operation === undefined) return undefined;
  const base = context.samples(operation)[0]?.call ?? built(context, operation);
  const places = context.places(base).filter((place) => place.in === 'body' || place.in === 'query');
  const secret = ranked(places, PASSWORDS)[0];
  const names = ranked(places, NAMES);
  const name = names.find(({ value }) => value !== undefined) ?? names[0];
  if (secret === undefined || name === undefined) return undefined;
  return {
    operation,
    call: (username, password) => context.put(context.put(base, name, username), secret, password),
  };
}

/** A call of an operation that exploring did not get to work. */
export const built = (context: CheckContext, operation: Operation): Call =>
  buildCall(operation, () => undefined, { random: context.random(`build/${operation.key}`) });

/** Places by the rank of their names in a list. */
export function ranked(places: readonly ValuePlace[], names: readonly string[]): ValuePlace[] {
  return places
    .map((place) => ({ place, rank: names.indexOf(plain(place.word)) }))
    .filter(({ rank }) => rank !== -1)
    .sort((one, other) => one.rank - other.rank)
    .map(({ place }) => place);
}

export const nameOf = (places: readonly ValuePlace[]): ValuePlace | undefined => ranked(places, NAMES)[0];
export const passwordOf = (places: readonly ValuePlace[]): ValuePlace | undefined => ranked(places, PASSWORDS)[0];

/** Tries a login, without waiting where it is limited: whether it is, is what checks want to know. */
export const tryLogin = (
  context: CheckContext,
  form: LoginForm,
  username: string,
  password: string,
): Promise<Exchange> => context.send(form.call(username, password), null, { patient: false });

/** Another text of the same make: letters for letters, digits for digits, everything else (and a domain) as it is. */
export function scrambled(text: string, random: () => number): string {
  const at = text.lastIndexOf('@');
  const local = at < 0 ? text : text.slice(0, at);
  let made = '';
  for (const character of local) {
    if (/[a-z]/.test(character)) made += 'abcdefghijklmnopqrstuvwxyz'[Math.floor(random() * 26)];
    else if (/[A-Z]/.test(character)) made += 'ABCDEFGHIJKLMNOPQRSTUVWXYZ'[Math.floor(random() * 26)];
    else if (/[0-9]/.test(character)) made += String(Math.floor(random() * 10));
    else made += character;
  }
  return made + (at < 0 ? '' : text.slice(at));
}

/**
 * Identities that log in with a password, those the rest of the scan needs least first: accounts of the scan's own,
 * then the last of each role of which there are several, then the last given.
 */
export function victims(context: CheckContext): Identity[] {
  const users = context.identities.filter(({ login }) => login !== undefined).reverse();
  const many = (role: string | undefined): boolean => users.filter((user) => user.role === role).length > 1;
  return [
    ...users.filter(({ registered }) => registered === true),
    ...users.filter(({ registered, role }) => registered !== true && many(role)),
    ...users.filter(({ registered, role }) => registered !== true && !many(role)),
  ];
}

/** An account that nobody needs: made for attacks that may lock it. */
export interface SpareAccount {
  readonly username: string;
  readonly password: string;
  readonly form: LoginForm;
  /** How it was registered: the call holds its other names. */
  readonly made: { readonly call: Call; readonly exchange: Exchange };
}

/** Registers an account and logs it in once; undefined where the API lets nobody register, or the account cannot log in. */
export async function spareAccount(context: CheckContext): Promise<SpareAccount | undefined> {
  const operation = context.known.register[0];
  const form = loginForm(context, undefined);
  if (operation === undefined || form === undefined) return undefined;
  const some = context.identities[0];
  const fresh = some === undefined ? undefined : await context.prepare(operation, some);
  const call = fresh ?? context.samples(operation)[0]?.call;
  if (call === undefined || !context.mayTry(call)) return undefined;
  const exchange = await context.send(call, null);
  if (context.outcome(exchange) !== 'success') return undefined;
  const places = context.places(call);
  const password = passwordOf(places)?.value;
  if (typeof password !== 'string') return undefined;
  for (const { value } of ranked(places, NAMES)) {
    if (typeof value !== 'string') continue;
    const login = await tryLogin(context, form, value, password);
    if (context.outcome(login) === 'success') return { username: value, password, form, made: { call, exchange } };
  }
  return undefined;
}
