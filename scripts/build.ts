/**
 * npm run build: the package as it is published, in `dist/`: plain JavaScript, and a package.json without what only a
 * clone needs.
 */
import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const dist = join(root, 'dist');
rmSync(dist, { recursive: true, force: true });
const tsc = join(root, 'node_modules', '.bin', 'tsc');
const { status } = spawnSync(process.execPath, [tsc, '-p', 'tsconfig.build.json'], { cwd: root, stdio: 'inherit' });
if (status !== 0) process.exit(status ?? 1);

const { name, version, description, license, type, dependencies } = JSON.parse(
  readFileSync(join(root, 'package.json'), 'utf8'),
);
const published = {
  name,
  version,
  description,
  license,
  type,
  bin: { portcullis: 'cli/main.js' },
  exports: { './client': { types: './client/index.d.ts', default: './client/index.js' } },
  engines: { node: '>=26' },
  dependencies,
};
writeFileSync(join(dist, 'package.json'), `${JSON.stringify(published, null, 2)}\n`);
const main = join(dist, 'cli', 'main.js');
writeFileSync(main, `#!/usr/bin/env node\n${readFileSync(main, 'utf8')}`);
chmodSync(main, 0o755);
for (const file of ['README.md', 'LICENSE', 'SECURITY.md', 'CHANGELOG.md']) cpSync(join(root, file), join(dist, file));
