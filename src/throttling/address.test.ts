import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { networkOf } from './address.ts';

const cases: [string, string, string | undefined][] = [
  ['192.0.2.1', '192.0.2.1', undefined],
  ['255.255.255.255', '255.255.255.255', undefined],
  ['::ffff:192.0.2.1', '192.0.2.1', undefined],
  ['::ffff:c000:201', '192.0.2.1', undefined],
  ['2001:db8:1:2:3:4:5:6', '20010db8:10002', '20010db8:1'],
  ['2001:0DB8:0001:0002::', '20010db8:10002', '20010db8:1'],
  ['2001:db8::1', '20010db8:0', '20010db8:0'],
  ['::1', '0:0', '0:0'],
  ['fe80::1%eth0', 'fe800000:0', 'fe800000:0'],
  ['1::2::3', '1::2::3', undefined],
  ['', '', undefined],
];

for (const [address, near, wide] of cases) {
  it(`${address || '(none)'} counts as ${near || '(none)'}`, () => {
    assert.deepEqual(networkOf(address), { near, wide });
  });
}

it('every spelling of every address in a /64 is one caller', () => {
  fc.assert(
    fc.property(fc.ipV6(), (address) => {
      const { near, wide } = networkOf(address);
      // the URL parser is the independent judge of the spelling
      const canonical = networkOf(new URL(`http://[${address}]`).hostname.slice(1, -1));
      assert.deepEqual({ near, wide }, canonical);
    }),
  );
});

it('never throws and stays short', () => {
  fc.assert(fc.property(fc.string({ maxLength: 5_000 }), (text) => networkOf(text).near.length <= 64));
});
