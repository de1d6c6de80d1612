import type { Operation } from '../../../contract/model.ts';
import type { Check, CheckContext } from '../../model/check.ts';
import type { Exchange } from '../../model/exchange.ts';
import type { Proof } from '../../model/finding.ts';
import type { Identity } from '../../model/identity.ts';
import { alike, plain } from './shared/answers.ts';
import { built, victims } from './shared/logins.ts';
import { type Probe, probesOf } from './shared/probes.ts';
import { withSecret } from './shared/requests.ts';

/** A session of the scanner's own is ended, and used once more. */
export const check: Check = {
  id: 'session-after-logout',
  group: 'authentication',
  title: 'The session survives logging out',
  practice: 'authenticate',
  cwe: 'CWE-613',
  owasp: 'API2:2023',
  severity: 'medium',
  why: 'Who logs out on a shared computer, or because a token was stolen, believes the door is shut. It is not: whoever has the token goes on.',
  mend: 'Delete the session on the server; of a JWT, keep its `jti` in a list of revoked ones until it expires. Portcullis refuses revoked tokens on all its processes at once.',

  async run(context) {
    const { logout } = context.known;
    if (logout.length === 0) return context.skip('the contract has no operation for logging out');
    const as = victims(context).find((one) => one.secret !== undefined);
    if (as === undefined) return context.skip('no identity can log in again');
    const [probe] = await probesOf(context, as, 1);
    if (probe === undefined) return context.skip(`no read that works for ${as.name} only with a credential`);
    for (const operation of logout) {
      const attempt = async () => await survives(context, probe, operation);
      const proof = await attempt();
      if (proof !== undefined) {
        await context.report({
          message: `a session that was ended with ${operation.key} still opens ${probe.operation.key}`,
          operation,
          cause: `survives ${operation.key}`,
          proof,
          again: attempt,
        });
      }
      await as.renew();
    }
  },
};

async function survives(context: CheckContext, probe: Probe, logout: Operation): Promise<Proof | undefined> {
  const { as } = probe;
  const before = as.secret;
  if (!(await as.renew())) {
    context.skip('the identity cannot log in again', logout);
    return undefined;
  }
  // The older of two sessions, so that the identity keeps one; where there is only one, that one.
  const token =
    before !== undefined && before !== as.secret && (await opens(context, probe, before)) !== undefined
      ? before
      : as.secret;
  if (token === undefined) return undefined;
  const alive = await opens(context, probe, token);
  if (alive === undefined) return undefined;
  const left = await logOut(context, as, logout, token);
  const outcome = left === undefined ? undefined : context.outcome(left);
  if (left === undefined || (outcome !== 'success' && outcome !== 'redirect')) {
    context.skip('logging out does not work', logout);
    return undefined;
  }
  const after = await opens(context, probe, token);
  return after && { exchanges: [alive, left, after], marks: [] };
}

/** @returns the exchange, where the token opens what the probe reads */
async function opens(context: CheckContext, probe: Probe, token: string): Promise<Exchange | undefined> {
  const { as, operation } = probe;
  const request = context.render(probe.call, as);
  const used = as.secret === token ? request : withSecret(request, as, token);
  if (used === undefined) return undefined;
  const exchange = await context.request(used, { operation });
  return context.outcome(exchange) === 'success' && alike(probe.allowed.answer, exchange.answer) ? exchange : undefined;
}

async function logOut(
  context: CheckContext,
  as: Identity,
  operation: Operation,
  token: string,
): Promise<Exchange | undefined> {
  let call = built(context, operation);
  for (const place of context.places(call)) {
    if (place.in !== 'body' && place.in !== 'query') continue;
    if (
      place.value !== undefined &&
      /^(access|refresh|session|id)?(token|sid|session|sessionid)$/.test(plain(place.word))
    ) {
      call = context.put(call, place, token);
    }
  }
  const request = context.render(call, as);
  const used = as.secret === token ? request : withSecret(request, as, token);
  return used === undefined ? undefined : await context.request(used, { operation });
}
