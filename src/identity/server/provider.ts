import { hash } from 'node:crypto';
import Provider, {
  type AccessToken,
  type Client,
  type ClientCredentials,
  type Configuration,
  errors,
  type Grant,
  interactionPolicy,
  type KoaContextWithOIDC,
} from 'oidc-provider';
import type { Services } from '../../gateway/services.ts';
import { findClient, isSecretOf } from '../clients.ts';
import { accountOf, beganAt, type OwnAccount, ownAttributes, rolesFor } from './accounts.ts';
import { type AdapterContext, adapterFor } from './adapter.ts';
import { ACR, reaches } from './factor.ts';
import { findConsent } from './grants.ts';
import type { Keyring } from './keyring.ts';
import type { Pages } from './pages/pages.ts';
import type { ServerSettings } from './settings.ts';

/** Paths of the server, as its metadata name them. */
export const ROUTES = {
  authorization: '/authorize',
  code_verification: '/device',
  device_authorization: '/device/authorize',
  end_session: '/logout',
  introspection: '/introspect',
  jwks: '/jwks',
  pushed_authorization_request: '/par',
  revocation: '/revoke',
  token: '/token',
} as const;

/** Below it are the login and the consent, one path for each. */
export const INTERACTION = '/interaction/';

const SECOND = 1000;
const CODE_LIFE = 60;
const INTERACTION_LIFE = 15 * 60;

export interface ProviderOptions {
  readonly issuer: string;
  readonly settings: ServerSettings;
  readonly keyring: Keyring;
  readonly services: Services;
  readonly adapter: AdapterContext;
  readonly pages: Pages;
}

/** oidc-provider, configured: what it may do is listed here, and everything else is off. */
export function makeProvider(options: ProviderOptions): Provider {
  const provider = new Provider(options.issuer, configurationOf(options));
  // The handler around it has replaced what a client may have written there: see listener.ts.
  provider.proxy = true;
  compareDigests(provider);
  takeOnce(provider, options.services);
  return provider;
}

