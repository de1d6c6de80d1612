import { randomBytes, randomUUID } from 'node:crypto';
import type { IdentitySettings } from '../state/settings.ts';
import { answer, json } from './behaviours.ts';
import type { Behaviour, HostileRequest } from './hostile-server.ts';
import { api } from './trial.ts';

/** A small, careful API: sessions, notes of one's own, strict about what it takes. What is hostile is put around it. */

const text = { type: 'string', minLength: 1, maxLength: 80 };
const object = (properties: object): object => ({
  type: 'object',
  additionalProperties: false,
  required: Object.keys(properties),
  properties,
});
const NOTE = object({ id: { type: 'string', format: 'uuid' }, title: text, text });
const NEW = object({ title: text, text });
const content = (schema: object): object => ({ content: { 'application/json': { schema } } });
const answers = (status: string, schema?: object): object => ({
  responses: { [status]: { description: 'fine', ...(schema ? content(schema) : {}) } },
});
const takes = (schema: object): object => ({ requestBody: { required: true, ...content(schema) } });
const id = { name: 'id', in: 'path', required: true, schema: { type: 'string', format: 'uuid' } };

export const NOTES_CONTRACT: object = api(
  {
    '/login': {
      post: {
        security: [],
        ...takes(object({ username: text, password: text })),
        ...answers('200', object({ token: { type: 'string' } })),
      },
    },
    '/logout': { post: answers('204') },
    '/me': { get: answers('200', object({ username: text })) },
    '/notes': {
      get: {
        parameters: [{ name: 'limit', in: 'query', schema: { type: 'integer', minimum: 1, maximum: 50 } }],
        ...answers('200', object({ items: { type: 'array', items: NOTE } })),
      },
      post: { ...takes(NEW), ...answers('201', NOTE) },
    },
    '/notes/{id}': {
      get: { parameters: [id], ...answers('200', NOTE) },
      put: { parameters: [id], ...takes(NEW), ...answers('200', NOTE) },
      delete: { parameters: [id], ...answers('204') },
    },
  },
  {
    security: [{ session: [] }],
    components: { securitySchemes: { session: { type: 'http', scheme: 'bearer' } } },
  },
);

const PASSWORDS = new Map([
  ['alice', 'Walnut-harbour-41'],
  ['robert', 'Copper-meadow-77'],
]);
export const NOTE_TAKERS: readonly IdentitySettings[] = [...PASSWORDS].map(([username, password]) => ({
  name: username,
  role: 'user',
  login: { username, password },
}));

interface Note {
  readonly id: string;
  readonly title: string;
  readonly text: string;
}

/** What is answered. */
interface Given {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Wrong passwords of one name before it is locked. */
const WRONG = 5;

export class NotesApi {
  readonly #notes = new Map<string, Note & { readonly owner: string }>();
  readonly #sessions = new Map<string, string>();
  readonly #wrong = new Map<string, number>();
  /** No login works any more, and no session does. */
  dead = false;

  constructor() {
    for (const owner of PASSWORDS.keys()) this.#add(owner, { title: `Of ${owner}`, text: 'Remember the milk.' });
  }

  /** Notes that there are now. */
  get size(): number {
    return this.#notes.size;
  }

  #add(owner: string, { title, text }: Pick<Note, 'title' | 'text'>): Note {
    const note = { id: randomUUID(), title, text };
    this.#notes.set(note.id, { ...note, owner });
    return note;
  }

  readonly behaviour: Behaviour = (request, socket) => {
    const { status, body, headers } = this.#answer(request);
    if (body === undefined || request.method === 'HEAD')
      answer(socket, status, { 'Cache-Control': 'no-store', ...headers });
    else json(socket, status, body, headers);
  };

