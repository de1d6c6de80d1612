import type { Check, CheckContext } from '../../model/check.ts';
import type { Exchange } from '../../model/exchange.ts';
import type { Proof } from '../../model/finding.ts';
import type { Identity } from '../../model/identity.ts';
import { alike } from './shared/answers.ts';
import { readJwt } from './shared/jwt.ts';
import { loginForm, scrambled, victims } from './shared/logins.ts';
import { type Probe, probesOf } from './shared/probes.ts';
import { withSecret } from './shared/requests.ts';

/** A session id that was known before the login is the one after it. */
export const check: Check = {
  id: 'session-fixation',
  group: 'authentication',
  title: 'The session id stays the same over a login',
  practice: 'authenticate',
  cwe: 'CWE-384',
  owasp: 'API2:2023',
  severity: 'high',
  why: 'An attacker puts a session id of his into the browser of somebody else and waits: after the login the id he knows is that of a logged-in session.',
  mend: 'Make a new session id at every login and at every change of rights, and accept only ids that the server gave. Portcullis needs no cookies of its own.',

  async run(context) {
    const as = victims(context).find(({ secret }) => secret !== undefined && readJwt(secret) === undefined);
    if (as?.login === undefined || as.secret === undefined) return context.skip('no identity logs in to a session');
    const carrier = carrierOf(as);
    if (carrier === undefined) return context.skip('the session stands neither in a cookie nor in a header');
    const [probe] = await probesOf(context, as, 1);
    if (probe === undefined) return;
    for (const source of ['given', 'made'] as const) {
      let round = 0;
      // An id of its own for each try: the one before may be logged in by now.
      const attempt = async () => await fixed(context, probe, carrier, source, `id/${round++}`);
      const proof = await attempt();
      if (proof === undefined) continue;
      await context.report({
        message:
          source === 'given'
            ? `the session id in the ${carrier.says} is the same before and after the login`
            : `a session id that the scanner made up is logged in by the login (${carrier.says})`,
        operation: as.login.operation ?? context.known.login[0],
        place: carrier.says,
        cause: 'session id is kept',
        proof,
        again: attempt,
      });
      break;
    }
    await as.renew();
  },
};

interface Carrier {
  readonly kind: 'cookie' | 'header';
  readonly name: string;
  /** `cookie sid`. */
  readonly says: string;
}

/** Where the session id of an identity stands. */
function carrierOf(as: Identity): Carrier | undefined {
  const { cookies, headers } = as.credentials();
  const secret = as.secret ?? '';
  const cookie = cookies.find(([, value]) => value === secret)?.[0];
  if (cookie !== undefined) return { kind: 'cookie', name: cookie, says: `cookie ${cookie}` };
  const header = headers.find(([, value]) => value.includes(secret))?.[0];
  return header === undefined ? undefined : { kind: 'header', name: header, says: `header ${header}` };
}

async function fixed(
  context: CheckContext,
  probe: Probe,
  carrier: Carrier,
  source: 'given' | 'made',
  key: string,
): Promise<Proof | undefined> {
  const { as } = probe;
  const form = loginForm(context, as);
  if (form === undefined || as.login === undefined || as.secret === undefined) return undefined;
  const id = source === 'made' ? scrambled(as.secret, context.random(key)) : await givenId(context, probe, carrier);
  if (id === undefined) return undefined;
  const read = withSecret(context.render(probe.call, as), as, id);
  const enter = withSecret(context.render(form.call(as.login.username, as.login.password), as), as, id);
  if (read === undefined || enter === undefined) return undefined;
  const before = await context.request(read, { operation: probe.operation });
  if (context.outcome(before) === 'success') return undefined;
  const login = await context.request(enter, { operation: form.operation });
  const after = await context.request(read, { operation: probe.operation });
  return context.outcome(after) === 'success' && alike(probe.allowed.answer, after.answer)
    ? { exchanges: [before, login, after], marks: [carrier.name] }
    : undefined;
}

/** A session id that the server gives to whoever is not logged in. */
async function givenId(context: CheckContext, { call }: Probe, carrier: Carrier): Promise<string | undefined> {
  return carrier.kind === 'cookie' ? idIn(await context.send(call, null), carrier.name) : undefined;
}

function idIn({ answer }: Exchange, cookie: string): string | undefined {
  for (const line of (answer.headers.get('set-cookie') ?? '').split('\n')) {
    if (line.startsWith(`${cookie}=`)) return line.slice(cookie.length + 1).split(';', 1)[0] || undefined;
  }
  return undefined;
}
