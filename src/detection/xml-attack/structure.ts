import type { Match, Sensitivity } from '../classes/class.ts';

/** Tags that are read to see whether a value leaves its element. */
const MAX_TAGS = 64;

/** A declaration that names an encoding in which the mark-up says something else, or hides from who reads ASCII. */
const DECLARED =
  /<\?xml\b[^<>]{0,200}?\bencoding\s{0,8}=\s{0,8}["']?\s{0,4}(utf-?7|x?-?ebcdic[\w-]{0,20}|cp-?(?:037|1026|500|273|277|278|280|284|285|297|420|424|870|871|918|1047|114\d)|ibm-?(?:037|1026|500|273|277|278|280|284|285|297|420|424|870|871|918|1047|0?114\d)|unicode-1-1-utf-7|csunicode11utf7|scsu|bocu-1|cesu-8|imap-mutf7|x-imap4[\w-]{0,20})(?![\w-])/i;
/** The encoding that a value's declaration names is one in which nobody sends XML but to hide it. */
export function searchEncoding(text: string): Match | undefined {
  const from = text.indexOf('<?');
  if (from < 0) return undefined;
  const found = DECLARED.exec(text.slice(from, from + MAX_PROLOG));
  if (found === null) return undefined;
  const start = from + found.index;
  return { start, end: start + found[0].length, why: 'hides mark-up in another encoding' };
}
const MAX_PROLOG = 1024;

const OPEN_CDATA = '<![CDATA[';
/** A section that holds no more than a sign of mark-up, and the rest of a tag behind it. */
const SPLIT = /<!\[CDATA\[\s{0,4}<\s{0,4}\/?\s{0,4}\]\]>\s{0,4}(?:<!\[CDATA\[)?[!?/a-z]/i;
/** One section ends and another begins within a word; what may not stand in a section ends in brackets: `]]]]><`. */
const WITHIN = /[a-z]\]\]><!\[CDATA\[[a-z]/i;
const BEHIND_CDATA = /\]\]>\s{0,16}<[a-z!?/]/iy;

/** Set into a CDATA section, does the value end it and go on with mark-up? */
export function searchCdata(text: string, sensitivity: Sensitivity): Match | undefined {
  const close = text.indexOf(']]>');
  if (close < 0) return undefined;
  const open = text.indexOf(OPEN_CDATA);
  if (open < 0 || close < open) {
    BEHIND_CDATA.lastIndex = close;
    if (BEHIND_CDATA.test(text) || (sensitivity === 'high' && open > close))
      return {
        start: close,
        end: Math.max(BEHIND_CDATA.lastIndex, close + 3),
        why: 'ends its CDATA section and adds mark-up',
      };
  }
  if (open < 0) return undefined;
  const section = text.slice(open, open + MAX_SPLIT);
  const found = SPLIT.exec(section) ?? WITHIN.exec(section);
  if (found === null) return undefined;
  const start = open + found.index;
  return { start, end: start + found[0].length, why: 'hides a tag in CDATA sections' };
}
const MAX_SPLIT = 4096;

const TAG = /<(\/?)([a-z_][\w.:-]{0,63})((?:\s[^<>]{0,256})?)(\/?)>/giy;
/** Elements of HTML: fragments of it that end in the middle are everywhere. */
const HTML: ReadonlySet<string> = new Set(
  (
    'a abbr address article aside audio b base bdi bdo big blockquote body br button canvas caption center cite code col ' +
    'colgroup data datalist dd del details dfn dialog div dl dt em embed fieldset figcaption figure font footer form h1 h2 ' +
    'h3 h4 h5 h6 head header hgroup hr html i iframe img input ins kbd label legend li link main map mark menu meta meter ' +
    'nav noscript object ol optgroup option output p param picture pre progress q rp rt ruby s samp script section select ' +
    'slot small source span strike strong style sub summary sup svg table tbody td template textarea tfoot th thead time ' +
    'title tr track tt u ul var video wbr path g circle rect line nobr marquee'
  ).split(' '),
);

/**
 * Set into the text of an element, does the value end it, and does it open one of the same name for the end that
 * stands behind it? `x</name><role>admin</role><name>`
 */
export function searchElement(text: string, sensitivity: Sensitivity): Match | undefined {
  if (sensitivity === 'low') return undefined;
  const first = text.indexOf('</');
  if (first < 0) return undefined;
  TAG.lastIndex = first;
  const closed = TAG.exec(text);
  const name = (closed?.[2] ?? '').toLowerCase();
  if (
    closed === null ||
    name === '' ||
    HTML.has(name) ||
    TAG_BEFORE.test(text.slice(Math.max(0, first - MAX_LOOK), first))
  )
    return undefined;
  let at = skipSpace(text, TAG.lastIndex);
  let opened = 0;
  let closes = 1;
  for (let i = 0; i < MAX_TAGS; i++) {
    if (text.startsWith('<!--', at)) {
      if (opened > 0 || closes > 1 || text.length - at < 8)
        return { start: first, end: at, why: 'ends its element and adds others' };
      return undefined;
    }
    TAG.lastIndex = at;
    const tag = TAG.exec(text);
    if (tag === null) return undefined;
    const again = (tag[2] as string).toLowerCase() === name;
    if (tag[1] === '/') closes++;
    else if (again && opened > 0 && tag[4] === '')
      return { start: first, end: TAG.lastIndex, why: 'ends its element and adds others' };
    else opened++;
    const next = text.indexOf('<', TAG.lastIndex);
    if (next < 0) return undefined;
    if (next - TAG.lastIndex > MAX_LOOK) return undefined;
    at = next;
  }
  return undefined;
}
/** An element was opened before it is closed. */
const TAG_BEFORE = /<[a-z!?]/i;
const MAX_LOOK = 1024;

function skipSpace(text: string, from: number): number {
  let at = from;
  while (at < text.length && at - from < 64 && text.charCodeAt(at) <= 0x20) at++;
  return at;
}