function configurationOf({ settings, keyring, services, adapter, pages, issuer }: ProviderOptions): Configuration {
  const { store } = services;
  const secure = issuer.startsWith('https:');
  const cookie = { httpOnly: true, sameSite: 'lax', secure, signed: true } as const;
  const seconds = (span: number): number => Math.floor(span / SECOND);
  return {
    adapter: adapterFor(adapter),
    jwks: { keys: keyring.signing.map((jwk) => ({ ...jwk })) as never },
    cookies: {
      keys: [...keyring.cookies],
      long: cookie,
      short: cookie,
      names: {
        session: secure ? '__Host-session' : 'session',
        interaction: secure ? '__Secure-interaction' : 'interaction',
        resume: secure ? '__Secure-resume' : 'resume',
      },
    },
    routes: ROUTES,
    clientDefaults: { id_token_signed_response_alg: 'ES256', grant_types: [], response_types: [] },
    responseTypes: ['code'],
    scopes: ['openid', 'profile', 'offline_access'],
    claims: { openid: ['sub', 'sid', 'acr', 'amr', 'auth_time'], profile: ['preferred_username'] } as never,
    acrValues: [...ACR],
    pkce: { required: () => true },
    allowOmittingSingleRegisteredRedirectUri: false,
    clockTolerance: 5,
    enabledJWA: {
      clientAuthSigningAlgValues: ['ES256', 'PS256', 'Ed25519', 'EdDSA'],
      idTokenSigningAlgValues: ['ES256'],
    } as never,
    features: {
      devInteractions: { enabled: false },
      userinfo: { enabled: false },
      dPoP: { enabled: true },
      clientCredentials: { enabled: true },
      introspection: {
        enabled: true,
        allowedPolicy: async (_ctx, client, token) => token.clientId === client.clientId,
      },
      revocation: {
        enabled: true,
        // Of another application's token it learns nothing, not even that it exists (RFC 7009, section 2.2).
        allowedPolicy: async (_ctx: KoaContextWithOIDC, client: Client, token: { clientId?: string }) =>
          token.clientId === client.clientId,
      } as never,
      pushedAuthorizationRequests: { enabled: true },
      rpInitiatedLogout: {
        enabled: true,
        logoutSource: (ctx, form) => pages.logout(ctx, form),
        postLogoutSuccessSource: (ctx) => pages.loggedOut(ctx),
      },
      deviceFlow: {
        enabled: true,
        deviceInfo: () => ({}),
        userCodeInputSource: (ctx, form, _out, error) => pages.deviceCode(ctx, form, error),
        userCodeConfirmSource: (ctx, form, client, _info, code) => pages.deviceConfirm(ctx, form, client, code),
        successSource: (ctx) => pages.deviceDone(ctx),
      },
      resourceIndicators: {
        enabled: true,
        defaultResource: async (_ctx, _client, oneOf) => (oneOf === undefined ? settings.resource : oneOf[0]) as string,
        useGrantedResource: async () => true,
        getResourceServerInfo: async (_ctx, resource, client) => {
          if (resource !== settings.resource) throw new errors.InvalidTarget();
          return {
            scope: (findClient(store, client.clientId)?.scopes ?? []).join(' '),
            audience: settings.resource,
            accessTokenTTL: seconds(settings.accessToken),
            accessTokenFormat: 'jwt',
            jwt: { sign: { alg: 'ES256', kid: keyring.signing[0]?.['kid'] as string } },
          };
        },
      },
    },
    ttl: {
      AccessToken: seconds(settings.accessToken),
      ClientCredentials: seconds(settings.accessToken),
      AuthorizationCode: CODE_LIFE,
      DeviceCode: seconds(settings.deviceCode),
      IdToken: seconds(settings.accessToken),
      Interaction: INTERACTION_LIFE,
      RefreshToken: seconds(settings.refreshToken),
      Grant: seconds(settings.grant),
      Session: seconds(settings.session),
    },
    rotateRefreshToken: true,
    issueRefreshToken: async (_ctx, client) => client.grantTypeAllowed('refresh_token'),
    expiresWithSession: async (_ctx, source) => !source.scopes.has('offline_access'),
    revokeGrantPolicy: () => true,
    findAccount: async (ctx, sub, token) => accountOf(store, sub, beganAt(ctx, token)) as never,
    loadExistingGrant: (ctx) => grantFor(ctx, services, settings.resource),
    extraTokenClaims: async (ctx, token) => claimsOf(ctx, token, services) as never,
    formats: {
      customizers: {
        jwt: (_ctx: unknown, token: AccessToken | ClientCredentials, parts: { payload: Record<string, unknown> }) =>
          narrow(services, token, parts.payload),
      } as never,
    },
    interactions: { url: (_ctx, interaction) => `${INTERACTION}${interaction.uid}`, policy: policy() },
    renderError: (ctx, out, error) => pages.error(ctx, out, error),
    // Browsers' applications call the token endpoint from their own origin only.
    clientBasedCORS: (_ctx, origin, client) =>
      client.tokenEndpointAuthMethod === 'none' &&
      (client.redirectUris ?? []).some((uri) => URL.canParse(uri) && new URL(uri).origin === origin),
    fetch: () => Promise.reject(new Error('nothing is fetched on behalf of clients')),
  };
}

/** Asks for a login also where the account behind the session is gone, and where a stronger login is asked for. */
function policy() {
  const { base, Check } = interactionPolicy;
  const prompts = base();
  const login = prompts.get('login');
  login?.checks.add(
    new Check('account_gone', 'the account cannot be used any more', 'login_required', ({ oidc }) => {
      return (
        oidc.session?.accountId !== undefined && oidc.account === undefined && oidc.result?.['login'] === undefined
      );
    }),
  );
  login?.checks.add(
    new Check('acr_values', 'a stronger login is asked for', 'login_required', ({ oidc }) => {
      const wanted = String(oidc.params?.['acr_values'] ?? '')
        .split(' ')
        .filter((one) => one !== '');
      if (wanted.length === 0 || oidc.result?.['login'] !== undefined) return false;
      return !wanted.some((one) => reaches(oidc.session?.acr ?? '', one));
    }),
  );
  return prompts;
}

/** The grant of this browser session; without one a new one where the user is not to be asked (again). */
async function grantFor(ctx: KoaContextWithOIDC, { store }: Services, resource: string): Promise<Grant | undefined> {
  const { oidc } = ctx;
  const client = oidc.client as Client;
  const result = oidc.result as { consent?: { grantId?: string } } | undefined;
  const id = result?.consent?.grantId ?? oidc.session?.grantIdFor(client.clientId);
  const known = id === undefined ? undefined : await oidc.provider.Grant.find(id);
  // A session of another account has ended by now, and so has its grant here.
  if (known !== undefined && known.accountId === oidc.account?.accountId) return known;
  const account = oidc.account as unknown as OwnAccount;
  const record = findClient(store, client.clientId);
  if (record === undefined) return undefined;
  const asked = [...oidc.requestParamScopes];
  const covered = findConsent(store, account.accountId, client.clientId)?.scopes;
  if (!record.own && (covered === undefined || !asked.every((scope) => covered.includes(scope)))) return undefined;
  const grant = new oidc.provider.Grant({ accountId: account.accountId, clientId: client.clientId });
  fillGrant(grant, asked, account.user.record.scopes, record.scopes, resource);
  await grant.save();
  return grant;
}

