import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import * as client from 'openid-client';
import { type Approval, approveClient, createClient, type NewClient } from '../../src/identity/clients.ts';
import { PasswordHashing } from '../../src/identity/password-hashing.ts';
import { createUser } from '../../src/identity/users.ts';
import { systemClock } from '../../src/shared/clock.ts';
import { openStore } from '../../src/storage/sqlite-store.ts';
import type { Store } from '../../src/storage/store.ts';
import { Browser, fetchWith, type Page } from './browser.ts';
import { type GateUnderTest, startGate, type TestContext, type Upstream, upstream } from './gate.ts';

/** Identifier of the API in its tokens. */
export const RESOURCE = 'urn:portcullis:api';
export const REDIRECT = 'https://app.example/callback';
export const PASSWORD = 'correct horse battery staple';

const answer = {
  description: 'ok',
  content: {
    'application/json': {
      schema: {
        type: 'object',
        properties: {
          who: { type: 'string', maxLength: 200 },
          roles: { type: 'string', maxLength: 200 },
          scopes: { type: 'string', maxLength: 200 },
        },
      },
    },
  },
};
const asked = (...scopes: string[]) => [{ token: scopes }];

/** A small API whose operations ask for tokens, with and without scopes. */
const NOTES = {
  openapi: '3.1.0',
  info: { title: 'notes', version: '1' },
  paths: {
    '/me': { get: { operationId: 'me', security: asked(), responses: { 200: answer } } },
    '/notes': {
      get: { operationId: 'readNotes', security: asked('notes:read'), responses: { 200: answer } },
      post: { operationId: 'writeNote', security: asked('notes:write'), responses: { 200: answer } },
    },
    '/staff': {
      get: { operationId: 'staff', security: asked(), 'x-portcullis-roles': ['staff'], responses: { 200: answer } },
    },
  },
  components: {
    securitySchemes: {
      token: {
        type: 'oauth2',
        flows: {
          clientCredentials: {
            tokenUrl: 'https://login.example/token',
            scopes: { 'notes:read': 'read', 'notes:write': 'write' },
          },
        },
      },
    },
  },
};

export interface IdentityUnderTest {
  readonly gate: GateUnderTest;
  readonly api: Upstream;
  readonly issuer: string;
  readonly fetch: typeof globalThis.fetch;
  store<T>(work: (store: Store) => T): T;
  user(
    name: string,
    given?: { roles?: string[]; scopes?: string[]; claims?: Record<string, unknown> },
  ): Promise<string>;
  /** Registers and approves an application. */
  app(given?: Partial<NewClient>, approval?: Approval): { readonly id: string; readonly secret: string | undefined };
  /** A client of another make for it. */
  configuration(
    app: { id: string; secret?: string | undefined },
    auth?: client.ClientAuth,
  ): Promise<client.Configuration>;
  browser(headers?: Record<string, string>): Browser;
  /** Calls the API through the gate. */
  call(
    path: string,
    token: string,
    method?: string,
  ): Promise<{ status: number; who?: string; roles?: string; scopes?: string }>;
}

