import { readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Outbound } from '../../outbound/outbound.ts';
import { type KeySource, MAX_SET } from './key-set.ts';

/** How often a file is looked at, in ms: one `stat`, no reading while nothing has changed. */
const FILE_PAUSE = 1_000;
/** Milliseconds for a fetch. */
const TIMEOUT = 5_000;

/** A key set in a file. A change is seen within a second; a file that is replaced while read is read again. */
export function fileSource(name: string, baseDirectory: string): KeySource {
  const file = resolve(baseDirectory, name);
  let seen = '';
  return {
    name,
    refresh: FILE_PAUSE,
    load: () => {
      const { mtimeMs, ctimeMs, size, ino } = statSync(file);
      const now = `${mtimeMs} ${ctimeMs} ${size} ${ino}`;
      if (now === seen) return undefined;
      if (size > MAX_SET) throw new Error(`larger than ${MAX_SET} bytes`);
      const bytes = readFileSync(file);
      seen = now;
      return bytes;
    },
  };
}

/** A key set at a URL that the operator named: hence it may be on a private address, in plain text on this machine only. */
export const urlSource = (url: string, outbound: Outbound, refresh: number, ca?: string): KeySource => ({
  name: url,
  refresh,
  load: () =>
    fetchKeySet(url, outbound, {
      allowPrivate: true,
      allowPlain: url.startsWith('http:'),
      ...(ca === undefined ? {} : { ca }),
    }),
});

/**
 * Fetches a key set; that it is none is found by whoever takes it.
 * @param trust of the outbound client's guard, what is lifted for this URL
 */
export async function fetchKeySet(
  url: string,
  outbound: Outbound,
  trust: { readonly allowPrivate: boolean; readonly allowPlain: boolean; readonly ca?: string },
): Promise<Buffer> {
  const answer = await outbound.fetch(url, {
    accept: 'application/jwk-set+json, application/json',
    maxBytes: MAX_SET,
    timeout: TIMEOUT,
    ...trust,
  });
  if (answer.status !== 200) throw new Error(`answered with status ${answer.status}`);
  return answer.body;
}

export const isUrl = (source: string): boolean => /^https?:\/\//i.test(source);
