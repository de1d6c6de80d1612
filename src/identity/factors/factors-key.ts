import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { readPrivate, writeNew } from '../../encryption/private-file.ts';
import type { Services } from '../../gateway/services.ts';
import { Seal } from '../server/seal.ts';

const KEY = 32;

/** The file with the key that secrets of factors are sealed with. It belongs into the backup of the store. */
export const factorsKeyFile = (dataDirectory: string): string => join(dataDirectory, 'identity', 'factors.key');

/**
 * What hides the secrets of factors in the store: who reads the database alone can make no code. The key is made where there
 * is none (mode 0600); workers that start together agree on one.
 * @throws Error that names the file where it is damaged
 */
export function factorsSeal(services: Pick<Services, 'dataDirectory' | 'keep'>): Seal {
  return services.keep('identity/factors-seal', () => new Seal(keyIn(services.dataDirectory)));
}

function keyIn(dataDirectory: string): Buffer {
  const file = factorsKeyFile(dataDirectory);
  let text = readPrivate(file)?.text;
  if (text === undefined) {
    mkdirSync(join(dataDirectory, 'identity'), { recursive: true, mode: 0o700 });
    writeNew(file, `${randomBytes(KEY).toString('base64url')}\n`);
    text = readPrivate(file)?.text ?? '';
  }
  const key = Buffer.from(text.trim(), 'base64url');
  if (key.length !== KEY)
    throw new Error(
      `${file} is damaged: put back a backup, or move it away (every authenticator app must be enrolled anew then)`,
    );
  return key;
}
