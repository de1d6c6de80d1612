import { join, resolve } from 'node:path';
import type { Configuration } from '../config/configuration.ts';

/** Where the audit log lies: as configured, else in the data directory. */
export const auditDirectory = (configuration: Configuration, dataDirectory: string): string =>
  configuration.audit.directory === ''
    ? join(dataDirectory, 'audit')
    : resolve(configuration.directory, configuration.audit.directory);
