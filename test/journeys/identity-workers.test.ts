import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import * as client from 'openid-client';
import { startAgain } from '../support/gate.ts';
import { type IdentityUnderTest, identityGate, tokensOf } from '../support/identity.ts';
import { lifetime } from '../support/program.ts';

const life = lifetime(after);
let world: IdentityUnderTest;

before(async () => {
  world = await identityGate(life, { throttling: { address: '10000/s', principal: '10000/s' } }, {}, [
    '--workers',
    '2',
  ]);
  await world.user('ann', { roles: ['customer'] });
});

/** Each call on a connection of its own: both workers get some. */
const statuses = async (token: string): Promise<Set<number>> =>
  new Set(await Promise.all(Array.from({ length: 12 }, async () => (await world.call('/me', token)).status)));

test('workers share the server’s port: a login goes on in either, and what one revokes none takes', async () => {
  const config = await world.configuration(world.app());
  for (let i = 0; i < 4; i++) {
    // Without keep-alive every request may meet another worker.
    const browser = world.browser({ connection: 'close' });
    const tokens = await tokensOf(config, browser, 'ann');
    assert.deepEqual(await statuses(tokens.access_token), new Set([200]));
    const second = await client.refreshTokenGrant(config, tokens.refresh_token as string);
    await assert.rejects(client.refreshTokenGrant(config, tokens.refresh_token as string));
    assert.deepEqual(await statuses(second.access_token), new Set([401]));
  }
});

test('after a kill -9 nothing that was revoked is good again, no refresh token works twice, and the rest goes on', async () => {
  const app = world.app();
  const config = await world.configuration(app);
  const [kept, revoked] = [
    await tokensOf(config, world.browser(), 'ann'),
    await tokensOf(config, world.browser(), 'ann'),
  ];
  await client.tokenRevocation(config, revoked.refresh_token as string);
  const rotated = await client.refreshTokenGrant(config, kept.refresh_token as string);
  await world.gate.program.stop('SIGKILL');
  const port = new URL(world.issuer).port;
  world.gate.configure({
    listen: { port: 0 },
    identity: { server: { enabled: true, port: Number(port), requestsPerMinute: 100_000 } },
  });
  const gate = await startAgain(life, world.gate.directory);
  const status = async (token: string) =>
    (await gate.send('/me', { headers: { authorization: `Bearer ${token}` } })).status;
  assert.equal(await status(rotated.access_token), 200, 'the keys are the same');
  assert.equal(await status(revoked.access_token), 401);
  const again = await world.configuration(app);
  await assert.rejects(client.refreshTokenGrant(again, revoked.refresh_token as string));
  const next = await client.refreshTokenGrant(again, rotated.refresh_token as string);
  assert.equal(await status(next.access_token), 200);
  await assert.rejects(client.refreshTokenGrant(again, kept.refresh_token as string));
  assert.equal(await status(next.access_token), 401);
});
