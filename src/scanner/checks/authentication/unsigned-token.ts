import type { Check } from '../../model/check.ts';
import { encodePart, freshClaims, jwtIdentities } from './shared/jwt.ts';
import { firstBelieved, probesOf } from './shared/probes.ts';
import { withSecret } from './shared/requests.ts';
import { believesAnything } from './shared/signatures.ts';

const PROBES = 2;
const SPELLINGS = ['none', 'None', 'NONE', 'nOnE', ''] as const;

/** A JWT that says itself that it is not signed. */
export const check: Check = {
  id: 'unsigned-token',
  group: 'authentication',
  title: 'Believes tokens without a signature',
  practice: 'authenticate',
  cwe: 'CWE-347',
  owasp: 'API2:2023',
  severity: 'critical',
  why: 'Whoever writes a token says in it who they are and what they may do; without a signature anybody can write one. One line of code makes the caller any user and any role.',
  mend: 'Verify with a fixed list of algorithms (never the one the token names), and refuse `none` in every spelling. Portcullis accepts only the algorithms of the configured issuer.',

  async run(context) {
    const holders = jwtIdentities(context.identities);
    if (holders.length === 0) return context.skip('no identity has a JWT');
    for (const { as, jwt } of holders) {
      const probes = await probesOf(context, as, PROBES);
      if (probes.length === 0) context.skip(`no read that works for ${as.name} only with a credential`);
      const claims = freshClaims(jwt);
      const body = encodePart(claims);
      const { kid: _kid, ...header } = jwt.header;
      const attacks = SPELLINGS.flatMap((alg) => {
        const heads = [encodePart({ ...jwt.header, alg }), encodePart({ ...header, alg })];
        return [
          ...heads.map((head) => ({ alg, token: `${head}.${body}.`, name: `alg "${alg}" and no signature` })),
          {
            alg,
            token: `${heads[0]}.${jwt.body}.${jwt.signature}`,
            name: `alg "${alg}" and a signature of something else`,
          },
        ];
      });
      const { alg: _alg, ...bare } = jwt.header;
      attacks.push({ alg: '', token: `${encodePart(bare)}.${body}.`, name: 'no alg and no signature' });
      for (const probe of probes) {
        if (await believesAnything(context, probe, jwt)) break;
        const request = context.render(probe.call, as);
        const done = await firstBelieved(
          context,
          probe,
          attacks.map(({ name, token }) => ({
            name,
            request: () => withSecret(request, as, token),
            marks: [token.split('.')[0]!],
          })),
          (name) => ({
            message: `${probe.operation.key} believes a token with ${name}`,
            cause: 'unsigned tokens are believed',
          }),
        );
        if (done !== undefined) break;
      }
    }
  },
};
