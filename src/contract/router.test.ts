import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { route } from './fixture.ts';
import type { Method, Operation } from './model.ts';
import { openContract } from './open.ts';
import { createRouter } from './router.ts';
import { parseTemplate, splitPartial, templateNames } from './template.ts';

const routes = (...keys: string[]): ReturnType<typeof createRouter> =>
  createRouter(
    keys.map((key) => {
      const [method, template] = key.split(' ') as [Method, string];
      return { key, method, template } as Operation;
    }),
  );
const to = (router: ReturnType<typeof createRouter>, path: string, method = 'GET'): unknown =>
  route(router, method, path);

test('concrete before partial before templated, segment by segment, with going back', () => {
  const router = routes(
    'GET /',
    'GET /users',
    'GET /users/',
    'GET /users/{id}',
    'GET /users/me',
    'GET /users/{id}/keys',
    'GET /users/me/friends',
    'GET /{any}/me/photos',
    'GET /files/{name}.json',
    'GET /files/{name}.{ext}',
    'GET /files/report.{ext}',
    'GET /files/{name}',
    'POST /users:batch',
    'POST /users/{id}:archive',
    'GET /a/{x}/c',
    'GET /a/b/d',
  );
  const cases: [string, unknown][] = [
    ['/', ['GET /']],
    ['/users', ['GET /users']],
    ['/users/', ['GET /users/']],
    ['/users/7', ['GET /users/{id}', '7']],
    ['/users/me', ['GET /users/me']],
    ['/users/me/keys', ['GET /users/{id}/keys', 'me']],
    ['/users/me/friends', ['GET /users/me/friends']],
    ['/users/me/photos', ['GET /{any}/me/photos', 'users']],
    ['/files/x.json', ['GET /files/{name}.json', 'x']],
    ['/files/report.pdf', ['GET /files/report.{ext}', 'pdf']],
    ['/files/x.pdf', ['GET /files/{name}.{ext}', 'x', 'pdf']],
    ['/files/x', ['GET /files/{name}', 'x']],
    ['/files/.json', ['GET /files/{name}', '.json']],
    ['/a/b/c', ['GET /a/{x}/c', 'b']],
    ['/a/b/d', ['GET /a/b/d']],
    ['/a/b/e', undefined],
    ['/users/7/', undefined],
    ['/users//keys', undefined],
    ['/nothing', undefined],
    ['/users/a%2Fb', ['GET /users/{id}', 'a/b']],
  ];
  for (const [path, expected] of cases) assert.deepEqual(to(router, path), expected, path);
  assert.deepEqual(to(router, '/users:batch', 'POST'), ['POST /users:batch']);
  assert.deepEqual(to(router, '/users/7:archive', 'POST'), ['POST /users/{id}:archive', '7']);
  assert.deepEqual(router.router.match('GET', []), router.router.match('GET', ['']));
});

test('the path decides before the method does', () => {
  const router = routes('GET /users/me', 'DELETE /users/{id}', 'PUT /users/{id}');
  assert.deepEqual(to(router, '/users/me', 'DELETE'), ['GET']);
  assert.deepEqual(to(router, '/users/7', 'GET'), ['DELETE', 'PUT']);
  for (const method of ['HEAD', 'OPTIONS', 'TRACE', 'get', '__proto__', 'constructor']) {
    assert.deepEqual(to(router, '/users/me', method), ['GET'], method);
  }
});

test('names of prototypes are names', () => {
  const router = routes('GET /__proto__', 'GET /constructor/{toString}');
  assert.deepEqual(to(router, '/__proto__'), ['GET /__proto__']);
  assert.deepEqual(to(router, '/constructor/x'), ['GET /constructor/{toString}', 'x']);
  for (const path of ['/toString', '/constructor', '/hasOwnProperty', '/__proto__/__proto__']) {
    assert.equal(to(router, path), undefined);
  }
});

test('literals are compared decoded', () => {
  assert.deepEqual(to(routes('GET /a%20b/{x}'), '/a%20b/y'), ['GET /a%20b/{x}', 'y']);
  assert.deepEqual(to(routes('GET /caf%C3%A9'), '/café'), ['GET /caf%C3%A9']);
});

test('templates that match the same paths are one path; the same method twice is a conflict', () => {
  const { router, conflicts } = routes('GET /a/{x}', 'POST /a/{y}', 'GET /a/{z}', 'GET /b/{x}.{y}', 'GET /b/{p}.{q}');
  assert.deepEqual(
    conflicts.map(({ operation, other }) => [operation.key, other.key]),
    [
      ['GET /a/{z}', 'GET /a/{x}'],
      ['GET /b/{p}.{q}', 'GET /b/{x}.{y}'],
    ],
  );
  assert.deepEqual(route({ router }, 'POST', '/a/1'), ['POST /a/{y}', '1']);
});

