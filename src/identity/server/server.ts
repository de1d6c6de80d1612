import { AsyncLocalStorage } from 'node:async_hooks';
import type { KeyObject } from 'node:crypto';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { SecureContextOptions, TlsOptions } from 'node:tls';
import type Provider from 'oidc-provider';
import type { KoaContextWithOIDC } from 'oidc-provider';
import type { Services } from '../../gateway/services.ts';
import { AccountPages } from '../factors/account/account-pages.ts';
import { sessionOf } from '../factors/account/session.ts';
import { PasswordHashing } from '../password-hashing.ts';
import { Revocations } from '../revocations.ts';
import { recordEvents } from './events.ts';
import type { Factor } from './factor.ts';
import { FACTORS } from './factors.ts';
import { type Caller, Interactions } from './interactions.ts';
import { jwksFile, type Keyring, keepKeys, publicKeyOf } from './keyring.ts';
import { openServerListener, pinOrigin } from './listener.ts';
import { type Guard, Logins } from './login.ts';
import { trustOwnIssuer } from './own-issuer.ts';
import { ASSETS, pageHeaders } from './pages/frame.ts';
import { Pages } from './pages/pages.ts';
import { STYLE } from './pages/style.ts';
import { INTERACTION, makeProvider, ROUTES } from './provider.ts';
import { Records } from './records.ts';
import { Seal } from './seal.ts';
import type { ServerSettings } from './settings.ts';
import { answerStructured } from './structured-tokens.ts';
import { languageFor, textsIn } from './texts/texts.ts';

/** How often keys are looked at, in ms. */
const KEYS_EVERY = 15_000;
/** How often what has ended is taken out of the store, in ms. */
const SWEEP_EVERY = 5 * 60_000;
const MINUTE = 60_000;
/** Requests of strangers that leave a record in the store, of all addresses together: what many could fill it with is bounded. */
const STORING = { count: 3_000, window: MINUTE, burst: 600 };
const STORES: ReadonlySet<string> = new Set([
  ROUTES.authorization,
  ROUTES.code_verification,
  ROUTES.device_authorization,
  ROUTES.pushed_authorization_request,
]);

/** Where an application itself asks, and not a browser on its behalf. */
const BACK_CHANNEL: ReadonlySet<string> = new Set([
  ROUTES.token,
  ROUTES.introspection,
  ROUTES.revocation,
  ROUTES.pushed_authorization_request,
  ROUTES.device_authorization,
]);
/** Asked often, cheap to answer, and by those who know nothing of anybody. */
const UNLIMITED = new Set([
  ROUTES.jwks as string,
  '/.well-known/openid-configuration',
  '/.well-known/oauth-authorization-server',
]);

/** What the gate gives its authorization server. */
export interface ServerSurroundings {
  readonly services: Services;
  readonly guard: Guard;
  /** Client address of a request, and its group as lock-outs count it. */
  callerOf(req: IncomingMessage): Caller;
  readonly tls: TlsOptions | undefined;
  /** Port instead of the configured one. */
  readonly port?: number;
  /** Steps after the password; default: all there are. */
  readonly factors?: readonly Factor[];
}

export interface RunningServer {
  readonly port: number;
  readonly issuer: string;
  setSecureContext(options: SecureContextOptions): void;
  stop(): void;
  destroy(): void;
}

/**
 * Starts the authorization server in this process: its listener, its keys, its sweep; and tells the gate to trust it.
 * @throws Error with place and mend
 */
export async function openServer(settings: ServerSettings, around: ServerSurroundings): Promise<RunningServer> {
  const { services } = around;
  let handle: RequestListener = unready;
  const listener = await openServerListener(
    { ...settings, port: around.port ?? settings.port },
    around.tls,
    (req, res) => handle(req, res),
  );
  const scheme = around.tls === undefined ? 'http' : 'https';
  const issuer = settings.issuer ?? `${scheme}://localhost:${listener.port}`;
  try {
    const running = new AuthorizationServer(issuer, settings, around);
    handle = (req, res) => void running.handle(req, res);
    trustOwnIssuer(services, { issuer, resource: settings.resource, jwks: jwksFile(services.dataDirectory) });
    return {
      port: listener.port,
      issuer,
      setSecureContext: (options) => listener.setSecureContext(options),
      stop: () => {
        running.close();
        listener.stop();
      },
      destroy: () => listener.destroy(),
    };
  } catch (error) {
    listener.destroy();
    listener.stop();
    throw error;
  }
}

