import type { AdapterPayload } from 'oidc-provider';
import type { ClientRecord, GrantType } from '../clients.ts';

const OAUTH_NAMES: Readonly<Record<GrantType, string>> = {
  authorization_code: 'authorization_code',
  refresh_token: 'refresh_token',
  client_credentials: 'client_credentials',
  device_code: 'urn:ietf:params:oauth:grant-type:device_code',
};

/** An application as oidc-provider reads it (RFC 7591, section 2). Its `client_secret` is the digest of the real one. */
export function clientMetadata(id: string, record: ClientRecord): AdapterPayload {
  const loopback = record.redirectUris.some((uri) => !uri.startsWith('https:'));
  return {
    client_id: id,
    client_name: record.name,
    application_type: record.proof === 'none' && loopback ? 'native' : 'web',
    token_endpoint_auth_method: record.proof === 'secret' ? 'client_secret_basic' : record.proof,
    ...(record.secret === null ? {} : { client_secret: record.secret }),
    ...(record.keys.length === 0 ? {} : { jwks: { keys: record.keys }, token_endpoint_auth_signing_alg: undefined }),
    redirect_uris: [...record.redirectUris],
    post_logout_redirect_uris: [...record.logoutUris],
    grant_types: record.grants.map((grant) => OAUTH_NAMES[grant]),
    response_types: record.grants.includes('authorization_code') ? ['code'] : [],
    response_modes: record.grants.includes('authorization_code') ? ['query'] : undefined,
    scope: record.grants.includes('refresh_token') ? 'openid profile offline_access' : 'openid profile',
    id_token_signed_response_alg: 'ES256',
  } as AdapterPayload;
}
