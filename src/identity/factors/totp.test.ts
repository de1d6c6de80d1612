import assert from 'node:assert/strict';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import type { Passed } from '../server/factor.ts';
import { base32 } from './base32.ts';
import { factorsKeyFile } from './factors-key.ts';
import { readFactors, removeFactor } from './records.ts';
import { ANN, type FactorWorld, factorWorld, form, loginOf, passedPassword } from './testing.ts';
import { confirmTotp, offeredTotp, offerTotp, totp } from './totp.ts';
import { codeOf, otpauthUri, stepAt, stepOfCode, type TotpAlgorithm } from './totp-code.ts';

const SECRETS = { SHA1: Buffer.from('12345678901234567890'), SHA256: Buffer.from('12345678901234567890123456789012') };

test('RFC 6238, appendix B', () => {
  const vectors: readonly [seconds: number, sha1: string, sha256: string][] = [
    [59, '94287082', '46119246'],
    [1111111109, '07081804', '68084774'],
    [1111111111, '14050471', '67062674'],
    [1234567890, '89005924', '91819424'],
    [2000000000, '69279037', '90698825'],
    [20000000000, '65353130', '77737706'],
  ];
  for (const [seconds, sha1, sha256] of vectors) {
    const step = stepAt(seconds * 1000);
    assert.equal(codeOf(SECRETS.SHA1, step, 'SHA1', 8), sha1);
    assert.equal(codeOf(SECRETS.SHA256, step, 'SHA256', 8), sha256);
    assert.equal(codeOf(SECRETS.SHA1, step, 'SHA1'), sha1.slice(2));
  }
});

test('RFC 4648, section 10: base 32', () => {
  for (const [text, encoded] of [
    ['', ''],
    ['f', 'MY'],
    ['fo', 'MZXQ'],
    ['foo', 'MZXW6'],
    ['foob', 'MZXW6YQ'],
    ['fooba', 'MZXW6YTB'],
    ['foobar', 'MZXW6YTBOI'],
  ] as const)
    assert.equal(base32(Buffer.from(text)), encoded);
});

test('a code is good in its step and the neighbours, nowhere else', () => {
  const step = 50_000_000;
  const code = codeOf(SECRETS.SHA1, step, 'SHA1');
  for (const [offset, right] of [
    [-2, false],
    [-1, true],
    [0, true],
    [1, true],
    [2, false],
  ] as const) {
    const now = (step + offset) * 30_000;
    for (const at of [now, now + 29_999])
      assert.equal(stepOfCode(SECRETS.SHA1, code, at, 'SHA1'), right ? step : undefined, String(offset));
  }
  for (const bad of ['', '1', code.slice(1), `${code}0`, `0${code}`])
    assert.equal(stepOfCode(SECRETS.SHA1, bad, step * 30_000, 'SHA1'), undefined);
});

test('the URI names issuer and account, whatever they hold', () => {
  const uri = new URL(otpauthUri('ABC', 'a&b=c?d:e/f', 'Clinic #1', 'SHA256'));
  assert.equal(uri.protocol, 'otpauth:');
  assert.equal(uri.searchParams.get('issuer'), 'Clinic #1');
  assert.equal(uri.searchParams.get('secret'), 'ABC');
  assert.equal(uri.searchParams.get('algorithm'), 'SHA256');
  assert.match(uri.pathname, /Clinic%20%231:a%26b%3Dc%3Fd%3Ae%2Ff$/);
});

const SECRET32 = /^[A-Z2-7]{32}$/;
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
function bytesOf(secret: string): Buffer {
  const bits = [...secret].map((one) => ALPHABET.indexOf(one).toString(2).padStart(5, '0')).join('');
  return Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)));
}

async function enrolled(services: FactorWorld, algorithm: TotpAlgorithm = 'SHA1') {
  const secret = bytesOf(offerTotp(services, ANN.id, algorithm).secret);
  const code = (at = services.clock.time) => codeOf(secret, stepAt(at), algorithm);
  assert.equal(await confirmTotp(services, ANN, code()), undefined);
  const answer = (given: string) => totp.answer(loginOf(), form({ code: given }), services);
  const right = async (given: string) => 'factor' in ((await answer(given)) as Passed);
  return { secret, code, answer, right };
}

test('enrolment: shown, confirmed by a code, and active only then', async (t) => {
  const services = factorWorld(t);
  assert.equal(totp.asks(loginOf(), services), false);
  const offer = offerTotp(services, ANN.id, 'SHA256');
  assert.match(offer.secret, SECRET32);
  assert.deepEqual(offeredTotp(services, ANN.id), offer, 'a page can be loaded again');
  assert.equal(totp.asks(loginOf(), services), false, 'not confirmed yet');
  const code = codeOf(bytesOf(offer.secret), stepAt(services.clock.time), 'SHA256');
  assert.equal(await confirmTotp(services, ANN, 'abcdef'), 'malformed');
  assert.equal(await confirmTotp(services, ANN, code === '000000' ? '111111' : '000000'), 'wrong');
  services.clock.time += 10 * 60_000;
  assert.equal(await confirmTotp(services, ANN, code), 'late');
  assert.equal(offeredTotp(services, ANN.id), undefined);
  await enrolled(services);
  assert.equal(totp.asks(loginOf(), services), true);
  assert.equal(
    totp.asks(loginOf({ passed: [passedPassword(), { factor: 'totp', amr: ['otp'], at: 0 }] }), services),
    false,
  );
  assert.deepEqual(
    services.events.map(({ event }) => event),
    ['identity/factor-enrolled'],
  );
});

