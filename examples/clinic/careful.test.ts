import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import { PASSWORDS, type Target } from './attacks.ts';
import { answerViolations, operationOf } from './conform.ts';
import { withClinic } from './testing.ts';

describe('careful', () => {
  test('refuses what is wrong with the right status and a problem', () =>
    withClinic(['--careful'], async (clinic) => {
      const as = 'jonas.brandt';
      const json = { 'content-type': 'application/json' };
      const cases: [number, string, string, Parameters<Target['ask']>[2]][] = [
        [401, 'GET', '/me', {}],
        [401, 'GET', '/me', { headers: { authorization: 'Bearer a.b.c' } }],
        [401, 'GET', '/me', { headers: { authorization: `Basic ${btoa('jonas.brandt:candle-orchard-7')}` } }],
        [401, 'GET', '/me', { headers: { 'x-portcullis-principal': 'x', 'x-portcullis-roles': 'admin' } }],
        [400, 'POST', '/login', { headers: json, raw: '{' }],
        [400, 'POST', '/login', { headers: json, raw: '[]' }],
        [400, 'POST', '/login', { headers: json, raw: 'null' }],
        [400, 'POST', '/login', { body: { username: 'x', password: 'x', admin: true } }],
        [415, 'POST', '/login', { headers: { 'content-type': 'text/plain' }, raw: '{}' }],
        [415, 'POST', '/login', { headers: { ...json, 'content-encoding': 'gzip' }, raw: '{}' }],
        [400, 'GET', '/patients?x=1', { as: 'nils.hofmann' }],
        [400, 'GET', '/patients?limit=101', { as: 'nils.hofmann' }],
        [400, 'GET', '/patients?limit=5&limit=6', { as: 'nils.hofmann' }],
        [400, 'GET', '/patients?limit=0', { as: 'nils.hofmann' }],
        [400, 'GET', '/patients?limit=1e1', { as: 'nils.hofmann' }],
        [400, 'GET', '/patients?sort=constructor', { as: 'nils.hofmann' }],
        [400, 'GET', '/patients/2%20OR%201', { as }],
        [404, 'GET', '/patients/3', { as }],
        [404, 'GET', '/patients/99', { as }],
        [404, 'GET', '/__proto__', { as }],
        [400, 'PATCH', '/patients/2', { as, headers: json, raw: '{"__proto__":{"role":"admin"}}' }],
        [400, 'PATCH', '/patients/2', { as, body: { phone: 5 } }],
        [400, 'PATCH', '/patients/2', { as, body: { allergies: ['a', 7] } }],
        [405, 'PUT', '/patients/2', { as }],
        [404, 'GET', '/nothing', {}],
        [404, 'GET', '/.well-known/jwks.json/x', {}],
      ];
      for (const [status, method, path, options] of cases) {
        const answer = await clinic.ask(method, path, options);
        assert.equal(answer.status, status, `${method} ${path} ${JSON.stringify(options)}: ${answer.text}`);
        assert.equal(answer.json.status, status);
        assert.equal(answer.headers.get('content-type'), 'application/problem+json');
        if (status === 401) assert.match(answer.headers.get('www-authenticate') ?? '', /^Bearer /);
        if (status === 405) assert.equal(answer.headers.get('allow'), 'GET, HEAD, PATCH, DELETE');
      }
      // The same to the byte, so that asking does not tell who exists.
      const [other, nobody] = [
        await clinic.ask('GET', '/patients/3', { as }),
        await clinic.ask('GET', '/patients/99', { as }),
      ];
      assert.equal(other.text, nobody.text);
    }));

  test('refuses what its operations do not take, and each refusal stands in the contract', () =>
    withClinic(['--careful'], async (clinic) => {
      const [nurse, clerk, admin] = ['nils.hofmann', 'paul.weiss', 'arthur.quinn'] as const;
      const xml = { 'content-type': 'application/xml' };
      const json = { 'content-type': 'application/json' };
      const key = { 'idempotency-key': '6f1d7c52-90ab-4e3d-8b7e-2c5a4f0d9e18' };
      const payment = { amountCents: 100, method: 'card' };
      const link = (url: string) => ({ as: nurse, body: { kind: 'lab', name: 'a.txt', url } });
      const lab = 'https://results.lab.example';
      const cases: [number, string, string, Parameters<Target['ask']>[2]][] = [
        [400, 'GET', '/me?access_token=x', { as: nurse }],
        [401, 'GET', '/me?access_token=x', {}],
        [400, 'GET', '/health?x=1', {}],
        [406, 'GET', '/me', { as: nurse, headers: { accept: 'text/html' } }],
        [406, 'GET', '/help?topic=booking', { headers: { accept: 'application/json' } }],
        [400, 'GET', '/help', {}],
        [400, 'GET', '/help?topic=a&topic=b', {}],
        [400, 'GET', '/help?topic=a&lang=en%0D%0Ax:y', {}],
        [400, 'GET', '/go?to=//evil.example', {}],
        [400, 'GET', '/go?to=/%5Cevil.example', {}],
        [400, 'GET', '/go?to=https://evil.example/', {}],
        [403, 'GET', '/log', { as: nurse }],
        [400, 'GET', '/log?lines=0', { as: admin }],
        [400, 'PATCH', '/patients/2', { as: nurse, body: {} }],
        [
          400,
          'POST',
          '/login',
          { headers: json, raw: `{"username":${'['.repeat(40)}${']'.repeat(40)},"password":"x"}` },
        ],
        [400, 'POST', '/login', { headers: json, raw: '{"username":"x","password":"y","password":"z"}' }],
        [413, 'POST', '/login', { headers: json, raw: `{"username":"${'x'.repeat(70_000)}"}` }],
        [415, 'POST', '/login', { headers: { 'content-type': 'application/json; charset=utf-16' }, raw: '{}' }],
        [400, 'POST', '/prescriptions/pickup', { as: nurse, body: { code: { $ne: '' }, birthDate: { $ne: '' } } }],
        [404, 'POST', '/prescriptions/pickup', { as: nurse, body: { code: 'PH-1', birthDate: '1974-11-02' } }],
        [400, 'POST', '/patients/2/documents/import', link('http://127.0.0.1:1/')],
        [400, 'POST', '/patients/2/documents/import', link(`${lab}@127.0.0.1/`)],
        [400, 'POST', '/patients/2/documents/import', link(`${lab}:8443/reports/LB-2041`)],
        [400, 'POST', '/patients/2/documents/import', link(`${lab}/open?link=http://127.0.0.1:1/`)],
        [400, 'POST', '/patients/2/documents/import', link('nowhere at all')],
        [422, 'POST', '/patients/2/documents/import', link(`${lab}/reports/LB-1`)],
        [422, 'POST', '/patients/2/documents/import', link(`${lab}/open?link=/open?link=/open?link=/open?link=/open`)],
        [400, 'POST', '/calendars', { as: clerk, body: { url: 'http://localhost:1/' } }],
        [400, 'POST', '/letters', { as: nurse, body: { patientId: 2, template: 'Dear {{7*7}}' } }],
        [400, 'POST', '/labels', { as: nurse, body: { printer: 'ward; id' } }],
        [400, 'POST', '/referrals', { as: nurse, headers: xml, raw: '<!DOCTYPE referral []><referral></referral>' }],
        [415, 'POST', '/referrals', { as: nurse, body: {} }],
        [400, 'POST', '/invoices/INV-2026-0006/payments', { as: clerk, body: payment }],
        [200, 'POST', '/invoices/INV-2026-0006/payments', { as: clerk, headers: key, body: payment }],
        [200, 'POST', '/invoices/INV-2026-0006/payments', { as: clerk, headers: key, body: payment }],
        [
          422,
          'POST',
          '/invoices/INV-2026-0006/payments',
          { as: clerk, headers: key, body: { ...payment, amountCents: 1 } },
        ],
        [422, 'POST', '/invoices/INV-2026-0005/payments', { as: clerk, headers: key, body: payment }],
      ];
      for (const [status, method, path, options] of cases) {
        const answer = await clinic.ask(method, path, options);
        const call = `${method} ${path} ${JSON.stringify(options).slice(0, 200)}`;
        assert.equal(answer.status, status, `${call}: ${answer.text}`);
        assert.deepEqual(answerViolations(operationOf(method, path), answer, true), [], call);
      }
      const paid = await clinic.ask('GET', '/invoices/INV-2026-0006', { as: clerk });
      assert.equal(paid.json.paidCents, 100, 'one key, one payment');
    }));

  test('says of every answer how it is to be kept and shown, and how much is left', () =>
    withClinic(['--careful'], async (clinic) => {
      const paths = ['/health', '/me', '/patients/2', '/help?topic=booking', '/go?to=/help', '/nothing', '/log'];
      for (const path of [...paths, '/export/patients', '/documents/download?name=letter-dahl-pacemaker.txt']) {
        for (const as of ['nils.hofmann', 'arthur.quinn'] as const) {
          const { headers } = await clinic.ask('GET', path, { as });
          assert.equal(headers.get('cache-control'), 'no-store', path);
          assert.equal(headers.get('x-content-type-options'), 'nosniff', path);
          assert.match(
            headers.get('content-security-policy') ?? '',
            /^default-src 'none'; frame-ancestors 'none'/,
            path,
          );
          assert.match(headers.get('ratelimit-policy') ?? '', /^"caller";q=3000;w=10/, path);
          assert.match(headers.get('ratelimit') ?? '', /^"caller";r=\d+;t=\d+/, path);
          assert.deepEqual([headers.get('server'), headers.get('x-powered-by')], [null, null]);
        }
      }
      const exported = await clinic.ask('GET', '/export/patients', { as: 'arthur.quinn' });
      assert.match(exported.headers.get('ratelimit-policy') ?? '', /, "export";q=60;w=10$/);
      const head = await clinic.ask('HEAD', '/patients/2', { as: 'nils.hofmann' });
      const get = await clinic.ask('GET', '/patients/2', { as: 'nils.hofmann' });
      assert.deepEqual([head.status, head.text], [200, '']);
      assert.equal(head.headers.get('content-length'), get.headers.get('content-length'));
      assert.equal((await clinic.ask('HEAD', '/patients/2')).status, 401);
    }));

  test('answers what is hardly HTTP in good order', () =>
    withClinic(['--careful'], async (clinic) => {
      const line = async (head: string) =>
        (await clinic.raw(`${head}\r\nHost: x\r\nConnection: close\r\n\r\n`)).split('\r\n')[0];
      assert.equal(await line('FOO /patients/2 HTTP/1.1'), 'HTTP/1.1 501 Not Implemented');
      assert.equal(await line('CONNECT evil.example:443 HTTP/1.1'), 'HTTP/1.1 405 Method Not Allowed');
      assert.equal(await line('TRACE /patients/2 HTTP/1.1'), 'HTTP/1.1 405 Method Not Allowed');
      assert.equal(await line('GET http://evil.example/ HTTP/1.1'), 'HTTP/1.1 400 Bad Request');
      assert.equal(await line(`GET /${'x'.repeat(20_000)} HTTP/1.1`), 'HTTP/1.1 431 Request Header Fields Too Large');
      assert.equal(await line('GET /health HTTP/1.1\r\nHost: y'), 'HTTP/1.1 400 Bad Request');
      assert.equal(await line('GET / HTTP/9.9'), 'HTTP/1.1 400 Bad Request');
    }));

  test('ends a session at logout, and no other', () =>
    withClinic(['--careful'], async (clinic) => {
      const login = { username: 'jonas.brandt', password: PASSWORDS['jonas.brandt'] };
      const open = async () => (await clinic.ask('POST', '/login', { body: login })).json.accessToken as string;
      const [one, two] = [await open(), await open()];
      const ask = async (method: string, path: string, token: string) =>
        (await clinic.ask(method, path, { headers: { authorization: `Bearer ${token}` } })).status;
      assert.equal(await ask('POST', '/logout', one), 204);
      assert.equal(await ask('GET', '/me', one), 401);
      assert.equal(await ask('POST', '/logout', one), 401);
      assert.equal(await ask('GET', '/me', two), 200);
    }));

  test('stops guessing one password for many names', () =>
    withClinic(['--careful'], async (clinic) => {
      let [refused, statuses] = [0, new Set<number>()];
      for (let round = 0; round < 4; round += 1) {
        const guesses = Array.from({ length: 20 }, (_, i) =>
          clinic.ask('POST', '/login', { body: { username: `user${round}x${i}`, password: 'spring2026' } }),
        );
        for (const { status } of await Promise.all(guesses)) {
          statuses = statuses.add(status);
          refused += Number(status === 429);
        }
      }
      assert.deepEqual([...statuses].toSorted(), [401, 429]);
      assert.ok(refused >= 1, 'the address is slowed down');
    }));

  test('searches text, not patterns', () =>
    withClinic(['--careful'], async (clinic) => {
      const found = async (search: string) => {
        const query = new URLSearchParams({ search });
        return (await clinic.ask('GET', `/patients?${query}`, { as: 'nils.hofmann' })).json.items.length;
      };
      assert.equal(await found('Brandt'), 1);
      for (const pattern of ['%', '_', '\\', "'", "' OR '1'='1", '%25']) assert.equal(await found(pattern), 0, pattern);
    }));

  test('issues tokens that a gate can check, and takes them back with the account', () =>
    withClinic(['--careful'], async (clinic) => {
      const token = await clinic.token('nils.hofmann');
      const keys = createRemoteJWKSet(new URL(`${clinic.base}/.well-known/jwks.json`));
      const options = { issuer: 'https://clinic.example', audience: 'clinic', typ: 'at+jwt', algorithms: ['ES256'] };
      const { payload } = await jwtVerify(token, keys, options);
      const { sub, roles, staffId, iat = 0, exp = 0, jti } = payload;
      assert.deepEqual([sub, roles, staffId, exp - iat], ['staff:4', ['nurse'], 4, 900]);
      assert.match(String(jti), /^[0-9a-f-]{36}$/);
      const { payload: own } = await jwtVerify(await clinic.token('jonas.brandt'), keys, options);
      assert.equal(own.patientId, 2);
      const published = await clinic.ask('GET', '/.well-known/jwks.json');
      assert.ok(!('d' in published.json.keys[0]));

      const [head = '', body = '', signature = ''] = token.split('.');
      const claims = JSON.parse(Buffer.from(body, 'base64url').toString());
      const raised = Buffer.from(JSON.stringify({ ...claims, roles: ['admin'] })).toString('base64url');
      for (const forged of [
        `${head}.${raised}.${signature}`,
        `${head}.${body}.`,
        `${head}.${body}.AAAA`,
        `${token}=`,
      ]) {
        const { status } = await clinic.ask('GET', '/me', { headers: { authorization: `Bearer ${forged}` } });
        assert.equal(status, 401, forged);
      }
      await clinic.ask('PATCH', '/staff/4', { as: 'arthur.quinn', body: { active: false } });
      assert.equal((await clinic.ask('GET', '/me', { as: 'nils.hofmann' })).status, 401);
    }));

  test('locks an account for guesses that come at once, also one that does not exist', () =>
    withClinic(['--careful'], async (clinic) => {
      for (const username of ['priya.raman', 'nobody.known']) {
        const guesses = Array.from({ length: 12 }, (_, i) =>
          clinic.ask('POST', '/login', { body: { username, password: `guess ${i}` } }),
        );
        const answers = await Promise.all(guesses);
        assert.equal(answers.filter(({ status }) => status === 401).length, 5, username);
        const locked = answers.filter(({ status }) => status === 429);
        assert.equal(locked.length, 7);
        assert.match(locked[0]?.headers.get('retry-after') ?? '', /^\d+$/);
      }
      assert.ok(await clinic.token('jonas.brandt'), 'others may log in');
      const body = { username: 'jonas.brandt', password: PASSWORDS['jonas.brandt'] };
      const many = await Promise.all(Array.from({ length: 10 }, () => clinic.ask('POST', '/login', { body })));
      assert.ok(
        many.every(({ status }) => status === 200),
        'right passwords at once lock nobody',
      );
    }));

  test('believes the gate by the shared secret only', () =>
    withClinic(
      ['--careful'],
      async (clinic) => {
        const headers = {
          'x-portcullis-principal': 'key_1',
          'x-portcullis-roles': 'patient',
          'x-portcullis-claims': Buffer.from('{"patientId":2}').toString('base64url'),
        };
        const status = async (path: string, more: Record<string, string>) =>
          (await clinic.ask('GET', path, { headers: { ...headers, ...more } })).status;
        assert.equal(await status('/patients/2', { 'x-gate-secret': 'open sesame' }), 200);
        assert.equal(await status('/patients/3', { 'x-gate-secret': 'open sesame' }), 404);
        for (const secret of ['', 'open sesam', 'open sesame, open sesame', 'undefined'])
          assert.equal(await status('/patients/2', { 'x-gate-secret': secret }), 401, secret);
        assert.equal(await status('/patients/2', {}), 401);
      },
      { CLINIC_GATE_SECRET: 'open sesame' },
    ));

  test('believes no header where no secret is set', () =>
    withClinic(
      ['--careful'],
      async (clinic) => {
        const headers = { 'x-portcullis-principal': 'x', 'x-portcullis-roles': 'admin', 'x-gate-secret': '' };
        assert.equal((await clinic.ask('GET', '/me', { headers })).status, 401);
      },
      { CLINIC_GATE_SECRET: '' },
    ));

  test('refuses multipart bodies that can be read in two ways', () =>
    withClinic(['--careful'], async (clinic) => {
      const file =
        'Content-Disposition: form-data; name="file"; filename="a.txt"\r\nContent-Type: text/plain\r\n\r\nhello';
      const kind = 'Content-Disposition: form-data; name="kind"\r\n\r\nlab';
      const send = async (type: string, raw: string) => {
        const headers = { 'content-type': type };
        return (await clinic.ask('POST', '/patients/2/documents', { as: 'jonas.brandt', headers, raw })).status;
      };
      const plain = 'multipart/form-data; boundary=x';
      assert.equal(await send(plain, `--x\r\n${kind}\r\n--x\r\n${file}\r\n--x--\r\n`), 201);
      const bad: [number, string, string][] = [
        [415, 'multipart/form-data', `--x\r\n${kind}\r\n--x--`],
        [415, 'multipart/form-data; boundary=x; boundary=y', `--x\r\n${kind}\r\n--x--`],
        [415, 'multipart/form-data; boundary*0=x', `--x\r\n${kind}\r\n--x--`],
        [400, plain, ''],
        [400, plain, `preamble\r\n--x\r\n${kind}\r\n--x\r\n${file}\r\n--x--`],
        [400, plain, `--x\r\n${kind}\r\n--x\r\n${file}`],
        [400, plain, `--x\n${kind}\n--x\n${file}\n--x--`],
        [400, plain, `--x\r\n${kind}\r\n--x\r\n${kind}\r\n--x\r\n${file}\r\n--x--`],
        [400, plain, `--x\r\n${kind}\r\n--x\r\nX-Other: 1\r\n${file}\r\n--x--`],
        [400, plain, `--x\r\n${kind}\r\n${'--x\r\n'.repeat(20)}--x--`],
        [415, plain, `--x\r\n${kind}\r\n--x\r\n${file.replace('a.txt', '../a.txt')}\r\n--x--`],
      ];
      for (const [status, type, raw] of bad) assert.equal(await send(type, raw), status, JSON.stringify(raw));
    }));
});
