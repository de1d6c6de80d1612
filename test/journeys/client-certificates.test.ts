import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { connect as connectHttp2 } from 'node:http2';
import { Agent, request } from 'node:https';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { connect, type TLSSocket } from 'node:tls';
import { TestIssuer } from '../../src/authentication/testing.ts';
import { type GateUnderTest, type Reply, startGate, type Upstream, upstream } from '../support/gate.ts';
import { Authority, type Entity, SERVER_AUTH, selfSigned } from '../support/pki.ts';
import { lifetime, until } from '../support/program.ts';
import { SHOP } from '../support/shop.ts';

/** The shop: listing is for machines with a certificate, creating for tokens. `/ping` is open. */
const CONTRACT = {
  ...SHOP,
  security: [{ mtls: [] }],
  paths: {
    ...SHOP.paths,
    '/things': {
      get: SHOP.paths['/things'].get,
      post: { ...SHOP.paths['/things'].post, security: [{ token: [] }] },
    },
  },
  components: {
    ...SHOP.components,
    securitySchemes: { mtls: { type: 'mutualTLS' }, token: { type: 'http', scheme: 'bearer' } },
  },
};

const life = lifetime(after);
const issuer = new TestIssuer();
const root = new Authority('Clients root');
const intermediate = new Authority('Clients intermediate', root);
const other = new Authority('Clients root');
const NAME = { dns: ['billing.internal'] };
const billing = root.issue(NAME);
let gate: GateUnderTest;
let shop: Upstream;

const configuration = (clients: Record<string, unknown>, more: Record<string, unknown> = {}) => ({
  contract: 'openapi.json',
  upstream: shop.url,
  authorization: { roles: { service: ['**'] } },
  throttling: { address: '10000/s', principal: '10000/s', anonymous: '10000/s', slow: 'off' },
  encryption: { clients: { ca: 'clients-ca.pem', ...clients } },
  authentication: {
    issuers: [{ issuer: issuer.name, jwks: 'jwks.json', audience: 'clinic' }],
    certificates: [{ dns: 'billing.internal', id: 'billing', roles: ['service'] }],
  },
  ...more,
});
const files = (revoked: Entity[] = [], ends?: number): Record<string, string> => ({
  'openapi.json': JSON.stringify(CONTRACT),
  'jwks.json': issuer.set().toString(),
  'clients-ca.pem': root.cert,
  'clients.crl': lists(revoked, ends),
});
const lists = (revoked: Entity[] = [], ends?: number): string =>
  root.list(revoked, ends === undefined ? {} : { ends }) + intermediate.list(revoked);

before(async () => {
  shop = await upstream(life, (req, res) => {
    res.writeHead(200, { 'content-type': 'application/json' });
    res.end(req.url === '/ping' ? '{"ok":true}' : '[]');
  });
  gate = await startGate(life, configuration({ crl: 'clients.crl' }), files());
});

interface Call {
  readonly client?: Pick<Entity, 'key'> & { cert: string };
  readonly headers?: Record<string, string>;
  readonly agent?: Agent | undefined;
  readonly method?: string;
  readonly at?: GateUnderTest;
}

const call = (path: string, { client, headers = {}, agent, method = 'GET', at = gate }: Call = {}): Promise<Reply> =>
  new Promise((resolve, reject) => {
    const req = request(
      {
        host: '127.0.0.1',
        port: at.port,
        servername: 'localhost',
        ca: at.ca,
        path,
        method,
        headers: { host: `localhost:${at.port}`, ...headers },
        agent: agent ?? false,
        ...(client === undefined ? {} : { cert: client.cert, key: client.key }),
      },
      (res) => {
        let text = '';
        res.on('data', (chunk: Buffer) => (text += chunk));
        res.on('end', () =>
          resolve({ status: res.statusCode ?? 0, headers: res.headers, text, json: () => JSON.parse(text) }),
        );
        res.on('error', reject);
      },
    );
    req.on('error', reject);
    req.end();
  });
const withChain = (entity: Entity) => ({ key: entity.key, cert: entity.chain });

test('a certificate says who calls; without one only what is open is served', async () => {
  assert.equal((await call('/ping')).status, 200);
  const none = await call('/things');
  assert.equal(none.status, 401);
  assert.equal(none.headers['www-authenticate'], 'Certificate realm="portcullis"');
  assert.equal((await call('/things', { client: billing })).status, 200);
  const sent = shop.seen.at(-1)?.headers;
  assert.equal(sent?.['x-portcullis-principal'], 'billing');
  assert.equal(sent['x-portcullis-kind'], 'certificate');
  assert.equal(
    (await call('/things', { client: withChain(intermediate.issue(NAME)) })).status,
    200,
    'by an intermediate',
  );
});

