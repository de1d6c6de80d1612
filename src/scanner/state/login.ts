import type { Operation } from '../../contract/model.ts';
import { buildCall } from '../calls/build.ts';
import { placesOf } from '../calls/places.ts';
import { put } from '../calls/put.ts';
import { render } from '../calls/render.ts';
import { randomFrom } from '../generate/random.ts';
import type { Call, ValuePlace } from '../model/call.ts';
import type { Exchange } from '../model/exchange.ts';
import type { Ground } from './ground.ts';
import { type Credential, credential } from './identity.ts';
import { plain } from './names.ts';
import type { Probe } from './probe.ts';
import type { Proving } from './settings.ts';
import { cookiesOf, csrfOf, endOf, tokenIn } from './tokens.ts';

type LoginSettings = NonNullable<Proving['login']>;

/** Calls of login operations for one identity before it is given up: more could lock the account. */
const MOST_ATTEMPTS = 6;
/** Waits for a login that is limited, in milliseconds, beside what the client waits. */
const USERNAMES = [
  'username',
  'user',
  'login',
  'loginname',
  'userid',
  'email',
  'emailaddress',
  'mail',
  'identifier',
  'account',
  'accountname',
  'handle',
  'principal',
  'nickname',
  'usernameoremail',
  'name',
  'phone',
  'phonenumber',
  'id',
];
const PASSWORDS = ['password', 'passwd', 'pass', 'pwd', 'passphrase', 'passcode', 'secret', 'pin'];

/** What a login gave, and how. */
export interface Session {
  readonly credential: Credential;
  readonly operation: Operation;
  readonly call: Call;
  readonly exchange: Exchange;
}

/** Logs in at an operation of the API, and remembers what worked: the operation, the fields, the way the token is sent. */
export class LoginDesk {
  readonly #ground: Ground;
  readonly #settings: LoginSettings;
  readonly #probe: Probe;
  #way: { readonly operation: Operation; readonly attempt: number; readonly mode: number | undefined } | undefined;

  constructor(ground: Ground, settings: LoginSettings, probe: Probe) {
    this.#ground = ground;
    this.#settings = settings;
    this.#probe = probe;
  }

  /** The operation that is used; undefined until it is found. */
  get operation(): Operation | undefined {
    return this.#way?.operation ?? this.#candidates()[0];
  }

  /** Logs in. @returns the session, or why there is none */
  async enter(): Promise<Session | string> {
    const operations = this.#way ? [this.#way.operation] : this.#candidates();
    if (operations.length === 0) {
      const { operation } = this.#settings;
      return operation === undefined
        ? 'the contract has no operation that looks like a login: name it with login.operation'
        : `the contract has no operation '${operation}'`;
    }
    let why = '';
    let left = MOST_ATTEMPTS;
    for (const operation of operations) {
      for (let attempt = this.#way?.attempt ?? 0; attempt < 3 && left > 0; attempt++) {
        const call = this.#call(operation, attempt);
        if (!call) break;
        left--;
        const exchange = await this.#send(call);
        const outcome = this.#ground.outcomes.of(exchange);
        if (outcome === 'success' || (outcome === 'redirect' && cookiesOf(exchange.answer).size > 0)) {
          const session = await this.#session(call, attempt, exchange);
          if (typeof session !== 'string') return session;
          why ||= session;
          break;
        }
        why = `${operation.key} answers ${exchange.answer.status || exchange.answer.failure || 'nothing'} (${outcome})`;
        if (outcome === 'limited' || outcome === 'none') return why;
        if (this.#way) break;
      }
    }
    return why || 'no login operation takes a user name and a password';
  }

  #candidates(): readonly Operation[] {
    const { operation } = this.#settings;
    const { contract, known } = this.#ground;
    if (operation === undefined) return known.login.slice(0, 3);
    const wanted = operation.trim();
    const found = contract.operations.find(
      ({ operationId, key, template }) =>
        operationId === wanted || key === wanted || template === wanted || key === `POST ${wanted}`,
    );
    return found ? [found] : [];
  }

  /**
   * The call: user name and password where their names say. Attempt 0 fills what is demanded and the best field; 1 all
   * fields that could hold the user name; 2 a body of the usual names, whatever the contract says.
   */
  #call(operation: Operation, attempt: number): Call | undefined {
    const { username, password, fields, body } = this.#settings;
    const random = randomFrom(this.#ground.seed, `login/${username}`);
    let call: Call;
    if (attempt === 2) {
      if (operation.method === 'GET' || fields) return undefined;
      const name = username.includes('@') ? 'email' : 'username';
      call = {
        operation,
        values: new Map(),
        body: { type: 'application/json', value: { [name]: username, password } },
      };
    } else {
      call = buildCall(operation, (place) => (plain(place.word) === 'granttype' ? 'password' : undefined), { random });
      const places = placesOf(call).filter(
        (place) => place.in !== 'cookie' && place.in !== 'path' && !isContainer(place),
      );
      const secret = fields?.password ? named(places, fields.password) : ranked(places, PASSWORDS)[0];
      const names = fields?.username
        ? [named(places, fields.username)].filter((place) => place !== undefined)
        : ranked(places, username.includes('@') ? ['email', 'emailaddress', 'mail', ...USERNAMES] : USERNAMES);
      if (!secret || names.length === 0) return attempt === 0 && !fields ? this.#call(operation, 2) : undefined;
      const others = names.slice(1);
      if (attempt === 1 && !others.some(({ required }) => !required)) return undefined;
      call = put(call, secret, password);
      call = put(call, names[0]!, username);
      for (const place of others) if (attempt === 1 || place.required) call = put(call, place, username);
    }
    for (const [name, value] of Object.entries(body ?? {})) {
      call = put(
        call,
        { in: 'body', name: name.startsWith('/') ? name : `/${name.replaceAll('~', '~0').replaceAll('/', '~1')}` },
        value,
      );
    }
    return call;
  }

