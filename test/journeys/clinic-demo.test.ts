import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { parse } from 'yaml';
import { demoCommands } from '../../examples/clinic/commands.ts';
import { type RunningClinic, startClinic } from '../../examples/clinic/start.ts';
import { type GateUnderTest, startGate } from '../support/gate.ts';
import { root } from '../support/program.ts';

// What `npm start` shows: every attack works against the careless clinic, and not through the gate.
const endings: (() => unknown)[] = [];
let clinic: RunningClinic;
let gate: GateUnderTest;

before(async () => {
  clinic = await startClinic(['--port', '0', '--data', ':memory:']);
  endings.push(() => clinic.stop());
  const own = parse(readFileSync(join(root, 'examples/clinic/portcullis.yaml'), 'utf8')) as Record<string, unknown>;
  const text = readFileSync(join(root, 'examples/clinic/openapi.yaml'), 'utf8');
  const authentication = JSON.parse(
    JSON.stringify(own['authentication']).replaceAll('http://127.0.0.1:3000', clinic.base),
  );
  gate = await startGate(
    { after: (work) => endings.push(work) },
    { ...own, authentication, upstream: clinic.base, data: 'data', listen: {} },
    { 'openapi.yaml': text },
  );
});

after(async () => {
  for (const end of endings.reverse()) await end();
});

const places = () => ({
  direct: clinic.base,
  gate: `https://localhost:${gate.port}`,
  ca: join(gate.directory, 'data', 'ca.pem'),
  keys: {},
});

const shell = (line: string): Promise<string> =>
  new Promise((resolve) => {
    execFile('bash', ['-c', line], { timeout: 60_000 }, (_error, stdout, stderr) => resolve(`${stdout}${stderr}`));
  });

const count = demoCommands({ direct: 'http://d', gate: 'https://g', ca: 'c', keys: {} }).length;

test('the demo has at least one command for each practice', () => {
  const practices = new Set(
    demoCommands({ direct: 'd', gate: 'https://g', ca: 'c', keys: {} }).map((command) => command.practice),
  );
  assert.ok(practices.size >= 8);
});

test('each attack works directly, and is refused through the gate', async (context) => {
  const keys = {
    patient: gate.key({ roles: ['patient'], claims: { patientId: 2 } }),
    nurse: gate.key({ roles: ['nurse'], claims: { staffId: 4 } }),
    doctor: gate.key({ roles: ['doctor'], claims: { staffId: 1 } }),
    clerk: gate.key({ roles: ['clerk'], claims: { staffId: 7 } }),
    admin: gate.key({ roles: ['admin'], claims: { staffId: 9 } }),
  };
  const ca = /^CA\s+(.+)$/m.exec(gate.program.stdout)?.[1] as string;
  const cli = `${process.execPath} --disable-warning=ExperimentalWarning ${join(root, 'src/cli/main.ts')} --config ${gate.config}`;
  const commands = demoCommands({ ...places(), ca, keys, cli });
  assert.equal(commands.length, count);
  for (const command of commands) {
    await context.test(command.title, async () => {
      assert.match(await shell(command.attack), command.shows.direct, 'directly');
      assert.match(await shell(command.gate), command.shows.gate, `through the gate:\n${command.gate}`);
    });
  }
});
