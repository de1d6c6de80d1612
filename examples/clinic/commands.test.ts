import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { demoCommands } from './commands.ts';
import { type RunningClinic, startClinic } from './start.ts';
import { MEMORY } from './testing.ts';

describe('the commands of the demo', {
  skip: process.platform === 'win32' ? 'they are for a POSIX shell' : false,
}, () => {
  const keys = Object.fromEntries(
    ['patient', 'nurse', 'doctor', 'clerk', 'admin'].map((role) => [role, `key-${role}`]),
  );
  const places = { gate: 'https://localhost:8443', ca: "/a dir/it's ca.pem", keys };
  let running: RunningClinic;
  before(async () => {
    running = await startClinic(MEMORY);
  });
  after(() => running.stop());

  for (const [index, { practice, title }] of demoCommands({ ...places, direct: '' }).entries()) {
    test(`${practice}: ${title}`, async () => {
      const { attack, gate, shows } = demoCommands({ ...places, direct: running.base })[index]!;
      const shell = spawn('sh', ['-c', attack], { stdio: ['ignore', 'pipe', 'pipe'] });
      let output = '';
      for (const stream of [shell.stdout, shell.stderr])
        stream.setEncoding('utf8').on('data', (text: string) => (output += text));
      const [code] = await once(shell, 'close');
      assert.equal(code, 0, output);
      assert.match(output, shows.direct);
      assert.doesNotMatch(output, shows.gate, 'what the gate shows must not be what the clinic shows');
      const parsed = await promisify(execFile)('sh', ['-n', '-c', gate]);
      assert.equal(parsed.stderr, '');
    });
  }

  test('cover the eight practices', () => {
    const practices = new Set(demoCommands({ ...places, direct: '' }).map(({ practice }) => practice));
    assert.deepEqual([...practices].toSorted(), [
      'audit',
      'authentication',
      'authorization',
      'detection',
      'disclosure',
      'encryption',
      'testing',
      'throttling',
      'validation',
    ]);
  });
});