/** The gate with its authorization server, in front of a small API that tells what it is told of the caller. */
export async function identityGate(
  context: TestContext,
  configuration: Record<string, unknown> = {},
  server: Record<string, unknown> = {},
  args: readonly string[] = [],
): Promise<IdentityUnderTest> {
  const api = await upstream(context, (req, res) => {
    const tell = (name: string): string => String(req.headers[`x-portcullis-${name}`] ?? '');
    res.writeHead(200, { 'content-type': 'application/json' });
    res.end(JSON.stringify({ who: tell('principal'), roles: tell('roles'), scopes: tell('scopes') }));
  });
  const gate = await startGate(
    context,
    {
      contract: 'openapi.json',
      upstream: api.url,
      authorization: { roles: { customer: ['**'], staff: ['**'], robot: ['**'] } },
      identity: { server: { enabled: true, port: 0, requestsPerMinute: 100_000, ...server } },
      ...configuration,
    },
    { 'openapi.json': JSON.stringify(NOTES) },
    args,
  );
  const issuer = /^login\s+(https:\S+)/m.exec(gate.program.stdout)?.[1] ?? '';
  const fetch = fetchWith(gate.ca, context.after.bind(context));
  const store = <T>(work: (opened: Store) => T): T => {
    const opened = openStore(join(gate.directory, 'data', 'store.db'));
    const close = <R>(result: R): R => {
      opened.close();
      return result;
    };
    const result = work(opened);
    return result instanceof Promise ? (result.then(close) as T) : close(result);
  };
  return {
    gate,
    api,
    issuer,
    fetch,
    store,
    user: async (name, given = {}) =>
      (
        await store((opened) =>
          createUser(opened, systemClock, new PasswordHashing(), { name, password: PASSWORD, ...given }),
        )
      ).id,
    app: (given = {}, approval = {}) =>
      store((opened) => {
        const made = createClient(opened, systemClock, { name: 'Lab', redirectUris: [REDIRECT], ...given });
        approveClient(opened, systemClock, made.client.id, approval);
        return { id: made.client.id, secret: made.secret };
      }),
    configuration: async ({ id, secret }, auth) =>
      await client.discovery(new URL(issuer), id, secret, auth ?? (secret === undefined ? client.None() : undefined), {
        [client.customFetch]: fetch as never,
      }),
    browser: (headers) => new Browser(issuer, fetch, headers),
    call: async (path, token, method = 'GET') => {
      const reply = await gate.send(path, { method, headers: { authorization: `Bearer ${token}` } });
      return { status: reply.status, ...(reply.status === 200 ? reply.json<Record<string, string>>() : {}) };
    },
  };
}

/** An authorization request as a client of another make builds it. */
export async function request(
  config: client.Configuration,
  parameters: Record<string, string> = {},
): Promise<{ readonly url: URL; readonly verifier: string; readonly state: string; readonly nonce: string }> {
  const verifier = client.randomPKCECodeVerifier();
  const [state, nonce] = [client.randomState(), randomBytes(8).toString('hex')];
  const url = client.buildAuthorizationUrl(config, {
    redirect_uri: REDIRECT,
    scope: 'openid',
    code_challenge: await client.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    state,
    nonce,
    ...parameters,
  });
  return { url, verifier, state, nonce };
}

/** Signs in, where the page asks for it. */
export const signIn = async (browser: Browser, page: Page, name: string, password = PASSWORD): Promise<Page> =>
  await browser.submit(page, { name, password }, { button: 'password' });

/** From the request to the code, consent given where it is asked for. @returns the URL at the application */
export async function arrive(browser: Browser, url: URL, name: string): Promise<URL> {
  let page = await browser.open(url);
  if (page.forms[0]?.fields['password'] !== undefined) page = await signIn(browser, page, name);
  if (page.forms[0]?.buttons.some(({ value }) => value === 'allow') === true)
    page = await browser.submit(page, {}, { button: 'allow' });
  if (page.status !== 0) throw new Error(`did not arrive, but at ${page.url.href} (${page.status}):\n${page.text}`);
  return page.url;
}

/** The whole of it: tokens of a user for an application. */
export async function tokensOf(
  config: client.Configuration,
  browser: Browser,
  name: string,
  parameters: Record<string, string> = {},
): Promise<Awaited<ReturnType<typeof client.authorizationCodeGrant>>> {
  const { url, verifier, state, nonce } = await request(config, parameters);
  const back = await arrive(browser, url, name);
  return await client.authorizationCodeGrant(config, back, {
    pkceCodeVerifier: verifier,
    expectedState: state,
    ...(parameters['scope']?.includes('openid') === false ? {} : { expectedNonce: nonce, idTokenExpected: true }),
  });
}
