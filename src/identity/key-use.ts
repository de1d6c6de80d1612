import type { LastUse } from './uses.ts';

/**
 * For how long a key has not been used, in ms.
 * @param since when uses began to be noted: what was before that is not known, and not held against the key
 */
export const unusedFor = (
  key: { readonly created: number },
  lastUse: LastUse | null | undefined,
  since: number | undefined,
  now: number,
): number => now - Math.max(key.created, lastUse?.at ?? 0, since ?? now);
