import { decodeEntities } from '../forms/entities.ts';
import { isEmbed, isForeign, isLibrary } from './hosts.ts';
import { ScriptJudge } from './script.ts';
import { isStyleHost } from './styles.ts';
import { attributeOf, localName, type Tag } from './tag.ts';
import { COULD, NONE, RUNS, SURE } from './weights.ts';

/** What an element does by being there. */
export interface ElementVerdict {
  readonly weight: number;
  readonly why: string;
}

/** What stands around an element. */
export interface Surroundings {
  readonly text: string;
  /** Up to where its content may be looked at. */
  readonly limit: number;
  /** The text is a document of its own, with `<html>` or `<head>` before the element. */
  readonly inDocument: boolean;
}

type Question = (tag: Tag, around: Surroundings) => ElementVerdict | undefined;

const judge = new ScriptJudge();
const runs = (why: string): ElementVerdict => ({ weight: RUNS, why });
const sure = (why: string): ElementVerdict => ({ weight: SURE, why });

/** Types of data that browsers leave alone in a script element. */
const DATA_TYPE =
  /^\s*(?:application\/(?:ld\+)?json|importmap|speculationrules|text\/(?:template|x-template|x-handlebars\S*|ng-template|html|plain|x-mathjax-config|markdown))\b/i;
