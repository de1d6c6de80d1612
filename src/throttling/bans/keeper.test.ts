import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it, type TestContext } from 'node:test';
import { openStore } from '../../storage/sqlite-store.ts';
import type { Store } from '../../storage/store.ts';
import { HandClock, servicesAt } from '../fixtures.ts';
import { addBan, liftBans, listBans } from './administration.ts';
import { type Ban, keyOf, type Target } from './ban.ts';
import { Keeper } from './keeper.ts';
import { MAX_BANS, readBan, readBans } from './records.ts';
import { type BanRules, bans } from './settings.ts';

const directory = mkdtempSync(join(tmpdir(), 'keeper-'));
after(() => rmSync(directory, { recursive: true }));

const rules = bans.parse({ first: '1m', factor: 2, max: '1h', forget: '1h' }) as BanRules;
const ann: Target = { kind: 'principal', subject: 'user:ann', covers: 'all' };
let files = 0;

/** Workers that share a file of the store, as processes do. */
function house(t: TestContext, clock = new HandClock()) {
  const file = join(directory, `${files++}.db`);
  const endings: (() => void)[] = [];
  t.after(() => {
    for (const ending of endings.reverse()) ending();
  });
  const open = (): Store => {
    const store = openStore(file);
    endings.push(() => store.close());
    return store;
  };
  const worker = (store = open()) => {
    const services = servicesAt(directory, clock, undefined, store);
    const keeper = new Keeper(services);
    endings.push(() => keeper.close());
    const ban = (target: Target = ann): Ban | undefined => keeper.impose(target, ['x1'], rules, undefined);
    const holds = (subject = 'user:ann'): boolean => keeper.roll.principal('all', subject) !== undefined;
    return { keeper, services, ban, holds, events: services.events };
  };
  return { clock, open, worker };
}

describe('several workers', () => {
  it('one bans, the others know at their next look, and after a restart', (t) => {
    const { worker, clock } = house(t);
    const [first, second] = [worker(), worker()];
    first.ban();
    assert.equal(first.holds(), true, 'at once where it was imposed');
    first.keeper.flush();
    assert.equal(second.holds(), false);
    second.keeper.look();
    assert.equal(second.holds(), true);
    first.keeper.close();
    const third = worker();
    assert.equal(third.holds(), true);
    clock.pass(60_000);
    assert.deepEqual([second.holds(), third.holds()], [false, false]);
  });

  it('a wall clock that was put back while no gate ran holds nobody for longer', (t) => {
    const { worker, clock } = house(t);
    const { keeper, ban } = worker();
    ban();
    keeper.close();
    clock.wall -= 86_400_000;
    const { holds } = worker();
    assert.equal(holds(), true);
    clock.pass(60_000);
    assert.equal(holds(), false);
  });

  it('what is not written down yet is not undone by what the store says', (t) => {
    const { worker, open, clock } = house(t);
    const { keeper, ban, holds, services } = worker();
    ban();
    addBan(open(), clock, { who: 'user:ann', span: 1_000, reason: 'a test' }, 'op');
    liftBans(open(), clock, 'user:ann', 'op');
    keeper.look();
    assert.equal(holds(), true, 'one change');
    services.store.put('throttling.bans.state', 'state', { changes: 0, recent: [] });
    keeper.look();
    assert.equal(holds(), true, 'everything anew');
  });

  it('one deed seen by two is one ban: recorded once, not grown', (t) => {
    const { worker } = house(t);
    const [first, second] = [worker(), worker()];
    const [a, b] = [first.ban(), second.ban()];
    assert.notEqual(a?.id, b?.id);
    first.keeper.flush();
    second.keeper.flush();
    assert.equal(second.keeper.roll.principal('all', 'user:ann')?.ban.id, a?.id);
    assert.equal(readBan(second.services.store, keyOf(ann))?.id, a?.id);
    assert.deepEqual([first.events.length, second.events.length], [1, 0]);
    assert.equal(second.ban(), undefined, 'banned already');
  });

  it('what one has banned before makes the ban by the other longer', (t) => {
    const { worker, clock } = house(t);
    const [first, second] = [worker(), worker()];
    first.ban();
    first.keeper.flush();
    clock.pass(60_000);
    second.keeper.look();
    assert.equal(second.ban()?.count, 2);
  });

  it('whoever is far behind reads everything, and a restored backup too', (t) => {
    const { worker } = house(t);
    const [first, second] = [worker(), worker()];
    for (let i = 0; i < 300; i++) first.ban({ kind: 'principal', subject: `user:${i}`, covers: 'all' });
    first.keeper.flush();
    second.keeper.look();
    assert.equal(second.keeper.roll.principals, 300);
    const { store } = second.services;
    store.put('throttling.bans.state', 'state', { changes: 1, recent: [] });
    store.delete('throttling.bans', keyOf({ ...ann, subject: 'user:7' }));
    second.keeper.look();
    assert.equal(second.keeper.roll.principals, 299);
  });
});

