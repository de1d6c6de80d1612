import type { Match, Sensitivity } from '../classes/class.ts';
import { F_CONTROL, F_FILTER, F_LINE, F_SQL_COMPARE } from '../features.ts';
import { searchName } from './dn.ts';
import { FilterReader } from './filter.ts';

/** No filter is left without a parenthesis that joins or ends parts, none is added without a comparison. */
export const LDAP_FEATURES = F_FILTER | F_CONTROL | F_SQL_COMPARE | F_LINE;

const reader = new FilterReader();

/** Parentheses that close more than was opened, at which leaving is tried. */
const MAX_TRIES = 16;

/**
 * Set into an assertion (`(cn=VALUE)`, `(&(uid=VALUE)(userPassword=...))`), does the value end it and go on as a
 * filter? Parentheses of its own that are even keep it where it is; prose breaks where it ends.
 */
export function searchLdap(text: string, features: number, place: string, sensitivity: Sensitivity): Match | undefined {
  const filter =
    features & F_FILTER || (features & F_CONTROL && text.includes('\0')) || closesFirst(text, features)
      ? (leaves(text, sensitivity) ?? (sensitivity === 'low' ? undefined : (adds(text) ?? probes(text))))
      : undefined;
  if (filter !== undefined) return filter;
  if (features & (F_SQL_COMPARE | F_LINE) && sensitivity !== 'low') {
    const found = searchName(text, sensitivity);
    if (found !== undefined) return found;
  }
  return sensitivity === 'high' ? matchesMore(text, place) : undefined;
}

/** The first parenthesis closes, and another opens behind it: spaces may stand between them. */
function closesFirst(text: string, features: number): boolean {
  if ((features & F_SQL_COMPARE) === 0) return false;
  const close = text.indexOf(')');
  if (close < 0) return false;
  const open = text.indexOf('(');
  return open > close;
}

const END_WHY = 'ends its assertion and adds to the filter';

function leaves(text: string, sensitivity: Sensitivity): Match | undefined {
  let depth = 0;
  let tries = 0;
  for (let at = 0; at < text.length && tries < MAX_TRIES; at++) {
    const c = text.charCodeAt(at);
    if (c === 0x28) depth++;
    else if (c === 0 && at > 0 && depth <= 0) return undefined;
    else if (c === 0x29 && --depth < 0) {
      tries++;
      depth = 0;
      if (reader.read(text, at + 1) && means(text, at, sensitivity))
        return { start: at, end: reader.end, why: END_WHY };
    }
  }
  return undefined;
}

/** What was read behind the parenthesis is more than a parenthesis in prose. */
function means(text: string, at: number, sensitivity: Sensitivity): boolean {
  const { items, known, wild, operators, opens, closes, spaced, cut } = reader;
  if (cut) return opens + closes > 0 || sensitivity === 'high';
  if (opens === 0) {
    // `*))` and the like: only balanced by what it was set into.
    return sensitivity === 'high' && closes > 0 && text.charCodeAt(at - 1) === 0x2a;
  }
  if (operators > 0) return true;
  if (items === 0) return sensitivity === 'high';
  return !spaced || known > 0 || wild > 0;
}

/** A filter of its own where a value belongs: `*(|(mail=*))`, `(&(uid=x)(cn=*))`. */
function adds(text: string): Match | undefined {
  PREFIX.lastIndex = 0;
  PREFIX.exec(text);
  const from = PREFIX.lastIndex;
  if (text.charCodeAt(from) !== 0x28 || !reader.read(text, from)) return undefined;
  const { items, operators, known, wild, opens, spaced } = reader;
  if (opens < 2 || items === 0 || operators === 0 || (known === 0 && wild === 0)) return undefined;
  if (spaced && known === 0) return undefined;
  return { start: from, end: reader.end, why: 'is a filter where a value belongs' };
}
const PREFIX = /\s{0,8}[\w@.*-]{0,64}/y;

/** Nothing but what filters are made of, to see what breaks. */
function probes(text: string): Match | undefined {
  return text.length <= 24 && PROBE.test(text) && /\*\(.{0,20}\)|\*\)[^(]{0,20}[*)]/.test(text)
    ? { start: 0, end: text.length, why: 'probes for a filter' }
    : undefined;
}
const PROBE = /^[*()|&!='"\\]{3,24}$/;

const ACCOUNT = /^(?:user(?:name|id)?|uid|login|account|password|passwd|pass|pwd|cn|samaccountname)$/;

/** `adm*` in the place of an account's name matches every name that begins so. */
const matchesMore = (text: string, place: string): Match | undefined =>
  text.length <= 64 && ACCOUNT.test(place) && /^[\w.@-]{0,62}\*[\w.@*-]{0,62}$/.test(text)
    ? { start: 0, end: text.length, why: 'matches more than one name' }
    : undefined;
