import assert from 'node:assert/strict';
import { generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import { after, before, test } from 'node:test';
import { type GateUnderTest, type Reply, startAgain, startGate, upstream } from '../support/gate.ts';
import { lifetime, until } from '../support/program.ts';

// What becomes of stolen credentials: the real program with two workers, over TLS, tokens of an issuer whose keys are in a file.
const life = lifetime(after);
let gate: GateUnderTest;

const ISSUER = 'https://issuer.example';
const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const JWKS = JSON.stringify({ keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'k', alg: 'ES256', use: 'sig' }] });
const b64 = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const now = (): number => Math.floor(Date.now() / 1000);

/** A token that is good for ten minutes, issued some seconds ago. */
function token(sub: string, more: Record<string, unknown> = {}): string {
  const jti = randomBytes(9).toString('base64url');
  const claims = { iss: ISSUER, aud: 'shop', sub, jti, iat: now() - 2, exp: now() + 600, roles: ['customer'], ...more };
  const signed = `${b64({ alg: 'ES256', kid: 'k', typ: 'at+jwt' })}.${b64(claims)}`;
  const signature = sign('sha256', Buffer.from(signed), { key: privateKey, dsaEncoding: 'ieee-p1363' });
  return `${signed}.${signature.toString('base64url')}`;
}

const CONTRACT = {
  openapi: '3.1.0',
  info: { title: 'shop', version: '1' },
  security: [{ bearer: [] }, { key: [] }],
  paths: {
    '/things': {
      get: {
        operationId: 'listThings',
        responses: {
          200: {
            description: 'all',
            content: {
              'application/json': { schema: { type: 'array', maxItems: 9, items: { type: 'string', maxLength: 9 } } },
            },
          },
        },
      },
    },
  },
  components: {
    securitySchemes: {
      bearer: { type: 'http', scheme: 'bearer' },
      key: { type: 'apiKey', in: 'header', name: 'x-api-key' },
    },
  },
};

before(async () => {
  const shop = await upstream(life, (_req, res) => res.setHeader('content-type', 'application/json').end('["a"]'));
  gate = await startGate(
    life,
    {
      contract: 'openapi.json',
      upstream: shop.url,
      listen: { trustedProxies: ['127.0.0.1/32'] },
      authentication: {
        issuers: [{ issuer: ISSUER, jwks: 'jwks.json', audience: 'shop' }],
        unusual: { learning: '0s', network: 'record', software: 'record' },
      },
      authorization: { roles: { customer: ['**'] } },
      throttling: { address: '10000/s', principal: '10000/s' },
    },
    { 'openapi.json': JSON.stringify(CONTRACT), 'jwks.json': JWKS },
    ['--workers', '2'],
  );
});

interface Caller {
  readonly token?: string;
  readonly key?: string;
  readonly at?: string;
}
const ask = ({ token: bearer, key, at = '203.0.113.5' }: Caller): Promise<Reply> =>
  gate.send('/things', {
    headers: {
      'x-forwarded-for': at,
      'user-agent': 'shop-app/2.0',
      ...(bearer === undefined ? {} : { authorization: `Bearer ${bearer}` }),
      ...(key === undefined ? {} : { 'x-api-key': key }),
    },
  });
/** Every request is a connection of its own, so that both workers answer some of them. */
const statuses = async (caller: Caller, times = 16): Promise<number[]> => {
  const replies = await Promise.all(Array.from({ length: times }, () => ask(caller)));
  return [...new Set(replies.map(({ status }) => status))].sort();
};
const cli = async (args: string[]): Promise<{ stdout: string; stderr: string }> => {
  const { code, stdout, stderr } = await gate.cli(...args);
  assert.equal(code, 0, stderr);
  return { stdout, stderr };
};
const create = async (...args: string[]): Promise<{ id: string; key: string }> =>
  JSON.parse((await cli(['keys', 'create', '--json', '--role', 'customer', ...args])).stdout) as never;
const admin = async (body: Record<string, unknown>): Promise<Reply> =>
  await gate.admin('POST', '/revocations', { body: JSON.stringify(body) });
/** Events in the log with this text in them. */
const event = (name: string, ...parts: string[]): Promise<string> =>
  until(`${name} on record`, async () => {
    const { stdout } = await gate.cli('audit', 'search', '--event', name, '--json');
    return parts.every((part) => stdout.includes(part)) && stdout.includes(name) && stdout;
  });

test('a token is revoked by its jti: from the next request on, at every worker; another of the same user goes on', async () => {
  const [stolen, other] = [token('ann', { jti: 'stolen-1' }), token('ann')];
  assert.deepEqual(await statuses({ token: stolen }), [200]);
  await cli(['revoke', 'token', 'stolen-1', '--reason', 'found in a paste']);
  assert.deepEqual(await statuses({ token: stolen }), [401], 'cached or not');
  assert.deepEqual(await statuses({ token: other }), [200]);
  await event('identity/revoked', 'stolen-1', 'found in a paste', 'cli, ');
  const listed = await cli(['revoke', 'list']);
  assert.match(listed.stdout, /^token +stolen-1 /m);
});

test('a pasted token is revoked over the admin API; as an argument of the CLI it is refused', async () => {
  const stolen = token('bob', { jti: undefined });
  assert.deepEqual(await statuses({ token: stolen }), [200]);
  const refused = await gate.cli('revoke', 'token', stolen);
  assert.equal(refused.code, 2);
  assert.match(refused.stderr, /standard input/);
  assert.ok(!refused.stderr.includes(stolen));
  const answer = await admin({ kind: 'token', token: stolen });
  assert.equal(answer.status, 201, answer.text);
  assert.match(answer.text, /sha256:/);
  assert.deepEqual(await statuses({ token: stolen }), [401]);
});

