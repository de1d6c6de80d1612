import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { EXPIRY_WARNING, isEnding } from '../identity/key-expiry.ts';
import { unusedFor } from '../identity/key-use.ts';
import { type KeyInfo, listKeys } from '../identity/keys.ts';
import { readLastUses } from '../identity/uses.ts';
import { systemClock } from '../shared/clock.ts';
import { formatDuration } from '../shared/duration.ts';
import type { Finding } from '../shared/finding.ts';
import { openStore } from '../storage/sqlite-store.ts';

/** A key that nobody has used for this long is a risk without a use, in ms. */
const UNUSED = 90 * 86_400_000;
/** Keys that are named in one finding. */
const MOST_NAMED = 10;

/** What should be seen to among the keys of a data directory; nothing is made where there is none yet. */
export function keyFindings(dataDirectory: string): Finding[] {
  const file = join(resolve(dataDirectory), 'store.db');
  if (!existsSync(file)) return [];
  const store = openStore(file);
  try {
    const now = systemClock.now();
    const { since, uses } = readLastUses(dataDirectory);
    const keys = listKeys(store, systemClock).filter(({ state }) => state === 'valid');
    const findings: Finding[] = [];
    const tell = (rule: string, found: readonly KeyInfo[], what: string, mend: string): void => {
      if (found.length === 0) return;
      const more = found.length > MOST_NAMED ? `, and ${found.length - MOST_NAMED} more` : '';
      const names = `${found
        .slice(0, MOST_NAMED)
        .map(({ id }) => id)
        .join(', ')}${more}`;
      findings.push({ rule: `authentication/${rule}`, severity: 'warning', message: `${what}: ${names}`, mend });
    };
    tell(
      'keys-unused',
      keys.filter((key) => unusedFor(key, uses.get(key.id), since, now) >= UNUSED),
      `keys that nobody has used for ${formatDuration(UNUSED)}`,
      'a key that nobody misses is of use to thieves only: portcullis keys revoke ID',
    );
    tell(
      'keys-ending',
      keys.filter((key) => isEnding(key, now)),
      `keys that end within ${formatDuration(EXPIRY_WARNING)} and have no successor`,
      'give their holders new ones while the old go on: portcullis keys rotate ID',
    );
    return findings;
  } finally {
    store.close();
  }
}
