import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { guessBits, LEAST_BITS } from './guessable.ts';
import { passwordProblem } from './password-rules.ts';

const refused = (password: string, options = {}): boolean =>
  passwordProblem(password, 'ann.smith', options) !== undefined;

test('what people make passwords of is refused, however it is dressed up', () => {
  for (const password of [
    'Password1234567',
    'P@ssw0rd!2026!!',
    'iloveyoubaby123',
    'Summer2026Summer!',
    'Welcome to 2026!',
    'letmeinletmein1',
    'admin.admin.admin',
    'qwerty123456789',
    '!QAZ2wsx#EDC4rfv',
    'zaq12wsxcde34rfv',
    'football20262026',
    'dragon monkey 99',
    'January012026!!!',
    'changeme-changeme',
    'annsmith20261124',
    'AnnSmith-Password',
    '123456789abcdefg',
    '01012001 01012001',
    'йцукенгшщзхъ1234',
    'f00tb@ll f00tb@ll',
    'MichaelJordan23!',
  ])
    assert.ok(refused(password), `${password} ${guessBits(password)}`);
});

test('names of the service are expected', () => {
  assert.ok(!refused('vierwaldstatt klinik'));
  assert.ok(refused('Vierwaldstatt2026', { expected: ['vierwaldstatt'] }));
});

test('sentences, random words and random characters are fine', () => {
  for (const password of [
    'correct horse battery staple',
    'my cat eats green apples on tuesdays',
    'vT9#kLm2$Qx8zWp',
    'gehäkelte topflappen',
    'four score and seven years ago we met',
    'kaffee, dann erst die welt',
    'lamp-orbit-velvet-cactus',
    'тихий океан и корабли',
    '雨の日は家で本を読むのが好きです',
  ])
    assert.equal(passwordProblem(password, 'ann.smith'), undefined, password);
});

test('with a second factor eight characters will do, but not the first guesses', () => {
  assert.equal(passwordProblem('tr8$Kq!x', 'ann', { withFactor: true }), undefined);
  assert.equal(passwordProblem('kornblume', 'ann', { withFactor: true }), undefined);
  assert.match(passwordProblem('tr8$Kq!', 'ann', { withFactor: true }) ?? '', /at least 8/);
  assert.match(passwordProblem('tr8$Kq!x', 'ann') ?? '', /at least 15/);
  for (const password of [
    'password',
    'P@ssw0rd',
    'Summer26',
    'qwertyui',
    'iloveyou',
    '12345678',
    'ann12345',
    'Admin123',
    'dragon99',
  ])
    assert.ok(passwordProblem(password, 'ann', { withFactor: true }) !== undefined, password);
});

test('any text: never throws, the same answer twice, longer is never easier by much', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 80 }), (text) => {
      const bits = guessBits(text);
      assert.equal(bits, guessBits(text));
      assert.ok(bits >= 0 && bits < 6 * 81);
      passwordProblem(text, 'ann');
    }),
  );
});

test('random letters of the shortest length pass nearly always', () => {
  let weak = 0;
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom(...'abcdefghijklmnopqrstuvwxyz0123456789'), minLength: 15, maxLength: 15 }),
      (text) => {
        if (guessBits(text) < LEAST_BITS) weak++;
      },
    ),
    { numRuns: 2000, seed: 1 },
  );
  assert.ok(weak <= 20, String(weak));
});

test('work is bounded: a kilobyte costs no more than a few hundred characters', () => {
  assert.equal(guessBits('xq'.repeat(128)), guessBits('xq'.repeat(500)));
});
