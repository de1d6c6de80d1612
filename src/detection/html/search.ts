import type { Match, Sensitivity } from '../classes/class.ts';
import { codesOf, nextMarked } from '../features/codes.ts';
import { F_TAG } from '../features.ts';
import type { Form } from '../forms.ts';
import { isRemnant, judgeExpression, leavesString, runsBare } from './leaving.ts';
import { judgeLooseAttribute, judgeLooseStyle, judgeLooseUrl } from './loose.ts';
import { searchMarkup } from './markup.ts';
import { judgeUrl, type UrlVerdict } from './urls.ts';
import { decodeUtf7 } from './utf7.ts';
import { COULD, type Evidence, Looks, RUNS, SURE } from './weights.ts';

const NEEDED: Readonly<Record<Sensitivity, number>> = { low: SURE, default: RUNS, high: COULD };

/** Places of one kind outside of tags that are looked at; an attack needs one. */
const MAX_PLACES = 256;

const L_EQUALS = 1;
const L_COLON = 2;
const L_CALL = 3;
const L_BRACE = 4;
const L_AMPERSAND = 5;
const L_PLUS = 6;
const LOOK = new Uint8Array(65_536);
for (const [characters, kind] of [
  ['=', L_EQUALS],
  [':', L_COLON],
  ['(`', L_CALL],
  ['{', L_BRACE],
  ['&', L_AMPERSAND],
  ['+', L_PLUS],
] as const)
  for (const each of characters) LOOK[each.charCodeAt(0)] = kind;

