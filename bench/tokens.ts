/**
 * node scripts/run.js bench/tokens.ts [--tokens N]
 *
 * What it costs to know who calls by a token of an issuer: the whole stage, from the head of a request to the principal.
 * New ones are verified (ES256) or asked about, the others were seen before. Medians of rounds, one thread.
 */
import { sign, verify } from 'node:crypto';
import { parseArgs } from 'node:util';
import { authentication } from '../src/authentication/authentication.ts';
import {
  all,
  BEARER_AUTH,
  bearer,
  exchange,
  operation,
  policy,
  TestIssuer,
  world,
} from '../src/authentication/testing.ts';
import type { Exchange } from '../src/gateway/exchange.ts';
import { memoryStore } from '../src/storage/memory-store.ts';
import { median } from './measure.ts';

const { values } = parseArgs({ options: { tokens: { type: 'string', default: '2000' } } });
const count = Number(values.tokens);
const ROUNDS = 9;

const store = memoryStore();
const services = world(store);
const issuer = new TestIssuer();
const opaqueClaims = {
  active: true,
  sub: 'ann',
  aud: 'clinic',
  token_type: 'Bearer',
  exp: services.clock.now() / 1000 + 600,
};
services.document = (url) => (url.endsWith('/keys') ? issuer.set() : Buffer.from(JSON.stringify(opaqueClaims)));
const settings = policy({
  issuers: [
    {
      issuer: issuer.name,
      jwks: 'https://issuer.example/keys',
      audience: 'clinic',
      introspection: { url: 'https://issuer.example/introspect', client: 'gate', secret: 'secret', maxAge: '10m' },
    },
  ],
});
const stage = authentication.stages(settings, operation([all(BEARER_AUTH)]), services).authenticate;
if (stage === undefined) throw new Error('there is no stage');

let made = 0;
/** Tokens as long as real ones: about 700 characters. */
const signed = (): string =>
  issuer.token(
    issuer.claims(services.clock.now(), {
      jti: `token-${made++}`,
      iat: services.clock.now() / 1000,
      client_id: 'app',
      scope: 'read write',
      realm_access: { roles: ['nurse', 'staff'] },
      name: 'Ann Other',
      email: 'ann@clinic.example',
      sid: '0123456789abcdef0123456789abcdef',
    }),
  );
const opaque = (): string => `tok_${(made++).toString(36).padStart(40, '0')}`;

/** Microseconds for one. */
async function time(exchanges: readonly Exchange[]): Promise<number> {
  const start = process.hrtime.bigint();
  for (const one of exchanges) {
    const answer = stage?.(one);
    if (answer instanceof Promise) await answer;
  }
  const spent = Number(process.hrtime.bigint() - start) / 1000 / exchanges.length;
  for (const { principal } of exchanges) if (principal === undefined) throw new Error('a token was refused');
  return spent;
}

const exchanges = (tokens: readonly string[]): Exchange[] =>
  tokens.map((token) => exchange({ headers: bearer(token) }));

async function measure(make: () => string): Promise<{ fresh: number; seen: number }> {
  const fresh: number[] = [];
  const seen: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const tokens = Array.from({ length: count }, make);
    fresh.push(await time(exchanges(tokens)));
    seen.push(await time(exchanges(tokens)));
  }
  return { fresh: median(fresh), seen: median(seen) };
}

/** The signature alone, which is what the machine makes of it. */
function bare(): number {
  const data = Buffer.alloc(640, 'x');
  const signature = sign('sha256', data, { key: issuer.privateKey, dsaEncoding: 'ieee-p1363' });
  const rounds = Array.from({ length: ROUNDS }, () => {
    const start = process.hrtime.bigint();
    for (let i = 0; i < count; i++)
      verify('sha256', data, { key: issuer.publicKey, dsaEncoding: 'ieee-p1363' }, signature);
    return Number(process.hrtime.bigint() - start) / 1000 / count;
  });
  return median(rounds);
}

const jwt = await measure(signed);
const asked = await measure(opaque);
const line = (what: string, microseconds: number): void =>
  void process.stdout.write(`${what.padEnd(44)} ${microseconds.toFixed(1).padStart(7)} us\n`);
line('ES256 signature alone (node:crypto)', bare());
line('signed (ES256, 700 characters), new', jwt.fresh);
line('signed, seen before', jwt.seen);
line('opaque, new (the answer is at hand)', asked.fresh);
line('opaque, seen before', asked.seen);
store.close();
