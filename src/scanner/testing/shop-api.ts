import { gunzipSync } from 'node:zlib';
import type { Asked, Told } from './trial.ts';

/** What a small shop does wrong, each by itself. */
export type ShopFault =
  | 'public-answers'
  | 'reflects-origin'
  | 'debug'
  | 'hashes'
  | 'rows'
  | 'forwarded-host'
  | 'cached-errors'
  | 'suffix'
  | 'get-spelling'
  | 'head-open'
  | 'override-get'
  | 'override-roles'
  | 'any-method'
  | 'trace'
  | 'options'
  | 'any-file'
  | 'path-names'
  | 'huge-files'
  | 'fetches'
  | 'crashes'
  | 'mixes-up'
  | 'huge-bodies'
  | 'unpacks'
  | 'recursive'
  | 'huge-pages'
  | 'slow-ids'
  | 'no-booking-limit'
  | 'pays-twice'
  | 'redeems-twice'
  | 'redeem-race'
  | 'believes-address';

/** Habits of decent APIs that look odd, and are no weakness. */
export interface ShopHabits {
  readonly faults?: readonly ShopFault[];
  /** A page of a front end for every unknown path. */
  readonly pages?: boolean;
  /** Errors are answered with 200 and `{ok: false}`. */
  readonly envelope?: boolean;
  /** Bytes of a body that are read. Default 100 KB, as Express has it. */
  readonly most?: number;
  /** Sessions stand in a cookie. */
  readonly cookie?: boolean;
}

const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);
const USERS = ['alice', 'bob'];
const PAGE = '<!doctype html><title>Shop</title><div id="app"></div><script src="/app.js"></script>';

interface File {
  readonly name: string;
  readonly type: string;
  readonly content: Buffer;
}

/** A shop in memory: items that all who are signed in may read, notes and payments of each, coupons, files. */
export class Shop {
  readonly #has: (fault: ShopFault) => boolean;
  readonly #habits: ShopHabits;
  readonly #items = new Map<number, Record<string, unknown>>();
  readonly #files = new Map<number, File>();
  readonly avatars = new Map<string, File>();
  readonly #redeemed = new Set<string>();
  readonly #keys = new Map<string, unknown>();
  readonly #balance = new Map<string, number>();
  readonly #asked = new Map<string, number>();
  readonly #bookings = new Map<string, number>();
  #last = 0;
  #current = '';

  constructor(habits: ShopHabits = {}) {
    this.#habits = habits;
    const faults = new Set(habits.faults);
    this.#has = (fault) => faults.has(fault);
    const rows = this.#has('huge-pages') ? 1_200 : 140;
    for (let i = 0; i < rows; i++) this.#add({ name: `thing ${i}`, notes: `note ${i}` });
    for (const user of USERS) this.avatars.set(user, { name: 'me.png', type: 'image/png', content: PNG });
  }

