import type { Check, CheckContext } from '../../model/check.ts';
import type { Proof } from '../../model/finding.ts';
import type { Identity } from '../../model/identity.ts';
import { leavesOf, plain } from './shared/answers.ts';
import { jwtIdentities, readJwt } from './shared/jwt.ts';
import { loginForm } from './shared/logins.ts';
import { believed, probesOf } from './shared/probes.ts';
import { withSecret } from './shared/requests.ts';

/** Seconds by which clocks may differ: a token that lives on for so long may be meant to. */
const LEEWAY = 65;
/** Seconds after which it is worth knowing: the scanner and a clock that is right need none of that. */
const LATE = 5;
/** Seconds that are waited for a token to expire, at most. */
const PATIENCE = 12;
/** How logins name the lifetime of what they give, where they let one choose. */
const LIFETIME = /(lifetime|ttl|expiresin|expirein|expiry|duration|validity|validfor|maxage|sessionlength)/;
const KEPT = 50;
/** Seconds from which on a life is called long. */
const LONG = 24 * 3_600;

/** Tokens seen in a scan, by the name of their identity: what was replaced, may have expired since. */
const seen = new WeakMap<object, Map<string, Set<string>>>();

/** A token that is accepted after its time. */
export const check: Check = {
  id: 'expired-token',
  group: 'authentication',
  title: 'Accepts expired tokens, or gives tokens that never expire',
  practice: 'authenticate',
  cwe: 'CWE-613',
  owasp: 'API2:2023',
  severity: 'high',
  why: 'A token that leaked (from a log, a backup, a stolen phone) opens the API for ever.',
  mend: 'Verify `exp` with at most a minute of leeway, and give tokens that live minutes. Portcullis refuses tokens without `exp` and those whose time is over.',

  observe(_exchange, context) {
    for (const as of context.identities) remember(context, as);
  },

  async run(context) {
    for (const { as, jwt } of jwtIdentities(context.identities)) {
      remember(context, as);
      const { exp, iat } = jwt.claims;
      if (typeof exp !== 'number') await neverExpires(context, as);
      else if (typeof iat === 'number' && exp - iat > LONG) await livesLong(context, as, exp - iat);
    }
    await rememberShort(context);
    for (const as of context.identities) {
      for (const token of tokensOf(context, as)) if (await acceptedLate(context, as, token)) return;
    }
  },
};

function tokensOf(context: CheckContext, as: Identity): readonly string[] {
  return [...(seen.get(context.contract)?.get(as.name) ?? [])];
}

function remember(context: CheckContext, as: Identity): void {
  const { secret } = as;
  if (secret === undefined) return;
  let all = seen.get(context.contract);
  if (all === undefined) seen.set(context.contract, (all = new Map()));
  let tokens = all.get(as.name);
  if (tokens === undefined) all.set(as.name, (tokens = new Set()));
  if (!tokens.has(secret) && tokens.size < KEPT && readJwt(secret) !== undefined) tokens.add(secret);
}

/** Where the login lets one choose for how long: a token that is about to end. */
async function rememberShort(context: CheckContext): Promise<void> {
  for (const as of context.identities) {
    const form = loginForm(context, as);
    if (form === undefined || as.login === undefined) continue;
    const call = form.call(as.login.username, as.login.password);
    const place = context.places(call).find(({ word }) => LIFETIME.test(plain(word)));
    if (place === undefined) continue;
    const login = await context.send(context.put(call, place, 1), null, { patient: false });
    const token = leavesOf(login.answer.json).find(
      ({ value }) => typeof value === 'string' && readJwt(value) !== undefined,
    );
    if (token !== undefined) seen.get(context.contract)?.get(as.name)?.add(String(token.value));
    return;
  }
}

async function acceptedLate(context: CheckContext, as: Identity, token: string): Promise<boolean> {
  const exp = readJwt(token)?.claims['exp'];
  if (typeof exp !== 'number') return false;
  const wait = exp + LATE - Date.now() / 1000;
  if (wait > PATIENCE) return false;
  if (wait > 0) await context.pause(wait * 1000);
  const [probe] = await probesOf(context, as, 1);
  if (probe === undefined) return false;
  const attempt = async (): Promise<Proof | undefined> => {
    const request = withSecret(context.render(probe.call, as), as, token);
    // The token of now, which is not the expired one, or cannot be told from it.
    return request === undefined ? undefined : await believed(context, probe, request, []);
  };
  const proof = as.secret === token ? { exchanges: [probe.refused, probe.allowed], marks: [] } : await attempt();
  if (proof === undefined) return false;
  return await context.report({
    message: `${probe.operation.key} accepts a token ${Math.floor(Date.now() / 1000 - exp)} seconds after its time (exp)`,
    operation: probe.operation,
    cause: 'exp is not verified',
    severity: Date.now() / 1000 > exp + LEEWAY ? 'high' : 'medium',
    proof,
    again: async () => {
      if (as.secret !== token) return await attempt();
      const shown = await context.send(probe.call, as);
      return context.outcome(shown) === 'success' ? { exchanges: [probe.refused, shown], marks: [] } : undefined;
    },
  });
}

async function neverExpires(context: CheckContext, as: Identity): Promise<void> {
  const [probe] = await probesOf(context, as, 1, 'untried');
  if (probe === undefined) return;
  await context.report({
    message: `the token of ${as.name} has no end (no exp claim)`,
    operation: as.login?.operation,
    cause: 'tokens without exp',
    severity: 'low',
    proof: { exchanges: [probe.allowed], marks: [] },
    again: async () => {
      const shown = await context.send(probe.call, as);
      return context.outcome(shown) === 'success' && readJwt(as.secret)?.claims['exp'] === undefined
        ? { exchanges: [shown], marks: [] }
        : undefined;
    },
  });
}

async function livesLong(context: CheckContext, as: Identity, seconds: number): Promise<void> {
  const [probe] = await probesOf(context, as, 1, 'untried');
  if (probe === undefined) return;
  const proof = { exchanges: [probe.allowed], marks: [] };
  await context.report({
    message: `the token of ${as.name} lives ${Math.round(seconds / 3_600)} hours`,
    operation: as.login?.operation,
    cause: 'long-lived tokens',
    severity: 'informational',
    proof,
    again: async () => proof,
  });
}