test('everything of a user, an application, a family, an issuer before a time', async () => {
  const of = async (claims: Record<string, unknown>, order: Record<string, unknown>, sub = 'carol'): Promise<void> => {
    const before_ = token(sub, claims);
    assert.deepEqual(await statuses({ token: before_ }, 8), [200], JSON.stringify(order));
    const answer = await admin(order);
    assert.equal(answer.status, 201, answer.text);
    assert.deepEqual(await statuses({ token: before_ }, 8), [401], JSON.stringify(order));
  };
  await of({}, { kind: 'user', subject: `${ISSUER}|carol`, before: 'now' });
  assert.deepEqual(
    await statuses({ token: token('carol', { iat: now() + 2 }) }, 8),
    [200],
    'what is issued later is good',
  );
  await of({ client_id: 'app-7' }, { kind: 'client', subject: `${ISSUER}|app-7` }, 'dave');
  await of({ sid: 'family-7' }, { kind: 'family', subject: 'family-7' }, 'erin');
  const old = token('frank', { iat: now() - 500 });
  const fresh = token('frank');
  await cli(['revoke', 'before', '1m', '--issuer', ISSUER]);
  assert.deepEqual([await statuses({ token: old }, 8), await statuses({ token: fresh }, 8)], [[401], [200]]);
  const lifted = await gate.admin('DELETE', `/revocations/${encodeURIComponent(`issuer ${ISSUER}`)}`);
  assert.equal(lifted.status, 200, lifted.text);
  assert.deepEqual(await statuses({ token: old }, 8), [200]);
  await event('identity/revocation-lifted', ISSUER, 'admin API');
});

test('a key outside its ranges looks like any other that is wrong, and is on record', async () => {
  const { id, key } = await create('--from', '203.0.113.0/24', '--from', '2001:db8:7::/48');
  assert.deepEqual(await statuses({ key, at: '203.0.113.99' }), [200]);
  assert.deepEqual(await statuses({ key, at: '2001:db8:7:1::9' }, 4), [200]);
  const outside = await ask({ key, at: '198.51.100.1' });
  const unknown = await ask({ key: 'pk_000000000000000000000000000000000000', at: '198.51.100.2' });
  const shape = (reply: Reply): string =>
    JSON.stringify([reply.status, { ...reply.json(), exchange: '' }, reply.headers['www-authenticate']]);
  assert.equal(outside.status, 401);
  assert.equal(shape(outside), shape(unknown));
  await event('authentication/outside-ranges', id, '198.51.100.0/24');
  assert.equal((await gate.cli('keys', 'create', '--from', 'everywhere')).code, 2);
});

test('rotation with overlap keeps ranges; keys made before a time are revoked, their successors go on', async () => {
  const { id, key } = await create('--from', '203.0.113.0/24');
  const made = await cli(['keys', 'rotate', id, '--overlap', '24h', '--json']);
  const next = JSON.parse(made.stdout) as { key: string; ranges: string[]; created: number };
  assert.deepEqual(next.ranges, ['203.0.113.0/24']);
  assert.deepEqual([await statuses({ key }), await statuses({ key: next.key })], [[200], [200]]);
  assert.deepEqual(await statuses({ key: next.key, at: '198.51.100.77' }, 4), [401]);
  const { stdout } = await cli(['revoke', 'key', id, '--before', new Date(next.created).toISOString(), '--json']);
  assert.deepEqual((JSON.parse(stdout) as { keys: string[] }).keys, [id]);
  assert.deepEqual([await statuses({ key }), await statuses({ key: next.key })], [[401], [200]]);
  await event('identity/key-revoked', id);
});

test('the last use of a key is seen in the list, by time and network', async () => {
  const { id, key } = await create('--note', 'used');
  assert.deepEqual(await statuses({ key, at: '203.0.113.200' }), [200]);
  const found = await until('the use to be written', async () => {
    const { stdout } = await cli(['keys', 'list', '--json']);
    const one = (JSON.parse(stdout) as { id: string; lastUse: { at: number; network: string } | null }[]).find(
      (each) => each.id === id,
    );
    return one?.lastUse ?? undefined;
  });
  assert.equal(found.network, '203.0.113.0/24');
  assert.ok(Math.abs(found.at - Date.now()) < 60_000);
  const { stdout } = await cli(['keys', 'list', '--unused', '90d']);
  assert.ok(!stdout.includes(id));
});

test('a credential that turns up in another network is on record, once, whatever the worker', async () => {
  const { id, key } = await create();
  assert.deepEqual(await statuses({ key, at: '203.0.113.5' }), [200]);
  await until('the first network to be known to both', async () => (await statuses({ key }, 8)).join() === '200');
  assert.deepEqual(await statuses({ key, at: '198.51.100.40' }), [200], 'it is recorded only');
  const found = await event('authentication/unusual', id, '198.51.100.0/24', '"network"');
  const mine = found.split('\n').filter((line) => line.includes(id));
  assert.equal(mine.length, 1, `neither for the first network, nor twice: ${found}`);
});

test('revocations survive kill -9 and a restart', async () => {
  const stolen = token('grace', { jti: 'stolen-9' });
  assert.deepEqual(await statuses({ token: stolen }, 4), [200]);
  await cli(['revoke', 'token', 'stolen-9']);
  await gate.program.stop('SIGKILL');
  gate = await startAgain(life, gate.directory, ['--workers', '2']);
  assert.deepEqual(await statuses({ token: stolen }), [401]);
  assert.deepEqual(await statuses({ token: token('grace') }), [200]);
});
