import type { Operation } from '../../contract/model.ts';
import { wordsOf } from './names.ts';
import { bodyWords } from './shapes.ts';

/** Operations by what they do, as far as names and shapes tell. */
export interface KnownOperations {
  readonly login: readonly Operation[];
  readonly logout: readonly Operation[];
  readonly register: readonly Operation[];
  /** Changes the password or ends the account of who calls: never sent by chance. */
  readonly account: readonly Operation[];
}

const SECRETS = ['password', 'passwd', 'pass', 'pwd', 'passphrase', 'pin', 'secret', 'passcode'];
const LOGIN = /^(login|signin|logon|authenticate|auth|sessions?|tokens?|authorize|authentication|jwt)$/;
const PLAIN_LOGIN = /(login|signin|logon|authenticate)/;
const LOGOUT = /(logout|logoff|signout|signoff|invalidatesession|revoketoken|endsession)/;
const REGISTER = /(register|registration|signup|createaccount|createuser|adduser|newuser|enrol)/;
const PEOPLE = /^(users?|accounts?|customers?|members?|registrations?)$/;
const PASSWORD_WORD =
  /^(password|passwords|passwd|credentials?|forgot|forgotten|recover|recovery|otp|2fa|mfa|totp|pin|twofactor)$/;
const PASSWORD = /(password|passwd|twofactor|checkotp|verifyotp)/;
const ENDS = /(deactivate|close|terminate|delete|remove|disable|cancel|erase)/;
const SELF = /^(me|account|profile|self|myself|user|whoami)$/;

/** Words in which an operation says what it does. */
export interface Deed {
  /** Of all literal segments. */
  readonly path: readonly string[];
  /** Of the last segment, versions left out; none where that is a parameter. */
  readonly last: readonly string[];
  /** Of the operationId. */
  readonly id: readonly string[];
}

/** Reads what an operation says that it does. */
export function deedOf({ template, operationId }: Operation): Deed {
  const segments = template.split('/').filter((segment) => segment !== '' && !/^v\d+$/i.test(segment));
  const last = segments.at(-1) ?? '';
  return {
    path: segments.filter((segment) => !segment.includes('{')).flatMap(wordsOf),
    last: last.includes('{') ? [] : wordsOf(last),
    id: wordsOf(operationId ?? ''),
  };
}

interface Rated {
  readonly operation: Operation;
  readonly score: number;
}

/** Finds the operations of logging in and out, of making an account, and those that end or lock one. */
export function knownOperations(operations: readonly Operation[]): KnownOperations {
  const login: Rated[] = [];
  const logout: Operation[] = [];
  const register: Rated[] = [];
  const account: Operation[] = [];
  for (const operation of operations) {
    const deed = deedOf(operation);
    if (isLogout(operation, deed)) {
      logout.push(operation);
      continue;
    }
    const words = bodyWords(operation);
    const entry = loginScore(operation, deed, words);
    if (entry !== undefined) {
      login.push({ operation, score: entry });
      continue;
    }
    const joining = registerScore(operation, deed, words);
    if (joining !== undefined) register.push({ operation, score: joining });
    else if (endsAccount(operation, deed, words)) account.push(operation);
  }
  const byScore = (list: Rated[]): Operation[] =>
    list.sort((a, b) => b.score - a.score).map(({ operation }) => operation);
  return { login: byScore(login), logout, register: byScore(register), account };
}

/** `DELETE /session` is one too. */
const isLogout = ({ method }: Operation, { last, id }: Deed): boolean =>
  LOGOUT.test(last.join('')) ||
  LOGOUT.test(id.join('')) ||
  (method === 'DELETE' && last.some((word) => /^(session|token|login|auth)$/.test(word)));

/** The higher, the likelier it is that one logs in with it; undefined: surely not. */
function loginScore(operation: Operation, { last, id, path }: Deed, words: ReadonlySet<string>): number | undefined {
  const { method } = operation;
  if (method !== 'POST' && method !== 'GET') return undefined;
  const named = PLAIN_LOGIN.test(last.join('')) || PLAIN_LOGIN.test(id.join(''));
  if (!named && ![...last, ...id].some((word) => LOGIN.test(word)) && !PLAIN_LOGIN.test(path.join('')))
    return undefined;
  if (REGISTER.test(last.join('')) || REGISTER.test(id.join('')) || changesSecret(words, last)) return undefined;
  const secret = SECRETS.some((word) => words.has(word));
  // a body that the contract does not describe
  if (!secret && !(named && method === 'POST' && words.size === 0 && operation.body !== undefined)) return undefined;
  const open = isOpen(operation);
  return (
    (named ? 4 : 0) + (method === 'POST' ? 2 : 0) + (secret ? 1 : 0) + (open === true ? 2 : open === false ? -2 : 0)
  );
}

function registerScore(operation: Operation, { last, id }: Deed, words: ReadonlySet<string>): number | undefined {
  if (operation.method !== 'POST' || last.length === 0) return undefined;
  if (!SECRETS.some((word) => words.has(word)) || changesSecret(words, last)) return undefined;
  const named = REGISTER.test(last.join('')) || REGISTER.test(id.join(''));
  const open = isOpen(operation);
  if (!(named && open !== false) && !(last.some((word) => PEOPLE.test(word)) && open === true)) return undefined;
  return (named ? 3 : 0) + (open === true ? 2 : 0);
}

/** A body with an old and a new secret, or an operation named after the secret, changes it. */
function changesSecret(words: ReadonlySet<string>, last: readonly string[]): boolean {
  if (/(password|passwd)/.test(last.join('')) && !last.includes('login')) return true;
  return ['newpassword', 'oldpassword', 'currentpassword', 'passwordnew'].some((word) => words.has(word));
}

function endsAccount({ method, template }: Operation, { last, id }: Deed, words: ReadonlySet<string>): boolean {
  if (method === 'GET' || method === 'HEAD') return false;
  const names = [...last, ...id];
  const joined = names.join('');
  if (names.some((word) => PASSWORD_WORD.test(word)) || PASSWORD.test(joined) || changesSecret(words, last))
    return true;
  if (template.includes('{')) return false;
  const own = last.some((word) => SELF.test(word));
  return (own && (method === 'DELETE' || ENDS.test(joined))) || (ENDS.test(joined) && /account/.test(joined));
}

/** Whether the contract says that no credential is needed; undefined where it does not say. */
export function isOpen({ security }: Operation): boolean | undefined {
  if (security === undefined) return undefined;
  return security.length === 0 || security.some(({ schemes }) => schemes.length === 0);
}
