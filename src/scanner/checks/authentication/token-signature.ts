import { randomBytes } from 'node:crypto';
import type { Check } from '../../model/check.ts';
import { encodePart, freshClaims, hmacToken, type Jwt, jwtIdentities, ownKey, signedToken } from './shared/jwt.ts';
import { firstBelieved, probesOf } from './shared/probes.ts';
import { withSecret } from './shared/requests.ts';

const PROBES = 3;

/** A JWT whose signature is missing, of something else, or by somebody else. */
export const check: Check = {
  id: 'token-signature',
  group: 'authentication',
  title: 'Does not verify the signature of tokens',
  practice: 'authenticate',
  cwe: 'CWE-347',
  owasp: 'API2:2023',
  severity: 'critical',
  why: 'The token is decoded and believed, but its signature is not verified (or only in part). Anybody can change the user and the roles that stand in it.',
  mend: 'Use `verify`, never `decode`; keep the key on the server and refuse tokens whose signature does not fit the whole text. Portcullis verifies every token with the keys of its issuer.',

  async run(context) {
    const holders = jwtIdentities(context.identities);
    if (holders.length === 0) return context.skip('no identity has a JWT');
    for (const { as, jwt } of holders) {
      const attacks = await forgeries(jwt);
      for (const probe of await probesOf(context, as, PROBES)) {
        const request = context.render(probe.call, as);
        const done = await firstBelieved(
          context,
          probe,
          attacks.map(({ name, token }) => ({ name, request: () => withSecret(request, as, token) })),
          (name) => ({
            message: `${probe.operation.key} believes a token with ${name}`,
            cause: 'signatures are not verified',
          }),
        );
        if (done !== undefined) break;
      }
    }
  },
};

async function forgeries(jwt: Jwt): Promise<{ readonly name: string; readonly token: string }[]> {
  const claims = freshClaims(jwt);
  const algorithm = String(jwt.header['alg']);
  const changed = encodePart({ ...claims, scanned: true });
  const list = [
    { name: 'claims that were changed after signing', token: `${jwt.head}.${changed}.${jwt.signature}` },
    { name: 'its signature cut off', token: `${jwt.head}.${jwt.body}.` },
    { name: 'its signature left out', token: `${jwt.head}.${jwt.body}` },
    { name: 'a signature of zeros', token: `${jwt.head}.${jwt.body}.${zeros(jwt.signature)}` },
    { name: 'a wrong signature', token: `${jwt.head}.${jwt.body}.${wrong(jwt.signature)}` },
    { name: 'only a part of its signature', token: `${jwt.head}.${jwt.body}.${part(jwt.signature)}` },
  ];
  if (algorithm.startsWith('HS')) {
    list.push({ name: 'a signature by another secret', token: hmacToken(jwt.header, claims, randomBytes(32)) });
  } else {
    const own = await ownKey(algorithm);
    list.push({
      name: "a signature by the scanner's own key",
      token: signedToken({ ...jwt.header, alg: own.algorithm }, claims, own.key),
    });
    list.push({
      name: 'alg HS256 and a signature by another secret',
      token: hmacToken({ ...jwt.header, alg: 'HS256' }, claims, randomBytes(32)),
    });
  }
  list.push({
    name: 'alg HS256 and a signature by an empty secret',
    token: hmacToken({ ...jwt.header, alg: 'HS256' }, claims, ''),
  });
  return list;
}

const bytesOf = (signature: string): Buffer => Buffer.from(signature, 'base64url');
/** Numbers r = s = 0, which careless ECDSA code takes for right. */
const zeros = (signature: string): string => Buffer.alloc(bytesOf(signature).length).toString('base64url');
const part = (signature: string): string => {
  const bytes = bytesOf(signature);
  return bytes.subarray(0, Math.floor(bytes.length / 2)).toString('base64url');
};

/** Other bytes throughout: the last characters of base64url may stand for the same bytes in several ways. */
function wrong(signature: string): string {
  const bytes = bytesOf(signature);
  for (let at = 0; at < bytes.length; at++) bytes[at] = (bytes[at] ?? 0) ^ 0x5a;
  return bytes.toString('base64url');
}