test('what proves nothing is refused, with the reason in the record', async () => {
  const day = 86_400_000;
  const now = Date.now();
  const revoked = root.issue(NAME);
  const ofIntermediate = intermediate.issue(NAME);
  const strict = await startGate(life, configuration({ crl: 'clients.crl' }), files([revoked, ofIntermediate]));
  const cases: [string, Call['client'], RegExp][] = [
    ['self-signed', selfSigned(NAME), /not verified/],
    ['of another CA with the same name', other.issue(NAME), /not verified/],
    ['revoked', revoked, /CERT_REVOKED/],
    ['revoked by the intermediate', withChain(ofIntermediate), /CERT_REVOKED/],
    ['expired', root.issue({ ...NAME, notBefore: now - 2 * day, notAfter: now - day }), /EXPIRED/],
    ['not valid yet', root.issue({ ...NAME, notBefore: now + day, notAfter: now + 2 * day }), /NOT_YET_VALID/],
    ['for servers', root.issue({ ...NAME, purposes: [SERVER_AUTH] }), /INVALID_PURPOSE/],
    ['of an intermediate that nobody shows', intermediate.issue(NAME), /not verified/],
    ['that of the intermediate CA', intermediate.entity, /not verified|CA/],
    ['with a NUL in its name', root.issue({ dns: ['billing.internal\0.evil.example'] }), /one way/],
    ['with a wildcard', root.issue({ dns: ['*.internal'] }), /no rule/],
    ['of somebody else', root.issue({ dns: ['other.internal'] }), /no rule/],
  ];
  const ids: string[] = [];
  for (const [what, client] of cases) {
    assert.equal((await call('/ping', { client, at: strict })).status, 200, what);
    const refused = await call('/things', { client, at: strict });
    assert.equal(refused.status, 401, what);
    ids.push(String(refused.headers['x-exchange-id']));
  }
  assert.equal((await call('/things', { client: billing, at: strict })).status, 200);
  const { stdout } = await strict.cli('audit', 'search', '--operation', 'listThings', '--json');
  const records = stdout.trim().split('\n');
  for (const [i, [what, , reason]] of cases.entries()) {
    const record = records.find((line) => line.includes(ids[i] as string)) ?? '';
    const found = /"reason":"([^"]+)"/.exec(record)?.[1] ?? '';
    assert.match(found, reason, `${what}: ${record}`);
  }
});

test('a session that is taken up again keeps its certificate, and what became of it', async () => {
  const session = (client: Call['client'] | undefined, maxVersion: 'TLSv1.2' | 'TLSv1.3', given?: Buffer) =>
    new Promise<{ ticket: Buffer; status: number; reused: boolean }>((resolve, reject) => {
      let ticket: Buffer | undefined;
      let text = '';
      const socket: TLSSocket = connect({
        host: '127.0.0.1',
        port: gate.port,
        servername: 'localhost',
        ca: gate.ca,
        maxVersion,
        ALPNProtocols: ['http/1.1'],
        ...(client === undefined ? {} : { cert: client.cert, key: client.key }),
        ...(given === undefined ? {} : { session: given }),
      });
      let reused = false;
      socket.on('secureConnect', () => {
        reused = socket.isSessionReused();
        socket.write(`GET /things HTTP/1.1\r\nHost: localhost:${gate.port}\r\nConnection: close\r\n\r\n`);
      });
      socket.on('session', (bytes) => (ticket = bytes));
      socket.on('data', (chunk: Buffer) => (text += chunk));
      socket.on('error', reject);
      socket.on('close', () =>
        resolve({
          ticket: ticket ?? Buffer.alloc(0),
          status: Number(text.slice(9, 12)),
          reused,
        }),
      );
    });
  for (const version of ['TLSv1.2', 'TLSv1.3'] as const)
    for (const [what, client, status] of [
      ['good', billing, 200],
      ['of another CA', other.issue(NAME), 401],
      ['none', undefined, 401],
    ] as const) {
      const first = await session(client, version);
      assert.deepEqual([first.status, first.reused], [status, false], `${what} ${version}`);
      // Without the certificate: what the session remembers is all there is.
      const again = await session(undefined, version, first.ticket);
      assert.deepEqual([again.status, again.reused], [status, true], `${what} ${version}, taken up again`);
    }
});

test('HTTP/2 shows the certificate with every stream', async () => {
  const connection = connectHttp2(`https://localhost:${gate.port}`, {
    ca: gate.ca,
    cert: billing.cert,
    key: billing.key,
  });
  life.after(() => connection.destroy());
  for (let i = 0; i < 3; i++) {
    const status = await new Promise((resolve, reject) => {
      const stream = connection.request({ ':path': '/things' });
      stream.on('response', (answer) => resolve(answer[':status']));
      stream.on('error', reject);
      stream.resume();
      stream.end();
    });
    assert.equal(status, 200);
  }
});