const unready: RequestListener = (_req, res) => {
  res.writeHead(503, { 'retry-after': '1', 'content-length': 0 }).end();
};

class AuthorizationServer {
  readonly #issuer: URL;
  readonly #settings: ServerSettings;
  readonly #around: ServerSurroundings;
  readonly #asking = new AsyncLocalStorage<{ readonly caller: Caller; readonly backChannel: boolean }>();
  readonly #pages: Pages;
  readonly #interactions: Interactions;
  readonly #account: AccountPages;
  readonly #records: Records;
  readonly #revocations: Revocations;
  readonly #assets = new Map<string, { readonly type: string; readonly body: string }>();
  readonly #timers: NodeJS.Timeout[] = [];
  #keyring: Keyring;
  #keys: ReadonlyMap<string, KeyObject> = new Map();
  #provider: Provider;
  #callback: ReturnType<Provider['callback']>;

  constructor(issuer: string, settings: ServerSettings, around: ServerSurroundings) {
    const { services } = around;
    this.#issuer = new URL(issuer);
    this.#settings = settings;
    this.#around = around;
    this.#keyring = this.#readKeys();
    // Never renewed: what it has hidden could not be read any more.
    const seal = new Seal(this.#keyring.seal);
    this.#records = new Records(services.store, services.clock, seal);
    this.#revocations = new Revocations(services.store);
    this.#pages = new Pages(settings.title);
    const hashing = services.keep('identity/password-hashing', () => new PasswordHashing());
    const factors = around.factors ?? FACTORS;
    this.#interactions = new Interactions({
      services,
      issuer,
      resource: settings.resource,
      provider: () => this.#provider,
      pages: this.#pages,
      logins: new Logins(services, this.#records, hashing, around.guard),
      seal,
      factors,
    });
    this.#account = new AccountPages({
      services,
      issuer,
      authorize: ROUTES.authorization,
      title: settings.title,
      pages: this.#pages,
      seal,
      sessionOf: (req, res) => sessionOf(this.#provider, req, res),
    });
    this.#assets.set('style.css', { type: 'text/css; charset=utf-8', body: STYLE });
    for (const factor of factors)
      for (const [name, asset] of Object.entries(factor.assets ?? {})) this.#assets.set(name, asset);
    [this.#provider, this.#callback] = this.#makeProvider();
    this.#every(KEYS_EVERY, () => this.#renewKeys());
    this.#every(SWEEP_EVERY, () => this.#sweep());
    void this.#sweep();
  }

  close(): void {
    for (const timer of this.#timers) clearInterval(timer);
  }

  async handle(req: IncomingMessage, res: ServerResponse): Promise<void> {
    try {
      await this.#answer(req, res);
    } catch (error) {
      this.#failed(req, res, error as Error);
    }
  }

  async #answer(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const { services } = this.#around;
    const caller = this.#around.callerOf(req);
    const path = (req.url ?? '').split('?', 1)[0] as string;
    // Whoever reaches it under another name (a name that was rebound, a forged header) gets nothing of this origin.
    if (req.headers.host !== this.#issuer.host) return plain(res, 421, 'This server is reached by another name.');
    // `GET https://elsewhere/`: nobody is to ask a server for another one's pages.
    if (!path.startsWith('/') || path.startsWith('//')) return plain(res, 400, 'Not a path.');
    if (this.#issuer.protocol === 'https:') res.setHeader('strict-transport-security', 'max-age=31536000');
    res.setHeader('x-content-type-options', 'nosniff');
    if (path.startsWith(ASSETS)) return this.#asset(path.slice(ASSETS.length), req, res);
    if (!UNLIMITED.has(path)) {
      const count = this.#settings.requestsPerMinute;
      const limit = { count, window: MINUTE, burst: Math.max(1, Math.floor(count / 3)) };
      const taken = await services.counters.take(`identity/requests/${caller.group}`, limit);
      if (!taken.allowed) {
        res.setHeader('retry-after', String(Math.max(1, Math.ceil(taken.retryAfter / 1000))));
        return plain(res, 429, 'Too many requests.');
      }
      if (STORES.has(path) && !(await services.counters.take('identity/storing', STORING)).allowed) {
        res.setHeader('retry-after', '5');
        return plain(res, 503, 'Too many people are signing in. Try again in a moment.');
      }
    }
    pinOrigin(req, this.#issuer);
    await this.#asking.run({ caller, backChannel: BACK_CHANNEL.has(path) }, async () => {
      if (AccountPages.has(path)) await this.#account.handle(req, res, caller);
      else if (path.startsWith(INTERACTION)) await this.#interactions.handle(req, res, caller);
      else await this.#callback(req, res);
    });
  }

  #asset(name: string, req: IncomingMessage, res: ServerResponse): void {
    const asset = this.#assets.get(name);
    if (asset === undefined || (req.method !== 'GET' && req.method !== 'HEAD')) {
      plain(res, 404, 'Not found.');
      return;
    }
    const headers = {
      'content-type': asset.type,
      'content-length': Buffer.byteLength(asset.body),
      'cache-control': 'max-age=300',
    };
    res.writeHead(200, headers).end(req.method === 'HEAD' ? undefined : asset.body);
  }

