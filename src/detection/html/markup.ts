import { decodeEntities } from '../forms/entities.ts';
import { judgeAttribute } from './attributes.ts';
import { contentEnd, ELEMENTS } from './elements.ts';
import { hidesHost } from './hosts.ts';
import { ShownCode, showsText } from './shown.ts';
import { judgeStyle } from './styles.ts';
import { type Attribute, localName, readTag, type Tag } from './tag.ts';
import { COULD, type Evidence, Looks, NONE, type Probe, RUNS, SURE } from './weights.ts';

/** Documents within documents that are looked into. */
const MAX_NESTED = 2;
/** Characters of the content of one element that are looked at. */
const MAX_CONTENT = 64 * 1024;
/** What judging an attribute costs, as looks. */
const ATTRIBUTE_LOOKS = 4;
/** How often the content of an element is looked at, at most. */
const CONTENT_LOOKS = 4;
/** Characters before a script that may hold what leaves an element. */
const MAX_LEFT = 256;
/** Characters of a word before a script. */
const MAX_WORD = 64;
/** Characters and words that may stand before markup which was hidden in entities. */
const MAX_LEAD = 24;

/** Documents that are being looked into, and what is left for them: they share what the outermost one has. */
let nested = 0;
let shared: Looks | undefined;

/** Whether markup runs script, for documents in attributes and URLs. */
function runsInside(html: string): boolean {
  if (nested >= MAX_NESTED || !html.includes('<')) return false;
  if (shared !== undefined) {
    if (!shared.allows(html.length)) return false;
    shared.spend(html.length);
  }
  nested++;
  try {
    return searchMarkup(html, RUNS, false) !== undefined;
  } finally {
    nested--;
  }
}

/**
 * The first tag, comment or instruction that weighs enough. Every `<` is taken for a beginning, whatever stands around
 * it: where a value lands is not known, nor what a filter or a second parser makes of it.
 * @param decoded the text came out of entities: what stands in the midst of other text was written to be shown
 */
export function searchMarkup(text: string, needed: number, decoded: boolean): Evidence | undefined {
  const looks = nested > 0 && shared !== undefined ? shared : new Looks(text.length);
  const outer = shared;
  shared = looks;
  try {
    return search(text, needed, decoded, looks);
  } finally {
    shared = outer;
  }
}

function search(text: string, needed: number, decoded: boolean, looks: Looks): Evidence | undefined {
  const code = new ShownCode(text);
  let tagEnd = 0;
  let shownEnd = 0;
  let inDocument = false;
  let commented = true;
  for (let at = text.indexOf('<'); at >= 0; at = text.indexOf('<', at + 1)) {
    const c = text.charCodeAt(at + 1);
    const letter = (c | 0x20) >= 0x61 && (c | 0x20) <= 0x7a;
    let found: Evidence | undefined;
    if (letter || c === 0 || (c === 0x2f && text.charCodeAt(at + 2) === 0x2f)) {
      const limit = at >= tagEnd ? text.length : looks.limit(at, text.length);
      const tag = readTag(text, at, limit, false);
      looks.spend(tag.end - at + tag.attributes.length * ATTRIBUTE_LOOKS);
      if (at >= tagEnd) {
        tagEnd = tag.end;
        if (tag.name === 'html' || tag.name === 'head') inDocument = true;
        if (at >= shownEnd && showsText(tag.name)) {
          shownEnd = contentEnd(text, tag.end, tag.name, looks.limit(tag.end, text.length));
          looks.spend(shownEnd - tag.end);
        }
      }
      found = judgeTag(text, tag, inDocument, looks);
      if ((found === undefined || found.weight < needed) && tag.ticks) {
        const other = readTag(text, at, looks.limit(at, text.length), true);
        looks.spend(other.end - at);
        found = heavier(found, judgeTag(text, other, inDocument, looks));
      }
    } else if (c === 0x21 || c === 0x3f) {
      if (c === 0x21 && text.charCodeAt(at + 2) === 0x2d && at >= shownEnd && at >= tagEnd) {
        const close = commented ? text.indexOf('-->', at + 3) : -1;
        if (close >= 0) shownEnd = close;
        else commented = false;
      }
      found = judgeDeclaration(text, at, looks);
    }
    if (found === undefined) continue;
    let { weight } = found;
    if (weight === COULD && found.probe !== undefined && breaksOut(text, at, found.probe === 'alone')) weight = RUNS;
    if (decoded) {
      if (!leads(text, at)) weight -= 2;
    } else if (at < shownEnd || code.has(at)) weight--;
    if (weight >= needed) return weight === found.weight ? found : { ...found, weight };
  }
  return undefined;
}

const heavier = (one: Evidence | undefined, other: Evidence | undefined): Evidence | undefined =>
  one === undefined || (other !== undefined && other.weight > one.weight) ? other : one;

