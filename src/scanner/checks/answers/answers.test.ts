import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { scanShop } from '../../testing/shop.ts';
import { api, of, operation, parameter, type Told, told, trial } from '../../testing/trial.ts';
import { check as cacheDeception } from './cache-deception.ts';
import { check as cacheableErrors } from './cacheable-errors.ts';
import { check as cacheablePrivate } from './cacheable-private.ts';
import { check as crossOrigin } from './cross-origin.ts';
import { check as errorDetails } from './error-details.ts';
import { check as hostHeader } from './host-header.ts';
import { check as openRoutes } from './open-routes.ts';
import { check as personalData } from './personal-data.ts';
import { check as secretsInAnswers } from './secrets-in-answers.ts';
import { check as securityHeaders } from './security-headers.ts';
import { check as softwareVersions } from './software-versions.ts';
import { check as undeclaredProperties } from './undeclared-properties.ts';

const ALL = [
  errorDetails,
  softwareVersions,
  securityHeaders,
  cacheablePrivate,
  cacheableErrors,
  undeclaredProperties,
  secretsInAnswers,
  personalData,
  crossOrigin,
  openRoutes,
  hostHeader,
  cacheDeception,
];

const severities = (findings: ReturnType<typeof of>): string[] => [
  ...new Set(findings.map(({ severity }) => severity)),
];

describe('what answers give away', () => {
  it('is nothing of weight at decent APIs, whatever their habits', async () => {
    for (const habits of [{}, { pages: true, envelope: true, cookie: true }])
      assert.deepEqual(told(await scanShop(ALL, habits)), []);
  });

  it('are private answers that caches may keep, and not those that all read alike', async () => {
    const report = await scanShop([cacheablePrivate], { faults: ['public-answers'] });
    const [finding] = of(report, 'cacheable-private');
    assert.equal(finding?.severity, 'medium');
    const places = finding?.places.map((place) => place.operation);
    assert.ok(places?.includes('GET /api/me'));
    assert.ok(!places?.includes('GET /api/coupons'));
    assert.match(finding?.curl[0] ?? '', /^curl /);
  });

  it('with a cookie a time alone lets caches keep them', async () => {
    const contract = api(
      { '/me': { get: operation([]) } },
      { security: [{ s: [] }], components: { securitySchemes: { s: { type: 'apiKey', in: 'cookie', name: 'sid' } } } },
    );
    const scan = async (headers: Record<string, string>): Promise<string[]> =>
      told(
        await trial({
          contract,
          checks: [cacheablePrivate],
          identities: ['one', 'two'].map((name) => ({ name, cookie: { name: 'sid', value: `${name}-session` } })),
          answer: ({ headers: { cookie } }): Told =>
            cookie ? { json: { user: cookie }, headers } : { status: 401, json: { error: 'log in' } },
        }),
      );
    assert.equal((await scan({ 'Cache-Control': 'max-age=300' })).length, 1);
    assert.deepEqual(await scan({ 'Cache-Control': 'max-age=300', Vary: 'Cookie' }), []);
    assert.deepEqual(await scan({ 'Cache-Control': 'private, max-age=300' }), []);
  });

  it('are errors that caches may keep', async () => {
    const [finding] = of(await scanShop([cacheableErrors], { faults: ['cached-errors'] }), 'cacheable-errors');
    assert.equal(finding?.severity, 'low');
  });

  it('are read by other sites: with cookies worse than with tokens', async () => {
    const tokens = await scanShop([crossOrigin], { faults: ['reflects-origin'] });
    assert.deepEqual(severities(of(tokens, 'cross-origin')), ['medium', 'informational']);
    const cookies = await scanShop([crossOrigin], { faults: ['reflects-origin'], cookie: true });
    assert.deepEqual(severities(of(cookies, 'cross-origin')), ['high', 'informational']);
    assert.deepEqual(severities(of(await scanShop([crossOrigin]), 'cross-origin')), ['informational']);
  });

  it('are debug routes under the root and under the prefix of the paths', async () => {
    for (const pages of [false, true]) {
      const report = await scanShop([openRoutes], { faults: ['debug'], pages });
      assert.deepEqual(told(report), ['open-routes:  /.env', 'open-routes:  /api/debug']);
      assert.deepEqual(severities(of(report, 'open-routes')), ['critical', 'medium', 'informational']);
    }
  });

  it('are hashes and undeclared rows, and not what is merely called so', async () => {
    assert.deepEqual(told(await scanShop([secretsInAnswers], { faults: ['hashes'] })), [
      'secrets-in-answers: GET /api/items/{id} answer /account/password',
    ]);
    const rows = of(await scanShop([undeclaredProperties], { faults: ['rows'] }), 'undeclared-properties');
    const [high] = rows.filter(({ severity }) => severity === 'high');
    assert.deepEqual(
      high?.places.map(({ place }) => place),
      ['answer /internalNotes', 'answer /passwordHash'],
    );
  });

  it('are links to a host that the caller named, where caches keep them', async () => {
    const found = of(await scanShop([hostHeader], { faults: ['forwarded-host'] }), 'host-header');
    assert.deepEqual(
      found.map(({ severity }) => severity),
      ['medium', 'informational'],
    );
    assert.match(found[0]?.curl[0] ?? '', /X-Forwarded-Host/);
  });

  it('are private answers under names of public files, where caches keep them', async () => {
    const kept = await scanShop([cacheDeception], { faults: ['suffix', 'public-answers'] });
    assert.ok(severities(of(kept, 'cache-deception')).includes('medium'));
    assert.deepEqual(severities(of(await scanShop([cacheDeception], { faults: ['suffix'] }), 'cache-deception')), [
      'informational',
    ]);
  });
});

