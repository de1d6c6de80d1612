import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { lexicalInteger, lexicalNumber } from './numbers.ts';

describe('numbers as text', () => {
  it('are integers in one form only', () => {
    for (const text of ['0', '7', '-7', '42', '9007199254740992']) assert.equal(lexicalInteger(text), Number(text));
    const others = [
      '',
      ' 1',
      '1 ',
      '+1',
      '-0',
      '01',
      '-01',
      '1.0',
      '1e3',
      '0x1',
      '0b1',
      '1_000',
      '1n',
      '١',
      '１',
      'NaN',
      'Infinity',
      '-',
      '--1',
      '1\n',
      '9007199254740993',
    ];
    for (const text of others) assert.equal(lexicalInteger(text), undefined, JSON.stringify(text));
  });

  it('are numbers in the grammar of JSON only', () => {
    for (const text of ['0', '-0', '1.5', '1e3', '-2E-2']) assert.equal(lexicalNumber(text), Number(text));
    for (const text of ['', '.5', '5.', '+1', '01', '0x1', 'NaN', 'Infinity', '1e400', '1e', '1,5', ' 1', '1e-400'])
      assert.equal(lexicalNumber(text), undefined, JSON.stringify(text));
  });

  it('keep every safe integer and every double', () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), (value) => {
        assert.equal(lexicalInteger(String(value)), value === 0 ? 0 : value);
      }),
    );
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        const text = JSON.stringify(value);
        const exact = Math.abs(value) < 2 ** 53 || text.includes('e') || BigInt(text) === BigInt(value);
        assert.equal(lexicalNumber(text), exact ? (value === 0 ? 0 : value) : undefined);
      }),
    );
  });
});