test('a certificate in a header is believed of nobody', async () => {
  const trusting = await startGate(life, configuration({}, { listen: { trustedProxies: ['127.0.0.0/8'] } }), files());
  const pem = encodeURIComponent(billing.cert);
  for (const name of [
    'client-cert',
    'x-client-cert',
    'x-ssl-client-cert',
    'x-forwarded-client-cert',
    'x-amzn-mtls-clientcert',
  ])
    assert.equal((await call('/things', { headers: { [name]: pem }, at: trusting })).status, 401, name);
});

test('tokens bound to a certificate (RFC 8705) work over its connection only', async () => {
  const claims = issuer.claims(Date.now(), { roles: ['service'], cnf: { 'x5t#S256': billing.thumbprint } });
  const headers = { authorization: `Bearer ${issuer.token(claims)}`, 'content-type': 'application/json' };
  const create = (client?: Call['client']) => call('/things', { method: 'POST', headers, client } as Call);
  assert.equal((await create(billing)).status, 400, 'known, and told that the body is missing');
  for (const client of [undefined, root.issue(NAME), other.issue(NAME)]) {
    const stolen = await create(client);
    assert.equal(stolen.status, 401);
    assert.match(stolen.headers['www-authenticate'] ?? '', /^Bearer .*error="invalid_token"/);
  }
});

test('a revocation list comes into force without a restart, for connections and sessions that are there too', async () => {
  const doomed = root.issue(NAME);
  const live = await startGate(life, configuration({ crl: 'clients.crl' }), files(), ['--workers', '2']);
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  life.after(() => agent.destroy());
  const over = (): Promise<number> =>
    call('/things', { client: doomed, agent, at: live }).then(
      ({ status }) => status,
      () => 0,
    );
  const connection = connectHttp2(`https://localhost:${live.port}`, {
    ca: live.ca,
    cert: doomed.cert,
    key: doomed.key,
  });
  life.after(() => connection.destroy());
  let ended = false;
  connection.on('close', () => (ended = true));
  connection.on('error', () => {});
  assert.equal(await over(), 200);
  assert.equal(await over(), 200);
  writeFileSync(join(live.directory, 'clients.crl'), 'not a list');
  await until('the event', async () =>
    (await live.cli('audit', 'search', '--event', 'encryption/clients-refused')).stdout.includes('clients-refused'),
  );
  assert.equal(await over(), 200, 'the former list stays in force');
  writeFileSync(join(live.directory, 'clients.crl'), lists([doomed]));
  await until('the revoked one is refused', async () => (await over()) === 401);
  await until('the connection of HTTP/2 ends', () => ended);
  // Each on a connection of its own, with what TLS remembers of the former one: at either worker.
  await until('at both workers', async () => {
    const statuses = await Promise.all(
      Array.from({ length: 10 }, async () => (await call('/things', { client: doomed, at: live })).status),
    );
    return statuses.every((status) => status === 401);
  });
  assert.equal((await call('/things', { client: billing, at: live })).status, 200);
});

test('where certificates are required nothing is served without one; a list that has ended takes nobody', async () => {
  const strict = await startGate(life, configuration({ mode: 'require' }), files());
  assert.equal((await call('/ping', { client: billing, at: strict })).status, 200);
  for (const client of [undefined, selfSigned(NAME), other.issue(NAME)])
    await assert.rejects(call('/ping', { client, at: strict } as Call));
  const { text } = await strict.admin('GET', '/metrics');
  assert.match(text, /portcullis_client_certificates_refused_total\{reason="[A-Z_]+"\} [12]/);
  const ended = await startGate(life, configuration({ crl: 'clients.crl' }), files([], Date.now() - 3_600_000));
  assert.equal((await call('/things', { client: billing, at: ended })).status, 401);
  assert.match(ended.program.stdout + ended.program.stderr, /a revocation list of encryption\.clients ended/);
});

test('files that cannot be used are told at load', async () => {
  for (const [name, text, told] of [
    ['clients-ca.pem', 'nothing', /holds no certificate/],
    ['clients-ca.pem', billing.cert, /not that of a CA/],
    ['clients-ca.pem', intermediate.cert, /holds no root/],
    ['clients.crl', 'nothing', /holds no revocation list/],
  ] as const) {
    const failing = startGate(life, configuration({ crl: 'clients.crl' }), { ...files(), [name]: text });
    await assert.rejects(failing, told);
  }
});
