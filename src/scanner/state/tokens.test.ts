import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ScanAnswer } from '../model/exchange.ts';
import { claimsOf, cookiesOf, csrfOf, endOf, tokenIn } from './tokens.ts';

const answer = (json: unknown, headers: Record<string, string> = {}): ScanAnswer => ({
  status: 200,
  failure: undefined,
  headers: new Map(Object.entries(headers)),
  body: new Uint8Array(),
  mediaType: 'application/json',
  text: typeof json === 'string' ? json : JSON.stringify(json ?? ''),
  json: typeof json === 'string' ? undefined : json,
  milliseconds: 1,
});
const jwt = (claims: object): string =>
  `${Buffer.from('{"alg":"HS256"}').toString('base64url')}.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.c2lnbmF0dXJl`;

test('a token is found by its name, by its shape, in a header or where it was said to be', () => {
  assert.equal(tokenIn(answer({ accessToken: 'abcdefgh1', refreshToken: 'zzzzzzzzz' }), undefined), 'abcdefgh1');
  assert.equal(
    tokenIn(answer({ data: { user: { id: 1 }, auth: { auth_token: 'Bearer abcdefgh2' } } }), undefined),
    'abcdefgh2',
  );
  const shaped = jwt({ sub: '1' });
  assert.equal(tokenIn(answer({ a: { b: shaped } }), undefined), shaped);
  assert.equal(tokenIn(answer({ user: 'x' }, { authorization: 'Bearer abcdefgh3' }), undefined), 'abcdefgh3');
  assert.equal(tokenIn(answer(shaped), undefined), shaped);
  assert.equal(tokenIn(answer({ x: [{ y: 'abcdefgh4' }] }), '/x/0/y'), 'abcdefgh4');
  assert.equal(tokenIn(answer({}, { 'x-session': 'abcdefgh5' }), 'X-Session'), 'abcdefgh5');
  assert.equal(tokenIn(answer({ token: 'wrong', x: 1 }), '/x'), undefined);
  assert.equal(tokenIn(answer({ message: 'welcome back', token: null }), undefined), undefined);
  assert.equal(tokenIn(answer({ session: 'two words here' }), undefined), undefined);
});

test('claims and end of a JWT are read; nonsense is none', () => {
  assert.deepEqual(claimsOf(jwt({ sub: 'a', exp: 100 })), { sub: 'a', exp: 100 });
  assert.equal(endOf(jwt({ exp: 100 })), 100_000);
  for (const odd of [undefined, '', 'a.b.c', 'aaaaaaaaaa.!!.c', jwt([1] as never), `${'a'.repeat(20_000)}.a.a`])
    assert.equal(claimsOf(odd), undefined, String(odd).slice(0, 20));
  assert.equal(endOf(jwt({ exp: 'soon' })), undefined);
});

test('cookies that are set count, those that are taken away do not', () => {
  const jar = cookiesOf(
    answer(
      {},
      {
        'set-cookie': 'sid=abc; Path=/; HttpOnly\nold=; Max-Age=0\ngone=x; max-age=0\nXSRF-TOKEN=a%3D; Path=/\nbroken',
      },
    ),
  );
  assert.deepEqual(
    [...jar],
    [
      ['sid', 'abc'],
      ['XSRF-TOKEN', 'a%3D'],
    ],
  );
});

test('a CSRF token goes back in the header of its framework', () => {
  const jar = (name: string): Map<string, string> =>
    new Map([
      ['sid', 'x'],
      [name, 'abcdef%3D'],
    ]);
  assert.deepEqual(csrfOf(answer({}), jar('XSRF-TOKEN')), ['X-XSRF-TOKEN', 'abcdef=']);
  assert.deepEqual(csrfOf(answer({}), jar('csrftoken')), ['X-CSRFToken', 'abcdef=']);
  assert.deepEqual(csrfOf(answer({ csrf_token: 'abcdefg' }), new Map()), ['X-CSRF-Token', 'abcdefg']);
  assert.deepEqual(csrfOf(answer({}, { 'x-csrf-token': 'abcdefh' }), new Map()), ['x-csrf-token', 'abcdefh']);
  assert.equal(csrfOf(answer({}), new Map([['sid', 'abcdefg']])), undefined);
});