test('replay: a step that was used, and all before it, are refused, also in the enrolment', async (t) => {
  const services = factorWorld(t);
  const { code, right } = await enrolled(services);
  assert.equal(await right(code()), false, 'the code that confirmed it is spent');
  services.clock.time += 30_000;
  assert.equal(await right(code()), true);
  assert.equal(await right(code()), false);
  assert.equal(await right(code(services.clock.time - 30_000)), false, 'an earlier step');
  assert.equal(await right(code(services.clock.time + 30_000)), true, 'the next one');
  assert.equal(await right(code()), false, 'which spends this one');
  services.clock.time += 60_000;
  const answers = await Promise.all(Array.from({ length: 4 }, () => right(code())));
  assert.equal(answers.filter(Boolean).length, 1, 'of several at once exactly one');
  assert.ok(services.events.some(({ evidence }) => evidence?.['reason'] === 'code used before'));
});

test('guessing: five wrong codes, from wherever, then none is taken for a quarter of an hour', async (t) => {
  const services = factorWorld(t);
  const { code, right, answer } = await enrolled(services);
  services.clock.time += 60_000;
  const wrong = (n: number) =>
    ['000000', '111111', '222222', '333333', '444444', '555555'].filter((one) => one !== code())[n] ?? '';
  await Promise.all(Array.from({ length: 50 }, (_, i) => right(wrong(i % 5))));
  assert.equal(await right(code()), false, 'not even the right one');
  services.clock.time += 15 * 60_000 - 1;
  assert.equal(await right(code()), false);
  const told = (await answer(code())) as { reason: string };
  assert.equal(told.reason, 'too many wrong codes');
  services.clock.time += 1;
  assert.equal(await right(code()), true, 'refused attempts do not put off the end');
  assert.equal(services.events.filter(({ event }) => event === 'identity/factor-locked').length, 1);
  const reasons = services.events.map(({ evidence }) => evidence?.['reason']);
  assert.equal(reasons.filter((reason) => reason === 'wrong code').length, 5);
});

test('a right code clears what failed before', async (t) => {
  const services = factorWorld(t);
  const { code, right } = await enrolled(services);
  for (let round = 0; round < 3; round++) {
    services.clock.time += 60_000;
    for (let i = 0; i < 4; i++) assert.equal(await right(code() === '123456' ? '654321' : '123456'), false);
    assert.equal(await right(code()), true);
  }
});

test('spaces are fine; anything else but six digits is no attempt', async (t) => {
  const services = factorWorld(t);
  const { code, right } = await enrolled(services);
  services.clock.time += 60_000;
  for (const bad of [
    '',
    '12345',
    '1234567',
    'abcdef',
    '１２３４５６',
    '12 34 5',
    '1'.repeat(1000),
    '٠١٢٣٤٥',
    '-12345',
    '1e5000',
  ])
    assert.equal(await right(bad), false, bad);
  assert.equal(await right(` ${code().slice(0, 3)} ${code().slice(3)} `), true);
});

test('the secret is in the store under a key only that lies in a file of its own', async (t) => {
  const services = factorWorld(t);
  const { secret, code, right } = await enrolled(services);
  const stored = JSON.stringify(services.store.list('identity.factors'));
  for (const encoding of ['base64url', 'base64', 'hex'] as const)
    assert.ok(!stored.includes(secret.toString(encoding)));
  assert.ok(!stored.includes(base32(secret)));
  const file = factorsKeyFile(services.dataDirectory);
  assert.equal(statSync(file).mode & 0o777, 0o600);
  assert.ok(!JSON.stringify(services.events).includes(base32(secret)));
  // Another key: nobody gets in, and nothing breaks.
  const other = factorWorld(t);
  other.store.put('identity.factors', ANN.id, readFactors(services.store, ANN.id));
  assert.equal(totp.asks(loginOf(), other), true);
  const { reason } = (await totp.answer(loginOf(), form({ code: code(other.clock.time) }), other)) as {
    reason: string;
  };
  assert.match(reason, /key file/);
  // Another user's record: the secret does not open there.
  services.clock.time += 60_000;
  services.store.put('identity.factors', 'user_eve', readFactors(services.store, ANN.id));
  const eve = loginOf({ name: 'eve', user: { id: 'user_eve', disabled: false } as never });
  assert.ok('reason' in (await totp.answer(eve, form({ code: code() }), services)));
  assert.equal(await right(code()), true);
});

test('a damaged key file says so', (t) => {
  const services = factorWorld(t);
  offerTotp(services, ANN.id, 'SHA1');
  const file = factorsKeyFile(services.dataDirectory);
  const key = readFileSync(file, 'utf8');
  writeFileSync(file, key.slice(4));
  const again = { ...services, keep: <T>(_: string, make: () => T) => make() };
  assert.throws(() => offerTotp(again, ANN.id, 'SHA1'), /factors\.key is damaged/);
});

test('a new app takes the place of the old one; removing it ends it', async (t) => {
  const services = factorWorld(t);
  const first = await enrolled(services);
  services.clock.time += 60_000;
  const second = await enrolled(services);
  services.clock.time += 60_000;
  assert.equal(await first.right(first.code()), false);
  assert.equal(await second.right(second.code()), true);
  const [record] = readFactors(services.store, ANN.id).factors;
  assert.equal(readFactors(services.store, ANN.id).factors.length, 1);
  removeFactor(services.store, ANN.id, record?.id ?? '');
  services.clock.time += 60_000;
  assert.equal(await second.right(second.code()), false);
  assert.equal(totp.asks(loginOf(), services), false);
  assert.deepEqual(services.store.list('identity.factors'), []);
});