/** Scans one read and one write; every answer to what is not the sample is `wrong`. */
async function erring(wrong: Told, right: Told = { json: { id: 7, name: 'x' } }, checks = ALL): Promise<string[]> {
  const report = await trial({
    contract: api({ '/things/{id}': { get: operation([parameter('path', 'id', { type: 'integer', example: 7 })]) } }),
    answer: ({ path }) => (path === '/things/7' ? right : wrong),
    checks: [...checks, prodding],
  });
  return [
    ...new Set(
      report.findings
        .filter(({ severity }) => severity !== 'informational')
        .map(({ check, message }) => `${check.id}: ${message.replace(/^an answer with \d+ holds /, '')}`),
    ),
  ].sort();
}

/** Asks for a thing that is not there. */
const prodding: typeof errorDetails = {
  ...errorDetails,
  id: 'prodding',
  observe: () => {},
  async run(context) {
    const [sample] = context.operations.flatMap((one) => context.samples(one));
    if (!sample) throw new Error('no call worked');
    const [place] = context.places(sample.call);
    if (!place) throw new Error('no place');
    await context.send(context.put(sample.call, place, 8), null);
  },
};

describe('errors', () => {
  const frames = 'Error: no\n    at load (/srv/shop/src/things.js:41:13)\n    at async next (node:internal/x:1:2)';
  const traces: Record<string, Told> = {
    'of Node as text': { status: 500, text: frames },
    'of Express as a page': {
      status: 500,
      text: '<pre>Error: no<br> &nbsp; &nbsp;at load (/srv/shop/things.js:41:13)<br> &nbsp; &nbsp;at next (/srv/x.js:1:2)</pre>',
      headers: { 'Content-Type': 'text/html' },
    },
    'with 200 and an error in it': { json: { error: { message: 'no', stack: frames } } },
    'as a list of lines': { status: 500, json: { stack: frames.split('\n') } },
    'of Java in JSON': {
      status: 500,
      json: {
        trace:
          'java.lang.NullPointerException: no\r\n\tat com.shop.Things.load(Things.java:41)\r\n\tat b.C.d(C.java:1)',
      },
    },
    'of Python': {
      status: 500,
      text: 'Traceback (most recent call last):\n  File "/srv/app.py", line 41, in load\n    x()\nKeyError: 8',
    },
    'of .NET': {
      status: 500,
      text: 'System.Exception: no\n   at Shop.Things.Load(Int32 id)\n   at Shop.Host.Run(String[] args)\n',
    },
    'of Go': { status: 500, text: 'panic: no\n\ngoroutine 17 [running]:\nmain.load(0x8)\n\t/srv/main.go:41 +0x1d' },
    'of Ruby': { status: 500, json: { errors: ["/srv/app/models/thing.rb:41:in `load'"] } },
    'of PHP': {
      status: 500,
      text: 'Fatal error: Uncaught Exception: no in /srv/things.php:41\nStack trace:\n#0 /srv/index.php(12): load(8)\n',
    },
    'of Rust': { status: 500, text: "thread 'main' panicked at src/things.rs:41:9:\nno" },
    'in XML': {
      status: 500,
      text: `<error><detail>${frames}</detail></error>`,
      headers: { 'Content-Type': 'application/xml' },
    },
  };
  for (const [name, wrong] of Object.entries(traces))
    it(`show a trace ${name}`, async () => {
      assert.ok((await erring(wrong, undefined, [errorDetails])).includes('error-details: a stack trace'));
    });

  it('show statements and databases in many tongues', async () => {
    for (const text of [
      'SQLITE_ERROR: near "x": syntax error',
      'duplicate key value violates unique constraint "users_email_key"',
      "ER_DUP_ENTRY: Duplicate entry '8' for key 'PRIMARY'",
      'MongoServerError: E11000 duplicate key error',
      'SELECT name, hash FROM users WHERE id = 8',
      "ENOENT: no such file or directory, open '/srv/shop/data/8.json'",
    ])
      assert.equal((await erring({ status: 500, json: { error: text } }, undefined, [errorDetails])).length, 1, text);
  });

  it('of decent APIs show nothing, however they look', async () => {
    for (const wrong of [
      { status: 422, json: { error: 'Invalid value on line 12 of your file, at column 3:14' } },
      {
        status: 404,
        json: { type: 'https://api.example/etc/errors/not-found', instance: '/things/8', title: 'Not found' },
      },
      { status: 404, json: { path: '/things/8', timestamp: '2026-01-01T00:00:00Z', error: 'Not Found' } },
      { status: 400, json: { code: 'ER_VALIDATION_FAILED', message: 'Please select one item from the list' } },
      { status: 409, json: { message: 'order ORA-12345 exists already, see /app/help' } },
      {
        status: 404,
        text: '<html><center>nginx/1.24.0</center></html>',
        headers: { 'Content-Type': 'text/html', Server: 'nginx/1.24.0' },
      },
      {
        status: 404,
        text: '<pre>Cannot GET /things/8</pre>',
        headers: { 'Content-Type': 'text/html', Server: 'Werkzeug/3.0.1 Python/3.11.4' },
      },
    ] satisfies Told[])
      assert.deepEqual(await erring(wrong), [], JSON.stringify(wrong));
  });

  it('of logs that hold traces by design are none', async () => {
    const log = { json: { lines: [frames] } };
    assert.deepEqual(await erring(log, log, [errorDetails]), []);
  });

  it('name software: what the API says of itself more than what a server always says', async () => {
    const found = await erring({ status: 500, json: { error: 'shop 2.3.1 on PostgreSQL 15.4' } }, undefined, [
      softwareVersions,
    ]);
    assert.deepEqual(found, ['software-versions: an error text names a version: PostgreSQL 15.4']);
    assert.equal(
      (
        await erring({ status: 404, json: {}, headers: { 'X-Powered-By': 'shop/2.3.1' } }, undefined, [
          softwareVersions,
        ])
      ).length,
      1,
    );
  });
});

