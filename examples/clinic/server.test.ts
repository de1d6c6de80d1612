import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, test } from 'node:test';
import { promisify } from 'node:util';
import { Target } from './attacks.ts';
import { startClinic } from './start.ts';
import { MEMORY, withClinic } from './testing.ts';
import { ALL_WEAKNESSES } from './weaknesses.ts';

describe('the process', () => {
  test('listens on loopback only and says what is wrong with its arguments', async () => {
    const refused: [string[], RegExp][] = [
      [['--host', '0.0.0.0'], /loopback only/],
      [['--host', '::'], /loopback only/],
      [['--weak', 'sql'], /unknown weakness "sql"; there are: sql-injection/],
      [['--weak', 'cors-any', '--careful'], /exclude each other/],
      [['--port', '70000'], /not a port/],
      [['--verbose'], /Usage/],
    ];
    for (const [args, says] of refused) {
      await assert.rejects(startClinic([...MEMORY, ...args]), (error: Error) => {
        assert.match(error.message, /ended with 2/);
        assert.match(error.message, says);
        return true;
      });
    }
    const running = await startClinic(MEMORY);
    try {
      const port = new URL(running.base).port;
      await assert.rejects(startClinic(['--data', ':memory:', '--port', port]), /EADDRINUSE.*another with --port/);
    } finally {
      await running.stop();
    }
  });

  test('ends cleanly on both signals, with a client in the middle of an upload', async () => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      const running = await startClinic(MEMORY);
      const body = new ReadableStream({ start: (controller) => controller.enqueue(new TextEncoder().encode('{')) });
      const hanging = fetch(`${running.base}/login`, { method: 'POST', body, duplex: 'half' } as RequestInit);
      await new Target(running.base).ask('GET', '/health');
      const gone = assert.rejects(hanging);
      assert.equal(await running.stop(signal), 0);
      await gone;
    }
  });

  test('keeps its data in FILE and FILE.disk, and begins anew with --fresh', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'clinic-test-'));
    const data = join(directory, 'clinic.sqlite');
    const phone = async (args: string[], change?: string) => {
      const running = await startClinic(['--port', '0', '--careful', '--data', data, ...args]);
      try {
        const clinic = new Target(running.base);
        const as = 'jonas.brandt';
        if (change !== undefined) await clinic.ask('PATCH', '/patients/2', { as, body: { phone: change } });
        const keys = await clinic.ask('GET', '/.well-known/jwks.json');
        return [(await clinic.ask('GET', '/patients/2', { as })).json.phone, keys.json.keys[0].kid];
      } finally {
        await running.stop();
      }
    };
    try {
      const [changed, key] = await phone([], '+1 555 0177');
      assert.equal(changed, '+1 555 0177');
      assert.deepEqual(await phone([]), ['+1 555 0177', key]);
      assert.deepEqual((await phone(['--fresh']))[0], '+1 555 0102');
      assert.deepEqual(readdirSync(directory).toSorted(), ['clinic.sqlite', 'clinic.sqlite.disk']);
      assert.equal(statSync(`${data}.disk`).mode & 0o777, 0o700);
      assert.equal(statSync(join(`${data}.disk`, 'srv/clinic/signing-key.json')).mode & 0o777, 0o600);
      writeFileSync(join(directory, 'letter.txt'), 'not a database, and not to be overwritten');
      await assert.rejects(
        startClinic([...MEMORY, '--fresh', '--data', join(directory, 'letter.txt')]),
        /cannot use --data/,
      );
      assert.match(readFileSync(join(directory, 'letter.txt'), 'utf8'), /not to be overwritten/);
    } finally {
      rmSync(directory, { recursive: true });
    }
  });

  test('is careless with its own files only', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'clinic-test-'));
    const secret = join(directory, 'mine.txt');
    writeFileSync(secret, 'of the machine');
    const running = await startClinic(['--port', '0', '--data', join(directory, 'clinic.sqlite')]);
    try {
      const clinic = new Target(running.base);
      const climb = '../'.repeat(12);
      const names = [
        secret,
        climb + secret.slice(1),
        `../../../../${basename(secret)}`,
        climb.replaceAll('/', '\\') + secret,
      ];
      for (const name of names) {
        const { status, text } = await clinic.ask('GET', `/documents/download?name=${encodeURIComponent(name)}`);
        assert.equal(status, 404, name);
        assert.doesNotMatch(text, /of the machine/);
      }
      // Nor do the other ways in: entities, command lines, addresses.
      const as = 'nils.hofmann';
      for (const path of [secret, climb + secret.slice(1), `/proc/self/root${secret}`]) {
        const entity = `<!DOCTYPE referral [<!ENTITY f SYSTEM "file://${path}">]>`;
        const answers = await Promise.all([
          clinic.ask('POST', '/referrals', {
            as,
            headers: { 'content-type': 'application/xml' },
            raw: `${entity}<referral><from>x</from><writtenOn>2026-11-01</writtenOn><reason>[&f;]</reason></referral>`,
          }),
          clinic.ask('POST', '/labels', { as, body: { printer: `ward; cat ${path}` } }),
          clinic.ask('POST', '/calendars', { as, body: { url: `file://${path}` } }),
        ]);
        assert.deepEqual(
          answers.map(({ status }) => status),
          [200, 200, 422],
        );
        for (const { text } of answers) assert.doesNotMatch(text, /of the machine/);
      }
      // No statement smuggled in reaches or makes a file.
      const file = join(directory, 'made.sqlite');
      for (const search of [`x'; ATTACH '${file}' AS a--`, "x' UNION SELECT 1,2,3,4,load_extension('x')--"]) {
        const { text } = await clinic.ask('GET', `/patients?search=${encodeURIComponent(search)}`);
        assert.doesNotMatch(text, /argon2id/);
      }
      assert.ok(!existsSync(file));
    } finally {
      await running.stop();
      rmSync(directory, { recursive: true });
    }
  });

  test('goes on with a file of an earlier clinic, which had fewer tables', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'clinic-test-'));
    const data = join(directory, 'clinic.sqlite');
    const args = ['--port', '0', '--careful', '--data', data];
    try {
      await (await startClinic(args)).stop();
      const sqlite = new DatabaseSync(data);
      sqlite.exec('DROP TABLE notes; DROP TABLE payments; DROP TABLE revoked');
      sqlite.close();
      const running = await startClinic(args);
      try {
        const clinic = new Target(running.base);
        const as = 'nils.hofmann';
        const made = await clinic.ask('POST', '/notes', { as, body: { patientId: 2, text: 'Well.' } });
        assert.equal(made.status, 201);
        assert.equal((await clinic.ask('POST', '/logout', { as })).status, 204);
      } finally {
        await running.stop();
      }
    } finally {
      rmSync(directory, { recursive: true });
    }
  });

  test('leaves nothing behind with --data :memory:', async () => {
    const own = mkdtempSync(join(tmpdir(), 'clinic-test-'));
    try {
      const running = await startClinic(MEMORY, { TMPDIR: own, TEMP: own, TMP: own });
      assert.equal(readdirSync(own).length, 1);
      assert.equal(await running.stop(), 0);
      assert.deepEqual(readdirSync(own), []);
    } finally {
      rmSync(own, { recursive: true });
    }
  });

  test('prints its weaknesses', async () => {
    const { stdout } = await promisify(execFile)(process.execPath, [join(import.meta.dirname, 'server.ts'), '--list']);
    for (const name of ALL_WEAKNESSES) assert.ok(stdout.includes(`${name} `), name);
  });
});

test('the README names every weakness, and its passwords are right', async () => {
  const readme = readFileSync(join(import.meta.dirname, 'README.md'), 'utf8');
  for (const name of ALL_WEAKNESSES) assert.ok(readme.includes(`\`${name}\``), name);
  const users = [...readme.matchAll(/^\| ([a-z]+:\d+) +\| (\w+) +\| `([a-z.]+)` +\| `([a-z0-9-]+)` +\|/gm)];
  assert.equal(users.length, 22);
  await withClinic(['--careful'], async (clinic) => {
    for (const [, principal, role, username = '', password] of users) {
      const { status, json } = await clinic.ask('POST', '/login', { body: { username, password } });
      assert.equal(status, 200, username);
      assert.deepEqual(json.roles, [role], username);
      const headers = { authorization: `Bearer ${json.accessToken}` };
      assert.equal((await clinic.ask('GET', '/me', { headers })).json.principal, principal);
    }
  });
});