const VISUAL_BASIC = /vbs/i;
/** The value is filled in by a template before it becomes markup. */
const PLACEHOLDER = /^(?:\{|\$\{|<%|%PUBLIC_URL%)/;
const SRC = /^(?:[\w-]{1,16}:)?(?:src|href)$/;

/** Where the content of an element ends: before its end tag, or with the text. */
function contentEnd(text: string, from: number, name: string, limit: number): number {
  const content = text.slice(from, limit);
  for (let at = content.indexOf('</'); at >= 0; at = content.indexOf('</', at + 2))
    if (content.slice(at + 2, at + 2 + name.length).toLowerCase() === name) return from + at;
  return limit;
}

function script(tag: Tag, { text, limit }: Surroundings): ElementVerdict | undefined {
  for (const { name, value, quote } of tag.attributes) {
    if (!SRC.test(name) || value === '') continue;
    if (PLACEHOLDER.test(value)) continue;
    const url = decodeEntities(value);
    return quote !== 0 && isLibrary(url) ? { weight: LIBRARY, why: 'loads a published library' } : sure('loads script');
  }
  const type = attributeOf(tag, 'type');
  if (type !== undefined && DATA_TYPE.test(type)) return undefined;
  // Script where attributes should be: what some parsers make of it runs.
  if (tag.attributes.some((each) => each.name.includes('('))) return runs('is script that runs');
  if (!tag.closed) return { weight: COULD, why: 'opens a script element' };
  const end = contentEnd(text, tag.end, 'script', limit);
  if (end === tag.end) return { weight: COULD, why: 'opens a script element' };
  const content = text.slice(tag.end, end);
  judge.read(content, 0, content.length, false);
  const found = weighContent(tag, content);
  // In SVG and MathML, and in XHTML, the content's entities are decoded.
  if ((found?.weight ?? NONE) > COULD || !content.includes('&')) return found;
  const decoded = decodeEntities(content);
  judge.read(decoded, 0, decoded.length, false);
  return weighContent(tag, decoded);
}

/** Places behind which a script that breaks off is read on: lines that were joined, other languages. */
const MAX_RESUMES = 8;

function weighContent(tag: Tag, content: string): ElementVerdict | undefined {
  if (judge.weight === SURE) return sure(`is script that ${judge.why}`);
  if (judge.weight === RUNS) return runs('is script that runs');
  if (/^\s*(?:msgbox|inputbox|execute)\b/i.test(content)) return runs('is script that runs');
  if (VISUAL_BASIC.test(attributeOf(tag, 'language') ?? attributeOf(tag, 'type') ?? ''))
    return runs('is script that runs');
  const { broken } = judge;
  let at = 0;
  for (let tries = 0; judge.broken && tries < MAX_RESUMES && judge.end < content.length; tries++) {
    at = Math.max(judge.end, at) + 1;
    judge.read(content, at, content.length, false);
    if (judge.proof) return runs('is script that runs');
  }
  if (broken) return { weight: COULD, why: 'opens a script element' };
  // What is no prose and no markup is taken for script of some kind.
  if (judge.weight === COULD && /\d|[(=;[]/.test(content.slice(0, 256))) return runs('is script that runs');
  return { weight: COULD, why: 'opens a script element' };
}

/** Published libraries do what pages want of them; shown in prose they are no harm, in a page they open other ways. */
const LIBRARY = RUNS;

function frame(tag: Tag): ElementVerdict | undefined {
  const src = attributeOf(tag, 'src');
  if (src === undefined || src === '') return undefined;
  const url = decodeEntities(src);
  if (isEmbed(url)) return undefined;
  if (PLACEHOLDER.test(url)) return undefined;
  if (/^\s*about:blank\b/i.test(url)) return { weight: COULD, why: 'opens a frame' };
  return runs(isForeign(url) ? 'frames another site' : 'frames another page');
}

function plugin(tag: Tag): ElementVerdict | undefined {
  for (const { name, value } of tag.attributes) {
    if (value === '') continue;
    if (name === 'src' || name === 'data' || name === 'code' || name === 'codebase' || name === 'archive') {
      if (!isEmbed(decodeEntities(value)) && !PLACEHOLDER.test(value))
        return runs('loads an object that may run script');
    }
    if (name === 'classid' && /clsid|java|python|ruby/i.test(value)) return runs('loads an object that may run script');
  }
  return undefined;
}

const REFRESH = /^\s*refresh\b/i;

function meta(tag: Tag): ElementVerdict | undefined {
  const equiv = attributeOf(tag, 'http-equiv');
  const content = decodeEntities(attributeOf(tag, 'content') ?? '');
  const charset = attributeOf(tag, 'charset') ?? /charset\s*=\s*["']?([\w-]{1,40})/i.exec(content)?.[1] ?? '';
  if (/^(?:x-)?(?:utf-?7|imap4|x-imap4|mac-|iso-2022|hz-gb|utf-?32|x-user)|imap4|mac-farsi/i.test(charset))
    return runs('reads the page in another encoding');
  if (equiv === undefined) return undefined;
  const name = decodeEntities(equiv);
  if (REFRESH.test(name))
    return /url|script|data|[/;,]/i.test(content) ? sure('leads to another place') : runs('loads the page again');
  if (/^\s*set-cookie/i.test(name)) return sure('sets a cookie');
  if (/^\s*link\b/i.test(name)) return runs('brings in a style sheet');
  if (/^\s*content-security-policy/i.test(name)) return runs('changes what the page may load');
  return undefined;
}

function base(tag: Tag, { inDocument }: Surroundings): ElementVerdict | undefined {
  const href = attributeOf(tag, 'href');
  // A target without its end takes in the page behind it, up to the next quote.
  if (href === undefined)
    return tag.closed || attributeOf(tag, 'target') === undefined ? undefined : runs('takes in the rest of the page');
  return inDocument && /^https?:/i.test(href)
    ? { weight: COULD, why: 'leads all links elsewhere' }
    : runs('leads all links elsewhere');
}

function link(tag: Tag, { inDocument }: Surroundings): ElementVerdict | undefined {
  const rel = (attributeOf(tag, 'rel') ?? '').toLowerCase();
  const href = decodeEntities(attributeOf(tag, 'href') ?? '');
  if (href === '') return undefined;
  if (/import|manifest|prerender|serviceworker/.test(rel)) return inDocument ? undefined : runs('brings in a document');
  if (!/stylesheet|preload/.test(rel) || isStyleHost(href)) return undefined;
  return inDocument || !isForeign(href)
    ? { weight: COULD, why: 'brings in a style sheet' }
    : runs('brings in a style sheet');
}

function form(tag: Tag): ElementVerdict | undefined {
  for (const { name, value } of tag.attributes)
    if (name === 'formaction' && isForeign(decodeEntities(value))) return runs('sends a form to another site');
  const action = attributeOf(tag, 'action');
  return action !== undefined && isForeign(decodeEntities(action))
    ? { weight: COULD, why: 'sends a form to another site' }
    : undefined;
}

/** Attributes that SVG may animate into something that runs. */
const ANIMATED = /^\s*(?:(?:xlink:)?href|on[a-z]{3,}|innerhtml|src|style)\s*$/i;

function animation(tag: Tag): ElementVerdict | undefined {
  const name = attributeOf(tag, 'attributename');
  return name !== undefined && ANIMATED.test(decodeEntities(name))
    ? sure('changes an attribute into script')
    : undefined;
}

/** SVG brings in parts of other documents; those of its own are honest. */
function use(tag: Tag): ElementVerdict | undefined {
  for (const { name, value } of tag.attributes)
    if (localName(name) === 'href' && /^\s*(?:data:|https?:|\/\/)/i.test(decodeEntities(value)))
      return runs('brings in another drawing');
  return undefined;
}

function foreign(tag: Tag): ElementVerdict | undefined {
  for (const { name, value } of tag.attributes)
    if (/^(?:[\w-]{1,16}:)?(?:href|src)$/.test(name) && value !== '') return runs('brings in a document');
  return undefined;
}

/** XML events: SVG Tiny and old Opera ran them. */
function events(tag: Tag, { text, limit }: Surroundings): ElementVerdict | undefined {
  for (const { name, value } of tag.attributes)
    if (name === 'ev:event' || /xml-events/.test(value)) return runs('calls a function by an event');
  const end = contentEnd(text, tag.end, tag.name, limit);
  judge.read(text, tag.end, end, false);
  return judge.weight === SURE ? sure('is script run by an event') : undefined;
}

function island(tag: Tag): ElementVerdict | undefined {
  return attributeOf(tag, 'src') !== undefined ? runs('loads data that becomes markup') : undefined;
}

const imports: Question = (tag) =>
  attributeOf(tag, 'implementation') === undefined ? undefined : runs('brings in a behaviour');

function styleElement(tag: Tag): ElementVerdict | undefined {
  return /script/i.test(attributeOf(tag, 'type') ?? '') ? runs('is script in a style element') : undefined;
}

/** What elements do by their name; what holds for all of them is asked elsewhere. */
export const ELEMENTS: ReadonlyMap<string, Question> = new Map<string, Question>([
  ['script', script],
  ['iframe', frame],
  ['frame', frame],
  ['fencedframe', frame],
  ['portal', frame],
  ['layer', frame],
  ['ilayer', frame],
  ['bgsound', frame],
  ['embed', plugin],
  ['object', plugin],
  ['applet', plugin],
  ['meta', meta],
  ['base', base],
  ['link', link],
  ['form', form],
  ['button', form],
  ['input', form],
  ['isindex', form],
  ['animate', animation],
  ['animatetransform', animation],
  ['animatemotion', animation],
  ['set', animation],
  ['use', use],
  ['foreignobject', foreign],
  ['animation', foreign],
  ['vmlframe', foreign],
  ['event-source', foreign],
  ['handler', events],
  ['listener', events],
  ['xml', island],
  ['import', imports],
  ['?import', imports],
  ['style', styleElement],
]);

/** Up to where the content of an element is looked at: before its end tag. */
export { contentEnd };
