import { connect } from 'node:net';

/** Some of the made-up users. */
export const PASSWORDS = {
  noor: 'tulip-bicycle-58',
  tobias: 'harvest-lagoon-14',
  ximena: 'sunflower1',
  kofi: 'drumline-cedar-92',
  linnea: 'frost-pantry-37',
  hiro: 'paperboat-azure-6',
  marta: 'kiln-sparrow-203',
  dmitri: 'walnut-signal-871',
  greta: 'beacon-quarry-9318',
} as const;

export type User = keyof typeof PASSWORDS;

/** Their ids. */
export const IDS = {
  noor: 1,
  tobias: 2,
  ximena: 3,
  kofi: 4,
  linnea: 5,
  hiro: 6,
  marta: 7,
  dmitri: 8,
  greta: 10,
} as const;

export interface Answer {
  readonly status: number;
  readonly text: string;
  readonly headers: Headers;
  /** The envelope; undefined where the body is no JSON. */
  readonly json: ReturnType<typeof JSON.parse>;
  /** Whether the envelope says ok. */
  readonly ok: boolean;
  /** The code of the refusal. */
  readonly code: string | undefined;
}

export interface AskOptions {
  readonly as?: User;
  readonly key?: string;
  readonly headers?: Record<string, string>;
  readonly body?: unknown;
  readonly raw?: string | Uint8Array<ArrayBuffer>;
}

/** A running market, asked directly. */
export class Target {
  readonly base: string;
  /** What was answered with 5xx. */
  readonly failures: string[] = [];
  readonly #keys = new Map<User, Promise<string>>();

  /** @param base `http://127.0.0.1:3100` */
  constructor(base: string) {
    this.base = base;
  }

  /** The session key of a user, who signs in once. Rejects where that fails. */
  key(user: User): Promise<string> {
    let key = this.#keys.get(user);
    if (key === undefined) {
      key = this.signIn(user).then(({ key }) => key);
      this.#keys.set(user, key);
    }
    return key;
  }

  /** Signs in anew. */
  async signIn(user: User, headers: Record<string, string> = {}): Promise<{ key: string; answer: Answer }> {
    const answer = await this.ask('POST', '/api/session', {
      headers,
      body: { login: user, password: PASSWORDS[user] },
    });
    if (!answer.ok) throw new Error(`sign-in of ${user}: ${answer.text}`);
    return { key: answer.json.data.session.key, answer };
  }

  async ask(method: string, path: string, options: AskOptions = {}): Promise<Answer> {
    const headers = new Headers(options.headers);
    const key = options.as === undefined ? options.key : await this.key(options.as);
    if (key !== undefined) headers.set('x-session', key);
    const init: RequestInit = { method, headers, body: options.raw ?? null, redirect: 'manual' };
    if (options.body !== undefined) {
      if (!headers.has('content-type')) headers.set('content-type', 'application/json');
      init.body = JSON.stringify(options.body);
    }
    const response = await fetch(this.base + path, init);
    const text = await response.text();
    if (response.status >= 500) this.failures.push(`${method} ${path}: ${response.status}`);
    let json: ReturnType<typeof JSON.parse>;
    try {
      json = JSON.parse(text);
    } catch {}
    return {
      status: response.status,
      text,
      headers: response.headers,
      json,
      ok: response.status === 200 && (json === undefined || json?.ok === true),
      code: json?.error?.code,
    };
  }

  /** Speaks HTTP by hand, for what no client would send. @returns the first line of the answer. */
  async firstLine(message: string): Promise<string> {
    const { hostname, port } = new URL(this.base);
    const socket = connect(Number(port), hostname);
    try {
      let answer = '';
      socket.end(message);
      for await (const chunk of socket) answer += chunk;
      return answer.split('\r\n', 1)[0] ?? '';
    } finally {
      socket.destroy();
    }
  }
}

/** `true` for each part of an attack that got through. */
export type Attack = (market: Target) => Promise<boolean[]>;
