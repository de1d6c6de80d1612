import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import { PASSWORDS, type Target } from './attacks.ts';
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
        if (status === 405) assert.equal(answer.headers.get('allow'), 'GET, PATCH, DELETE');
      }
      // The same to the byte, so that asking does not tell who exists.
      const [other, nobody] = [
        await clinic.ask('GET', '/patients/3', { as }),
        await clinic.ask('GET', '/patients/99', { as }),
      ];
      assert.equal(other.text, nobody.text);
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
