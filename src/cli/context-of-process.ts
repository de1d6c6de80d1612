import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import type { Configuration } from '../config/configuration.ts';
import { loadConfiguration } from '../config/load.ts';
import { auditDirectory } from '../gateway/audit-directory.ts';
import { ensureDataDirectory } from '../shared/data-directory.ts';
import { openStore } from '../storage/sqlite-store.ts';
import type { CliContext } from './context.ts';

/** Ends the program with an exit code, after its message was written. */
export class CliExit extends Error {
  readonly code: 1 | 2;
  constructor(code: 1 | 2) {
    super(`exit ${code}`);
    this.code = code;
  }
}

/** The context of the real program: standard streams, and the data directory of the configuration. */
export function makeContext(program: Command): CliContext {
  const configured = (): Configuration | undefined => {
    const file = program.opts<{ config: string }>().config;
    // The default file may be absent: then the data directory is where `protect` puts it.
    const named = program.getOptionValueSource('config') !== 'default';
    return named || existsSync(file) ? loadConfiguration(file) : undefined;
  };
  const dataDirectory = async (): Promise<string> => {
    const configuration = configured();
    return ensureDataDirectory(
      configuration === undefined ? '.portcullis' : resolve(configuration.directory, configuration.data),
    );
  };
  return {
    dataDirectory,
    auditDirectory: async () => {
      const directory = await dataDirectory();
      const configuration = configured();
      return configuration === undefined ? join(directory, 'audit') : auditDirectory(configuration, directory);
    },
    openStore: async () => openStore(resolve(await dataDirectory(), 'store.db')),
    out: (text) => {
      process.stdout.write(`${text}\n`);
    },
    err: (text) => {
      process.stderr.write(`${text}\n`);
    },
    json: (value) => {
      process.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
    },
    fail: (code, message) => {
      process.stderr.write(`portcullis: ${message}\n`);
      throw new CliExit(code);
    },
  };
}
