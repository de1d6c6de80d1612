import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Refusal } from '../../gateway/refusal.ts';
import { principal, servicesAt } from '../fixtures.ts';
import { ann, bob, few, gate, HERE, MINUTE } from './fixtures.ts';

// Whom a ban hits, and whom it must not: neighbours, visitors, holders of shared keys, own scanners.

describe('strangers of an address', () => {
  const withKey = { 'x-api-key': 'pk_something' };

  it('are refused before anything is looked at; who shows a credential is asked for it', () => {
    const g = gate();
    g.harm(3, HERE);
    assert.equal((g.room.address(g.make(HERE)) as Refusal).code, 'banned');
    assert.equal(g.room.address(g.make(HERE, undefined, withKey)), undefined, 'goes on to authentication');
    assert.equal(g.good(HERE, ann, withKey), undefined, 'and is served where the credential is good');
    assert.equal(g.good(HERE, undefined, withKey), 'banned', 'and not where it says nothing');
    assert.equal(g.good('192.0.2.2'), undefined);
    assert.equal(g.good('::ffff:192.0.2.1'), 'banned', 'the same address in another spelling');
  });

  it('attack: a neighbour behind the same NAT cannot lock out who has a credential', () => {
    const g = gate();
    for (let i = 0; i < 20; i++) {
      g.harm(3, HERE);
      g.clock.pass(MINUTE);
      assert.equal(g.good(HERE, ann, { authorization: 'Bearer x' }), undefined);
    }
  });

  it('attack: addresses of one /64 are one caller, and its neighbours are not', () => {
    const g = gate();
    for (let i = 0; i < 3; i++) g.harm(1, `2001:db8:0:1::${i}`);
    assert.equal(g.good('2001:db8:0:1:ffff::9'), 'banned');
    assert.equal(g.good('2001:db8:0:2::1'), undefined);
  });

  it('exempt ranges are never banned, not even by what happened before; principals there are', () => {
    const exempt = { ...few, exempt: ['192.0.2.0/24', '2001:db8::/32'] };
    const g = gate(exempt);
    g.harm(50, HERE);
    g.harm(50, '2001:db8::1');
    assert.deepEqual([g.good(HERE), g.good('2001:db8::1')], [undefined, undefined]);
    g.harm(3, HERE, ann);
    assert.equal(g.good(HERE, ann), 'banned');
    const services = servicesAt('');
    gate(few, services).harm(3, HERE);
    assert.equal(gate(few, services).good(HERE), 'banned');
    assert.equal(gate(exempt, services).good(HERE), undefined);
  });
});

describe('exempt roles', () => {
  it('are never banned, not even by what happened before: an own scanner', () => {
    const services = servicesAt('');
    const scanner = principal('scan', ['scanner']);
    gate(few, services).harm(3, HERE, scanner);
    const g = gate({ ...few, exempt: ['role:scanner'] }, services);
    g.harm(50, HERE, scanner);
    assert.equal(g.good(HERE, scanner), undefined);
    g.harm(3, HERE, ann);
    assert.equal(g.good(HERE, ann), 'banned');
    assert.equal(gate(few, services).good(HERE, scanner), 'banned');
  });
});

describe('several principals of one address', () => {
  const three = { ...few, principals: 3 };
  const who = (i: number) => principal(`u${i}`, [], 'user');

  it('are the address: it is shut out for all', () => {
    const g = gate(three);
    for (let i = 0; i < 2; i++) g.harm(3, HERE, who(i));
    assert.equal(g.good(HERE, bob), undefined);
    g.harm(3, HERE, who(2));
    assert.equal((g.room.address(g.make(HERE, undefined, { 'x-api-key': 'x' })) as Refusal).code, 'banned');
    const { evidence } = g.room.send(g.make(HERE, bob)) as Refusal;
    assert.equal(evidence?.['covers'], 'all');
    assert.equal(JSON.stringify(evidence).match(/"ban_/g)?.length, 4, 'its own id and three');
    assert.equal(g.good('192.0.2.2', bob), undefined);
  });

  it('but not the same one again and again, nor over days, nor where it is switched off or exempt', () => {
    const again = gate(three);
    for (let i = 0; i < 6; i++) {
      again.harm(3, HERE, who(0));
      again.clock.pass(4 * MINUTE);
    }
    assert.equal(again.good(HERE, bob), undefined);
    const slow = gate(three);
    for (let i = 0; i < 6; i++) {
      slow.harm(3, HERE, who(i));
      slow.clock.pass(31 * MINUTE);
    }
    assert.equal(slow.good(HERE, bob), undefined);
    for (const bans of [
      { ...few, principals: 'off' },
      { ...three, exempt: ['192.0.2.1'] },
    ]) {
      const g = gate(bans);
      for (let i = 0; i < 6; i++) g.harm(3, HERE, who(i));
      assert.equal(g.good(HERE, bob), undefined);
    }
  });
});

describe('attack: getting somebody else banned', () => {
  const elsewhere = { 'sec-fetch-site': 'cross-site' };

  it('a page that makes its visitors send attacks bans no more than what pages make them send', () => {
    const g = gate();
    g.harm(3, HERE, ann, elsewhere);
    g.harm(3, HERE, undefined, elsewhere);
    assert.equal(g.good(HERE, ann), undefined, 'the visitor itself is served');
    assert.equal(g.good(HERE), undefined);
    assert.equal(g.good(HERE, ann, elsewhere), 'banned');
    assert.equal(g.good(HERE, undefined, elsewhere), 'banned');
    assert.equal(g.good(HERE, ann, { 'sec-fetch-site': 'same-origin' }), undefined);
  });

  it('who sends that mark himself to stay free is shut out with it, and then without it', () => {
    const g = gate();
    g.harm(3, HERE, undefined, elsewhere);
    assert.equal(g.harm(3, HERE, undefined, elsewhere)?.code, 'banned');
    g.harm(3, HERE);
    assert.equal(g.good(HERE), 'banned');
  });

  it('a key that many share is banned only at the address that did harm', () => {
    const g = gate({ ...few, shared: ['app'] });
    const app = principal('app-key', ['app']);
    g.harm(3, HERE, app);
    assert.equal(g.good(HERE, app), 'banned');
    assert.equal(g.good('192.0.2.2', app), undefined);
    g.harm(3, HERE, app, elsewhere);
    g.harm(3, '192.0.2.2', app, elsewhere);
    assert.equal(g.good('192.0.2.2', app, elsewhere), 'banned');
    assert.equal(g.good('192.0.2.3', app, elsewhere), undefined);
    g.harm(3, HERE, ann);
    assert.equal(g.good('192.0.2.2', ann), 'banned', 'others as ever');
  });

  it('no name of a principal passes for another, at another address', () => {
    const g = gate({ ...few, shared: ['app'] });
    g.harm(3, HERE, principal(`x ${HERE}`, ['app']));
    g.harm(3, HERE, principal('a'.repeat(5_000)));
    assert.equal(g.good(HERE, principal('x')), undefined);
    assert.equal(g.good(HERE, principal('a'.repeat(5_001))), undefined);
    assert.equal(g.good(HERE, principal('a'.repeat(5_000))), 'banned');
  });
});
