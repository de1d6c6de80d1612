import { isIP } from 'node:net';
import type { Ground } from './ground.ts';
import { type Credential, credential, ScanIdentity } from './identity.ts';
import { LoginDesk } from './login.ts';
import type { Ownership } from './own.ts';
import type { Probe } from './probe.ts';
import type { IdentitySettings } from './settings.ts';
import { wayOf } from './settings.ts';
import { endOf, tokenIn } from './tokens.ts';

/** Longest answer of a token endpoint elsewhere, in bytes. */
const LONGEST = 1_000_000;

/** Makes an identity from its settings. It has no credential yet where it must log in first. */
export function createIdentity(
  settings: IdentitySettings,
  ground: Ground,
  probe: Probe,
  own: Ownership,
  registered = false,
): ScanIdentity {
  const way = wayOf(settings);
  const { name, role, bearer, key, basic, cookie, login, oauth } = settings;
  const common = { name, role, way, contract: ground.contract, registered, note: ground.note };
  if (login) {
    const desk = new LoginDesk(ground, login, probe);
    const { username, password } = login;
    const identity: ScanIdentity = new ScanIdentity({
      ...common,
      login: {
        username,
        password,
        get operation() {
          return desk.operation;
        },
      },
      given: undefined,
      obtain: async () => {
        const session = await desk.enter();
        if (typeof session === 'string') return session;
        identity.session = session;
        own.learnFrom(identity, session.exchange.answer.json);
        return session.credential;
      },
    });
    return identity;
  }
  if (oauth) {
    return new ScanIdentity({
      ...common,
      login: undefined,
      given: undefined,
      obtain: () => clientCredentials(oauth, ground),
    });
  }
  return new ScanIdentity({
    ...common,
    login: basic && { username: basic.username, password: basic.password },
    obtain: undefined,
    given: bearer
      ? credential({
          secret: bearer.token,
          headers: [['Authorization', `Bearer ${bearer.token}`]],
          ends: endOf(bearer.token),
        })
      : key
        ? keyCredential(key)
        : basic
          ? credential({
              headers: [
                ['Authorization', `Basic ${Buffer.from(`${basic.username}:${basic.password}`).toString('base64')}`],
              ],
            })
          : cookie &&
            credential({ secret: cookie.value, cookies: [[cookie.name, cookie.value]], ends: endOf(cookie.value) }),
  });
}

function keyCredential({ value, in: place, name }: NonNullable<IdentitySettings['key']>): Credential {
  if (place === undefined && name === undefined) return credential({ secret: value, key: value });
  const pair = [name ?? 'X-API-Key', value] as const;
  if (place === 'query') return credential({ secret: value, query: [pair] });
  if (place === 'cookie') return credential({ secret: value, cookies: [pair] });
  return credential({ secret: value, headers: [pair] });
}

/**
 * OAuth 2.0 client credentials (RFC 6749, section 4.4); the client proves itself with Basic, and, where that is refused,
 * in the body. A token endpoint of another host is the only thing elsewhere that is ever called: a person named it.
 */
async function clientCredentials(
  { tokenUrl, clientId, clientSecret, scope }: NonNullable<IdentitySettings['oauth']>,
  ground: Ground,
): Promise<Credential | string> {
  let url: URL;
  try {
    url = new URL(tokenUrl, ground.base);
  } catch {
    return `'${tokenUrl}' is no URL`;
  }
  const form = new URLSearchParams({ grant_type: 'client_credentials', ...(scope === undefined ? {} : { scope }) });
  const encoded = (text: string): string => encodeURIComponent(text).replaceAll('%20', '+');
  const basic = `Basic ${Buffer.from(`${encoded(clientId)}:${encoded(clientSecret)}`).toString('base64')}`;
  let why = '';
  for (const inBody of [false, true]) {
    if (inBody) {
      form.set('client_id', clientId);
      form.set('client_secret', clientSecret);
    }
    const headers: [string, string][] = [
      ['Content-Type', 'application/x-www-form-urlencoded'],
      ['Accept', 'application/json'],
    ];
    if (!inBody) headers.push(['Authorization', basic]);
    const got = await post(url, headers, form.toString(), ground);
    if (typeof got === 'string') return got;
    if (got.token !== undefined) {
      const ends = got.expiresIn === undefined ? endOf(got.token) : Date.now() + got.expiresIn * 1_000;
      return credential({ secret: got.token, headers: [['Authorization', `Bearer ${got.token}`]], ends });
    }
    why = `${url.pathname} answers ${got.status} without an access_token`;
  }
  return why;
}

interface TokenAnswer {
  readonly status: number;
  readonly token: string | undefined;
  readonly expiresIn: number | undefined;
}

async function post(
  url: URL,
  headers: readonly (readonly [string, string])[],
  body: string,
  { client, base, options, signal }: Ground,
): Promise<TokenAnswer | string> {
  if (url.host === base.host && url.protocol === base.protocol) {
    const { answer } = await client.send(
      { method: 'POST', target: `${url.pathname}${url.search}`, headers, body },
      { check: '' },
    );
    if (answer.status === 0) return `no answer from ${url.pathname} (${answer.failure ?? 'nothing came'})`;
    return {
      status: answer.status,
      token: answer.status < 300 ? tokenIn(answer, '/access_token') : undefined,
      expiresIn: lifetime(answer.json),
    };
  }
  const loopback =
    url.hostname === 'localhost' ||
    (isIP(url.hostname) === 4 && url.hostname.startsWith('127.')) ||
    url.hostname === '[::1]';
  if (url.protocol !== 'https:' && !loopback)
    return `the token endpoint ${url.host} is another host, and not https: a secret would go out in the clear`;
  try {
    const answer = await fetch(url, {
      method: 'POST',
      headers: headers.map(([name, value]) => [name, value] as [string, string]),
      body,
      redirect: 'error',
      signal: AbortSignal.any([signal, AbortSignal.timeout(options.timeout)]),
    });
    const text = await bounded(answer);
    const json: unknown = text === undefined ? undefined : JSON.parse(text);
    const token =
      typeof json === 'object' && json !== null ? (json as Record<string, unknown>)['access_token'] : undefined;
    return {
      status: answer.status,
      token: answer.ok && typeof token === 'string' ? token : undefined,
      expiresIn: lifetime(json),
    };
  } catch (error) {
    return `no token from ${url.host}: ${error instanceof Error ? error.message : String(error)}`;
  }
}

async function bounded(answer: Response): Promise<string | undefined> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of answer.body ?? []) {
    size += part.length;
    if (size > LONGEST) return undefined;
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}

function lifetime(json: unknown): number | undefined {
  const seconds =
    typeof json === 'object' && json !== null ? (json as Record<string, unknown>)['expires_in'] : undefined;
  return typeof seconds === 'number' && seconds > 0 ? seconds : undefined;
}
