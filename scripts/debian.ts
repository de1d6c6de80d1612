import { spawnSync } from 'node:child_process';

const installed = (name: string): boolean => spawnSync('dpkg', ['-s', name], { stdio: 'ignore' }).status === 0;

/**
 * Installs Debian packages that are missing, where this may be done: as root, on a system that has apt-get.
 * @returns those that are still missing; said on standard error, with the command that installs them
 */
export function provide(names: readonly string[]): string[] {
  let missing = names.filter((name) => !installed(name));
  if (missing.length === 0) return [];
  if (process.getuid?.() === 0 && spawnSync('apt-get', ['--version'], { stdio: 'ignore' }).status === 0) {
    process.stderr.write(`installing ${missing.join(' ')} ...\n`);
    spawnSync('apt-get', ['update', '-qq'], { stdio: 'ignore' });
    spawnSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...missing], {
      stdio: 'ignore',
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    });
    missing = missing.filter((name) => !installed(name));
  }
  if (missing.length > 0)
    process.stderr.write(`missing, so what needs them is left out: apt-get install ${missing.join(' ')}\n`);
  return missing;
}
