import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { hasLongNumber, parseAnswer, serializeAnswer } from './answer-value.ts';
import { answered, exchange } from './fixture.ts';

const through = (body: string | Buffer): string | undefined => {
  const x = exchange('GET /p');
  answered(x, 200, {});
  x.answer!.bytes = Buffer.from(body);
  if (parseAnswer(x) !== undefined) return undefined;
  return serializeAnswer(x.answer!) === undefined ? String(x.answer!.bytes) : undefined;
};

test('what leaves is written anew from what was parsed', () => {
  assert.equal(through(' { "a" : [1, "x", null] } '), '{"a":[1,"x",null]}');
  assert.equal(through('{"a": {"secret": 1}, "a": 2}'), '{"a":2}');
  assert.equal(through('\ufeff[1]'), '[1]');
});

test('what is no JSON in UTF-8 is refused without a word of it', () => {
  const bodies: (string | Buffer)[] = [
    '',
    'NaN',
    '[1,]',
    '<html>secret</html>',
    '{"a":1}{"b":2}',
    "{'a':1}",
    Buffer.from('{"a":1}', 'utf16le'),
    Buffer.from([0x22, 0xff, 0x22]),
    Buffer.from([0x22, 0xc0, 0xaf, 0x22]),
    Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22]),
  ];
  for (const body of bodies) {
    const x = exchange('GET /p');
    answered(x, 200, {});
    x.answer!.bytes = Buffer.from(body);
    const refusal = parseAnswer(x);
    assert.equal(refusal?.code, 'upstream-malformed');
    assert.ok(!JSON.stringify(refusal).includes('secret'));
    assert.equal(x.answer!.value, undefined);
  }
});

test('it is parsed once', () => {
  const x = exchange('GET /p');
  answered(x, 200, {}, { a: 1 });
  parseAnswer(x);
  const { value } = x.answer!;
  parseAnswer(x);
  assert.equal(x.answer!.value, value);
});

test('properties named like what objects inherit stay data', () => {
  for (const body of ['{"__proto__":{"a":1}}', '{"toJSON":1,"constructor":{"prototype":{}}}', '{"then":[]}'])
    assert.equal(through(body), body);
});

test('numbers leave with the digits they came with', () => {
  for (const body of [
    '[9007199254740993]',
    '[9007199254740993,9007199254740992,9007199254740994]',
    '[1234567890123456789,1234567890123456788,-1234567890123456789]',
    '[100000000000000001,1e17,100000000000000000]',
    '{"pi":3.14159265358979323846264338327950288}',
    '[123456789012345678901234567890.5]',
    `[${'9'.repeat(400)},1]`,
    '[0.1,1.5,12345678901234567890]',
  ])
    assert.equal(through(body), body);
});

test('property: integers of any length leave as they came', () => {
  fc.assert(
    fc.property(fc.array(fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n }), { maxLength: 30 }), (numbers) => {
      const body = `[${numbers.join(',')}]`;
      assert.equal(through(body), body);
    }),
  );
});

test('property: many integers that round to the same double are kept apart', () => {
  const start = 2n ** 62n;
  const body = `[${Array.from({ length: 5000 }, (_, i) => start + BigInt(i)).join(',')}]`;
  assert.equal(through(body), body);
});

test('property: a row of sixteen digits is found wherever it stands, and only then', () => {
  const text = fc.array(fc.oneof(fc.stringMatching(/^[0-9.]{1,20}$/), fc.stringMatching(/^[a-z"]{1,6}$/)), {
    maxLength: 12,
  });
  fc.assert(
    fc.property(text, (parts) => {
      const joined = parts.join('');
      assert.equal(hasLongNumber(Buffer.from(joined)), /[0-9.]{16}/.test(joined));
    }),
    { numRuns: 2000 },
  );
});

test('property: JSON leaves as the same JSON', () => {
  fc.assert(
    fc.property(fc.json(), (json) => {
      assert.deepEqual(JSON.parse(through(json)!), JSON.parse(json));
    }),
  );
});
