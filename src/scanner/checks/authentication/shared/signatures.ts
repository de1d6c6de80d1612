import type { CheckContext } from '../../../model/check.ts';
import { freshClaims, hmacToken, type Jwt, ownKey, signedToken } from './jwt.ts';
import type { Probe } from './probes.ts';
import { randomText, withSecret } from './requests.ts';

/**
 * Whether any signature will do: one by a key of the scanner's own, one by a made-up secret. Then what a finer attack
 * on the signature shows says nothing: that no signature is verified has a check of its own.
 */
export async function believesAnything(context: CheckContext, probe: Probe, jwt: Jwt): Promise<boolean> {
  const own = await ownKey(/^HS/.test(String(jwt.header['alg'])) ? 'RS256' : String(jwt.header['alg']));
  for (const token of [
    signedToken({ ...jwt.header, alg: own.algorithm }, freshClaims(jwt), own.key),
    hmacToken({ ...jwt.header, alg: 'HS256' }, freshClaims(jwt), randomText(context.random('secret'), 24)),
  ]) {
    const request = withSecret(context.render(probe.call, probe.as), probe.as, token);
    if (request === undefined) continue;
    const exchange = await context.request(request, { operation: probe.operation });
    if (context.outcome(exchange) === 'success') return true;
  }
  return false;
}