/**
 * Puts into a grant what was asked for and consented to, as far as the user has it; what the user has not is refused in it,
 * so that nobody is asked again.
 */
export function fillGrant(
  grant: Grant,
  asked: readonly string[],
  user: readonly string[],
  client: readonly string[],
  resource: string,
): string[] {
  const own = asked.filter((scope) => scope === 'openid' || scope === 'profile' || scope === 'offline_access');
  if (own.length > 0) grant.addOIDCScope(own.join(' '));
  const possible = asked.filter((scope) => client.includes(scope));
  const given = possible.filter((scope) => user.includes(scope));
  const refused = possible.filter((scope) => !user.includes(scope));
  if (given.length > 0) grant.addResourceScope(resource, given.join(' '));
  if (refused.length > 0) grant.rejectResourceScope(resource, refused.join(' '));
  return [...own, ...given];
}

/** Claims of an access token beside the registered ones (RFC 9068, section 2.2). */
function claimsOf(
  ctx: KoaContextWithOIDC,
  token: AccessToken | ClientCredentials,
  { store }: Services,
): object | undefined {
  const client = findClient(store, token.clientId as string);
  if (client === undefined) throw new errors.InvalidGrant('the application is not approved');
  if (token.kind === 'ClientCredentials') return { roles: [...client.roles] };
  const { accountId, grantId } = token as AccessToken;
  const account = accountOf(store, accountId, undefined);
  if (account === undefined) throw new errors.InvalidGrant('the account cannot be used any more');
  const { entities } = ctx.oidc;
  const source =
    entities.RotatedRefreshToken ?? entities.RefreshToken ?? entities.AuthorizationCode ?? entities.DeviceCode;
  const { acr, amr, authTime } = (source ?? {}) as { acr?: string; amr?: string[]; authTime?: number };
  return {
    ...ownAttributes(account.user.record.claims),
    roles: rolesFor(account.user.record, client),
    grant_id: grantId,
    acr,
    amr,
    auth_time: authTime,
  };
}

/** A scope that the user has lost, or that the application may not ask for any more, leaves the tokens at the next refresh. */
function narrow({ store }: Services, token: AccessToken | ClientCredentials, payload: Record<string, unknown>): void {
  const { scope } = payload;
  if (typeof scope !== 'string') return;
  const client = findClient(store, token.clientId as string)?.scopes ?? [];
  const { accountId } = token as Partial<AccessToken>;
  const user = accountId === undefined ? client : (accountOf(store, accountId, undefined)?.user.record.scopes ?? []);
  const left = scope.split(' ').filter((one) => client.includes(one) && user.includes(one));
  token.scope = left.length === 0 ? undefined : left.join(' ');
  payload['scope'] = token.scope;
}

/** What stands in the place of a client's secret is its digest. */
function compareDigests(provider: Provider): void {
  const { prototype } = provider.Client as unknown as { prototype: { compareClientSecret(actual: string): boolean } };
  prototype.compareClientSecret = function (this: { clientSecret?: string }, actual: string): boolean {
    return typeof this.clientSecret === 'string' && isSecretOf(this.clientSecret, actual);
  };
}

/**
 * Assertions and proofs are good once. The library looks and then writes: of two that come at once to two workers both would
 * pass. The counters decide it exactly; its own record stays, so that a restart forgets none.
 */
function takeOnce(provider: Provider, { counters, clock }: Services): void {
  const replay = provider.ReplayDetection as unknown as {
    unique(iss: string, jti: string, exp: number): Promise<boolean>;
  };
  const unique = replay.unique.bind(replay);
  replay.unique = async (iss, jti, exp) => {
    const id = hash('sha256', JSON.stringify([iss, jti]), 'base64url');
    const span = Math.max(0, exp * SECOND - clock.now()) + SECOND;
    return (await counters.once(`identity/once/${id}`, span)) && (await unique(iss, jti, exp));
  };
}
