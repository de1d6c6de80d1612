import type { Check, CheckContext } from '../../model/check.ts';
import type { Proof } from '../../model/finding.ts';
import { alike } from './shared/answers.ts';
import { type Probe, probesOf } from './shared/probes.ts';
import { randomText, withQuery } from './shared/requests.ts';

const NAMES = [
  'access_token',
  'token',
  'api_key',
  'apikey',
  'api-key',
  'apiKey',
  'key',
  'jwt',
  'auth',
  'auth_token',
  'authToken',
  'accessToken',
  'bearer',
  'Authorization',
  'session',
  'session_id',
  'sid',
] as const;

/** A credential that also counts in the address. */
export const check: Check = {
  id: 'credential-in-url',
  group: 'authentication',
  title: 'Accepts credentials in the address',
  practice: 'authenticate',
  cwe: 'CWE-598',
  owasp: 'API2:2023',
  severity: 'medium',
  why: 'Addresses stand in logs, histories, referrers and bookmarks of everybody on the way. A credential in one is a credential given away.',
  mend: 'Read credentials from the Authorization header (or a cookie) only: RFC 6750 section 5.3, RFC 9700 section 4.3.2. Portcullis accepts them only where the contract says, and warns of keys in queries.',

  async run(context) {
    const kinds = new Set<string>();
    for (const as of context.identities) {
      if (as.secret === undefined || kinds.has(as.kind)) continue;
      if (as.credentials().query.length > 0) continue;
      kinds.add(as.kind);
      const [probe] = await probesOf(context, as, 1, 'untried');
      if (probe === undefined) continue;
      const names = new Set<string>(NAMES);
      for (const [name] of [...as.credentials(probe.operation).headers, ...as.credentials(probe.operation).cookies])
        names.add(name);
      const declared = new Set(
        context.contract.securitySchemes.filter((scheme) => scheme.in === 'query').map(({ parameter }) => parameter),
      );
      for (const name of names) {
        if (
          declared.has(name) ||
          probe.operation.parameters.some((parameter) => parameter.in === 'query' && parameter.name === name)
        )
          continue;
        await tryName(context, probe, name);
      }
    }
  },
};

async function tryName(context: CheckContext, probe: Probe, name: string): Promise<void> {
  const { operation, as } = probe;
  const attempt = async (): Promise<Proof | undefined> => {
    const { secret } = as;
    if (secret === undefined) return undefined;
    const request = context.render(probe.call, null);
    const value = name.toLowerCase() === 'authorization' ? `Bearer ${secret}` : secret;
    const attack = await context.request(withQuery(request, name, value), { operation, as: as.name });
    if (context.outcome(attack) !== 'success' || !alike(probe.allowed.answer, attack.answer)) return undefined;
    const made = randomText(context.random(name), 20);
    const control = await context.request(withQuery(request, name, made), { operation });
    if (context.outcome(control) === 'success') return undefined;
    // The control comes first in what is shown; it was sent last, as it is needed only where the attack works.
    return { exchanges: [control, attack], marks: [name] };
  };
  const proof = await attempt();
  if (proof === undefined) return;
  await context.report({
    message: `${operation.key} accepts the credential in the query parameter ${name}, which the contract does not name`,
    operation,
    place: `query parameter ${name}`,
    cause: `credential in ${name}`,
    proof,
    again: attempt,
  });
}
