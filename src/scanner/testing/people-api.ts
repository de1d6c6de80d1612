import { createHmac, createPublicKey, generateKeyPairSync, randomBytes, randomUUID, sign, verify } from 'node:crypto';
import type { Check } from '../model/check.ts';
import type { ScanReport } from '../model/report.ts';
import { peopleContract } from './people-contract.ts';
import { type Asked, type Told, trial } from './trial.ts';

/** What a small API of accounts, notes and orders does wrong, each by itself. */
export type Fault =
  | 'open-notes'
  | 'any-credential'
  | 'alg-none'
  | 'no-verify'
  | 'public-key-as-secret'
  | 'weak-secret'
  | 'key-from-header'
  | 'key-from-address'
  | 'no-expiry-check'
  | 'no-expiry'
  | 'believes-headers'
  | 'token-in-url'
  | 'no-challenge'
  | 'names-users'
  | 'no-lock'
  | 'lock-by-forwarded'
  | 'logout-nothing'
  | 'counted-sessions'
  | 'fixed-sessions'
  | 'plain-cookie'
  | 'password-back'
  | 'any-role'
  | 'any-note'
  | 'change-any'
  | 'delete-any'
  | 'list-all'
  | 'order-for-anyone'
  | 'takes-all'
  | 'register-role'
  | 'slash-variant'
  | 'old-version'
  | 'export-all'
  | 'counted-ids';

interface User {
  id: number;
  username: string;
  email: string;
  password: string;
  role: string;
}

interface Thing {
  id: string;
  ownerId: number;
  [name: string]: unknown;
}

export interface PeopleOptions {
  /** How sessions are proved. Default `es256`: a JWT whose key is public at the usual place. */
  readonly tokens?: 'es256' | 'hs256' | 'opaque' | 'cookie';
  readonly checks: readonly Check[];
  readonly register?: boolean;
}

/** A scan of the API with one fault, or none, by two users and an administrator. */
export async function scanPeople(fault: Fault | undefined, options: PeopleOptions): Promise<ScanReport> {
  const { tokens = 'es256', checks, register = false } = options;
  const api = new People((name) => name === fault, tokens);
  const identity = (username: string, role: string) => ({
    name: username,
    role,
    login: { username, password: PASSWORDS.get(username) ?? '' },
  });
  return await trial({
    contract: peopleContract(tokens),
    answer: (asked) => api.answer(asked),
    checks,
    identities: [identity('alice', 'user'), identity('robert', 'user'), identity('carol', 'admin')],
    options: { register },
  });
}

const PASSWORDS = new Map([
  ['alice', 'Walnut-harbour-41'],
  ['robert', 'Copper-meadow-77'],
  ['carol', 'Granite-teacup-18'],
]);
const b64 = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const KEYS = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const PEM = String(KEYS.publicKey.export({ type: 'spki', format: 'pem' }));
const FREE = 5;

class Refused extends Error {
  readonly told: Told;
  constructor(status: number, error: string, headers: Record<string, string> = {}) {
    super(error);
    this.told = { status, json: { error }, headers };
  }
}

class People {
  readonly #faulty: (fault: Fault) => boolean;
  readonly #tokens: string;
  readonly #secret: string;
  readonly #users: User[] = [];
  readonly #sessions = new Map<string, number>();
  readonly #ended = new Set<string>();
  readonly #failures = new Map<string, number>();
  #notes: Thing[] = [];
  readonly #orders: Thing[] = [];
  #counter = 7_000;