  #answer({ method, target, headers, body }: HostileRequest): Given {
    const error = (status: number, message: string, more?: Readonly<Record<string, string>>): Given => ({
      status,
      body: { error: message },
      ...(more ? { headers: more } : {}),
    });
    const [path = '', query = ''] = target.split(/\?(.*)/s);
    const [, kind, key, ...rest] = path.split('/');
    const allowed = rest.length > 0 ? undefined : METHODS.get(`${kind}${key === undefined ? '' : '/:'}`);
    if (!allowed) return error(404, 'there is no such path');
    if (!allowed.includes(method)) return error(405, 'not here', { Allow: allowed.join(', ') });
    const sent = bodyOf(headers, body);
    if (kind === 'login') {
      if (sent === 'type') return error(415, 'send JSON');
      if (!isRecord(sent) || !only(sent, ['username', 'password']))
        return error(400, 'send a user name and a password');
      return this.#login(String(sent['username']), String(sent['password']));
    }
    const token = /^Bearer ([\w-]{20,60})$/.exec(headers.get('authorization') ?? '')?.[1] ?? '';
    const user = this.dead ? undefined : this.#sessions.get(token);
    if (user === undefined) return error(401, 'log in first', { 'WWW-Authenticate': 'Bearer' });
    if (kind === 'logout') {
      this.#sessions.delete(token);
      return { status: 204 };
    }
    if (kind === 'me') return query === '' ? { status: 200, body: { username: user } } : error(400, 'no parameters');
    if (method === 'GET' || method === 'HEAD' || method === 'DELETE') {
      if (key === undefined) return this.#list(user, query) ?? error(400, 'limit is from 1 to 50');
    } else {
      if (sent === 'type') return error(415, 'send JSON');
      if (!isRecord(sent) || !only(sent, ['title', 'text'])) return error(400, 'send a title and a text');
      const { title, text: words } = sent as { title: string; text: string };
      if (key === undefined) {
        const note = this.#add(user, { title, text: words });
        return { status: 201, body: note, headers: { Location: `/notes/${note.id}` } };
      }
    }
    if (query !== '') return error(400, 'no parameters');
    const note = this.#notes.get(key ?? '');
    if (note?.owner !== user) return error(404, 'there is no such note');
    if (method === 'DELETE') {
      this.#notes.delete(note.id);
      return { status: 204 };
    }
    const now = method === 'PUT' ? { ...note, ...(sent as Pick<Note, 'title' | 'text'>) } : note;
    this.#notes.set(note.id, now);
    return { status: 200, body: { id: now.id, title: now.title, text: now.text } };
  }

  #login(username: string, password: string): Given {
    if (this.dead) return { status: 503, body: { error: 'come back tomorrow' } };
    const wrong = this.#wrong.get(username) ?? 0;
    if (wrong >= WRONG && PASSWORDS.get(username) !== password)
      return { status: 429, body: { error: 'too many wrong passwords' }, headers: { 'Retry-After': '60' } };
    if (PASSWORDS.get(username) !== password) {
      this.#wrong.set(username, wrong + 1);
      return {
        status: 401,
        body: { error: 'the user name or the password is wrong' },
        headers: { 'WWW-Authenticate': 'Bearer' },
      };
    }
    this.#wrong.delete(username);
    const token = randomBytes(24).toString('base64url');
    this.#sessions.set(token, username);
    return { status: 200, body: { token } };
  }

  #list(user: string, query: string): Given | undefined {
    const limit = query === '' ? '20' : /^limit=([1-9]|[1-4]\d|50)$/.exec(query)?.[1];
    if (limit === undefined) return undefined;
    const items = [...this.#notes.values()].filter(({ owner }) => owner === user).slice(0, Number(limit));
    return {
      status: 200,
      body: { items: items.map(({ id: own, title, text: words }) => ({ id: own, title, text: words })) },
    };
  }
}

const METHODS = new Map([
  ['login', ['POST']],
  ['logout', ['POST']],
  ['me', ['GET', 'HEAD']],
  ['notes', ['GET', 'HEAD', 'POST']],
  ['notes/:', ['GET', 'HEAD', 'PUT', 'DELETE']],
]);

/** The JSON of a body; `type` where it is none, undefined where it cannot be read or says the same twice. */
function bodyOf(headers: ReadonlyMap<string, string>, body: string): unknown {
  if (!/^application\/json\s*(;\s*charset="?utf-8"?\s*)?$/i.test(headers.get('content-type') ?? '')) return 'type';
  if (headers.has('content-encoding') || body.includes('\ufffd')) return 'type';
  try {
    const value: unknown = JSON.parse(body);
    const names = body.match(/"(title|text|username|password)"\s*:/g) ?? [];
    return new Set(names.map((name) => name.replace(/\s/g, ''))).size === names.length ? value : undefined;
  } catch {
    return undefined;
  }
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Exactly these properties, each a plain text of 1 to 80 characters. */
const only = (value: Readonly<Record<string, unknown>>, names: readonly string[]): boolean =>
  Object.keys(value).length === names.length &&
  names.every((name) => {
    const one = Object.hasOwn(value, name) ? value[name] : undefined;
    return typeof one === 'string' && one.isWellFormed() && one.length <= 80 && /^[^\p{Cc}\p{Cf}<>]+$/u.test(one);
  });
