import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Principal } from '../../gateway/principal.ts';
import { UseLedger } from '../../identity/uses.ts';
import { exchange, world } from '../testing.ts';
import { networkOf } from './network.ts';
import { unusual as schema } from './settings.ts';
import { softwareOf } from './software.ts';
import { Unusual } from './unusual.ts';

const DAY = 86_400_000;
const principal = (parts: Partial<Principal> = {}, scheme = 'jwt', id = 't1'): Principal => ({
  kind: 'user',
  id: 'https://issuer.example|ann',
  roles: [],
  scopes: [],
  claims: {},
  credential: { scheme, id, binding: 'none' },
  ...parts,
});

function setUp(given: Record<string, unknown> = {}) {
  const services = world();
  const ledger = new UseLedger(':memory:', services.clock, () => assert.fail('written'));
  const watch = () => new Unusual(schema.parse(given), ledger, services);
  let one = watch();
  const look = (address: string, agent = 'app/1.0', who = principal()) =>
    one.look(exchange({ address, headers: { 'user-agent': agent } }), who);
  const learned = (...addresses: string[]): void => {
    for (const address of addresses) look(address);
    services.clock.pass(8 * DAY);
  };
  const told = () => services.events.map(({ evidence }) => `${evidence?.['rule']} ${evidence?.['network']}`);
  return { services, ledger, look, learned, told, again: () => (one = watch()) };
}

test('networks: /24 and /48, mapped IPv4 as IPv4', () => {
  assert.deepEqual(['192.0.2.77', '::ffff:192.0.2.77', '2001:db8:7:ffff::1', '2001:db8:8::', 'x'].map(networkOf), [
    '192.0.2.0/24',
    '192.0.2.0/24',
    '2001:db8:7::/48',
    '2001:db8:8::/48',
    'unknown',
  ]);
});

test('software: families without versions, whatever is sent', () => {
  const chrome =
    'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/151.0 Safari/537.36';
  assert.deepEqual(
    [
      chrome,
      `${chrome} Edg/151.0`,
      'curl/8.9.1',
      'curl/9.0',
      'python-requests/2.3 x',
      undefined,
      '',
      '\u0000',
      '__proto__/1',
    ].map(softwareOf),
    ['chrome/windows', 'edge/windows', 'curl', 'curl', 'python-requests', 'none', 'none', 'other', 'other'],
  );
  assert.ok(softwareOf('a'.repeat(1e6)).length <= 32);
});

test('while learning nothing is unusual; afterwards another network is, once, and then it is known', () => {
  const { look, learned, told, services } = setUp();
  learned('192.0.2.1', '203.0.113.9');
  assert.deepEqual(told(), []);
  assert.equal(look('192.0.2.200'), undefined);
  assert.deepEqual(told(), [], 'the same network');
  look('198.51.100.1');
  look('198.51.100.2');
  look('198.51.100.1', 'app/2.0', principal({}, 'jwt', 't2'));
  assert.deepEqual(told(), ['network 198.51.100.0/24']);
  assert.equal(services.events[0]?.evidence?.['credential'], 't1');
  look('192.0.2.1', 'curl/8.0');
  assert.deepEqual(told().at(-1), 'software 192.0.2.0/24');
});

test('what was learned is kept over a restart, and is shared with another worker', () => {
  const { look, learned, told, again } = setUp();
  learned('192.0.2.1');
  again();
  look('192.0.2.9');
  assert.deepEqual(told(), []);
  look('198.51.100.1');
  again();
  look('198.51.100.1');
  assert.equal(told().length, 1);
});

test('a phone that roams is no storm of events', () => {
  const { look, learned, told } = setUp({ networks: 32 });
  learned(...Array.from({ length: 10 }, (_, i) => `10.0.${i}.1`));
  for (let i = 0; i < 500; i++) look(`10.${1 + (i >> 8)}.${i & 255}.1`);
  assert.ok(told().filter((one) => one.startsWith('network')).length === 0, told().join());
});

test('attack: too many networks at once, where the caller is known in few', () => {
  const { look, learned, told, services } = setUp({ networks: 4, roaming: 32 });
  learned('192.0.2.1');
  for (let i = 0; i < 3; i++) look(`10.0.${i}.1`);
  assert.ok(!told().some((one) => one.startsWith('pace')));
  services.clock.pass(700_000);
  for (let i = 0; i < 6; i++) look(`10.1.${i}.1`);
  assert.equal(told().filter((one) => one.startsWith('pace')).length, 1);
});

test('step-up: every request from there is marked until its caller has signed in since', async () => {
  const { look, learned, services } = setUp({ network: 'step-up' });
  learned('192.0.2.1');
  const first = await look('198.51.100.1');
  assert.equal(first?.answer, 'step-up');
  const since = services.clock.now();
  services.clock.pass(5_000);
  assert.equal((await look('198.51.100.1'))?.since, since);
  assert.equal(await look('192.0.2.1'), undefined, 'not where the caller is known');
  const old = principal({ claims: { auth_time: since / 1000 - 60 } }, 'jwt', 't2');
  assert.ok(await look('198.51.100.1', 'app/1.0', old), 'an older login does not settle it');
  const future = principal({ claims: { auth_time: since / 1000 + 9e6 } }, 'jwt', 't3');
  assert.ok(await look('198.51.100.1', 'app/1.0', future), 'nor one that is yet to come');
  const key = principal({ claims: { auth_time: since / 1000 + 1 } }, 'basic', 't4');
  assert.ok(await look('198.51.100.1', 'app/1.0', key), 'nor an attribute that is called so');
  const fresh = principal({ claims: { auth_time: since / 1000 + 3 } }, 'jwt', 't5');
  assert.equal(await look('198.51.100.1', 'app/1.0', fresh), undefined);
  assert.equal(await look('198.51.100.1'), undefined, 'settled for the caller');
});

test('names of software and addresses that mean something to the language', () => {
  const { look, learned, told } = setUp();
  learned('192.0.2.1');
  for (const agent of ['constructor/1', 'tostring/1', 'hasownproperty']) look('192.0.2.1', agent);
  assert.deepEqual(new Set(told()), new Set(['software 192.0.2.0/24']));
  assert.equal(told().length, 3);
});

test('off: last uses are noted all the same', () => {
  const { look, ledger, services } = setUp();
  const off = new Unusual('off', ledger, services);
  const key = principal({ kind: 'key', id: 'key_1' }, 'key', 'key_1');
  assert.equal(off.look(exchange({ address: '192.0.2.1' }), key), undefined);
  look('192.0.2.1');
  assert.deepEqual(services.events, []);
});

test('while nothing differs, looking costs no more than comparing', () => {
  const { ledger, services } = setUp();
  const one = new Unusual(schema.parse({}), ledger, services);
  const who = principal();
  const asked = exchange({ address: '192.0.2.1', headers: { 'user-agent': 'app/1.0' } });
  one.look(asked, who);
  let reads = 0;
  const { habits } = ledger;
  ledger.habits = (...args) => {
    reads++;
    return habits.apply(ledger, args);
  };
  for (let i = 0; i < 1000; i++) one.look(asked, who);
  assert.equal(reads, 0);
});
