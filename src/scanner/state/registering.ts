import type { Operation } from '../../contract/model.ts';
import { buildCall } from '../calls/build.ts';
import { placesOf } from '../calls/places.ts';
import { put } from '../calls/put.ts';
import { render } from '../calls/render.ts';
import { judgeOf } from '../generate/judge.ts';
import type { Call, ValuePlace } from '../model/call.ts';
import type { Exchange } from '../model/exchange.ts';
import type { Composer } from './compose.ts';
import { isUnique } from './fresh.ts';
import type { Ground } from './ground.ts';
import { hintsIn } from './hints.ts';
import { plain } from './names.ts';
import { messageOf } from './refusal.ts';
import type { IdentitySettings } from './settings.ts';
import { tokenIn } from './tokens.ts';

/** Calls of a register operation for one account. */
const MOST_TRIES = 6;
const SECRET =
  /^(password|passwd|pass|pwd|passphrase|passcode|confirmpassword|passwordconfirmation|passwordconfirm|password2|repeatpassword|passwordrepeat|retypepassword|verifypassword|plainpassword|userpassword)$/;
const USERNAME = [
  'username',
  'user',
  'login',
  'loginname',
  'userid',
  'handle',
  'accountname',
  'nickname',
  'email',
  'emailaddress',
  'mail',
  'phone',
  'name',
];
const ROLE = /^(role|roles|isadmin|admin|usertype|type|accounttype|permissions|scope|scopes|groups?)$/;

/** An account that the scan made for itself. */
export interface Account {
  readonly settings: IdentitySettings;
  readonly call: Call;
  readonly exchange: Exchange;
}

/** The body of a registration: values of its own for what must be unique, one password wherever it is asked for. */
export function registration(operation: Operation, composer: Composer, fill: 'required' | 'all', type?: string): Call {
  const random = composer.fresh();
  const secret = passwordFor(operation, random);
  const source = (place: ValuePlace): unknown => {
    const word = plain(place.word);
    if (SECRET.test(word)) return secret;
    return isUnique(place.word, place.schema) ? composer.unique(place) : undefined;
  };
  return buildCall(operation, source, { random, fill, type });
}

/** A password that most rules take, within the bounds of the contract. */
function passwordFor(operation: Operation, random: () => number): string {
  const token = Math.floor(random() * 36 ** 6)
    .toString(36)
    .padStart(6, '0');
  const schema = placesOf(buildCall(operation, () => undefined, { fill: 'all' })).find(({ word }) =>
    SECRET.test(plain(word)),
  )?.schema;
  const judge = judgeOf(schema);
  const candidates = [
    `Gate-${token}-Ka7!`,
    `Gate${token}Ka7!`,
    `Gate${token}Ka7`,
    `Ka7!${token}`,
    `ka${token}`,
    token,
    '73519402',
  ];
  return candidates.find((one) => judge.accepts(one)) ?? candidates[0]!;
}

/**
 * Makes an account where the API lets anyone do so.
 * @returns the account with how it logs in, or why there is none
 */
export async function registerAccount(name: string, ground: Ground, composer: Composer): Promise<Account | string> {
  let why = 'the contract has no operation to register with';
  for (const operation of ground.known.register.slice(0, 2)) {
    let wanted: readonly string[] = [];
    for (let turn = 0; turn < MOST_TRIES && !ground.signal.aborted; turn++) {
      let call = registration(operation, composer, turn % 2 === 0 ? 'required' : 'all');
      for (const place of placesOf(call)) {
        const word = plain(place.word);
        if (place.in !== 'body' || place.name === '') continue;
        // what an account may do is for the API to say
        if (ROLE.test(word) && !place.required && place.value !== undefined) call = put(call, place, undefined);
        if (place.value === undefined && wanted.includes(place.name)) {
          const full = registration(operation, composer, 'all');
          const other = placesOf(full).find((one) => one.name === place.name && one.in === 'body');
          if (other?.value !== undefined) call = put(call, place, other.value);
        }
      }
      const exchange = await ground.client.send(render(call, undefined, ground.base), { operation, check: '' });
      const outcome = ground.outcomes.of(exchange);
      if (outcome === 'success' || outcome === 'redirect') {
        const settings = accountOf(name, call, exchange, ground);
        return typeof settings === 'string' ? settings : { settings, call, exchange };
      }
      why = `${operation.key} answers ${exchange.answer.status || exchange.answer.failure} (${outcome}) ${messageOf(
        exchange.answer.json,
      )
        .replace(/[^\x20-\x7e]/g, ' ')
        .slice(0, 100)}`.trim();
      if (outcome !== 'invalid' && outcome !== 'error') break;
      wanted = hintsIn(exchange.answer, placesOf(call))
        .named.filter(({ value }) => value === undefined)
        .map(({ name: one }) => one);
    }
  }
  return why;
}

function accountOf(name: string, call: Call, exchange: Exchange, { known }: Ground): IdentitySettings | string {
  const places = placesOf(call).filter(({ value }) => typeof value === 'string');
  const password = places.find(({ word }) => SECRET.test(plain(word)))?.value;
  const names = places
    .map((place) => ({ place, rank: USERNAME.indexOf(plain(place.word)) }))
    .filter(({ rank }) => rank !== -1)
    .sort((a, b) => a.rank - b.rank);
  if (known.login.length > 0 && typeof password === 'string' && names[0]) {
    const wantsMail = known.login.slice(0, 1).some((operation) => {
      const words = placesOf(buildCall(operation, () => undefined, { fill: 'all' })).map(({ word }) => plain(word));
      return (
        words.some((word) => /^e?mail(address)?$/.test(word)) &&
        !words.some((word) => /^(username|user|login)$/.test(word))
      );
    });
    const mail = names.find(({ place }) => /mail/i.test(place.word));
    const username = String((wantsMail && mail ? mail : names[0]).place.value);
    return { name, login: { username, password } };
  }
  const token = tokenIn(exchange.answer, undefined);
  if (token !== undefined) return { name, bearer: { token } };
  return 'an account was made, but there is no operation to log in with';
}
