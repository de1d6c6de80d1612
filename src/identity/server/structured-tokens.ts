import type { KeyObject } from 'node:crypto';
import { decodeProtectedHeader, jwtVerify } from 'jose';
import type { KoaContextWithOIDC } from 'oidc-provider';
import type { Services } from '../../gateway/services.ts';
import { type RevocableToken, type Revocations, revoke } from '../revocations.ts';
import { accountOf } from './accounts.ts';

const MAX_TOKEN = 16_384;

export interface TokenContext {
  readonly services: Services;
  readonly issuer: string;
  readonly revocations: Revocations;
  /** Public keys by key id. */
  keys(): ReadonlyMap<string, KeyObject>;
}

/**
 * Revocation (RFC 7009) and introspection (RFC 7662) of access tokens that are JWTs: oidc-provider has checked the application
 * and then refuses to judge those. An application learns of its own tokens only.
 * @returns whether it answered
 */
export async function answerStructured(ctx: KoaContextWithOIDC, context: TokenContext): Promise<boolean> {
  const { oidc } = ctx;
  const client = oidc?.client?.clientId;
  const { token } = (oidc?.params ?? {}) as { token?: string };
  const refused = (ctx.body as { error?: string } | undefined)?.error === 'unsupported_token_type';
  if (!refused || client === undefined || token === undefined) return false;
  const claims = await verified(token, context);
  const own = claims !== undefined && claims['client_id'] === client ? claims : undefined;
  ctx.status = 200;
  if (oidc.route === 'revocation') {
    if (own !== undefined) revokeOne(own, client, context);
    ctx.body = '';
    return true;
  }
  ctx.body =
    own !== undefined && isActive(own, context) ? { active: true, token_type: 'Bearer', ...own } : { active: false };
  return true;
}

async function verified(token: string, { issuer, keys }: TokenContext): Promise<Record<string, unknown> | undefined> {
  if (token.length > MAX_TOKEN) return undefined;
  try {
    const key = keys().get(decodeProtectedHeader(token).kid ?? '');
    if (key === undefined) return undefined;
    const { payload } = await jwtVerify(token, key, { issuer, algorithms: ['ES256'], typ: 'at+jwt' });
    return payload;
  } catch {
    return undefined;
  }
}

/** The revocation itself goes on record: no event of its own here. */
function revokeOne(claims: Record<string, unknown>, client: string, { services }: TokenContext): void {
  const { store, clock } = services;
  const until = (Number(claims['exp']) + 60) * 1000;
  revoke(store, clock, {
    kind: 'token',
    subject: String(claims['jti']),
    until,
    reason: 'by the application',
    by: client,
  });
}

function isActive(claims: Record<string, unknown>, { services, issuer, revocations }: TokenContext): boolean {
  const token: RevocableToken = {
    issuer,
    token: String(claims['jti']),
    grant: claims['grant_id'] as string | undefined,
    client: String(claims['client_id']),
    user: String(claims['sub']),
    issuedAt: claims['iat'] as number,
  };
  if (revocations.find(token) !== undefined) return false;
  return claims['sub'] === claims['client_id'] || accountOf(services.store, token.user, token.issuedAt) !== undefined;
}