  #failed(req: IncomingMessage, res: ServerResponse, error: Error): void {
    const expired = error.name === 'SessionNotFound';
    if (!expired) {
      const note = 'the authorization server failed';
      this.#around.services.event({
        event: 'identity/failed',
        note,
        evidence: { error: String(error.stack).slice(0, 2000) },
      });
    }
    if (res.headersSent) {
      res.destroy();
      return;
    }
    const language = languageFor(undefined, req.headers['accept-language']);
    const out = { error: expired ? 'session_not_found' : 'server_error' };
    const { title, body } = this.#pages.errorParts(textsIn(language), expired, out);
    res.writeHead(expired ? 400 : 500, pageHeaders());
    res.end(this.#pages.page(language, title, body));
  }

  #readKeys(): Keyring {
    const { dataDirectory, store, clock } = this.#around.services;
    const keyring = keepKeys(dataDirectory, store, clock, this.#settings);
    this.#keys = new Map(keyring.signing.map((jwk) => [jwk['kid'] as string, publicKeyOf(jwk)]));
    return keyring;
  }

  #makeProvider(): [Provider, ReturnType<Provider['callback']>] {
    const { services } = this.#around;
    const issuer = this.#issuer.origin;
    const provider = makeProvider({
      issuer,
      settings: this.#settings,
      keyring: this.#keyring,
      services,
      pages: this.#pages,
      adapter: {
        store: services.store,
        clock: services.clock,
        records: this.#records,
        caller: () => {
          const asking = this.#asking.getStore();
          return asking?.backChannel === true ? asking.caller : undefined;
        },
        reused: (kind, { grantId, accountId, clientId }) =>
          services.event({
            event: 'identity/reused',
            note: 'a token that may be used once was used twice at the same moment: all tokens of its grant are revoked',
            evidence: { kind, grant: grantId, user: accountId, client: clientId },
          }),
      },
    });
    recordEvents(provider, services, () => this.#asking.getStore()?.caller.address);
    const structured = { services, issuer, revocations: this.#revocations, keys: () => this.#keys };
    provider.use(async (context, next) => {
      await next();
      const ctx = context as unknown as KoaContextWithOIDC;
      if (ctx.oidc?.route === 'revocation' || ctx.oidc?.route === 'introspection')
        await answerStructured(ctx, structured);
      else if (typeof ctx.body === 'string' && ctx.body.includes('<title>Submitting Callback</title>'))
        this.#pages.withoutScript(ctx);
    });
    return [provider, provider.callback()];
  }

  #renewKeys(): void {
    const keyring = this.#readKeys();
    if (keyring.text === this.#keyring.text) return;
    this.#keyring = keyring;
    [this.#provider, this.#callback] = this.#makeProvider();
    this.#around.services.event({
      event: 'identity/keys',
      note: 'the signing keys of the authorization server were renewed',
      evidence: { keys: keyring.signing.map((jwk) => jwk['kid']) },
    });
  }

  async #sweep(): Promise<void> {
    const { counters } = this.#around.services;
    if (await counters.once('identity/sweep', SWEEP_EVERY / 2)) await this.#records.sweep();
  }

  #every(span: number, work: () => void | Promise<void>): void {
    const timer = setInterval(() => {
      Promise.resolve()
        .then(work)
        .catch((error: Error) =>
          this.#around.services.event({ event: 'identity/failed', note: error.message, evidence: {} }),
        );
    }, span);
    timer.unref();
    this.#timers.push(timer);
  }
}

function plain(res: ServerResponse, status: number, text: string): void {
  res.writeHead(status, {
    'content-type': 'text/plain; charset=utf-8',
    'cache-control': 'no-store',
    connection: 'close',
  });
  res.end(`${text}\n`);
}