describe('data in answers', () => {
  const bearer = [{ name: 'one', bearer: { token: 'one-token' } }];
  const reading = async (json: unknown, schema: object, headers: Record<string, string> = {}): Promise<string[]> => {
    const text = typeof json === 'string' ? { text: json } : { json };
    const report = await trial({
      contract: api({
        '/list': { get: { responses: { 200: { description: 'fine', content: { 'application/json': { schema } } } } } },
      }),
      answer: () => ({ ...text, headers }),
      checks: [secretsInAnswers, undeclaredProperties, personalData],
      identities: bearer,
    });
    return told(report);
  };
  const anything = { type: 'object', additionalProperties: true };

  it('are secrets, however deep and in whatever type', async () => {
    const key = '-----BEGIN RSA PRIVATE KEY-----\nMIIE';
    for (const json of [
      { a: [{ b: { c: [{ key }] } }] },
      { users: [{ id: 1, username: 'ines', password: 'sunshine-17' }] },
      { rows: [{ email: 'ines@mail.example', password_hash: '5f4dcc3b5aa765d61d8327deb882cf99' }] },
      { url: 'postgres://shop:swordfish@db.internal/shop' },
      { payment: { card_number: '4111 1111 1111 1111', cvv: '123' } },
    ])
      assert.notDeepEqual(await reading(json, anything), [], JSON.stringify(json));
    assert.notDeepEqual(
      await reading(`<config><key>${key}</key></config>`, {}, { 'Content-Type': 'application/xml' }),
      [],
    );
  });

  it('are none where words only sound like it', async () => {
    for (const json of [
      {
        commit: 'da39a3ee5e6b4b0d3255bfef95601890afd80709',
        etag: '"5d41402abc4b2a76b9719d911017c592"',
        hash: 'd41d8cd98f00b204e9800998ecf8427e',
      },
      { recipe: { id: 3, name: 'bread', salt: '2 tsp', flour: '500 g' } },
      { labels: { username: 'Username', password: 'Password', email: 'E-mail' } },
      { field: 'password', password: 'must be at least 12 characters' },
      { user: { id: 1, password: '********', hasPassword: true } },
      { order: { id: 4111111111111111, number: '4111111111111112' } },
      { title: 'scrypt: a guide', text: 'use $2b$ hashes' },
    ])
      assert.deepEqual(await reading(json, anything), [], JSON.stringify(json));
  });

  it('that the contract does not name weigh by what they are', async () => {
    const schema = { type: 'object', properties: { id: { type: 'integer' } } };
    assert.deepEqual(
      await reading(
        { id: 1, notes: 'call back', hash: 'a'.repeat(40), nextToken: 'b'.repeat(40), private: true },
        schema,
      ),
      [],
    );
    for (const extra of [
      { salary: 4200 },
      { iban: 'DE89370400440532013000' },
      { internal_comment: 'rude' },
      { account: { resetToken: 'c'.repeat(32) } },
      { token: 'd'.repeat(40) },
    ])
      assert.equal((await reading({ id: 1, ...extra }, schema)).length, 1, JSON.stringify(extra));
  });

  it('are numbers of people by their check digits', async () => {
    const rows = [
      { id: 1, account: 'DE89370400440532013000' },
      { id: 2, account: 'GB82WEST12345698765432' },
    ];
    const items = { type: 'array', items: { type: 'object', properties: { id: { type: 'integer' } } } };
    assert.deepEqual(await reading({ items: rows }, { type: 'object', properties: { items } }), [
      'personal-data: GET /list answer /items/*/account',
    ]);
    const wrong = rows.map(({ id }) => ({ id, account: 'DE00370400440532013000' }));
    assert.deepEqual(await reading({ items: wrong }, { type: 'object', properties: { items } }), []);
  });
});
