import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { createListener, type Listener } from './listener.ts';

describe('the bait', () => {
  let listener: Listener;
  before(async () => {
    listener = await createListener();
  });
  after(() => listener.close());

  it('knows whether it was called, by whom and with what', async () => {
    const bait = listener.bait();
    const other = listener.bait();
    assert.equal(bait.called(), false);
    const answer = await fetch(`${bait.url}?x=1`, { method: 'POST', body: 'hello', headers: { 'X-Who': 'me' } });
    assert.equal(answer.status, 200);
    assert.ok((await answer.text()).includes(bait.marker));
    assert.equal(bait.called(), true);
    assert.equal(other.called(), false);
    const [call] = bait.requests;
    assert.deepEqual([call?.method, call?.headers.get('x-who'), call?.body], ['POST', 'me', 'hello']);
    assert.ok(call?.target.endsWith('?x=1'));
  });

  it('is called whatever is put behind its path', async () => {
    for (const behind of ['.json', '/deep/er', '#x', '%00']) {
      const bait = listener.bait();
      await fetch(bait.url + behind);
      assert.equal(bait.called(), true, behind);
    }
  });

  it('cannot be guessed, and the listener tells nothing to strangers', async () => {
    const { url, marker } = listener.bait();
    const key = new URL(url).pathname.slice(1);
    assert.match(key, /^[0-9a-f]{24}$/);
    assert.ok(!marker.includes(key));
    assert.equal(new URL(url).hostname, '127.0.0.1');
    const seen = new Set(Array.from({ length: 500 }, () => listener.bait().url));
    assert.equal(seen.size, 500);
    const answer = await fetch(new URL('/', url));
    assert.deepEqual([answer.status, await answer.text()], [404, '']);
  });

  it('that redirects tells who follows from who does not', async () => {
    const bait = listener.bait({ redirect: 307 });
    const stays = await fetch(bait.url, { redirect: 'manual' });
    assert.deepEqual([stays.status, stays.headers.get('location')], [307, bait.target?.url]);
    assert.deepEqual([bait.called(), bait.target?.called()], [true, false]);
    const follows = await fetch(bait.url);
    assert.equal(bait.target?.called(), true);
    assert.ok((await follows.text()).includes(bait.target?.marker ?? '?'));
  });

  it('answers what it is told to', async () => {
    const bait = listener.bait({ body: '<a>MARKER</a>', type: 'application/xml' });
    const answer = await fetch(bait.url);
    assert.equal(answer.headers.get('content-type'), 'application/xml');
    assert.equal(await answer.text(), `<a>${bait.marker}</a>`);
    assert.equal((await fetch(bait.url, { method: 'HEAD' })).status, 200);
  });

  it('survives nonsense, and keeps no more than a few calls', async () => {
    const bait = listener.bait();
    const socket = connect(Number(new URL(bait.url).port), '127.0.0.1');
    socket.on('error', () => {});
    socket.end('\x16\x03\x01garbage\r\n\r\n');
    socket.resume();
    await once(socket, 'close');
    for (let i = 0; i < 30; i++) await fetch(bait.url, { method: 'PUT', body: 'x'.repeat(10_000) });
    assert.equal(bait.requests.length, 16);
    assert.equal(bait.requests[0]?.body.length, 4_096);
  });
});
