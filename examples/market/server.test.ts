import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { promisify } from 'node:util';
import { PASSWORDS, Target } from './attacks/target.ts';
import { startMarket } from './start.ts';
import { ALL_WEAKNESSES, WEAKNESSES } from './weaknesses.ts';

const FREE = ['--port', '0'];

describe('the process', () => {
  test('listens on loopback only and says what is wrong with its arguments', async () => {
    const refused: [string[], RegExp][] = [
      [['--host', '0.0.0.0'], /loopback only/],
      [['--host', '::'], /loopback only/],
      [['--weak', 'sql'], /unknown weakness "sql"; there are: bola-read/],
      [['--weak', 'cors-any', '--careful'], /exclude each other/],
      [['--port', '70000'], /not a port/],
      [['--verbose'], /Usage/],
    ];
    for (const [args, says] of refused) {
      await assert.rejects(startMarket([...FREE, ...args]), (error: Error) => {
        assert.match(error.message, /ended with 2/);
        assert.match(error.message, says);
        return true;
      });
    }
    const running = await startMarket(FREE);
    try {
      const { port } = new URL(running.base);
      await assert.rejects(startMarket(['--port', port]), /EADDRINUSE.*another with --port/);
    } finally {
      await running.stop();
    }
  });

  test('ends cleanly on both signals, with a client in the middle of a body', async () => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      const running = await startMarket([...FREE, '--careful']);
      const body = new ReadableStream({ start: (controller) => controller.enqueue(new TextEncoder().encode('{')) });
      const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body, duplex: 'half' };
      const hanging = assert.rejects(fetch(`${running.base}/api/session`, init as RequestInit));
      assert.ok((await new Target(running.base).ask('GET', '/api/shops')).ok);
      assert.equal(await running.stop(signal), 0);
      await hanging;
    }
  });

  test('is careless with what it is told to be careless with', async () => {
    const running = await startMarket([...FREE, '--weak', 'cors-any,debug-route']);
    try {
      const market = new Target(running.base);
      const { headers, ok } = await market.ask('GET', '/debug', { headers: { origin: 'https://evil.example' } });
      assert.ok(ok && headers.get('access-control-allow-origin') === 'https://evil.example');
      assert.equal((await market.ask('GET', '/api/v0/users/2')).status, 404);
    } finally {
      await running.stop();
    }
  });

  test('lists its weaknesses, as the README does', async () => {
    const { stdout } = await promisify(execFile)(process.execPath, [join(import.meta.dirname, 'server.ts'), '--list']);
    assert.deepEqual(
      stdout
        .trim()
        .split('\n')
        .map((line) => line.split(' ', 1)[0]),
      ALL_WEAKNESSES,
    );
    const readme = readFileSync(join(import.meta.dirname, 'README.md'), 'utf8').replaceAll(/ +/g, ' ');
    for (const [name, { does, cwe, owasp }] of Object.entries(WEAKNESSES)) {
      assert.ok(readme.includes(`| \`${name}\` | ${does} | ${cwe} | ${owasp} |`), name);
    }
    for (const [login, password] of Object.entries(PASSWORDS))
      assert.ok(readme.includes(`| \`${login}\` | \`${password}\``));
  });
});
