import { couldBeKnown, HASH_START, hashStep } from '../shell/programs.ts';
import type { Codes } from './codes.ts';

/** Letters of a word that is no stream, no class and no key. */
const MAX_WORD = 11;

/** Whether a text begins as prose does; see F_HEAD. */
export function beginsAsProse(text: Codes, length: number): boolean {
  let hash = HASH_START;
  let at = 0;
  for (; at < length; at++) {
    const lower = (text[at] as number) | 0x20;
    if (lower < 0x61 || lower > 0x7a) break;
    hash = hashStep(hash, lower);
  }
  if (at === 0 || at > MAX_WORD || couldBeKnown(hash) || opensCypher((text[0] as number) | 0x20, at)) return false;
  return at === length || text[at] === 0x20 || text[at] === 0x2c;
}

/** By its first letter and its length a word could be `match`, `optional` or `detach`. */
const opensCypher = (first: number, length: number): boolean =>
  (first === 0x6d && length === 5) || (first === 0x6f && length === 8) || (first === 0x64 && length === 6);
