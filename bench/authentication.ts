import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { authentication } from '../src/authentication/authentication.ts';
import { TestHolder } from '../src/authentication/binding/testing.ts';
import { all, BEARER_AUTH, exchange, operation, policy, TestIssuer, world } from '../src/authentication/testing.ts';
import type { Exchange } from '../src/gateway/exchange.ts';

/** What a token costs at the stage that judges it, one core: seen before, new, and with a proof beside it. */

const ROUNDS = 3_000;
const directory = mkdtempSync(join(tmpdir(), 'portcullis-bench-'));
const issuer = new TestIssuer();
const jwks = join(directory, 'jwks.json');
writeFileSync(jwks, issuer.set());
const services = world();
const settings = { issuers: [{ issuer: issuer.name, jwks, audience: 'clinic' }] };
const stage = authentication.stages(policy(settings), operation([all(BEARER_AUTH)]), services).authenticate;
if (stage === undefined) throw new Error('no stage');
const now = services.clock.now();
const holder = new TestHolder();
const claims = (i: number) =>
  issuer.claims(now, { jti: `t${i}`, roles: ['nurse'], scope: 'read write', client_id: 'app' });
const bearer = (token: string) => exchange({ headers: { authorization: `Bearer ${token}` } });
const proved = (token: string) =>
  exchange({
    headers: { authorization: `DPoP ${token}`, dpop: holder.proof(token, 'GET', 'https://api.example/patients', now) },
  });

async function measure(name: string, make: (i: number) => Exchange): Promise<void> {
  const times: number[] = [];
  for (let round = 0; round < 3; round++) {
    const exchanges = Array.from({ length: ROUNDS }, (_, i) => make(round * ROUNDS + i));
    const before = process.hrtime.bigint();
    for (const one of exchanges) {
      const refusal = stage?.(one);
      if ((refusal instanceof Promise ? await refusal : refusal) !== undefined) throw new Error(`${name}: refused`);
    }
    times.push(Number(process.hrtime.bigint() - before) / 1000 / ROUNDS);
  }
  console.log(`${name.padEnd(48)} ${Math.min(...times).toFixed(1)} us`);
}

const one = issuer.token(claims(0));
const bound = issuer.token({ ...claims(0), cnf: { jkt: holder.jkt } });
await measure('bearer token, seen before', () => bearer(one));
await measure('bearer token (ES256), new', (i) => bearer(issuer.token(claims(i + 1))));
await measure('token seen before, new DPoP proof (ES256)', () => proved(bound));
await measure('token and DPoP proof (ES256), both new', (i) =>
  proved(issuer.token({ ...claims(i + 1), cnf: { jkt: holder.jkt } })),
);
await measure('token, proof and key all new', (i) => {
  const who = new TestHolder();
  const token = issuer.token({ ...claims(i), cnf: { jkt: who.jkt } });
  const dpop = who.proof(token, 'GET', 'https://api.example/patients', now);
  return exchange({ headers: { authorization: `DPoP ${token}`, dpop } });
});
rmSync(directory, { recursive: true });
