import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Configuration } from '../../config/configuration.ts';
import { auditDirectory } from '../../gateway/audit-directory.ts';
import { ensureDataDirectory } from '../../shared/data-directory.ts';
import { OptionError } from '../options/as.ts';

/** Where the keys of a proof are made, and the log of its gate lies. */
export interface Ground {
  readonly data: string;
  readonly audit: string;
  /** Takes away what was made for the proof alone. Synchronous: for the exit of the process too. */
  remove(): void;
}

const nothing = (): void => undefined;

/**
 * Those of the configuration for a gate that runs; else a directory of its own, which goes away unless it is to stay.
 * @throws OptionError where `keep` is not empty; Error where a directory cannot be made
 */
export function groundOf(configuration: Configuration, url: URL | undefined, keep: string | undefined): Ground {
  if (url !== undefined) {
    const data = ensureDataDirectory(resolve(configuration.directory, configuration.data));
    return { data, audit: auditDirectory(configuration, data), remove: nothing };
  }
  if (keep !== undefined) {
    const data = resolve(keep);
    mkdirSync(data, { recursive: true, mode: 0o700 });
    if (readdirSync(data).length > 0) throw new OptionError(`--keep ${keep}: the directory is not empty`);
    return { data, audit: join(data, 'audit'), remove: nothing };
  }
  const data = mkdtempSync(join(tmpdir(), 'portcullis-prove-'));
  return { data, audit: join(data, 'audit'), remove: () => rmSync(data, { recursive: true, force: true }) };
}
