import assert from 'node:assert/strict';
import { isIP, SocketAddress } from 'node:net';
import { test } from 'node:test';
import fc from 'fast-check';
import { canonicalAddress, inRange, isPublicAddress, parseAddress, parseRange } from './address.ts';

test('one spelling for one address', () => {
  const cases: [string, string | undefined][] = [
    ['127.0.0.1', '127.0.0.1'],
    ['::ffff:127.0.0.1', '127.0.0.1'],
    ['::FFFF:7f00:1', '127.0.0.1'],
    ['[::1]', '::1'],
    ['fe80::1%eth0', 'fe80::1'],
    ['2001:DB8:0:0:0:0:0:1', '2001:db8::1'],
    ['2001:db8:0:1:0:0:0:1', '2001:db8:0:1::1'],
    ['1:0:2:3:4:5:6:7', '1:0:2:3:4:5:6:7'],
    ['::', '::'],
    ['1::', '1::'],
    ['64:ff9b::1.2.3.4', '64:ff9b::102:304'],
    ['127.1', undefined],
    ['010.0.0.1', undefined],
    ['0x7f.0.0.1', undefined],
    ['2130706433', undefined],
    ['256.1.1.1', undefined],
    ['1.2.3.4.5', undefined],
    ['1.2.3.', undefined],
    ['1.2.3.4 ', undefined],
    [':::', undefined],
    ['1:::2', undefined],
    ['1::2::3', undefined],
    ['1:2:3:4:5:6:7', undefined],
    ['1:2:3:4:5:6:7:8:9', undefined],
    ['1:2:3:4:5:6:7::8:9', undefined],
    [':1:2:3:4:5:6:7', undefined],
    ['12345::', undefined],
    ['::1.2.3', undefined],
    ['1:2:3:4:5:6:7:1.2.3.4', undefined],
    ['::1.2.3.4:5', undefined],
    ['1:', undefined],
    ['', undefined],
    ['localhost', undefined],
    [`${'0:'.repeat(100)}1`, undefined],
  ];
  for (const [text, expected] of cases) assert.equal(canonicalAddress(text), expected, text);
});

test('agrees with the runtime on what an address is, and on its canonical form', () => {
  fc.assert(
    fc.property(fc.oneof(fc.ipV4(), fc.ipV6(), fc.stringMatching(/^[0-9a-f:.]{1,24}$/)), (text) => {
      const known = isIP(text);
      assert.equal(parseAddress(text) !== undefined, known !== 0, text);
      const canonical = canonicalAddress(text);
      if (canonical === undefined) return;
      assert.equal(canonicalAddress(canonical), canonical);
      if (
        known === 6 &&
        canonical.includes(':') &&
        !new SocketAddress({ address: text, family: 'ipv6' }).address.includes('.')
      ) {
        assert.equal(canonical, new SocketAddress({ address: text, family: 'ipv6' }).address);
      }
    }),
    { numRuns: 2_000 },
  );
});

test('ranges', () => {
  assert.ok(inRange('10.255.0.1', '10.0.0.0/8'));
  assert.ok(inRange('::ffff:10.255.0.1', '10.0.0.0/8'));
  assert.ok(inRange('10.1.2.3', '::ffff:10.0.0.0/104'));
  assert.ok(!inRange('11.0.0.1', '10.0.0.0/8'));
  assert.ok(inRange('200.1.2.3', '0.0.0.0/0'));
  assert.ok(!inRange('::1', '0.0.0.0/0'));
  assert.ok(inRange('255.255.255.255', '255.255.255.255'));
  assert.ok(inRange('2001:db8:ffff::1', '2001:db8::/32'));
  assert.ok(!inRange('2001:db9::1', '2001:db8::/32'));
  assert.ok(inRange('2001:db8::8000:0:0:1', '2001:db8::8000:0:0:0/65'));
  assert.ok(!inRange('2001:db8::1', '2001:db8::8000:0:0:0/65'));
  for (const bad of ['10.0.0.0/33', '10.0.0.0/', '10.0.0.0/08', '10.0.0.0/-1', '::/129', 'x/8', '::ffff:1.2.3.4/90']) {
    assert.equal(parseRange(bad), undefined, bad);
    assert.ok(!inRange('10.0.0.1', bad));
  }
});

test('what is not public', () => {
  const closed = [
    '0.0.0.0',
    '10.0.0.1',
    '100.64.0.1',
    '100.100.100.200',
    '127.0.0.1',
    '127.255.255.254',
    '168.63.129.16',
    '169.254.169.254',
    '172.16.0.1',
    '172.31.255.255',
    '192.0.0.192',
    '192.168.1.1',
    '198.19.255.255',
    '203.0.113.9',
    '224.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    '::ffff:127.0.0.1',
    '::ffff:7f00:1',
    '::127.0.0.1',
    '64:ff9b::7f00:1',
    '64:ff9b::a9fe:a9fe',
    '64:ff9b:1::1',
    '2002:7f00:1::',
    '2002:0808:0808::1',
    '2001:0:1:2::3',
    '2001:db8::1',
    '3fff::1',
    'fc00::1',
    'fd00:ec2::254',
    'fe80::1',
    'fe80::1%lo',
    'fec0::1',
    'ff02::1',
    '100::1',
    'not an address',
    '127.1',
  ];
  for (const address of closed) assert.equal(isPublicAddress(address), false, address);
  const open = [
    '8.8.8.8',
    '172.32.0.1',
    '100.128.0.1',
    '2606:4700::1111',
    '2a00:1450::1',
    '64:ff9b::808:808',
    '::ffff:8.8.8.8',
  ];
  for (const address of open) assert.equal(isPublicAddress(address), true, address);
});
