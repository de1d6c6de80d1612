import { createPublicKey } from 'node:crypto';
import type { Check, CheckContext } from '../../model/check.ts';
import { freshClaims, hmacToken, jwtIdentities } from './shared/jwt.ts';
import { firstBelieved, probesOf } from './shared/probes.ts';
import { withSecret } from './shared/requests.ts';
import { believesAnything } from './shared/signatures.ts';

/** Where public keys are commonly found, beneath the root and beneath the API's base path. */
const PLACES = [
  '/.well-known/jwks.json',
  '/.well-known/openid-configuration',
  '/.well-known/jwks',
  '/jwks.json',
  '/jwks',
  '/oauth/jwks',
  '/oauth2/jwks',
  '/oauth/token_key',
  '/auth/jwks.json',
  '/keys',
  '/public-key',
  '/public.pem',
  '/publickey.pem',
] as const;
const MAX_KEYS = 4;

/** A token signed with HMAC, with the public key as its secret. */
export const check: Check = {
  id: 'token-key-confusion',
  group: 'authentication',
  title: 'Takes its public key for an HMAC secret',
  practice: 'authenticate',
  cwe: 'CWE-347',
  owasp: 'API2:2023',
  severity: 'critical',
  why: 'The token chooses the algorithm: with HS256 the verifier uses the public key, which everybody has, as the shared secret. Anybody can sign tokens for any user.',
  mend: 'Fix the algorithm together with the key (a key object, not text), and refuse all others. Portcullis uses a key only with the algorithms of its own kind.',

  async run(context) {
    const holders = jwtIdentities(context.identities).filter(({ jwt }) => !String(jwt.header['alg']).startsWith('HS'));
    if (holders.length === 0) return context.skip('no identity has a JWT that is signed with a private key');
    const keys = await publicKeys(context);
    if (keys.length === 0) return context.skip('no public key was found at the usual places');
    for (const { as, jwt } of holders) {
      const [probe] = await probesOf(context, as, 1);
      if (probe === undefined || (await believesAnything(context, probe, jwt))) continue;
      const request = context.render(probe.call, as);
      const attacks = keys.flatMap((key) =>
        key.forms.flatMap((form) =>
          ['HS256', 'HS512'].map((alg) => ({
            name: `${alg} and ${form.name}`,
            request: () => withSecret(request, as, hmacToken({ ...jwt.header, alg }, freshClaims(jwt), form.secret)),
          })),
        ),
      );
      await firstBelieved(context, probe, attacks, (name) => ({
        message: `${probe.operation.key} believes a token signed with ${name} as the secret`,
        cause: 'public key as HMAC secret',
      }));
    }
  },
};

interface PublicKey {
  readonly forms: readonly { readonly name: string; readonly secret: string | Buffer }[];
}

async function publicKeys(context: CheckContext): Promise<PublicKey[]> {
  const prefix = context.base.pathname.replace(/\/$/, '');
  const targets = new Set(PLACES.flatMap((place) => [place, `${prefix}${place}`]));
  for (const { template, method } of context.operations) {
    if (method === 'GET' && /(jwks|public-?key|\.pem$)/i.test(template) && !template.includes('{'))
      targets.add(template);
  }
  const keys: PublicKey[] = [];
  for (const target of targets) {
    if (keys.length >= MAX_KEYS) break;
    const { answer } = await context.request({ method: 'GET', target, headers: [['Accept', '*/*']] });
    if (answer.status !== 200) continue;
    const { json } = answer;
    if (typeof json === 'object' && json !== null) {
      const { jwks_uri: elsewhere, keys: listed, value } = json as Record<string, unknown>;
      if (typeof elsewhere === 'string' && URL.canParse(elsewhere)) targets.add(new URL(elsewhere).pathname);
      const jwks = Array.isArray(listed) ? listed : 'kty' in json ? [json] : [];
      for (const jwk of jwks.slice(0, MAX_KEYS)) keys.push(...fromJwk(jwk));
      if (typeof value === 'string') keys.push(...fromPem(value));
    } else if (answer.text.includes('-----BEGIN ')) {
      keys.push(...fromPem(answer.text));
    }
  }
  return keys.slice(0, MAX_KEYS);
}

function fromJwk(jwk: unknown): PublicKey[] {
  if (typeof jwk !== 'object' || jwk === null || (jwk as { kty?: unknown }).kty === 'oct') return [];
  try {
    const key = createPublicKey({ key: jwk as Record<string, unknown>, format: 'jwk' });
    const { n, x, x5c } = jwk as Record<string, unknown>;
    const forms = formsOf(key);
    forms.push({ name: 'the JWK as JSON', secret: JSON.stringify(jwk) });
    for (const part of [n, x]) {
      if (typeof part === 'string') forms.push({ name: 'a number of the public key', secret: part });
    }
    if (Array.isArray(x5c) && typeof x5c[0] === 'string') {
      forms.push({
        name: 'its certificate',
        secret: `-----BEGIN CERTIFICATE-----\n${x5c[0]}\n-----END CERTIFICATE-----\n`,
      });
    }
    return [{ forms }];
  } catch {
    return [];
  }
}

function fromPem(text: string): PublicKey[] {
  try {
    const forms = formsOf(createPublicKey(text));
    return [{ forms: [{ name: 'the public key as it is served', secret: text }, ...forms] }];
  } catch {
    return [];
  }
}

/** The texts and bytes in which a verifier may hold the key. */
function formsOf(key: ReturnType<typeof createPublicKey>): { name: string; secret: string | Buffer }[] {
  const pem = String(key.export({ type: 'spki', format: 'pem' }));
  const forms: { name: string; secret: string | Buffer }[] = [
    { name: 'the public key in PEM', secret: pem },
    { name: 'the public key in PEM without its last line feed', secret: pem.trimEnd() },
    { name: 'the public key in DER', secret: key.export({ type: 'spki', format: 'der' }) },
  ];
  if (key.asymmetricKeyType === 'rsa') {
    const old = String(key.export({ type: 'pkcs1', format: 'pem' }));
    forms.push(
      { name: 'the public key in PKCS 1', secret: old },
      { name: 'the public key in PKCS 1, trimmed', secret: old.trimEnd() },
    );
  }
  return forms;
}