  #send(
    call: Call,
    cookies?: ReadonlyMap<string, string>,
    headers: readonly (readonly [string, string])[] = [],
  ): Promise<Exchange> {
    const { client, base } = this.#ground;
    const credentials = { headers, query: [], cookies: [...(cookies ?? [])] };
    return client.send(render(call, credentials, base), { operation: call.operation, check: '' });
  }

  async #session(call: Call, attempt: number, exchange: Exchange): Promise<Session | string> {
    const { operation } = call;
    const { answer } = exchange;
    const cookies = cookiesOf(answer);
    const token = tokenIn(answer, this.#settings.token);
    if (token === undefined && cookies.size === 0) {
      return `${operation.key} answers ${answer.status}, but no token was found in it: say where it stands with login.token`;
    }
    const modes = this.#modes(token, cookies, csrfOf(answer, cookies));
    let mode = this.#way?.mode;
    if (mode === undefined || modes[mode] === undefined) {
      mode = modes.length > 1 ? await this.#probe.choose(modes) : 0;
    }
    this.#way = { operation, attempt, mode };
    return { credential: modes[mode]!, operation, call, exchange };
  }

  /** Ways to send what the login gave, the likeliest first. */
  #modes(
    token: string | undefined,
    cookies: ReadonlyMap<string, string>,
    csrf: readonly [string, string] | undefined,
  ): Credential[] {
    const { send } = this.#settings;
    const { contract } = this.#ground;
    const ends = endOf(token);
    const jar = [...cookies];
    const session = jar.filter(([name]) => !/csrf|xsrf/i.test(name))[0]?.[1];
    const byHeader = (name: string, value: string): Credential =>
      credential({ secret: token, ends, headers: [[name, value]] });
    const bearer = token === undefined ? undefined : byHeader('Authorization', `Bearer ${token}`);
    const asCookies =
      jar.length === 0 ? undefined : credential({ secret: session, cookies: jar, csrf, ends: endOf(session) });
    if (send === 'bearer' && bearer) return [bearer];
    if (send === 'cookie' && asCookies) return [asCookies];
    if (send !== undefined && send !== 'cookie' && send !== 'bearer' && token !== undefined)
      return [byHeader(send, token)];
    const modes: Credential[] = [];
    const add = (one: Credential | undefined): void => {
      if (one && modes.length < 8) modes.push(one);
    };
    for (const { type, scheme, in: place, parameter } of contract.securitySchemes) {
      if (type === 'apiKey' && place === 'cookie' && parameter !== undefined) {
        if (cookies.has(parameter)) add(asCookies);
        else if (token !== undefined)
          add(credential({ secret: token, ends, cookies: [...jar, [parameter, token]], csrf }));
      } else if (token === undefined) continue;
      else if (type === 'apiKey' && place === 'header' && parameter !== undefined) {
        if (parameter === 'authorization') {
          add(bearer);
          add(byHeader('Authorization', token));
        } else if (/token|auth|session|jwt|bearer|access/i.test(parameter)) {
          add(byHeader(parameter, token));
          add(byHeader(parameter, `Bearer ${token}`));
        }
      } else if (type === 'apiKey' && place === 'query' && parameter !== undefined) {
        if (/token|auth|session|jwt|access/i.test(parameter))
          add(credential({ secret: token, ends, query: [[parameter, token]] }));
      } else if ((type === 'http' && scheme === 'bearer') || type === 'oauth2' || type === 'openIdConnect') add(bearer);
    }
    add(bearer);
    add(asCookies);
    if (bearer && asCookies) add({ ...bearer, cookies: asCookies.cookies, csrf });
    if (token !== undefined) {
      add(byHeader('Authorization', token));
      add(byHeader('X-Auth-Token', token));
      add(byHeader('X-Access-Token', token));
    }
    return modes;
  }
}

const isContainer = ({ value }: ValuePlace): boolean => typeof value === 'object' && value !== null;

const named = (places: readonly ValuePlace[], name: string): ValuePlace | undefined =>
  places.find((place) => place.name === name) ??
  places.find((place) => plain(place.word) === plain(name)) ?? {
    in: 'body',
    name: name.startsWith('/') ? name : `/${name}`,
    word: name,
    schema: undefined,
    required: false,
    value: undefined,
  };

/** Places whose names are in a list, best first. */
function ranked(places: readonly ValuePlace[], names: readonly string[]): ValuePlace[] {
  return places
    .map((place) => ({ place, rank: names.indexOf(plain(place.word)) }))
    .filter(({ rank }) => rank !== -1)
    .sort((a, b) => a.rank - b.rank)
    .map(({ place }) => place);
}