/** Before it the value leaves something: a quote, a tag; or it is all there is. */
function breaksOut(text: string, at: number, alone: boolean): boolean {
  let i = at;
  while (i > 0 && at - i < 8 && text.charCodeAt(i - 1) <= 0x20) i--;
  const c = i === 0 ? 0 : text.charCodeAt(i - 1);
  if (c === 0x3c || c === 0x27 || c === 0x22 || c === 0x60) return true;
  if (c === 0x3e ? closesOther(text, i) : alone && isGlued(text, at)) return true;
  if (c !== 0x3e)
    return alone && i === 0 && !/[a-z]\s+[a-z]/i.test(text.slice(at, at + 256).replace(/<[^>]{0,128}>/g, ''));
  return (
    i < 2 ||
    /['"`\]]\s*\/?>$/.test(text.slice(Math.max(0, i - 6), i)) ||
    /^[^<]*>$/.test(text.slice(Math.max(0, i - 24), i))
  );
}

const END_TAG = /<\/([a-z][a-z0-9-]{0,24})\s{0,4}>$/i;

/** An end tag stands just before `end`, of an element that the value did not begin: it leaves one of the page's. */
function closesOther(text: string, end: number): boolean {
  if (end > MAX_LEFT) return false;
  const name = END_TAG.exec(text.slice(Math.max(0, end - 40), end))?.[1]?.toLowerCase();
  return name !== undefined && !text.slice(0, end).toLowerCase().includes(`<${name}`);
}

/** A script from its tag to its end tag stands right behind a word, and is all that follows: `booking<script></script>`. */
function isGlued(text: string, at: number): boolean {
  if (at > MAX_WORD || !/^\S+$/.test(text.slice(0, at))) return false;
  return /^<[^>]{0,64}>[^<]{0,256}<\/script[^>]{0,16}>\S{0,64}$/i.test(text.slice(at, at + 512));
}

/** Little stands before it, and no other markup. */
function leads(text: string, at: number): boolean {
  if (at > MAX_LEAD) return false;
  let spaces = 0;
  for (let i = 0; i < at; i++) {
    const c = text.charCodeAt(i);
    if (c === 0x3c) return false;
    if (c === 0x20) spaces++;
  }
  return spaces < 3;
}

function judgeTag(text: string, tag: Tag, inDocument: boolean, looks: Looks): Evidence | undefined {
  let best: Evidence | undefined;
  const { start, end } = tag;
  const take = (weight: number, why: string, probe?: Probe): void => {
    if (weight > (best?.weight ?? NONE))
      best = { weight, start, end, why: `has an element <${tag.name.slice(0, 24)}> ${why}`, probe };
  };
  const name = localName(tag.name);
  const around = {
    text,
    limit: Math.min(text.length, looks.limit(tag.end, text.length), tag.end + MAX_CONTENT),
    inDocument,
  };
  const question =
    ELEMENTS.get(name) ?? (name.startsWith('script') && !/^[\w-]+$/.test(name) ? ELEMENTS.get('script') : undefined);
  const asked = question?.(tag, around);
  if (asked !== undefined)
    take(
      asked.weight,
      `that ${asked.why}`,
      name === 'script' ? (tag.closed && tag.end < text.length ? 'alone' : 'behind') : undefined,
    );
  if (name === 'style' || name === 'script') {
    const close = contentEnd(text, tag.end, name, around.limit);
    looks.spend((close - tag.end) * CONTENT_LOOKS);
    if (name === 'style') {
      const style = judgeStyle(text.slice(tag.end, close), inDocument);
      take(style.weight, `that ${style.why}`);
      // A style sheet has no tags: what looks like one is there for a second parser.
      const content = text.slice(tag.end, close);
      if (content.includes('&') && runsInside(content.replaceAll('&lt;', '<').replaceAll('&gt;', '>')))
        take(RUNS, 'that hides markup from one parser');
    }
  }
  for (const each of tag.attributes) {
    if (best?.weight === SURE) break;
    const { weight, why } = judgeAttribute(
      isTorn(each)
        ? { ...each, value: text.slice(each.end - each.value.length, Math.min(tag.end, each.end + 256)) }
        : each,
      tag,
      runsInside,
    );
    if (weight > NONE) take(weight, `with an attribute that ${why}`, each.name.startsWith('on') ? 'behind' : undefined);
    else if (each.name === 'href' && hidesHost(each.value)) take(RUNS, 'that leads to a host hidden in a number');
  }
  return best;
}

/** A scheme without quotes that spaces tear apart: `src=j a v a s c r i p t:...`; filters put such together. */
const isTorn = ({ quote, value }: Attribute): boolean =>
  quote === 0 &&
  value !== '' &&
  value.length < 80 &&
  (/^j/i.test(value) || value.startsWith('&#')) &&
  TORN.startsWith(decodeEntities(value).toLowerCase());
const TORN = 'javascript:';

const SERVER_SIDE = /^<!--\s{0,8}#\s{0,8}(?:exec|include|echo|config|set|printenv|fsize|flastmod)\b/i;
const ENTITY = /^<!(?:ENTITY|ATTLIST)\s[^>]{0,400}?(?:SYSTEM|PUBLIC|&#|<|CDATA\s|%)/i;
const INSTRUCTION = /^<\?\s{0,8}(?:import\b|xml-stylesheet\b|xml:namespace\b[^>]{0,200}:time\b)/i;
/** Conditional comments of Internet Explorer are no harm by themselves; what stands in them is found as it stands. */
const ECHO = /^<\?(?:php)?\s{0,8}echo\s{0,8}\(\s{0,8}['"]</i;
const DECLARED = 512;

function judgeDeclaration(text: string, at: number, looks: Looks): Evidence | undefined {
  const head = text.slice(at, at + DECLARED);
  looks.spend(8);
  const found = (weight: number, why: string): Evidence => ({
    weight,
    start: at,
    end: Math.min(text.length, at + 64),
    why,
  });
  if (SERVER_SIDE.test(head)) return found(SURE, 'has a comment that servers run');
  if (ENTITY.test(head)) return found(RUNS, 'has a declaration that brings in text as markup');
  if (INSTRUCTION.test(head)) return found(RUNS, 'has an instruction that brings in a style sheet or behaviour');
  if (ECHO.test(head)) return found(RUNS, 'has an instruction that writes markup');
  return /^<\?\s{0,8}import/i.test(head) ? found(COULD, 'has an instruction') : undefined;
}