  #add(values: Record<string, unknown>): Record<string, unknown> {
    const id = ++this.#last;
    const item = { id, name: values['name'], notes: values['notes'] ?? '', revision: commit(id) };
    this.#items.set(id, item);
    return item;
  }

  readonly answer = async (asked: Asked): Promise<Told> => {
    const told = await this.#answer(asked);
    const status = told.status ?? 200;
    const headers: Record<string, string> = {
      'X-Powered-By': 'Express',
      ETag: 'W/"2a-5f3759df"',
      ...this.#left(asked),
      ...told.headers,
    };
    if (status < 300 && this.#has('public-answers')) headers['Cache-Control'] = 'public, max-age=600';
    if (status >= 400 && this.#has('cached-errors')) headers['Cache-Control'] = 'max-age=600';
    const { origin } = asked.headers;
    if (origin !== undefined) {
      headers['Access-Control-Allow-Origin'] = this.#has('reflects-origin') ? origin : '*';
      if (this.#has('reflects-origin')) headers['Access-Control-Allow-Credentials'] = 'true';
    }
    if (status >= 400 && this.#habits.envelope && status !== 404 && status !== 429)
      return { ...told, status: 200, json: { ok: false, error: told.json }, headers };
    return { ...told, headers };
  };

  async #answer(asked: Asked): Promise<Told> {
    let { method } = asked;
    const override = asked.headers['x-http-method-override'];
    const overridden =
      typeof override === 'string' && (this.#has('override-get') || (this.#has('override-roles') && method === 'POST'));
    if (overridden) method = override;
    const most = this.#habits.most ?? 100 * 1024;
    const limit = this.#has('huge-bodies') || (this.#has('huge-files') && asked.path === '/api/files') ? 1e9 : most;
    if (asked.text.length > limit) return error(413, 'request entity too large');
    if (method === 'TRACE' && this.#has('trace'))
      return { text: `TRACE / HTTP/1.1\r\nX-Seen: ${asked.headers['x-seen']}\r\n` };
    if (this.#has('debug')) {
      if (asked.path === '/api/debug')
        return { json: { env: { HOME: '/root' }, memory: { rss: 1 }, db_password: 'swordfish-17' } };
      if (asked.path === '/.env') return { text: 'DB_HOST=localhost\nDB_PASSWORD=swordfish-17\n' };
    }
    if (asked.path === '/docs') return { text: '<title>Swagger UI</title>', headers: { 'Content-Type': 'text/html' } };
    if (asked.path === '/config.json')
      return { json: { apiUrl: '/api', version: '1.2.3', env: 'production', theme: 'dark' } };
    if (asked.path === '/actuator') return { json: { _links: { self: {}, health: {} } } };
    let path = asked.path;
    if (this.#has('suffix')) path = path.replace(/\/[^/]*\.css$/, '');
    if (path === '/api/health' && (method === 'GET' || method === 'HEAD')) return { json: { status: 'up' } };
    if (method === 'OPTIONS') {
      if (this.#has('options')) return { json: { name: 'Items', actions: { POST: { name: { type: 'string' } } } } };
      return { status: 204, headers: { Allow: 'GET,HEAD,POST' } };
    }
    const user = this.#user(asked);
    const open = (this.#has('head-open') && method === 'HEAD') || (this.#has('get-spelling') && method === 'SEARCH');
    if (path.startsWith('/api/') && !user && !open) return error(401, 'a token is needed');
    const told = await this.#route(asked, method === 'HEAD' ? 'GET' : method, path, user ?? 'alice', overridden);
    if (told) return told;
    if (this.#habits.pages && method === 'GET') return { text: PAGE, headers: { 'Content-Type': 'text/html' } };
    return {
      status: 404,
      text: `<pre>Cannot ${escaped(method)} ${escaped(path)}</pre>`,
      headers: { 'Content-Type': 'text/html' },
    };
  }

  /** Counts by address those who are nobody, and says what is left. */
  #left({ headers }: Asked): Record<string, string> {
    if (this.#user({ headers }) !== undefined) return {};
    const claimed = headers['x-forwarded-for'];
    const address = this.#has('believes-address') && typeof claimed === 'string' ? claimed : 'here';
    const count = (this.#asked.get(address) ?? 0) + 1;
    this.#asked.set(address, count);
    return { 'X-RateLimit-Limit': '100000', 'X-RateLimit-Remaining': String(100_000 - count) };
  }

  #user({ headers }: Pick<Asked, 'headers'>): string | undefined {
    const said = this.#habits.cookie ? headers.cookie : headers.authorization;
    return /(?:Bearer |sid=)(alice|bob|carol)-secret-token/.exec(said ?? '')?.[1];
  }

  async #route(
    asked: Asked,
    method: string,
    path: string,
    user: string,
    overridden: boolean,
  ): Promise<Told | undefined> {
    const { query, headers } = asked;
    const body = this.#body(asked);
    if (body === BROKEN) return error(400, 'the body cannot be read');
    const strange = this.#has('any-method') && !/^(?:GET|POST|PUT|PATCH|DELETE|FOO)$/.test(method);
    const verb =
      strange || method === 'SEARCH' ? (this.#has('any-method') || this.#has('get-spelling') ? 'GET' : method) : method;
    const [, , kind = '', key, sub] = path.split('/');
    switch (`${verb} ${kind}${key === undefined ? '' : '/:'}${sub === undefined ? '' : `/${sub}`}`) {
      case 'GET me':
        return {
          json: {
            id: USERS.indexOf(user) + 1,
            user,
            ...(this.#has('rows') ? { passwordHash: `sha1-${commit(3)}`, internalNotes: 'owes us money' } : {}),
          },
        };
      case 'GET items': {
        const asked = Math.max(1, Math.floor(Number(query.get('limit') ?? 20)) || 20);
        const many = this.#has('huge-pages') ? asked : Math.min(100, asked);
        const ids = query.getAll('ids').length;
        if (this.#has('slow-ids') && ids > 100) await later(1_150);
        const items = [...this.#items.values()].slice(0, many);
        const next = this.#has('forwarded-host')
          ? `http://${headers['x-forwarded-host'] ?? headers.host}/api/items?page=2`
          : '/api/items?page=2';
        const cached: Record<string, string> = this.#has('forwarded-host')
          ? { 'Cache-Control': 'public, max-age=60' }
          : {};
        return { json: { items, limit: asked, next }, headers: cached };
      }
      case 'POST items': {
        if (this.#has('recursive')) descend(body);
        if (typeof body !== 'object' || body === null || typeof (body as { name?: unknown }).name !== 'string')
          return error(422, 'name is missing');
        const { name } = body as { name: string };
        if (this.#has('crashes') && name.length > 40) throw new Error('crash');
        return { status: 201, json: this.#add(body as Record<string, unknown>) };
      }
      case 'GET items/:': {
        const item = this.#items.get(Number.parseInt(key ?? '', 10));
        if (!item) return error(404, 'no such item');
        if (this.#has('mixes-up')) {
          this.#current = user;
          await later(5);
          return { json: { ...item, for: this.#current } };
        }
        const hashes = { account: { id: 7, password: '$2b$10$N9qo8uLOickgx2ZMRZoMyeIjZAgcfl7p92ldGxad68LJZdL17lhWy' } };
        return { json: { ...item, for: user, ...(this.#has('hashes') ? hashes : {}) } };
      }
      case 'DELETE items/:': {
        if (user !== 'alice' && !(overridden && this.#has('override-roles'))) return error(403, 'only alice may');
        return this.#items.delete(Number.parseInt(key ?? '', 10)) ? { status: 204 } : error(404, 'no such item');
      }
      case 'GET reports':
        return user === 'alice' || (overridden && this.#has('override-roles'))
          ? { json: { total: 12 } }
          : error(403, 'only alice may');
      case 'PUT users/:/avatar':
        return USERS[Number(key) - 1] === user ? this.#putAvatar(asked, user) : error(404, 'no such user');
      case 'GET users/:/avatar': {
        const file = this.avatars.get(USERS[Number(key) - 1] ?? '');
        return (
          file && { by: (response) => void response.writeHead(200, { 'Content-Type': file.type }).end(file.content) }
        );
      }
      case 'POST files':
        return await this.#putFile(asked);
      case 'GET files/:': {
        const file = this.#files.get(Number(key));
        if (!file) return error(404, 'no such file');
        const safe = {
          'Content-Type': 'application/octet-stream',
          'Content-Disposition': 'attachment',
          'X-Content-Type-Options': 'nosniff',
        };
        const shown = this.#has('any-file') ? { 'Content-Type': file.type } : safe;
        return { by: (response) => void response.writeHead(200, shown).end(file.content) };
      }
      case 'POST payments': {
        const { amount, key: once } = Object(body);
        if (!Number.isInteger(amount) || typeof once !== 'string') return error(422, 'amount and key are needed');
        if (this.#keys.has(once) && !this.#has('pays-twice')) return { status: 201, json: this.#keys.get(once) };
        const receipt = { id: ++this.#last, amount };
        this.#keys.set(once, receipt);
        return { status: 201, json: receipt };
      }
      case 'POST tips': {
        if (!Number.isInteger(Object(body).amount)) return error(422, 'amount is needed');
        return { status: 201, json: { id: ++this.#last, amount: Object(body).amount } };
      }
      case 'GET coupons':
        return { json: { items: Array.from({ length: 12 }, (_, i) => ({ code: `CODE-${i + 10}`, cents: 100 })) } };
      case 'POST coupons/:':
        return key === 'check' ? this.#check(Object(body).code) : await this.#redeem(Object(body).code, user);
      case 'POST bookings': {
        if (typeof Object(body).slot !== 'string') return error(422, 'slot is needed');
        const count = (this.#bookings.get(user) ?? 0) + 1;
        this.#bookings.set(user, count);
        if (count > 20 && !this.#has('no-booking-limit'))
          return { ...error(429, 'too many bookings'), headers: { 'Retry-After': '1' } };
        return { status: 201, json: { id: ++this.#last, slot: Object(body).slot } };
      }
      default:
        return undefined;
    }
  }

  #body({ text, bytes, headers }: Asked): unknown {
    if (headers['content-type']?.includes('json') !== true || text === '') return undefined;
    if (headers['content-encoding'] !== undefined && !this.#has('unpacks')) return BROKEN;
    try {
      return JSON.parse(headers['content-encoding'] === 'gzip' ? gunzipSync(bytes).toString() : text);
    } catch {
      return BROKEN;
    }
  }

  #putAvatar({ text, bytes, headers }: Asked, user: string): Told {
    const type = headers['content-type'] ?? '';
    if (!this.#has('any-file') && (type !== 'image/png' || !text.includes('PNG'))) return error(415, 'send a PNG');
    this.avatars.set(user, { name: '', type, content: bytes });
    return { json: { type, bytes: text.length } };
  }

  async #putFile({ text, headers }: Asked): Promise<Told> {
    const boundary = /boundary=(\S+)/.exec(headers['content-type'] ?? '')?.[1];
    if (boundary === undefined) return error(415, 'send a form');
    const part = text.split(`--${boundary}`)[1] ?? '';
    const [head = '', content = ''] = part.split(/\r\n\r\n(.*)/s);
    const name = /filename="([^"]*)"/.exec(head)?.[1] ?? '';
    const type = /Content-Type: (\S+)/i.exec(head)?.[1] ?? 'application/octet-stream';
    const address = /(?:href|SYSTEM)="?\s?"?(http:[^"> ]+)/.exec(content)?.[1];
    if (this.#has('fetches') && address !== undefined) await fetch(address).catch(() => undefined);
    if (!this.#has('any-file') && type !== 'text/plain') return error(415, 'send a text');
    const id = ++this.#last;
    this.#files.set(id, { name, type, content: Buffer.from(content.replace(/\r\n$/, ''), 'latin1') });
    const path = this.#has('path-names') ? { path: `uploads/${name}` } : {};
    return { status: 201, json: { id, originalName: name, ...path } };
  }

  #check(code: unknown): Told {
    return typeof code === 'string' && /^CODE-\d\d$/.test(code)
      ? { json: { code, cents: 100 } }
      : error(404, 'no such coupon');
  }

  async #redeem(code: unknown, user: string): Promise<Told> {
    if (typeof code !== 'string' || !/^CODE-\d\d$/.test(code)) return error(404, 'no such coupon');
    const used = this.#redeemed.has(`${user} ${code}`);
    if (this.#has('redeem-race')) await later(15);
    if (used && !this.#has('redeems-twice')) return error(409, 'used already');
    this.#redeemed.add(`${user} ${code}`);
    const balance = (this.#balance.get(user) ?? 0) + 100;
    this.#balance.set(user, balance);
    return { json: { code, balance } };
  }
}

const BROKEN = Symbol('broken');
const later = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));
const error = (status: number, message: string): Told => ({ status, json: { error: message } });
const escaped = (text: string): string => text.replace(/[<>&"]/g, '_');
/** What a git commit looks like. */
const commit = (n: number): string => (n * 2_654_435_761).toString(16).padStart(40, 'a5').slice(-40);

/** Calls itself for each level. */
function descend(value: unknown): unknown {
  if (Array.isArray(value)) return value.map((item) => [descend(item)].flat());
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, descend(item)]));
}
