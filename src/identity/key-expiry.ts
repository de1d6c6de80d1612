import type { KeyInfo } from './keys.ts';

/** Keys that end within this time without a successor are told, in ms. */
export const EXPIRY_WARNING = 14 * 86_400_000;

/** Whether a key ends soon and nobody has seen to it. */
export const isEnding = (key: Pick<KeyInfo, 'state' | 'expires' | 'created' | 'rotatedTo'>, now: number): boolean =>
  key.state === 'valid' &&
  key.expires !== null &&
  key.rotatedTo === null &&
  // A key made for less is meant to end.
  key.expires - key.created > EXPIRY_WARNING &&
  key.expires - now < EXPIRY_WARNING;
