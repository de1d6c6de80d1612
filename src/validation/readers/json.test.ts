import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { Malformed } from '../fault.ts';
import { readJson } from './json.ts';
import { readCarefully } from './json-careful.ts';

const limits = { depth: 64, values: 100_000 };
const read = (text: string | Buffer): unknown => readJson(Buffer.from(text), limits);

function refused(text: string | Buffer, pointer: string, detail: RegExp): void {
  const result = read(text);
  assert.ok(result instanceof Malformed, `read ${String(text).slice(0, 80)}`);
  assert.equal(result.pointer, pointer);
  assert.match(result.detail, detail);
}

describe('JSON reader', () => {
  it('reads what JSON.parse reads', () => {
    for (const text of [
      '1',
      '"a"',
      'null',
      '[]',
      '{}',
      ' {"a": [1, {"b": true}], "c": "\\u00e9\\n"} ',
      '-0',
      '1e3',
      '0.1',
    ])
      assert.deepEqual(read(text), JSON.parse(text));
  });

  it('refuses keys that stand twice, at any depth and however they are spelled', () => {
    refused('{"a":1,"a":1}', '/a', /twice/);
    refused('{"a":1,"\\u0061":2}', '/a', /twice/);
    refused('{"x":[{"y":{"k":1,"b":2,"k":3}}]}', '/x/0/y/k', /twice/);
    refused('{"":1,"":2}', '/', /twice/);
    refused('{"a/b~":1,"a/b~":2}', '/a~1b~0', /twice/);
    refused('{"__proto__":1,"__proto__":2}', '/__proto__', /twice/);
    refused('{"1":1,"1":2}', '/1', /twice/);
    assert.deepEqual(read('[{"a":1},{"a":1}]'), [{ a: 1 }, { a: 1 }]);
  });

  it('is not fooled by colons and quotes in strings', () => {
    assert.deepEqual(read('{"a":"b:c\\":{","d:":1}'), { a: 'b:c":{', 'd:': 1 });
    refused('{"a":":","a":1}', '/a', /twice/);
  });

  it('keeps __proto__ an own key and pollutes nothing', () => {
    for (const value of [read('{"__proto__":{"admin":true}}'), readCarefully('{"__proto__":{"admin":true}}', limits)]) {
      assert.ok(Object.hasOwn(value as object, '__proto__'));
      assert.equal((value as Record<string, unknown>)['admin'], undefined);
      assert.equal(Object.getPrototypeOf(value), Object.prototype);
    }
    assert.equal(({} as Record<string, unknown>)['admin'], undefined);
  });

  it('refuses bytes that are not UTF-8, and byte order marks', () => {
    refused(Buffer.from([0x22, 0xff, 0x22]), '', /UTF-8/);
    refused(Buffer.from([0x22, 0xc0, 0x80, 0x22]), '', /UTF-8/);
    refused(Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22]), '', /UTF-8/);
    refused(Buffer.from('\ufeff{}'), '', /byte order mark/);
    refused(Buffer.from('\ufeff"é"'), '', /byte order mark/);
    refused(Buffer.from('{"a":1}', 'utf16le'), '', /./);
  });

  it('refuses half surrogates but reads pairs', () => {
    refused('{"a":"\\ud800"}', '/a', /surrogate/);
    refused('{"a":["\\uDC00x"]}', '/a/0', /surrogate/);
    refused('{"\\ud800":1}', '', /surrogate/);
    assert.equal(read('"\\ud83d\\ude00"'), '😀');
    assert.equal(read('"\\ud7ff"'), '\ud7ff');
  });

  it('refuses numbers that a double would change', () => {
    refused('{"id":9007199254740993}', '/id', /2\^53/);
    refused('[1,-9007199254740993]', '/1', /2\^53/);
    refused('[9007199254740993.0]', '/0', /2\^53/);
    refused('[9007199254740993e0]', '/0', /2\^53/);
    refused('[1e400]', '/0', /out of range/);
    refused('[-1e400]', '/0', /out of range/);
    refused('[1e-400]', '/0', /out of range/);
    refused(`[${'9'.repeat(400)}]`, '/0', /out of range/);
    assert.deepEqual(read('[9007199254740992,18446744073709551616,1e22,1E+2,0.1,0e99]'), [
      2 ** 53,
      2 ** 64,
      1e22,
      100,
      0.1,
      0,
    ]);
  });

  it('caps depth and count', () => {
    assert.ok(Array.isArray(read('['.repeat(64) + ']'.repeat(64))));
    refused('['.repeat(65) + ']'.repeat(65), '/0'.repeat(64), /deep/);
    assert.ok(read('['.repeat(1_000_000)) instanceof Malformed);
    assert.ok(read('{"a":'.repeat(100_000)) instanceof Malformed);
    const few = { depth: 64, values: 3 };
    assert.deepEqual(readJson(Buffer.from('[1,2]'), few), [1, 2]);
    assert.ok(readJson(Buffer.from('[1,2,3]'), few) instanceof Malformed);
  });

  it('says where, but never repeats a long key whole', () => {
    const result = read(`{"${'k'.repeat(10_000)}":{"a":1,"a":1}}`) as Malformed;
    assert.ok(result.pointer.length < 300);
  });

  it('answers as the careful reader does, for any text', () => {
    const soup = fc.array(
      fc.constantFrom(
        '{',
        '}',
        '[',
        ']',
        ':',
        ',',
        '"',
        '"a"',
        '"b":',
        '1',
        '-',
        '0',
        'e9',
        '.5',
        'true',
        'null',
        ' ',
        '\\',
        '\\u0061',
        '\\ud8',
        '99999999999999999999',
        'é',
        '\n',
      ),
      { maxLength: 24 },
    );
    fc.assert(
      fc.property(soup, (pieces) => {
        const text = pieces.join('');
        const fast = read(text);
        const careful = readCarefully(text, limits);
        assert.deepEqual(fast, careful);
        if (fast instanceof Malformed) return;
        assert.deepEqual(fast, JSON.parse(text));
      }),
      { numRuns: 3000 },
    );
  });

  it('reads every JSON value as JSON.parse does, in both readers', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 6 }), (text) => {
        const expected = JSON.parse(text) as unknown;
        const result = read(text);
        if (result instanceof Malformed) assert.match(result.detail, /surrogate|loss/);
        else assert.deepEqual(result, expected);
        assert.deepEqual(readCarefully(text, limits), result);
      }),
      { numRuns: 1000 },
    );
  });

  it('never throws on bytes, and answers the same for the same', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const buffer = Buffer.from(bytes);
        assert.deepEqual(readJson(buffer, limits), readJson(buffer, limits));
      }),
      { numRuns: 1000 },
    );
  });

  it('costs in proportion to the length, for the shapes that provoke more', () => {
    const wide = { depth: 64, values: 10_000_000 };
    const shapes: Record<string, (n: number) => string> = {
      keys: (n) => `{${Array.from({ length: n / 10 }, (_, i) => `"k${i}":1`).join(',')}}`,
      indices: (n) => `{${Array.from({ length: n / 10 }, (_, i) => `"${(i * 7919) % 4294967291}":1`).join(',')}}`,
      digits: (n) => `[0.${'1'.repeat(n)}]`,
      zeros: (n) => `[1${'0'.repeat(n)}1.5]`,
      escapes: (n) => `["${'\\u0041'.repeat(n / 6)}"]`,
      duplicates: (n) => `{${Array.from({ length: n / 10 }, () => '"k":1').join(',')}}`,
      quotes: (n) => '"'.repeat(n),
      minus: (n) => '-'.repeat(n),
    };
    for (const [name, shape] of Object.entries(shapes)) {
      const small = cost(() => readJson(Buffer.from(shape(20_000)), wide));
      const large = cost(() => readJson(Buffer.from(shape(320_000)), wide));
      // Sixteen times the length: linear is about 16, quadratic 256.
      assert.ok(large < Math.max(small, 0.05) * 110, `${name}: ${small.toFixed(3)} ms, then ${large.toFixed(3)} ms`);
    }
  });
});

/** The least of several runs: what the work costs, not what else the machine does. */
function cost(run: () => unknown): number {
  let least = Number.POSITIVE_INFINITY;
  for (let i = 0; i < 7; i++) {
    const start = performance.now();
    run();
    least = Math.min(least, performance.now() - start);
  }
  return least;
}
