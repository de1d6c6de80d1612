/**
 * `npm start`: the careless clinic, and the gate in front of it. Prints keys and commands to paste; Ctrl-C ends both.
 */
import { join, relative } from 'node:path';
import { runGate, stopOnSignal } from '../../src/cli/run-gate.ts';
import { loadConfiguration } from '../../src/config/load.ts';
import { createKey, listKeys, revokeKey } from '../../src/identity/keys.ts';
import { systemClock } from '../../src/shared/clock.ts';
import { ensureDataDirectory } from '../../src/shared/data-directory.ts';
import { openStore } from '../../src/storage/sqlite-store.ts';
import { demoCommands } from './commands.ts';
import { startClinic } from './start.ts';

const here = import.meta.dirname;
const config = join(here, 'portcullis.yaml');
const NOTE = 'demo key, made by npm start';

/** Who the demo keys are: claims say which objects are theirs. */
const ROLES: Readonly<Record<string, Record<string, unknown>>> = {
  patient: { patientId: 2 },
  nurse: { staffId: 4 },
  doctor: { staffId: 1 },
  clerk: { staffId: 7 },
  admin: { staffId: 9 },
};

/** One fresh key for each role; those of earlier starts are revoked. */
function demoKeys(dataDirectory: string): Record<string, string> {
  const store = openStore(join(ensureDataDirectory(dataDirectory), 'store.db'));
  try {
    for (const key of listKeys(store, systemClock)) {
      if (key.note === NOTE && key.state === 'valid') revokeKey(store, systemClock, key.id);
    }
    return Object.fromEntries(
      Object.entries(ROLES).map(([role, claims]) => [
        role,
        createKey(store, systemClock, { roles: [role], claims, note: NOTE }).secret,
      ]),
    );
  } finally {
    store.close();
  }
}

const say = (line: string): void => console.error(`portcullis: ${line}`);
try {
  const clinic = await startClinic(['--fresh']);
  const gate = await runGate({ load: () => loadConfiguration(config), workers: 1, say }).catch(
    async (error: unknown) => {
      await clinic.stop();
      throw error;
    },
  );
  for (const note of gate.notes) say(note);
  const keys = demoKeys(join(here, 'data', 'gate'));
  const url = `https://localhost:${gate.port}`;
  const ca = relative(process.cwd(), gate.caFile ?? '');
  console.log(`
The clinic, careless on purpose   ${clinic.base}
The gate in front of it           ${url}
CA of the development certificate ${ca}
Admin listener                    http://127.0.0.1:${gate.adminPort} (token in ${relative(process.cwd(), gate.adminTokenFile)})

Keys, one for each role (shown once):
${Object.entries(keys)
  .map(([role, secret]) => `  ${role.padEnd(8)} ${secret}`)
  .join('\n')}

Paste these into another terminal, in this directory. Each attack works against the clinic, and not through the gate.
`);
  const commands = demoCommands({
    direct: clinic.base,
    gate: url,
    ca,
    keys,
    cli: `npx portcullis --config ${relative(process.cwd(), config)}`,
  });
  commands.forEach((command, index) => {
    console.log(`${index + 1}. ${command.title}  [${command.practice}]`);
    console.log(`   # directly: ${command.expectDirect}\n   ${command.attack}`);
    console.log(`   # through the gate: ${command.expectGate}\n   ${command.gate}\n`);
  });
  console.log('Ctrl-C ends both.');
  await stopOnSignal(async () => {
    await gate.stop();
    await clinic.stop();
  }, say);
} catch (error) {
  say((error as Error).message);
  process.exitCode = 2;
}
