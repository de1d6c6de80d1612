/**
 * Everything that must hold: types, lint, then all tests (unit tests beside the code, journeys, conformance, fuzz).
 * `npm test -- PATTERN ...` runs only the named test files.
 */
import { spawn } from 'node:child_process';
import { globSync } from 'node:fs';
import { join } from 'node:path';
import { provide } from './debian.ts';

const root = join(import.meta.dirname, '..');
const tool = (name: string) => join(root, 'node_modules', '.bin', name);

function run(title: string, args: string[]): Promise<boolean> {
  const started = performance.now();
  return new Promise((resolve) => {
    const child = spawn(process.execPath, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] });
    child.on('exit', (code) => {
      const seconds = ((performance.now() - started) / 1000).toFixed(1);
      process.stdout.write(`${code === 0 ? 'ok' : 'FAILED'}: ${title} (${seconds} s)\n`);
      resolve(code === 0);
    });
  });
}

/** Programs that are not ours, which some journeys are run with. */
const PACKAGES = ['curl', 'chromium', 'sqlmap'];

const named = process.argv.slice(2);
const files = globSync(named.length > 0 ? named : ['{src,test,examples,bench}/**/*.test.ts'], { cwd: root }).sort();
if (named.length === 0) provide(PACKAGES);
const checks =
  named.length > 0
    ? []
    : await Promise.all([run('types', [tool('tsc'), '--noEmit']), run('lint', [tool('biome'), 'check', '.'])]);
// Files run two at a time: each starts servers and processes of its own, and two cores are what CI has.
const tests = await run(`${files.length} test files`, [
  '--disable-warning=ExperimentalWarning',
  '--test',
  '--test-concurrency=2',
  ...files,
]);
process.exitCode = [...checks, tests].every(Boolean) ? 0 : 1;
