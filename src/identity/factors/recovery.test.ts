import assert from 'node:assert/strict';
import { test } from 'node:test';
import { acrOf, amrOf, type Passed } from '../server/factor.ts';
import { factorOf, hasFactor, readFactors, removeFactor } from './records.ts';
import { makeRecoveryCodes, recovery } from './recovery.ts';
import { ANN, type FactorWorld, factorWorld, form, loginOf, passedPassword } from './testing.ts';

/** Ann with an app, that recovery codes can stand in for. */
function withApp(services: FactorWorld): void {
  const app = { kind: 'totp', id: 'totp_1', secret: 'x', algorithm: 'SHA1', lastStep: 0, created: 0, used: null };
  services.store.put('identity.factors', ANN.id, { factors: [app], pending: {} });
}

const answer = async (services: FactorWorld, code: string) =>
  await recovery.answer(loginOf(), form({ code }), services);
const right = async (services: FactorWorld, code: string) => 'factor' in (await answer(services, code));

test('ten codes, each once, however they are typed; new ones end the old ones', async (t) => {
  const services = factorWorld(t);
  assert.equal(makeRecoveryCodes(services, ANN), undefined, 'there is nothing to stand in for');
  withApp(services);
  assert.equal(recovery.asks(loginOf(), services), false);
  const codes = makeRecoveryCodes(services, ANN) ?? [];
  assert.equal(new Set(codes).size, 10);
  for (const code of codes) assert.match(code, /^[0-9A-HJKMNP-TV-Z]{4}(?:-[0-9A-HJKMNP-TV-Z]{4}){2}$/);
  assert.equal(recovery.asks(loginOf(), services), true);
  const [first = '', second = '', third = ''] = codes;
  assert.equal(await right(services, first), true);
  assert.equal(await right(services, first), false, 'once');
  assert.equal(await right(services, ` ${second.toLowerCase().replaceAll('-', ' ')} `), true);
  assert.equal(
    await right(services, third.replaceAll('0', 'o').replaceAll('1', 'l')),
    true,
    'letters taken for digits',
  );
  assert.equal(factorOf(readFactors(services.store, ANN.id), 'recovery')?.codes.length, 7);
  const fresh = makeRecoveryCodes(services, ANN) ?? [];
  assert.equal(await right(services, codes[3] ?? ''), false);
  assert.equal(await right(services, fresh[0] ?? ''), true);
});

test('of several at once with the same code one passes', async (t) => {
  const services = factorWorld(t);
  withApp(services);
  const [code = ''] = makeRecoveryCodes(services, ANN) ?? [];
  const answers = await Promise.all(Array.from({ length: 5 }, () => right(services, code)));
  assert.equal(answers.filter(Boolean).length, 1);
});

test('the store holds keyed digests only, bound to the user; events hold no code', async (t) => {
  const services = factorWorld(t);
  withApp(services);
  const codes = makeRecoveryCodes(services, ANN) ?? [];
  await right(services, codes[0] ?? '');
  await right(services, 'WRONG-WRONG');
  const told = JSON.stringify([services.store.list('identity.factors'), services.events]);
  for (const code of codes) for (const form of [code, code.replaceAll('-', '')]) assert.ok(!told.includes(form));
  services.store.put('identity.factors', 'user_eve', readFactors(services.store, ANN.id));
  const eve = loginOf({ name: 'eve', user: { id: 'user_eve', disabled: false } as never });
  assert.ok('reason' in (await recovery.answer(eve, form({ code: codes[1] ?? '' }), services)));
});

test('guessing stops after five; the app has a count of its own', async (t) => {
  const services = factorWorld(t);
  withApp(services);
  const [code = ''] = makeRecoveryCodes(services, ANN) ?? [];
  for (const bad of ['', 'x', 'AAAA-AAAA-AAAA', '1'.repeat(10_000), '\u0000'])
    assert.equal(await right(services, bad), false);
  assert.equal(await right(services, code), false);
  services.clock.time += 15 * 60_000;
  assert.equal(await right(services, code), true);
  const events = services.events.map(({ event }) => event);
  assert.deepEqual(
    new Set(events),
    new Set(['identity/factor-enrolled', 'identity/factor-failed', 'identity/factor-locked', 'identity/factor-used']),
  );
});

test('a code makes two factors, but is not taken for an app or what cannot be phished', async (t) => {
  const services = factorWorld(t);
  withApp(services);
  const [code = ''] = makeRecoveryCodes(services, ANN) ?? [];
  const passed = [passedPassword(), (await answer(services, code)) as Passed];
  assert.equal(acrOf(passed), 'urn:portcullis:acr:mfa');
  assert.deepEqual(amrOf(passed), ['pwd', 'recovery', 'mfa']);
});

test('with the last real factor the codes go, too', (t) => {
  const services = factorWorld(t);
  withApp(services);
  makeRecoveryCodes(services, ANN);
  removeFactor(services.store, ANN.id, 'totp_1');
  assert.equal(hasFactor(readFactors(services.store, ANN.id)), false);
  assert.deepEqual(services.store.list('identity.factors'), []);
});