  constructor(faulty: (fault: Fault) => boolean, tokens: string) {
    this.#faulty = faulty;
    this.#tokens = tokens;
    this.#secret = faulty('weak-secret') ? 'changeme' : randomBytes(32).toString('hex');
    for (const [username, password] of PASSWORDS) {
      const user = {
        id: 101 + this.#users.length * 7,
        username,
        email: `${username}@people.example`,
        password,
        role: username === 'carol' ? 'admin' : 'user',
      };
      this.#users.push(user);
      this.#notes.push({
        id: randomUUID(),
        ownerId: user.id,
        title: `First of ${username}`,
        text: 'Remember the milk.',
        status: 'draft',
      });
      this.#orders.push({ id: randomUUID(), ownerId: user.id, item: `Lamp for ${username}`, priceCents: 4_900 });
    }
  }

  async answer(asked: Asked): Promise<Told> {
    try {
      return await this.#route(asked);
    } catch (error) {
      if (error instanceof Refused) return error.told;
      throw error;
    }
  }

  async #route(asked: Asked): Promise<Told> {
    const { method } = asked;
    let { path } = asked;
    const old = this.#faulty('old-version') && path.startsWith('/v0/') && method === 'GET';
    if (old) path = path.slice(3);
    // The guard compares the path to the letter, and the router behind it does not.
    const unseen = this.#faulty('slash-variant') && path.length > 1 && path.endsWith('/');
    if (unseen) path = path.slice(0, -1);
    const body = (typeof asked.json === 'object' && asked.json !== null ? asked.json : {}) as Record<string, unknown>;
    if (path === '/.well-known/jwks.json' && this.#tokens === 'es256') {
      return { json: { keys: [{ ...KEYS.publicKey.export({ format: 'jwk' }), kid: 'one', alg: 'ES256' }] } };
    }
    if (method === 'POST' && path === '/login') return this.#login(asked, body);
    if (method === 'POST' && path === '/users') return this.#register(body);
    const [, collection = '', id] =
      /^\/(notes|orders|users|me|logout|export\/users|admin\/users)(?:\/([^/]+))?$/.exec(path) ?? [];
    if (collection === '') throw new Refused(404, 'not found');
    const openly = old || unseen || (this.#faulty('open-notes') && collection === 'notes' && method === 'GET');
    const caller = openly ? this.#users[2]! : await this.#caller(asked);
    return this.#serve(`${method} ${collection}${id === undefined ? '' : '/{id}'}`, caller, id ?? '', body, openly);
  }

  #serve(key: string, caller: User, id: string, body: Record<string, unknown>, openly: boolean): Told {
    const isAdmin = caller.role === 'admin';
    const own = (thing: Thing | undefined, fault: Fault): Thing => {
      if (thing === undefined || (thing.ownerId !== caller.id && !openly && !this.#faulty(fault)))
        throw new Refused(404, 'not found');
      return thing;
    };
    const note = () => this.#notes.find((one) => one.id === id);
    switch (key) {
      case 'GET me':
        return { json: this.#view(caller) };
      case 'POST logout':
        return { status: 204 };
      case 'GET notes':
        return {
          json: this.#notes.filter(({ ownerId }) => openly || ownerId === caller.id || this.#faulty('list-all')),
        };
      case 'POST notes': {
        const given = this.#fields(body, ['title', 'text']);
        const made = { id: this.#id(), ownerId: caller.id, status: 'draft', title: 'New', text: '', ...given };
        this.#notes.push(made);
        return { status: 201, json: made };
      }
      case 'GET notes/{id}':
        return { json: own(note(), 'any-note') };
      case 'PATCH notes/{id}':
        return { json: Object.assign(own(note(), 'change-any'), this.#fields(body, ['title', 'text'])) };
      case 'DELETE notes/{id}': {
        const gone = own(note(), 'delete-any');
        this.#notes = this.#notes.filter((one) => one !== gone);
        return { status: 204 };
      }
      case 'GET orders':
        return { json: this.#orders.filter(({ ownerId }) => ownerId === caller.id).map(orderView) };
      case 'POST orders': {
        if (body['userId'] !== caller.id && !this.#faulty('order-for-anyone'))
          throw new Refused(403, 'only for yourself');
        if (typeof body['item'] !== 'string' || Object.keys(body).length > 2) throw new Refused(400, 'invalid');
        const made = { id: this.#id(), ownerId: Number(body['userId']), item: body['item'], priceCents: 4_900 };
        this.#orders.push(made);
        return { status: 201, json: orderView(made) };
      }
      case 'GET users/{id}': {
        const user = this.#users.find((one) => String(one.id) === id);
        if (user === undefined || (user !== caller && !isAdmin)) throw new Refused(404, 'not found');
        return { json: this.#view(user) };
      }
      case 'GET admin/users':
        if (!isAdmin && !this.#faulty('any-role')) throw new Refused(403, 'forbidden');
        return { json: this.#users.map((user) => this.#view(user)) };
      case 'GET export/users':
        if (!isAdmin && !this.#faulty('export-all')) throw new Refused(403, 'forbidden');
        return {
          text: this.#users.map(({ id: number, email }) => `${number};${email}`).join('\n'),
          headers: { 'content-type': 'text/csv' },
        };
      default:
        throw new Refused(405, 'no such method');
    }
  }

  #fields(body: Record<string, unknown>, allowed: readonly string[]): Record<string, unknown> {
    if (this.#faulty('takes-all')) {
      const { id: _id, ownerId: _owner, ...rest } = body;
      return rest;
    }
    if (Object.keys(body).some((name) => !allowed.includes(name))) throw new Refused(400, 'unknown property');
    return body;
  }

  #id(): string {
    return this.#faulty('counted-ids')
      ? `00000000-0000-4000-8000-${String(++this.#counter).padStart(12, '0')}`
      : randomUUID();
  }

  #view(user: User): object {
    const { password, ...shown } = user;
    return this.#faulty('password-back') ? { ...shown, password } : shown;
  }

  #register(body: Record<string, unknown>): Told {
    const { username, email, password, ...more } = body;
    if (
      typeof username !== 'string' ||
      typeof email !== 'string' ||
      typeof password !== 'string' ||
      password.length < 8
    )
      throw new Refused(400, 'invalid');
    if (Object.keys(more).length > 0 && !this.#faulty('register-role')) throw new Refused(400, 'unknown property');
    if (this.#users.some((user) => user.username === username)) throw new Refused(409, 'try another one');
    const user = { id: 101 + this.#users.length * 7, username, email, password, role: 'user', ...more };
    this.#users.push(user);
    return { status: 201, json: this.#view(user) };
  }

  #login(asked: Asked, { username, password, lifetime }: Record<string, unknown>): Told {
    const key = `${String(username)} ${this.#faulty('lock-by-forwarded') ? String(asked.headers['x-forwarded-for']) : ''}`;
    const failures = this.#failures.get(key) ?? 0;
    if (failures >= FREE && !this.#faulty('no-lock')) throw new Refused(429, 'slow down', { 'retry-after': '60' });
    const user = this.#users.find((one) => one.username === username);
    if (user === undefined || user.password !== password) {
      this.#failures.set(key, failures + 1);
      throw new Refused(
        401,
        this.#faulty('names-users') && user === undefined ? 'no such user' : 'login failed',
        this.#challenge(),
      );
    }
    this.#failures.delete(key);
    const brought = asked.headers['x-session'] ?? /sid=([^;]+)/.exec(asked.headers.cookie ?? '')?.[1];
    const fixed = this.#faulty('fixed-sessions') && typeof brought === 'string' ? brought : undefined;
    const token = this.#issue(user, typeof lifetime === 'number' ? lifetime : 900, fixed);
    const flags = this.#faulty('plain-cookie') ? '' : '; HttpOnly; Secure; SameSite=Lax';
    return this.#tokens === 'cookie'
      ? { json: {}, headers: { 'set-cookie': `sid=${token}; Path=/${flags}` } }
      : { json: { token } };
  }

  #issue(user: User, lifetime: number, fixed: string | undefined): string {
    if (this.#tokens === 'opaque' || this.#tokens === 'cookie') {
      const key =
        fixed ??
        (this.#faulty('counted-sessions')
          ? `session-${String(++this.#counter).padStart(12, '0')}`
          : randomBytes(18).toString('hex'));
      this.#sessions.set(key, user.id);
      return key;
    }
    const now = Math.floor(Date.now() / 1000);
    const exp = this.#faulty('no-expiry') ? {} : { exp: now + lifetime };
    const claims = { sub: user.username, iat: now, ...exp, jti: randomUUID() };
    const es = this.#tokens === 'es256';
    const signed = `${b64({ alg: es ? 'ES256' : 'HS256', typ: 'JWT', ...(es ? { kid: 'one' } : {}) })}.${b64(claims)}`;
    const signature = es
      ? sign('sha256', Buffer.from(signed), { key: KEYS.privateKey, dsaEncoding: 'ieee-p1363' }).toString('base64url')
      : createHmac('sha256', this.#secret).update(signed).digest('base64url');
    return `${signed}.${signature}`;
  }

  #challenge(): Record<string, string> {
    return this.#faulty('no-challenge') ? {} : { 'www-authenticate': 'Bearer realm="people"' };
  }

  async #caller(asked: Asked): Promise<User> {
    const refused = () => new Refused(401, 'log in first', this.#challenge());
    const { headers } = asked;
    if (this.#faulty('believes-headers') && typeof headers['x-user-id'] === 'string') {
      const user = this.#users.find(
        ({ id, username }) => String(id) === headers['x-user-id'] || username === headers['x-user-id'],
      );
      if (user !== undefined) return user;
    }
    let token = /^Bearer (.+)$/.exec(headers.authorization ?? '')?.[1];
    if (this.#tokens === 'opaque') token = typeof headers['x-session'] === 'string' ? headers['x-session'] : undefined;
    if (this.#tokens === 'cookie') token = /sid=([^;]+)/.exec(headers.cookie ?? '')?.[1];
    if (token === undefined && this.#faulty('token-in-url')) token = asked.query.get('access_token') ?? undefined;
    if (token === undefined || token === '') throw refused();
    if (this.#faulty('any-credential')) return this.#users[0]!;
    if (this.#ended.has(token)) throw refused();
    const name = this.#sessions.get(token) ?? (await this.#subject(token));
    const user = this.#users.find(({ id, username }) => id === name || username === name);
    if (user === undefined) throw refused();
    if (asked.path === '/logout' && !this.#faulty('logout-nothing')) this.#ended.add(token);
    return user;
  }

  /** The user a JWT names, as far as it is believed. */
  async #subject(token: string): Promise<string | undefined> {
    const [head = '', body = '', signature = ''] = token.split('.');
    let header: Record<string, unknown>;
    let claims: Record<string, unknown>;
    try {
      header = JSON.parse(Buffer.from(head, 'base64url').toString());
      claims = JSON.parse(Buffer.from(body, 'base64url').toString());
    } catch {
      return undefined;
    }
    const expired = typeof claims['exp'] === 'number' ? claims['exp'] <= Date.now() / 1000 : !this.#faulty('no-expiry');
    if (expired && !this.#faulty('no-expiry-check')) return undefined;
    const sub = String(claims['sub']);
    if (this.#faulty('no-verify')) return sub;
    if (this.#faulty('alg-none') && header['alg'] === 'none') return sub;
    if (this.#faulty('key-from-address') && typeof header['jku'] === 'string')
      await fetch(header['jku']).catch(() => undefined);
    const signed = Buffer.from(`${head}.${body}`);
    const hmac = (secret: string) => createHmac('sha256', secret).update(signed).digest('base64url') === signature;
    if (header['alg'] === 'HS256') {
      const secret = this.#tokens === 'hs256' ? this.#secret : this.#faulty('public-key-as-secret') ? PEM : undefined;
      return secret !== undefined && hmac(secret) ? sub : undefined;
    }
    if (this.#tokens !== 'es256' || header['alg'] !== 'ES256') return undefined;
    try {
      const brought = this.#faulty('key-from-header') ? header['jwk'] : undefined;
      const key =
        brought === undefined
          ? KEYS.publicKey
          : createPublicKey({ key: brought as Record<string, unknown>, format: 'jwk' });
      return verify('sha256', signed, { key, dsaEncoding: 'ieee-p1363' }, Buffer.from(signature, 'base64url'))
        ? sub
        : undefined;
    } catch {
      return undefined;
    }
  }
}

const orderView = ({ id, ownerId, item, priceCents }: Thing): object => ({ id, userId: ownerId, item, priceCents });
