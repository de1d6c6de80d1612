import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type AskOptions, PASSWORDS, type Target } from './attacks/target.ts';
import { Counter } from './limits.ts';
import { isPicture } from './picture.ts';
import { withMarket } from './testing.ts';

const JSON_TYPE = { 'content-type': 'application/json' };
const signIn = (market: Target, login: string, password: string) =>
  market.ask('POST', '/api/session', { body: { login, password } });

describe('careful', () => {
  test('refuses in envelopes of one form, with status 200', () =>
    withMarket([], async (market) => {
      const as = 'noor';
      const key = await market.key('noor');
      const cases: [string, string, string, AskOptions][] = [
        ['not_signed_in', 'GET', '/api/session', {}],
        ['not_signed_in', 'GET', '/api/session', { key: 'x' }],
        ['not_signed_in', 'GET', '/api/session', { key: `${key}=` }],
        ['not_signed_in', 'GET', '/api/session', { headers: { authorization: `Bearer ${key}` } }],
        ['not_signed_in', 'GET', `/api/orders?session=${key}`, {}],
        ['not_signed_in', 'GET', '/api/orders', { headers: { 'x-user-id': '1', 'x-role': 'admin' } }],
        ['sign_in_failed', 'POST', '/api/session', { body: { login: 'noor', password: 'x' } }],
        ['invalid', 'POST', '/api/session', { headers: JSON_TYPE, raw: '{' }],
        ['invalid', 'POST', '/api/session', { headers: JSON_TYPE, raw: 'null' }],
        ['invalid', 'POST', '/api/session', { headers: JSON_TYPE, raw: '[]' }],
        ['invalid', 'POST', '/api/session', { headers: JSON_TYPE, raw: '{"__proto__":{"role":"admin"}}' }],
        ['invalid', 'POST', '/api/session', { body: { login: { $ne: '' }, password: { $ne: '' } } }],
        ['unsupported_type', 'POST', '/api/session', { headers: { 'content-type': 'text/plain' }, raw: '{}' }],
        [
          'unsupported_type',
          'POST',
          '/api/session',
          { headers: { ...JSON_TYPE, 'content-encoding': 'gzip' }, raw: '{}' },
        ],
        [
          'unsupported_type',
          'POST',
          '/api/session',
          { headers: { 'content-type': `${JSON_TYPE['content-type']}; charset=utf-16` }, raw: '{}' },
        ],
        ['too_large', 'POST', '/api/session', { headers: JSON_TYPE, raw: ' '.repeat(70_000) }],
        ['invalid', 'GET', '/api/shops?per_page=51', {}],
        ['invalid', 'GET', '/api/shops?per_page=5&per_page=6', {}],
        ['invalid', 'GET', '/api/shops?page=1e1', {}],
        ['invalid', 'GET', '/api/shops?page=0', {}],
        ['invalid', 'GET', '/api/shops?colour=red', {}],
        ['invalid', 'GET', '/api/shops/1%20OR%201/products', {}],
        ['invalid', 'GET', '/api/shops/1/products?sort=constructor', {}],
        ['invalid', 'GET', '/api/orders/-1', { as }],
        ['invalid', 'GET', '/api/go?to=//evil.example', {}],
        ['invalid', 'GET', '/api/go?to=/%5Cevil.example', {}],
        ['not_found', 'GET', '/api/users/2', { as }],
        ['not_found', 'GET', '/api/orders/3', { as }],
        ['not_found', 'GET', '/api/shops/2/products/1', {}],
        ['not_found', 'GET', '/api/files?name=..%2Fmarket.env', {}],
        ['not_found', 'GET', '/api/files?name=%2Fetc%2Fpasswd', {}],
        ['forbidden', 'GET', '/api/admin/users', { as }],
        ['forbidden', 'GET', '/api/admin/users', { as: 'marta' }],
        ['forbidden', 'POST', '/api/shops/1/products', { as, body: {} }],
        ['conflict', 'PATCH', '/api/admin/users/10', { as: 'greta', body: { role: 'buyer' } }],
      ];
      for (const [code, method, path, options] of cases) {
        const answer = await market.ask(method, path, options);
        const what = `${method} ${path} ${JSON.stringify(options).slice(0, 200)}: ${answer.status} ${answer.text}`;
        assert.equal(answer.status, 200, what);
        assert.equal(answer.code, code, what);
        assert.equal(answer.json.ok, false);
        assert.equal(answer.headers.get('content-type'), 'application/json; charset=utf-8');
        assert.equal(answer.headers.get('cache-control'), 'no-store');
        assert.equal(answer.headers.get('x-content-type-options'), 'nosniff');
        assert.equal(answer.headers.get('server') ?? answer.headers.get('x-powered-by'), null);
      }
    }));

  test('has real statuses for paths and methods that are not here', () =>
    withMarket([], async (market) => {
      for (const path of [
        '/',
        '/api',
        '/api/shops/',
        '/api/v0/users/1',
        '/debug',
        '/api/debug',
        '/api/__proto__',
        '/api/%ff',
      ]) {
        const { status, code } = await market.ask('GET', path);
        assert.deepEqual([status, code], [404, 'no_such_path'], path);
      }
      const allowed = async (method: string, path: string) => {
        const { status, code, headers } = await market.ask(method, path);
        assert.deepEqual([status, code], [405, 'no_such_method'], path);
        return headers.get('allow');
      };
      assert.equal(await allowed('PUT', '/api/shops/1/products/1'), 'GET, HEAD, PATCH, DELETE');
      assert.equal(await allowed('GET', '/api/shops/1/products/import'), 'POST');
      assert.equal(await allowed('PURGE', '/api/shops'), 'GET, HEAD');
      assert.equal(await allowed('OPTIONS', '/api/shops'), 'GET, HEAD');
      const head = await market.ask('HEAD', '/api/shops');
      assert.deepEqual([head.status, head.text], [200, '']);
    }));

  test('answers the same to the byte for what is not there and what belongs to others', () =>
    withMarket([], async (market) => {
      const pairs = [
        ['/api/users/2', '/api/users/99'],
        ['/api/users/2/wallet', '/api/users/99/wallet'],
        ['/api/orders/3', '/api/orders/999'],
        ['/api/orders/3/invoice', '/api/orders/999/invoice'],
      ];
      for (const [other = '', nobody = ''] of pairs) {
        const answers = [
          await market.ask('GET', other, { as: 'noor' }),
          await market.ask('GET', nobody, { as: 'noor' }),
        ];
        assert.equal(answers[0]?.text, answers[1]?.text, other);
      }
    }));

  test('locks an account for guesses that come at once, also one that does not exist', () =>
    withMarket([], async (market) => {
      for (const login of ['linnea', 'nobody']) {
        const guesses = Array.from({ length: 12 }, (_, i) => signIn(market, login, `guess ${i}`));
        const answers = await Promise.all(guesses);
        assert.equal(answers.filter(({ code }) => code === 'sign_in_failed').length, 5, login);
        const locked = answers.filter(({ status, code }) => status === 429 && code === 'slow_down');
        assert.equal(locked.length, 7, login);
        assert.match(locked[0]?.headers.get('retry-after') ?? '', /^\d+$/);
      }
      const right = await signIn(market, 'linnea', PASSWORDS.linnea);
      assert.equal(right.status, 429, 'the right password is a guess too');
      const many = await Promise.all(Array.from({ length: 10 }, () => signIn(market, 'noor', PASSWORDS.noor)));
      assert.ok(
        many.every(({ ok }) => ok),
        'right passwords at once lock nobody',
      );
    }));

  test('ends sessions with the account, and takes the role of now', () =>
    withMarket([], async (market) => {
      const change = (body: object) => market.ask('PATCH', '/api/admin/users/6', { as: 'greta', body });
      assert.equal((await market.ask('GET', '/api/session', { as: 'hiro' })).json.data.user.role, 'buyer');
      await change({ role: 'seller' });
      assert.equal((await market.ask('GET', '/api/session', { as: 'hiro' })).json.data.user.role, 'seller');
      await change({ active: false });
      assert.equal((await market.ask('GET', '/api/session', { as: 'hiro' })).code, 'not_signed_in');
      assert.equal((await signIn(market, 'hiro', PASSWORDS.hiro)).code, 'sign_in_failed');
    }));

  test('registers once, and says nothing of it', () =>
    withMarket([], async (market) => {
      const register = (login: string, email: string, password: string) =>
        market.ask('POST', '/api/users', { body: { login, email, password, display_name: 'N' } });
      const [taken, free] = [
        await register('noor', 'n@new.example', 'another-one-1'),
        await register('noora', 'n@new.example', 'another-one-1'),
      ];
      assert.equal(taken.text.replace('"noor"', '"noora"'), free.text);
      await register('noora', 'm@new.example', 'taken-over-11');
      assert.ok((await signIn(market, 'noora', 'another-one-1')).ok);
      assert.equal((await signIn(market, 'noora', 'taken-over-11')).code, 'sign_in_failed');
      assert.ok((await signIn(market, 'noor', PASSWORDS.noor)).ok);
    }));

  test('searches text, not patterns', () =>
    withMarket([], async (market) => {
      const found = async (search: string) =>
        (await market.ask('GET', `/api/shops/1/products?${new URLSearchParams({ search })}`)).json.data.total;
      assert.equal(await found('POT'), 1);
      for (const pattern of ['%', '_', '\\', "'", "' OR '1'='1"]) assert.equal(await found(pattern), 0, pattern);
    }));

  test('moves money once, and never more than there is', () =>
    withMarket([], async (market) => {
      const send = (amount_cents: number, reference: string) =>
        market.ask('POST', '/api/users/1/wallet/transfers', {
          as: 'noor',
          body: { to_user_id: 2, amount_cents, reference },
        });
      const balance = async () =>
        (await market.ask('GET', '/api/users/1/wallet', { as: 'noor' })).json.data.balance_cents;
      await market.key('noor');
      const same = await Promise.all(Array.from({ length: 5 }, () => send(1_000, 'once-and-only')));
      assert.equal(same.filter(({ ok }) => ok).length, 1);
      assert.equal(await balance(), 4_999_000);
      assert.equal((await send(4_999_001, 'too-much-0001')).code, 'conflict');
      const many = await Promise.all(Array.from({ length: 5 }, (_, i) => send(2_000_000, `at-once-000${i}`)));
      assert.equal(many.filter(({ ok }) => ok).length, 2);
      assert.equal(await balance(), 999_000);
    }));

  test('takes pictures that are some', () => {
    const png = Buffer.from(
      'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNkYAAAAAYAAjCB0C8AAAAASUVORK5CYII=',
      'base64',
    );
    assert.ok(isPicture('image/png', png));
    assert.ok(!isPicture('image/jpeg', png));
    assert.ok(!isPicture('image/png', Buffer.concat([png, Buffer.from('<script>')])));
    assert.ok(!isPicture('image/png', png.subarray(0, 20)));
    assert.ok(!isPicture('image/png', Buffer.alloc(0)));
    const huge = Buffer.from(png);
    huge.writeUInt32BE(2 ** 31, 16);
    assert.ok(!isPicture('image/png', huge), 'a picture to fill the memory of whoever shows it');
    assert.ok(isPicture('image/jpeg', Buffer.from('ffd8ffe000ffd9', 'hex')));
    assert.ok(!isPicture('text/html', png));
  });

  test('counts in windows', () => {
    const counter = new Counter({ name: 'test', count: 2, seconds: 10 });
    assert.deepEqual(counter.count('a', 1_000), { remaining: 1, reset: 10, allowed: true });
    assert.deepEqual(counter.count('a', 5_500), { remaining: 0, reset: 6, allowed: true });
    assert.deepEqual(counter.count('a', 6_000), { remaining: 0, reset: 5, allowed: false });
    assert.deepEqual(counter.count('b', 6_000), { remaining: 1, reset: 10, allowed: true });
    assert.deepEqual(counter.count('a', 11_000), { remaining: 1, reset: 10, allowed: true });
  });
});
