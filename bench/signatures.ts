import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { authentication } from '../src/authentication/authentication.ts';
import { all, exchange, operation, policy, scheme, world } from '../src/authentication/testing.ts';
import { signRequest } from '../src/client/sign-request.ts';
import { settings as encryption } from '../src/encryption/settings.ts';
import { signStage } from '../src/encryption/sign-answers.ts';
import { addSigningKey } from '../src/identity/signing-keys.ts';
import { messageKey } from '../src/signatures/key.ts';

/** What a signed request costs at the stage that judges it, and a signed answer at the one that signs it; one core. */

const ROUNDS = 3_000;
const directory = mkdtempSync(join(tmpdir(), 'portcullis-bench-'));
const services = Object.assign(world(), { dataDirectory: directory });
const security = [all(scheme({ type: 'http', scheme: 'signature' }))];
const stage = authentication.stages(policy(), operation(security), services).authenticate;
if (stage === undefined) throw new Error('no stage');
const body = Buffer.from(JSON.stringify({ name: 'x'.repeat(500) }));
const url = new URL('https://api.example/patients?ward=3');

const report = (name: string, times: readonly number[]): void =>
  console.log(`${name.padEnd(56)} ${Math.min(...times).toFixed(1)} us`);

for (const [name, pair] of [
  ['Ed25519', generateKeyPairSync('ed25519')],
  ['ECDSA P-256', generateKeyPairSync('ec', { namedCurve: 'P-256' })],
  ['RSA-PSS 2048', generateKeyPairSync('rsa', { modulusLength: 2048 })],
] as const) {
  const publicKey = pair.publicKey.export({ type: 'spki', format: 'pem' }) as string;
  const { id } = addSigningKey(services.store, services.clock, { publicKey, roles: ['nurse'] });
  const key = messageKey(pair.privateKey);
  const times: number[] = [];
  const signing: number[] = [];
  for (let round = 0; round < 3; round++) {
    const before = performance.now();
    const exchanges = Array.from({ length: ROUNDS }, () => {
      const headers: Record<string, string> = { 'content-type': 'application/json' };
      const request = { method: 'GET', url, headers: Object.entries(headers), body };
      for (const [field, value] of signRequest(request, { key, keyId: id, now: services.clock.now() }))
        headers[field.toLowerCase()] = value;
      const one = exchange({ headers, query: url.search.slice(1) });
      one.source = { present: true, read: async () => body };
      return one;
    });
    const between = performance.now();
    for (const one of exchanges) {
      if ((await stage(one)) !== undefined) throw new Error(`${name}: refused`);
      await one.readBody(body.length);
    }
    signing.push(((between - before) * 1000) / ROUNDS);
    times.push(((performance.now() - between) * 1000) / ROUNDS);
  }
  report(`${name}: a request verified, nonce and digest included`, times);
  report(`${name}: a request signed by the client`, signing);
}

for (const algorithm of ['ed25519', 'ecdsa-p256-sha256']) {
  const sign = signStage(encryption.parse({ signingKey: { algorithm } }).signingKey, services);
  const content = JSON.stringify({ name: 'x'.repeat(1000) });
  const header = (name: string) => (name === 'content-type' ? 'application/json' : undefined);
  const times: number[] = [];
  for (let round = 0; round < 3; round++) {
    const one = exchange({ query: 'ward=3' });
    const before = performance.now();
    for (let i = 0; i < ROUNDS; i++) {
      one.leaving = { status: 200, content, header };
      sign(one);
    }
    times.push(((performance.now() - before) * 1000) / ROUNDS);
  }
  report(`${algorithm}: an answer of 1 KB signed`, times);
}
rmSync(directory, { recursive: true });
