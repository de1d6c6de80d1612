import type { Match, Place, Sensitivity } from '../classes/class.ts';
import {
  F_BRACE,
  F_CALL,
  F_COLON,
  F_DOLLAR,
  F_ENTITY,
  F_HEAD,
  F_KEY,
  F_LINE,
  F_QUOTE,
  F_SHELL,
  F_SLASH,
  F_SPACE,
  F_SQL_LOGIC,
  F_STRUCTURE,
} from '../features.ts';
import type { Form } from '../forms.ts';
import { collapse } from '../shared/spaces.ts';
import { leavesCypher, searchBareCypher } from './cypher.ts';
import { jsEnd, readBareJavaScript, readJavaScript } from './javascript.ts';
import { searchName, searchPairs } from './names.ts';
import { searchQueryLanguages, searchScript } from './scripts.ts';
import { leavesMember, searchBareMember, searchObject } from './structure.ts';
import { leavesLua, searchBareLua, searchWire } from './wire.ts';

/** Without one of these a text is no operator, leaves no literal and is no code. */
export const NOSQL_FEATURES =
  F_DOLLAR | F_QUOTE | F_CALL | F_SHELL | F_SQL_LOGIC | F_LINE | F_BRACE | F_ENTITY | F_KEY | F_HEAD | F_STRUCTURE;

const QUOTES = ["'", '"', '`'] as const;
/** What may follow a quote that ended a literal, but for words. */
const BEHIND = new Uint8Array(128);
for (const each of ')}];,|&+-*/<>=!?.:^%({[') BEHIND[each.charCodeAt(0)] = 1;
/** Words that go on with a query of Cypher. */
const WORDS =
  /(?:or|and|xor|return|match|optional|with|union|call|detach|delete|create|merge|set|remove|unwind|load|foreach|end)(?![\w-])/iy;
/** First letters of statements: `match`, `optional`, `detach`, `db`, `return`, `function`, `true`. */
const STARTS = 'modrft';
/** White space between the quote and what follows. */
const MAX_GAP = 16;

/** Something of the last text began as an injection does: with less white space it may be one. */
let tried = false;

/** What a text would do to a database that is asked in objects, in JavaScript, in Cypher or line by line. */
export function searchNoSql({ text, features }: Form, place: Place, sensitivity: Sensitivity): Match | undefined {
  tried = false;
  const found = searchText(text, features, place, sensitivity);
  if (found !== undefined || !tried || (features & (F_SPACE | F_SLASH)) === 0) return found;
  const collapsed = collapse(text);
  if (collapsed === undefined) return undefined;
  const stretched = searchText(collapsed, features, place, sensitivity);
  return stretched === undefined ? undefined : { start: 0, end: text.length, why: stretched.why };
}

function searchText(text: string, features: number, place: Place, sensitivity: Sensitivity): Match | undefined {
  if (place.key) {
    if (features & (F_DOLLAR | F_ENTITY) || text.startsWith('script') || text.startsWith('runtime')) {
      const found = searchName(text, sensitivity);
      if (found !== undefined) return found;
    }
    if ((features & ~F_KEY & NOSQL_FEATURES) === 0) return undefined;
  }
  if (features & F_DOLLAR) {
    const found =
      searchObject(text, sensitivity) ?? searchBareMember(text, sensitivity) ?? searchPairs(text, sensitivity);
    if (found !== undefined) return found;
  }
  if (features & (F_QUOTE | F_SHELL)) {
    for (const quote of QUOTES) {
      const found = behindQuote(text, text.indexOf(quote), features, sensitivity);
      if (found !== undefined) return found;
    }
  }
  if (features & F_LINE) {
    const found = searchWire(text, place.source, sensitivity);
    if (found !== undefined) return found;
  }
  return bare(text, features, sensitivity);
}

/** Set into a literal, what follows the quote that ends it. Only the first quote of a kind can be that one. */
function behindQuote(text: string, at: number, features: number, sensitivity: Sensitivity): Match | undefined {
  if (at < 0) return undefined;
  let next = at + 1;
  while (next < text.length && next - at <= MAX_GAP && isSpace(text.charCodeAt(next))) next++;
  if (next >= text.length) return undefined;
  const c = text.charCodeAt(next);
  if (isLetter(c)) {
    WORDS.lastIndex = next;
    if (!WORDS.test(text)) return undefined;
    tried = true;
    return leavesCypher(text, at + 1) ?? leavesLua(text, at + 1);
  }
  if (isSpace(c)) tried = true;
  if (c >= 128 || BEHIND[c] !== 1) return undefined;
  tried = true;
  if (features & (F_DOLLAR | F_COLON)) {
    const found = leavesMember(text, at + 1, true, sensitivity);
    if (found !== undefined) return found;
  }
  const why = readJavaScript(text, at + 1, true, sensitivity);
  if (why !== undefined) return { start: at, end: Math.max(jsEnd(), at + 1), why };
  return leavesCypher(text, at + 1) ?? leavesLua(text, at + 1);
}

/** The value as it stands: in the place of a number, or as a script of its own. */
function bare(text: string, features: number, sensitivity: Sensitivity): Match | undefined {
  let at = 0;
  while (at < text.length && at < MAX_GAP && isSpace(text.charCodeAt(at))) at++;
  const c = text.charCodeAt(at);
  if (!isLetter(c) || STARTS.includes(text.charAt(at).toLowerCase())) tried = true;
  if (isDigit(c) || c === 0x2d || c === 0x7c || c === 0x26 || c === 0x3b || isCloser(c) || isTruth(text, at)) {
    if (features & (F_SHELL | F_SQL_LOGIC)) {
      const why = readBareJavaScript(text, sensitivity);
      if (why !== undefined) return { start: at, end: Math.max(jsEnd(), at + 1), why };
    }
  }
  if (isCloser(c) && features & F_COLON) {
    const found = leavesMember(text, at, false, sensitivity);
    if (found !== undefined) return found;
  }
  if (features & F_SPACE) {
    const found = searchBareCypher(text, sensitivity);
    if (found !== undefined) return found;
  }
  if (features & (F_CALL | F_BRACE)) {
    const found = searchScript(text, sensitivity) ?? searchBareLua(text);
    if (found !== undefined) return found;
  }
  return features & F_BRACE ? searchQueryLanguages(text, sensitivity) : undefined;
}

const isTruth = (text: string, at: number): boolean =>
  text.startsWith('true', at) || text.startsWith('false', at) || text.startsWith('null', at);
const isSpace = (c: number): boolean => (c <= 0x20 && c !== 0) || c === 0xa0;
const isLetter = (c: number): boolean => (c | 0x20) >= 0x61 && (c | 0x20) <= 0x7a;
const isDigit = (c: number): boolean => c >= 0x30 && c <= 0x39;
const isCloser = (c: number): boolean => c === 0x29 || c === 0x7d || c === 0x5d;
