import type Provider from 'oidc-provider';
import type { AccessToken, ClientCredentials, KoaContextWithOIDC, RefreshToken } from 'oidc-provider';
import type { Services } from '../../gateway/services.ts';

/** A refusal as oidc-provider throws it. */
interface Refusal {
  readonly message: string;
  readonly error_description?: string;
  readonly error_detail?: string;
}

/** Puts on record what the server does: issues, uses, refusals, revocations. No event holds a token, code or secret. */
export function recordEvents(provider: Provider, services: Services, addressOf: () => string | undefined): void {
  const tell = (event: string, note: string, evidence: Record<string, unknown>): void =>
    services.event({ event: `identity/${event}`, note, evidence: { ...evidence, address: addressOf() } });

  const issued = (token: AccessToken | ClientCredentials): void => {
    const { accountId, grantId } = token as Partial<AccessToken>;
    services.count('portcullis_tokens_issued_total', { kind: accountId === undefined ? 'client' : 'user' });
    tell('issued', 'an access token was issued', {
      token: token.jti,
      user: accountId,
      client: token.clientId,
      grant: grantId,
      scopes: token.scope?.split(' ') ?? [],
    });
  };
  provider.on('access_token.issued', issued);
  provider.on('client_credentials.issued', issued);
  provider.on('refresh_token.consumed', (token: RefreshToken) =>
    tell('refreshed', 'a refresh token was used', {
      user: token.accountId,
      client: token.clientId,
      grant: token.grantId,
      rotations: token.rotations ?? 0,
    }),
  );
  provider.on('grant.revoked', (ctx: KoaContextWithOIDC, grant: string) => {
    const { RefreshToken: refresh, AuthorizationCode: code } = ctx.oidc.entities;
    const reused = ctx.oidc.route === 'token';
    tell(
      reused ? 'reused' : 'revoked',
      reused
        ? 'a token that may be used once was used again: all tokens of its grant are revoked'
        : 'a grant was revoked',
      {
        grant,
        user: refresh?.accountId ?? code?.accountId ?? ctx.oidc.session?.accountId,
        client: ctx.oidc.client?.clientId,
        by: ctx.oidc.route,
      },
    );
  });
  const refused = (ctx: KoaContextWithOIDC, error: Refusal): void => {
    services.count('portcullis_token_refusals_total', { route: ctx.oidc.route });
    tell('refused', 'a request to the authorization server was refused', {
      route: ctx.oidc.route,
      error: error.message,
      reason: error.error_detail ?? error.error_description,
      client: ctx.oidc.client?.clientId,
    });
  };
  for (const name of [
    'authorization',
    'grant',
    'pushed_authorization_request',
    'device_authorization',
    'code_verification',
    'device_resume',
    'introspection',
    'revocation',
    'end_session',
  ])
    provider.on(`${name}.error` as 'grant.error', refused as never);
  provider.on('end_session.success', (ctx: KoaContextWithOIDC) =>
    tell('logged-out', 'a session was ended', { client: ctx.oidc.client?.clientId }),
  );
  provider.on('server_error', (ctx: KoaContextWithOIDC, error: Error) =>
    tell('failed', 'the authorization server failed', {
      route: ctx.oidc?.route,
      error: String(error.stack ?? error).slice(0, 2000),
    }),
  );
}
