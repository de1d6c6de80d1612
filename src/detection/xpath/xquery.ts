import type { Match, Sensitivity } from '../classes/class.ts';

/** XQuery (3.1, FLWOR expressions) from its first word on: a variable is bound to something that is read. */
const FLWOR =
  /\s{0,8}(?:\}\s{0,8})?(?:for\s{1,8}\$[\w.-]{1,64}\s{1,8}(?:at\s{1,8}\$[\w.-]{1,64}\s{1,8})?in\s{1,8}|let\s{1,8}\$[\w.-]{1,64}\s{0,8}:=\s{0,8})(?=[/$(]|\w[\w:-]{0,64}\s{0,8}\()[^\0]{0,1024}?\breturn\b/y;
const PROLOG =
  /\s{0,8}(?:xquery\s{1,8}version\s{1,8}["']|declare\s{1,8}(?:namespace|function|variable|option|default)\b[^;]{0,256};|import\s{1,8}module\s{1,8}(?:namespace\b|["']))/y;
const UPDATE =
  /\s{0,8}(?:insert\s{1,8}nodes?\s{1,8}[<(/$\w][^\0]{0,512}?\b(?:into|before|after)\s{1,8}[/$(]|delete\s{1,8}nodes?\s{1,8}[/$(]|(?:replace\s{1,8}(?:value\s{1,8}of\s{1,8})?node|rename\s{1,8}node)\s{1,8}[/$(])/y;
/** Behind a quote or brackets that end what stood before. */
const BEHIND = /["')\]}]\s{0,8}[)\]}]{0,8}\s{0,8}(?:,\s{0,8}\(?\s{0,8}|;\s{0,8}|return\s{1,8}\(?)?/y;

/** The value is XQuery, or becomes it behind a quote. */
export function searchXQuery(text: string, sensitivity: Sensitivity): Match | undefined {
  if (sensitivity !== 'low') {
    const found = at(text, 0);
    if (found !== undefined) return found;
  }
  for (const quote of ["'", '"']) {
    const place = text.indexOf(quote);
    if (place < 0) continue;
    BEHIND.lastIndex = place;
    if (!BEHIND.test(text)) continue;
    const found = at(text, BEHIND.lastIndex);
    if (found !== undefined) return { ...found, start: place };
  }
  return undefined;
}

function at(text: string, from: number): Match | undefined {
  for (const each of [FLWOR, UPDATE, PROLOG]) {
    each.lastIndex = from;
    if (each.test(text)) return { start: from, end: each.lastIndex, why: 'runs XQuery of its own' };
  }
  return undefined;
}
