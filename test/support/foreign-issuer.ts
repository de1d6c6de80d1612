import { generateKeyPairSync } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import Provider, { type Configuration, type JWKS } from 'oidc-provider';

/** An authorization server that is not ours, on this machine: it plays what a company runs already. */
export interface ForeignIssuer {
  readonly url: string;
  readonly port: number;
  /** Requests it has had: `GET /realms/shop/jwks`. */
  readonly asked: string[];
  /** A token of the client `app` for itself. */
  token(resource: 'urn:shop:jwt' | 'urn:shop:opaque' | 'urn:other', scope?: string): Promise<string>;
  revoke(token: string): Promise<void>;
  stop(): Promise<void>;
}

export interface ForeignOptions {
  /** To come back where it was. */
  readonly port?: number;
  readonly kid?: string;
  /** Of the client `gate`. */
  readonly gate?: Record<string, unknown>;
}

/** Path beneath which it lives, as servers with several realms do it. */
const PATH = '/realms/shop';
const APP = { id: 'app', secret: 'app-secret-of-some-length' };
export const GATE = { id: 'gate', secret: 'gate-secret-of-some-length' };

export async function foreignIssuer({ port = 0, kid = 'k1', gate }: ForeignOptions = {}): Promise<ForeignIssuer> {
  const asked: string[] = [];
  const server: Server = createServer();
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const bound = (server.address() as AddressInfo).port;
  const url = `http://127.0.0.1:${bound}${PATH}`;
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const jwk = { ...privateKey.export({ format: 'jwk' }), kid, alg: 'ES256', use: 'sig' };
  const provider = new Provider(url, configuration({ keys: [jwk] } as JWKS, gate));
  const handle = provider.callback();
  server.on('request', (req, res) => {
    asked.push(`${req.method} ${req.url}`);
    if (!req.url?.startsWith(`${PATH}/`)) {
      res.writeHead(404).end();
      return;
    }
    (req as { originalUrl?: string }).originalUrl = req.url;
    req.url = req.url.slice(PATH.length);
    handle(req, res);
  });
  const authorization = `Basic ${Buffer.from(`${APP.id}:${APP.secret}`).toString('base64')}`;
  const post = async (path: string, form: Record<string, string>): Promise<Response> => {
    const answer = await fetch(`${url}${path}`, {
      method: 'POST',
      headers: { authorization },
      body: new URLSearchParams(form),
    });
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
    return answer;
  };
  return {
    url,
    port: bound,
    asked,
    token: async (resource, scope = 'read') => {
      const answer = await post('/token', { grant_type: 'client_credentials', resource, scope });
      return ((await answer.json()) as { access_token: string }).access_token;
    },
    revoke: async (token) => {
      await post('/token/revocation', { token });
    },
    stop: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

const configuration = (jwks: JWKS, gate: Record<string, unknown> = {}): Configuration => ({
  jwks,
  clientDefaults: { id_token_signed_response_alg: 'ES256', introspection_signed_response_alg: 'ES256' },
  clients: [
    {
      client_id: APP.id,
      client_secret: APP.secret,
      grant_types: ['client_credentials'],
      redirect_uris: [],
      response_types: [],
    },
    {
      client_id: GATE.id,
      ...(gate['token_endpoint_auth_method'] === 'private_key_jwt' ? {} : { client_secret: GATE.secret }),
      grant_types: [],
      redirect_uris: [],
      response_types: [],
      ...gate,
    },
  ],
  scopes: ['read', 'write'],
  extraTokenClaims: () => ({ realm_access: { roles: ['shop-customers', 'offline_access'] }, customer: 1 }),
  ttl: { ClientCredentials: 600 },
  features: {
    devInteractions: { enabled: false },
    clientCredentials: { enabled: true },
    revocation: { enabled: true },
    introspection: { enabled: true },
    jwtIntrospection: { enabled: true },
    resourceIndicators: {
      enabled: true,
      getResourceServerInfo: (_ctx, resource) => ({
        scope: 'read write',
        audience: resource === 'urn:other' ? 'urn:other' : 'shop',
        accessTokenFormat: resource === 'urn:shop:opaque' ? 'opaque' : 'jwt',
        jwt: { sign: { alg: 'ES256' } },
      }),
    },
  },
});
