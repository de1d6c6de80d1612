import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Exchange } from '../model/exchange.ts';
import { Answer } from './answer.ts';
import { Masker, unmasked } from './mask.ts';
import { rawRequest } from './raw.ts';

const SECRET = 'Tr0ub4dor & "3"/ö';
const masker = new Masker(
  new Map([
    [SECRET, 'BOB_PASSWORD'],
    ['tok-12345678', 'ALICE'],
    ['tok-12345678-more', 'CAROL'],
    ['abc', 'SHORT'],
    ['', 'NOTHING'],
  ]),
);

describe('secrets in texts', () => {
  const cases: readonly [name: string, text: string, masked: string][] = [
    ['as they are', `a ${SECRET} b`, 'a $BOB_PASSWORD b'],
    ['percent-encoded', `?p=${encodeURIComponent(SECRET)}&q`, '?p=$BOB_PASSWORD&q'],
    [
      'percent-encoded in lower case',
      `?p=${encodeURIComponent(SECRET).replace(/%../g, (x) => x.toLowerCase())}`,
      '?p=$BOB_PASSWORD',
    ],
    ['form-encoded', `p=${new URLSearchParams({ p: SECRET }).toString().slice(2)}&x`, 'p=$BOB_PASSWORD&x'],
    ['encoded twice', encodeURIComponent(encodeURIComponent(SECRET)), '$BOB_PASSWORD'],
    ['in JSON', JSON.stringify({ p: SECRET }), '{"p":"$BOB_PASSWORD"}'],
    ['in HTML', '<b>Tr0ub4dor &amp; &quot;3&quot;/ö</b>', '<b>$BOB_PASSWORD</b>'],
    ['in Base64', `x ${Buffer.from(SECRET).toString('base64')} y`, 'x $BOB_PASSWORD y'],
    ['in Base64 for URLs', `x=${Buffer.from(SECRET).toString('base64url')}`, 'x=$BOB_PASSWORD'],
    ['within Base64', `Basic ${Buffer.from(`bob:${SECRET}`).toString('base64')}`, 'Basic $BOB_PASSWORD'],
    ['one that begins like another', 'tok-12345678-more tok-12345678', '$CAROL $ALICE'],
    ['twice', 'tok-12345678tok-12345678', '$ALICE$ALICE'],
    ['short ones only where they stand alone', 'abc abcd xabc "abc" abc1', '$SHORT abcd xabc "$SHORT" abc1'],
    ['nothing else', 'Bearer tok-1234567 ü', 'Bearer tok-1234567 ü'],
  ];
  for (const [name, text, masked] of cases) {
    it(`are masked: ${name}`, () => {
      assert.equal(masker.text(text), masked);
    });
  }

  it('are masked in bytes, and other bytes stay', () => {
    const bytes = Buffer.concat([Buffer.from([0, 255]), Buffer.from(SECRET), Buffer.from([254])]);
    assert.deepEqual(
      Buffer.from(masker.bytes(bytes)),
      Buffer.concat([Buffer.from([0, 255]), Buffer.from('$BOB_PASSWORD'), Buffer.from([254])]),
    );
    const clean = Buffer.from([0, 255, 1]);
    assert.equal(masker.bytes(clean), clean);
  });

  it('never show, whatever they are and wherever they stand', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary', minLength: 6 }).map((s) => s.toWellFormed()),
        fc.string(),
        fc.string(),
        (secret, before, after) => {
          fc.pre(!'$NAME'.includes(secret) && !`${before}$NAME${after}`.includes(secret));
          const text = new Masker(new Map([[secret, 'NAME']])).text(`${before}${secret}${after}`);
          assert.ok(!text.includes(secret), text);
        },
      ),
      { numRuns: 2_000 },
    );
  });

  it('are found in a mebibyte in no time to speak of', () => {
    const began = process.cpuUsage();
    masker.text('QUJD'.repeat(256 * 1024));
    masker.text('a b '.repeat(256 * 1024));
    assert.ok(process.cpuUsage(began).user < 5_000_000);
  });
});

describe('secrets in exchanges', () => {
  const exchange: Exchange = {
    id: 7,
    request: {
      method: 'POST',
      target: '/x?t=tok-12345678',
      headers: [['X-tok-12345678', 'tok-12345678']],
      body: 'tok-12345678',
    },
    answer: new Answer({
      status: 200,
      headers: new Map([['set-cookie', 's=tok-12345678']]),
      body: Buffer.from('{"token":"tok-12345678"}'),
      milliseconds: 3,
      cut: true,
    }),
    operation: undefined,
    as: 'alice',
    check: 'c',
  };

  it('are masked everywhere, and the rest stays', () => {
    const masked = masker.exchange(exchange);
    assert.ok(
      !JSON.stringify({ ...masked, answer: [masked.answer.text, [...masked.answer.headers]] }).includes('tok-1234'),
    );
    assert.deepEqual(masked.answer.json, { token: '$ALICE' });
    assert.deepEqual(
      [masked.id, masked.as, masked.answer.status, masked.answer.cut, masked.answer.milliseconds],
      [7, 'alice', 200, true, 3],
    );
    assert.equal(exchange.request.target, '/x?t=tok-12345678');
    assert.equal(unmasked(masked), exchange);
    assert.equal(unmasked(masker.exchange(masked)), exchange);
    assert.equal(unmasked(exchange), exchange);
  });

  it('are masked in raw messages', () => {
    const raw = rawRequest(['GET / HTTP/1.1\r\nX: tok-12345678\r\n', { pause: 5 }, Buffer.from('tok-12345678')]);
    const masked = masker.request(raw);
    assert.deepEqual(masked.raw, ['GET / HTTP/1.1\r\nX: $ALICE\r\n', { pause: 5 }, Buffer.from('$ALICE')]);
    assert.deepEqual(masked.headers, [['X', '$ALICE']]);
  });

  it('leave an exchange as it is where there are none to mask', () => {
    assert.equal(new Masker(new Map()).exchange(exchange), exchange);
  });
});
