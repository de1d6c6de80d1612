import { connect } from 'node:net';
import type { Weakness } from '../weaknesses.ts';

/** A running clinic, attacked directly. */
export class Target {
  readonly base: string;
  /** What was answered with 5xx. */
  readonly failures: string[] = [];
  readonly #tokens = new Map<string, Promise<string>>();

  /** @param base `http://127.0.0.1:3000` */
  constructor(base: string) {
    this.base = base;
  }

  /** The access token of a user, who logs in once. Rejects where that fails. */
  token(username: keyof typeof PASSWORDS): Promise<string> {
    let token = this.#tokens.get(username);
    if (token === undefined) {
      token = this.#login(username);
      this.#tokens.set(username, token);
    }
    return token;
  }

  async #login(username: keyof typeof PASSWORDS): Promise<string> {
    const { status, json } = await this.ask('POST', '/login', { body: { username, password: PASSWORDS[username] } });
    if (status !== 200) throw new Error(`login of ${username}: ${status}`);
    return json.accessToken;
  }

  async ask(
    method: string,
    path: string,
    options: {
      as?: keyof typeof PASSWORDS;
      headers?: Record<string, string>;
      body?: unknown;
      raw?: string | FormData | Uint8Array<ArrayBuffer>;
    } = {},
  ): Promise<{ status: number; text: string; headers: Headers; json: ReturnType<typeof JSON.parse> }> {
    const headers = new Headers(options.headers);
    if (options.as !== undefined) headers.set('authorization', `Bearer ${await this.token(options.as)}`);
    const init: RequestInit = { method, headers, body: options.raw ?? null, redirect: 'manual' };
    if (options.body !== undefined) {
      headers.set('content-type', 'application/json');
      init.body = JSON.stringify(options.body);
    }
    const response = await fetch(this.base + path, init);
    const text = await response.text();
    if (response.status >= 500) this.failures.push(`${method} ${path}: ${response.status}`);
    let json: unknown;
    try {
      json = JSON.parse(text);
    } catch {
      json = undefined;
    }
    return { status: response.status, text, headers: response.headers, json };
  }

  /** Speaks HTTP by hand, for what no client would send. @returns all that is answered. */
  async raw(message: string): Promise<string> {
    const { hostname, port } = new URL(this.base);
    const socket = connect(Number(port), hostname);
    try {
      let answer = '';
      socket.end(message);
      for await (const chunk of socket) answer += chunk;
      return answer;
    } finally {
      socket.destroy();
    }
  }
}

/** Some of the made-up users, one and more a role. */
export const PASSWORDS = {
  'amina.okoro': 'river-maple-41',
  'jonas.brandt': 'candle-orchard-7',
  'lucia.ferreira': 'sunshine1',
  'samuel.boateng': 'winter-saddle-64',
  'yusuf.demir': 'ginger-compass-70',
  'vera.lindqvist': 'scalpel-orbit-2291',
  'nils.hofmann': 'bandage-comet-3906',
  'paul.weiss': 'ledger-walnut-6058',
  'arthur.quinn': 'keyring-monsoon-9274',
} as const;

/** Attacks, of one or more parts each; `true` for each part that got through. */
export type Attacks<Names extends Weakness = Weakness> = Readonly<
  Record<Names, (clinic: Target) => Promise<boolean[]>>
>;