test('a segment that can be split in two ways does not match', () => {
  const cases: [string[], string, string[] | undefined][] = [
    [['', '-', ''], 'a-b', ['a', 'b']],
    [['', '-', ''], 'a-b-c', undefined],
    [['', '-', ''], '-a-b', ['-a', 'b']],
    [['', '-', ''], 'a-', undefined],
    [['', '', ''], 'ab', ['a', 'b']],
    [['', '', ''], 'abc', undefined],
    [['x', ',y=', ')'], 'x1,y=2)', ['1', '2']],
    [['x', ',y=', ')'], 'x1,y=2,y=3)', undefined],
    [['', '.', '.', ''], 'a.b.c', ['a', 'b', 'c']],
    [['', '.', '.', ''], 'a.b.c.d', undefined],
    [['', 'aa', ''], 'baaab', undefined],
    [['ab', 'ba'], 'aba', undefined],
    [['(', ')'], '()', undefined],
  ];
  for (const [literals, segment, expected] of cases)
    assert.deepEqual(splitPartial(literals, segment), expected, `${literals} ${segment}`);
});

test('a split, where there is one, is the only one', () => {
  const unit = fc.constantFrom('a', 'b', '-');
  const literal = fc.string({ unit, maxLength: 2 });
  fc.assert(
    fc.property(
      fc.array(literal, { minLength: 2, maxLength: 4 }),
      fc.string({ unit, maxLength: 9 }),
      (literals, segment) => {
        const ways = everySplit(literals, segment);
        assert.deepEqual(splitPartial(literals, segment), ways.length === 1 ? ways[0] : undefined);
      },
    ),
    { numRuns: 20_000 },
  );
});

function everySplit(literals: readonly string[], segment: string): string[][] {
  if (!segment.startsWith(literals[0]!)) return [];
  const rest = segment.slice(literals[0]!.length);
  if (literals.length === 1) return rest === '' ? [[]] : [];
  const found: string[][] = [];
  for (let length = 1; length <= rest.length; length++) {
    for (const tail of everySplit(literals.slice(1), rest.slice(length))) found.push([rest.slice(0, length), ...tail]);
  }
  return found;
}

test('templates that cannot be read are named', () => {
  for (const template of [
    'a',
    '/{',
    '/}',
    '/{}',
    '/{a',
    '/a}',
    '/{a{b}}',
    '/{a/b}',
    '/{a}/{a}',
    `/${'a/'.repeat(101)}`,
  ]) {
    assert.ok('message' in parseTemplate(template), template);
  }
  assert.deepEqual(templateNames('/v1/{a}/x{b}-{c}'), ['a', 'b', 'c']);
  assert.deepEqual(templateNames('/{'), []);
});

test('a contract built to make the router go back and forth costs a bounded number of steps', () => {
  const keys: string[] = [];
  for (let bits = 0; bits < 4_096; bits++) {
    const segments = Array.from({ length: 12 }, (_, i) => ((bits >> i) & 1 ? 'a' : `{p${i}}`));
    keys.push(`GET /${segments.join('/')}/end`);
  }
  // The only template that fits is the last of 4,097 branches to be looked at: the bound is met before.
  const router = routes(...keys, `GET /${Array.from({ length: 12 }, (_, i) => `{p${i}}`).join('/')}/last`);
  assert.equal(to(router, `/${'a/'.repeat(12)}last`), undefined);
  assert.deepEqual(
    to(router, `/${'b/'.repeat(12)}last`)
      ?.toString()
      .slice(0, 5),
    'GET /',
  );
  assert.deepEqual(to(router, `/${'a/'.repeat(12)}end`), [`GET /${'a/'.repeat(12)}end`]);
});

test('look-ups do not depend on the number of operations', () => {
  const build = (count: number): ReturnType<typeof createRouter> =>
    routes(
      ...Array.from({ length: count }, (_, i) => [
        `GET /r${i}/{id}`,
        `POST /x/{id}:verb${i}`,
        `GET /y/v${i}.{ext}`,
      ]).flat(),
    );
  const [few, many] = [build(5), build(5_000)];
  const time = (router: ReturnType<typeof createRouter>): number => {
    const samples = Array.from({ length: 7 }, () => {
      const started = performance.now();
      for (let i = 0; i < 5_000; i++) {
        router.router.match('GET', ['r3', 'id']);
        router.router.match('POST', ['x', '7:verb4']);
        router.router.match('GET', ['y', 'v4.pdf']);
      }
      return performance.now() - started;
    });
    return Math.min(...samples);
  };
  time(few);
  // A linear search would be a thousand times slower.
  assert.ok(time(many) < time(few) * 30);
});

test('contract: none matches every path with one operation a method', () => {
  const contract = openContract();
  assert.equal(contract.version, 'none');
  assert.deepEqual(
    contract.operations.map(({ key }) => key),
    ['GET', 'PUT', 'POST', 'DELETE', 'PATCH', 'HEAD', 'OPTIONS'].map((method) => `${method} /*`),
  );
  for (const { method, key } of contract.operations) {
    for (const path of ['/', '/a', '/a/b/', '/__proto__']) assert.deepEqual(route(contract, method, path), [key]);
  }
  for (const method of ['TRACE', 'CONNECT', 'BREW', '__proto__'])
    assert.equal((route(contract, method, '/') as string[]).length, 7);
});
