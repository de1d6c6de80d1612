import { all, BEARER_AUTH, bearer, gate, type World } from '../testing.ts';
import { type FakeIssuer, fakeIssuer, worldWithNetwork } from './fake-issuer.ts';

type TestContext = Parameters<typeof fakeIssuer>[0];
export const TOKEN = 'tok_4f7c1a9e0b';
export const SECRET = 's3cret: of the gate';

interface Given {
  readonly introspection?: Record<string, unknown>;
  readonly issuer?: Record<string, unknown>;
  readonly others?: readonly Record<string, unknown>[];
  readonly services?: World;
  readonly asked?: FakeIssuer;
}

/** A gate that asks a fake issuer about tokens; `given` changes its settings. */
export async function askingGate(t: TestContext, given: Given = {}) {
  const issuer = given.asked ?? (await fakeIssuer(t));
  if (given.asked === undefined) issuer.publish();
  const services = given.services ?? worldWithNetwork(t);
  const settings = {
    issuer: issuer.url,
    audience: 'clinic',
    clockTolerance: 0,
    introspection: { client: 'gate', secret: SECRET, ...given.introspection },
    ...given.issuer,
  };
  const send = gate(services, [all(BEARER_AUTH)], { issuers: [settings, ...(given.others ?? [])] });
  return {
    issuer,
    services,
    stage: send,
    claims: (more: Record<string, unknown> = {}) => ({
      sub: 'ann',
      aud: 'clinic',
      token_type: 'Bearer',
      exp: services.clock.now() / 1000 + 600,
      ...more,
    }),
    send: (token: string, address = '192.0.2.1') => send({ headers: bearer(token), address }),
    ask: async (token = TOKEN, address = `2001:db8:2:${(nth++).toString(16)}::1`): Promise<string> => {
      const { refusal } = await send({ headers: bearer(token), address });
      return refusal === undefined ? 'in' : `${refusal.code}: ${refusal.evidence?.['reason']}`;
    },
  };
}
let nth = 1;