describe('by hand', () => {
  it('added and lifted bans hold in every worker at its next look, and each act is recorded once', (t) => {
    const { worker, open, clock } = house(t);
    const [first, second] = [worker(), worker()];
    const store = open();
    const look = (): void => {
      first.keeper.look();
      second.keeper.look();
    };
    addBan(store, clock, { who: 'user:ann', span: 60_000, reason: 'a test' }, 'cli, op');
    look();
    assert.deepEqual([first.holds(), second.holds()], [true, true]);
    liftBans(store, clock, 'user:ann', 'cli, op');
    look();
    assert.deepEqual([first.holds(), second.holds()], [false, false]);
    const told = [...first.events, ...second.events].map(({ event, evidence }) => [event, evidence?.['by']]);
    assert.deepEqual(told, [
      ['throttling/ban-added', 'cli, op'],
      ['throttling/ban-lifted', 'cli, op'],
    ]);
  });

  it('what was done while no gate was running is recorded by the next', (t) => {
    const { worker, open, clock } = house(t);
    addBan(open(), clock, { who: 'user:ann', span: 60_000, reason: 'a test' }, 'cli, op');
    const { events, holds } = worker();
    assert.deepEqual([events[0]?.event, events.length, holds()], ['throttling/ban-added', 1, true]);
  });

  it('lifting frees from growth as well', (t) => {
    const { worker, open, clock } = house(t);
    const { keeper, ban } = worker();
    ban();
    keeper.flush();
    liftBans(open(), clock, undefined, 'cli, op');
    keeper.look();
    assert.equal(ban()?.count, 1);
  });

  it('a range holds all its addresses, in all spellings, and no other', (t) => {
    const { worker, open, clock } = house(t);
    const { keeper } = worker();
    const store = open();
    const held = (address: string): boolean => keeper.roll.range(address, address) !== undefined;
    addBan(store, clock, { who: '172.16.0.0/16', span: 60_000, reason: 'a test' }, 'op');
    keeper.look();
    assert.equal(held('10.1.2.3'), false);
    addBan(store, clock, { who: '10.1.2.0/24', span: 60_000, reason: 'a test' }, 'op');
    keeper.look();
    assert.equal(held('10.1.2.3'), true, 'what was found before is not believed after a change');
    addBan(store, clock, { who: '10.1.0.0/16', span: 60_000, reason: 'a test' }, 'op');
    addBan(store, clock, { who: '2001:db8::/48', span: 60_000, reason: 'a test' }, 'op');
    keeper.look();
    assert.deepEqual(['10.1.2.3', '10.2.0.0', '2001:db8:0:7::1', '2001:db8:1::1', 'unknown'].map(held), [
      true,
      false,
      true,
      false,
      false,
    ]);
    assert.equal(keeper.roll.addresses, 4);
    liftBans(store, clock, '10.1.2.0/24', 'op');
    keeper.look();
    assert.equal(held('10.1.2.3'), true, 'the wider one holds it still');
    liftBans(store, clock, '10.1.0.0/16', 'op');
    keeper.look();
    assert.equal(held('10.1.2.3'), false);
    clock.pass(60_000);
    assert.equal(held('2001:db8:0:7::1'), false);
    keeper.roll.sweep();
    assert.equal(keeper.roll.addresses, 0);
  });
});

describe('when something is in the way', () => {
  it('a store that cannot be written: the ban holds here, is recorded, and is written later', (t) => {
    const { worker, open, clock } = house(t);
    const store = open();
    let broken = true;
    const flaky: Store = {
      get: (...args) => store.get(...args),
      put: (...args) => store.put(...args),
      delete: (...args) => store.delete(...args),
      list: (...args) => store.list(...args),
      version: () => store.version(),
      close: () => {},
      transaction: (work) => {
        if (broken) throw new Error('disk full');
        return store.transaction(work);
      },
    };
    const { keeper, ban, holds, events } = worker(flaky);
    ban();
    keeper.flush();
    keeper.flush();
    assert.equal(holds(), true);
    assert.deepEqual(
      events.map(({ event }) => event),
      ['throttling/bans-unsaved', 'throttling/banned'],
    );
    broken = false;
    keeper.flush();
    assert.equal(listBans(store, clock).length, 1);
    assert.equal(events.length, 2, 'told once');
  });

  it('a store that cannot be read: what is known stays in force', (t) => {
    const { worker, open } = house(t);
    const store = open();
    let broken = false;
    const version = (): number => {
      if (broken) throw new Error('no such file');
      return store.version();
    };
    const { keeper, ban, holds, events } = worker(
      new Proxy(store, {
        get: (to, key) => (key === 'version' ? version : (Reflect.get(to, key) as () => void).bind(to)),
      }),
    );
    ban();
    keeper.flush();
    broken = true;
    keeper.look();
    keeper.look();
    assert.equal(holds(), true);
    assert.deepEqual(events.at(-1)?.event, 'throttling/bans-unread');
    assert.equal(events.filter(({ event }) => event === 'throttling/bans-unread').length, 1);
  });

  it('attack: from very many addresses: bans stay bounded; those by hand stay, those that end soonest make way', (t) => {
    const { worker, open, clock } = house(t);
    addBan(open(), clock, { who: 'user:first', span: 1_000, reason: 'a test' }, 'op');
    const { keeper, ban, holds, events } = worker();
    ban({ kind: 'principal', subject: 'user:early', covers: 'all' });
    clock.pass(500);
    for (let i = 0; i < MAX_BANS + 600; i++)
      ban({ kind: 'address', subject: `10.0.${i >> 8}.${i & 255}`, covers: 'strangers' });
    assert.ok(keeper.roll.size <= MAX_BANS, String(keeper.roll.size));
    assert.equal(holds('user:first'), true);
    assert.equal(holds('user:early'), false);
    assert.equal(events.filter(({ event }) => event === 'throttling/bans-full').length, 1);
    keeper.flush();
    assert.equal(readBans(open()).length, keeper.roll.size, 'the store as well');
  });

  it('what is over and forgotten leaves memory and store', (t) => {
    const { worker, open, clock } = house(t);
    const { keeper, ban } = worker();
    ban();
    keeper.flush();
    clock.pass(60_000 + 3_600_000);
    keeper.look();
    keeper.flush();
    assert.equal(keeper.roll.size, 0);
    assert.equal(readBans(open()).length, 0);
  });
});
