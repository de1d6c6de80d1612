import { timingSafeEqual } from 'node:crypto';
import type { Check, CheckContext } from '../../model/check.ts';
import { freshClaims, hmac, hmacToken, type Jwt, jwtIdentities } from './shared/jwt.ts';
import { firstBelieved, probesOf } from './shared/probes.ts';
import { withSecret } from './shared/requests.ts';
import { commonSecrets } from './shared/secrets.ts';

/** An HMAC secret that can be guessed: tried offline, then shown with a token of the scanner's own. */
export const check: Check = {
  id: 'weak-token-secret',
  group: 'authentication',
  title: 'Tokens are signed with a guessable secret',
  practice: 'authenticate',
  cwe: 'CWE-1391',
  owasp: 'API2:2023',
  severity: 'critical',
  why: 'The secret stands in lists of common ones. Whoever has one token finds it without any traffic, and signs tokens for every user and role.',
  mend: 'Use 32 or more bytes from a random generator (`openssl rand -base64 48`), out of the code, changed at once; better an asymmetric algorithm. Portcullis signs with keys that it makes itself.',

  async run(context) {
    const holders = jwtIdentities(context.identities).filter(({ jwt }) =>
      /^HS(256|384|512)$/i.test(String(jwt.header['alg'])),
    );
    if (holders.length === 0) return context.skip('no identity has a JWT that is signed with a shared secret');
    for (const { as, jwt } of holders) {
      const secret = guess(context, jwt);
      if (secret === undefined) continue;
      const [probe] = await probesOf(context, as, 1, 'untried');
      if (probe === undefined) continue;
      const request = context.render(probe.call, as);
      await firstBelieved(
        context,
        probe,
        [
          {
            name: 'the guessed secret',
            request: () =>
              withSecret(request, as, hmacToken(jwt.header, { ...freshClaims(jwt), scanned: true }, secret)),
          },
        ],
        () => ({
          message: `${probe.operation.key} believes a token that the scanner signed with the secret it guessed (${secret.length} characters, from a list of common ones)`,
          cause: 'guessable secret',
        }),
      );
    }
  },
};

function guess(context: CheckContext, jwt: Jwt): string | Buffer | undefined {
  const algorithm = String(jwt.header['alg']);
  const text = `${jwt.head}.${jwt.body}`;
  const signature = Buffer.from(jwt.signature, 'base64url');
  const fits = (key: string | Buffer): boolean => {
    const computed = Buffer.from(hmac(algorithm, text, key), 'base64url');
    return computed.length === signature.length && timingSafeEqual(computed, signature);
  };
  const { iss, aud, sub } = jwt.claims;
  const local = [
    context.contract.title,
    context.base.hostname,
    iss,
    aud,
    sub,
    ...context.identities.map(({ login }) => login?.username),
  ];
  for (const secret of commonSecrets(local.filter((word) => typeof word === 'string'))) {
    if (fits(secret)) return secret;
    const decoded = Buffer.from(secret, 'base64');
    if (decoded.length > 0 && fits(decoded)) return decoded;
  }
  return undefined;
}