/** Names before a parenthesis or a backtick that make reading the text as script worth its while. */
const WEAPONS: ReadonlySet<string> = new Set(
  (
    'alert confirm prompt print eval function constructor settimeout setinterval execscript import fetch open write writeln ' +
    'fromcharcode atob image xmlhttprequest websocket sendbeacon call apply bind map foreach filter find some every reduce ' +
    'replace assign getscript msgbox navigate postmessage importscripts append appendchild insertadjacenthtml unescape get ' +
    'cookiestore globaleval $eval require findindex'
  ).split(' '),
);
const MAX_WEAPON = 18;
/** Characters of UTF-7 that are decoded. */
const MAX_ENCODED = 64 * 1024;
/** What an equals sign may set that is worth it too. */
const TARGET = /location|cookie|onerror|innerhtml|~\[\]|=\s{0,4}(?:alert|eval|prompt|confirm)\b/i;
const ENTITY_SCRIPT = /^&\{[^}]{0,200}[(=;]/;

/** What a text would do in a page: as content, in an attribute, in a script, as a URL. See the class for the idea. */
export function searchHtml({ text, features, name }: Form, sensitivity: Sensitivity): Match | undefined {
  const needed = NEEDED[sensitivity];
  const decoded = name.includes('entities');
  return (features & F_TAG ? searchMarkup(text, needed, decoded) : undefined) ?? searchLoose(text, needed, decoded);
}

const asUrl = (url: string): UrlVerdict =>
  judgeUrl(url, false, (html) => searchMarkup(html, RUNS, false) !== undefined);

/** What is no part of a tag in the text itself, and may be one of what the text is put into. */
function searchLoose(text: string, needed: number, decoded: boolean): Evidence | undefined {
  const { length } = text;
  Looks.spent += length;
  let weapon = false;
  let encoded = false;
  const looks = new Looks(length);
  let attributes = 0;
  let urls = 0;
  let expressions = 0;
  // Asked for anew each time: what judges a place may have read another text meanwhile.
  for (let at = 0; (at = nextMarked(codesOf(text), at, length, LOOK)) < length; at++) {
    const c = text.charCodeAt(at);
    let found: Evidence | undefined;
    switch (LOOK[c]) {
      case L_EQUALS:
        found = judgeLooseAttribute(text, at, looks);
        if (found !== undefined && (attributes++ >= MAX_PLACES || isShown(text, at, decoded))) found = undefined;
        weapon ||= setsTarget(text, at);
        break;
      case L_COLON:
        if (endsScheme(text, at) && urls++ < MAX_PLACES) found = judgeLooseUrl(text, at, asUrl, looks);
        break;
      case L_CALL:
        weapon ||= isWeapon(text, at);
        if (c === 0x28 && isExpression(text, at) && expressions++ < MAX_PLACES)
          found = judgeLooseStyle(text, at, looks);
        break;
      case L_BRACE: {
        const double = text.charCodeAt(at + 1) === 0x7b;
        if ((double || text.charCodeAt(at - 1) === 0x24) && expressions++ < MAX_PLACES)
          found = judgeExpression(text, at, double, looks);
        break;
      }
      case L_AMPERSAND:
        if (text.charCodeAt(at + 1) === 0x7b && ENTITY_SCRIPT.test(text.slice(at, at + 210)))
          found = { weight: RUNS, start: at, end: Math.min(length, at + 64), why: 'is script inside an attribute' };
        break;
      default:
        if (!encoded && isUtf7(text, at)) {
          encoded = true;
          found = inUtf7(text, at);
        }
    }
    if (found !== undefined && found.weight >= needed) return found;
  }
  if (!weapon && !isRemnant(text)) return undefined;
  const found = leavesString(text, "'") ?? leavesString(text, '"') ?? leavesString(text, '`') ?? runsBare(text);
  return found !== undefined && found.weight >= needed ? found : undefined;
}

/** A function worth a look is called at `at`, or something computed is. */
function isWeapon(text: string, at: number): boolean {
  let end = at;
  if (text.charCodeAt(end - 1) === 0x2e && text.charCodeAt(end - 2) === 0x3f) end -= 2;
  while (end > 0 && at - end < 4 && text.charCodeAt(end - 1) <= 0x20) end--;
  const c = text.charCodeAt(end - 1);
  if (c === 0x5d || c === 0x29 || c === 0x2f) return true;
  let start = end;
  while (start > 0 && end - start <= MAX_WEAPON) {
    const d = text.charCodeAt(start - 1);
    if (((d | 0x20) < 0x61 || (d | 0x20) > 0x7a) && d !== 0x24) break;
    start--;
  }
  const length = end - start;
  return length >= 3 && length <= MAX_WEAPON && WEAPONS.has(text.slice(start, end).toLowerCase());
}

/** `expression` stands before the parenthesis. */
function isExpression(text: string, at: number): boolean {
  const c = text.charCodeAt(at - 1);
  return (c === 0x6e || c === 0x4e || c <= 0x20) && /expression\s{0,2}$/i.test(text.slice(Math.max(0, at - 12), at));
}

/** The equals sign sets something that acts at once, or names what attacks call. */
function setsTarget(text: string, at: number): boolean {
  let before = at - 1;
  while (before > 0 && at - before < 4 && text.charCodeAt(before) <= 0x20) before--;
  let behind = at + 1;
  while (behind < text.length && behind - at < 4 && text.charCodeAt(behind) <= 0x20) behind++;
  const c = text.charCodeAt(before) | 0x20;
  const d = text.charCodeAt(behind) | 0x20;
  // The last letters of what may be set, the first of what it may be set to.
  const may =
    c === 0x6e ||
    c === 0x66 ||
    c === 0x65 ||
    c === 0x72 ||
    c === 0x6c ||
    c === 0x7d ||
    d === 0x61 ||
    d === 0x65 ||
    d === 0x70 ||
    d === 0x63 ||
    d === 0x7e;
  return may && TARGET.test(text.slice(Math.max(0, at - 24), at + 24));
}

/**
 * Inside of a tag that is written out in entities and has no quote before: text that shows markup. In the value of an
 * attribute it would need a quote to do more.
 */
function isShown(text: string, at: number, decoded: boolean): boolean {
  const from = Math.max(0, at - MAX_SHOWN);
  const before = text.slice(from, at);
  const open = Math.max(before.lastIndexOf('&lt;'), decoded ? before.lastIndexOf('<') : -1);
  return open > 0 && before.lastIndexOf('>') < open && !/["'`]/.test(before.slice(open));
}

/** Characters before an attribute in which its tag begins. */
const MAX_SHOWN = 256;

/** The last letter of a scheme that runs something, with what may be strewn behind it. */
function endsScheme(text: string, at: number): boolean {
  let before = at - 1;
  while (before > 0 && at - before < 8 && text.charCodeAt(before) <= 0x20) before--;
  const c = text.charCodeAt(before) | 0x20;
  return c === 0x74 || c === 0x61;
}

const isUtf7 = (text: string, at: number): boolean =>
  (text.charCodeAt(at + 1) | 0x20) === 0x61 && /^\+ADw-?/i.test(text.slice(at, at + 5));

function inUtf7(text: string, at: number): Evidence | undefined {
  const found = searchMarkup(decodeUtf7(text.slice(at, at + MAX_ENCODED)), RUNS, false);
  return found && { ...found, start: at, end: text.length, why: `${found.why}, in UTF-7` };
}
