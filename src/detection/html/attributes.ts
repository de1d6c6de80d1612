import { decodeEntities } from '../forms/entities.ts';
import { ScriptJudge } from './script.ts';
import { IDLE } from './script-words.ts';
import { judgeStyle } from './styles.ts';
import type { Attribute, Tag } from './tag.ts';
import { judgeUrl, scriptSchemeIn } from './urls.ts';
import { COULD, NONE, RUNS, SURE } from './weights.ts';

/** What an attribute does, on any element. */
export interface AttributeVerdict {
  readonly weight: number;
  readonly why: string;
}

const judge = new ScriptJudge();
const INERT: AttributeVerdict = { weight: NONE, why: '' };
const verdict = (weight: number, why: string): AttributeVerdict => ({ weight, why });

/** Names of event handlers: a letter and more behind `on`, whatever events a browser has. */
const HANDLER = /^on[a-z_]{3,}(?![\w:.-])/;
/** Directives of frameworks whose value is run as script: Vue, Angular, Alpine, htmx. */
const DIRECTIVE =
  /^(?:@[\w.:-]{2,}|v-(?:on|bind|html|if|for|show|model|text|slot|cloak|pre|once)\b.*|:[\w-]+|x-(?:on|init|data|html|text|effect|bind|show|if)\b.*|ng-[a-z-]+|data-ng-[a-z-]+|hx-(?:on|vals)\b.*|\([\w.-]+\)|\[[\w.-]+\])$/;
/** A brace that no template has: it ends or opens a rule where the value becomes part of a style sheet. */
const BRACES = /^[^{}$%#]{0,512}(?:\}|\{[^{}\w\s%]|\{\w+[;:])/;
/** A URL that a declaration goes on behind, for parsers that end it early. */
const LEFT_URL = /url\((?!\s?["']?data:)[^)"';]{0,256};[^)"';]{0,256}:/i;
const CONTROL_ENTITY =
  /&#(?:x0*(?:[0-8bcef]|1[0-9a-f]|7f)(?![0-9a-f])|0*(?:[0-8]|1[124-9]|2\d|3[01]|127)(?!\d)|0*(?:9|10|13)(?![\d;]))/i;
const URL_ATTRIBUTE =
  /^(?:[\w-]{1,16}:)?(?:href|src|action|formaction|data|background|poster|dynsrc|lowsrc|codebase|code|folder|to|from)$/;
/** Characters without which a value is no URL with a scheme, no markup and no script. */
const MARKED = /[:&%<({/]/;
const DIRECTIVE_START = '@v:xndh([';
const isDirective = (name: string): boolean => DIRECTIVE_START.includes(name.charAt(0)) && DIRECTIVE.test(name);
const WEAPON = /(?<![\w.])(?:alert|prompt|confirm|eval)\b|constructor/;
/** JScript that a tool of its maker has encoded. */
const MUTATION = /--!?>|<\/(?:style|script|title|textarea|noscript|noembed|xmp|iframe|svg|math|template)\b|\]\]>/i;
const ENCODED = '#@~^';
/** Elements whose `src` is run or shown as a document. */
const LOADING: ReadonlySet<string> = new Set(
  'script iframe frame embed object applet image link import foreignobject use animation'.split(' '),
);

/**
 * What an attribute does by itself.
 * @param inside whether markup would run script, for documents in values
 */
export function judgeAttribute(
  { name, value, quote }: Attribute,
  tag: Tag,
  inside: (html: string) => boolean,
): AttributeVerdict {
  // A value that its name's equals sign does not reach, for some parsers.
  if (name.charCodeAt(0) === 0x3d && name.includes('(')) return verdict(RUNS, 'is a handler');
  if (value === '') return INERT;
  if (name.charCodeAt(0) === 0x6f && HANDLER.test(name)) return judgeHandler(value, quote, tag);
  if (name === 'style' || name === 'filter' || name === 'marker-start') {
    const plain = value.includes('&') ? decodeEntities(value) : value;
    const style = judgeStyle(plain, false);
    if (style.weight > NONE) return style;
    if (name === 'style' && (BRACES.test(plain) || LEFT_URL.test(plain) || CONTROL_ENTITY.test(value)))
      return verdict(RUNS, 'leaves the style it is put into');
    if (plain.includes('data:')) {
      const at = plain.indexOf('data:');
      const url = judgeUrl(plain.slice(at), false, inside);
      if (url.weight > COULD) return url;
    }
    return INERT;
  }
  if (name === 'srcdoc') return judgeDocument(value, inside);
  if (name === 'dataformatas' || (name === 'datasrc' && value.charCodeAt(0) === 0x23))
    return verdict(RUNS, 'fills an element with markup from data');
  if (name.startsWith('ev:') || name === 'handler')
    return value.includes(':') || value.includes('#') || value.includes('(')
      ? verdict(RUNS, 'calls a function by an event')
      : INERT;
  if (name.includes(':on') && /:on[a-z]{3,}$/.test(name) && /\$\(|script|\(/.test(value))
    return judgeHandler(value.replace(/\$\([^)]{0,20}\)/g, ''), quote, tag);
  if (isDirective(name)) {
    judge.read(value, 0, value.length, false);
    if (judge.proof) return verdict(SURE, `is a directive that ${judge.why}`);
    // Filters of AngularJS run text: `orderBy:'...'`.
    if (WEAPON.test(value)) return verdict(RUNS, 'is a directive that calls what attacks call');
  }
  // Most values are a word or a number.
  if (!MARKED.test(value)) return INERT;
  // Netscape ran script between `&{` and `};` in any attribute.
  if (/&\{[^}]{0,200}[(=;]/.test(value)) return verdict(RUNS, 'is script inside an attribute');
  if (name === 'xlink:href' && /^\s*\/\//.test(value)) return verdict(RUNS, 'leads to another site');
  const url = judgeUrl(value, LOADING.has(tag.name), inside);
  // Where a URL belongs, a script URL is one whatever stands in it.
  if (url.weight === COULD || url.weight === NONE) {
    const scheme = URL_ATTRIBUTE.test(name) ? scriptSchemeIn(value) : false;
    if (scheme) return verdict(RUNS, 'is a script URL');
  }
  if (url.weight > NONE) return url;
  if (name === 'content' || name === 'values' || name === 'srcset' || name === 'data') return judgeList(value, inside);
  return name === 'to' || name === 'from' || name === 'by' || name === 'value' || value.includes('&')
    ? judgeShown(value, name, inside)
    : INERT;
}

function judgeHandler(value: string, quote: number, tag: Tag): AttributeVerdict {
  const plain = value.includes('&') ? decodeEntities(value) : value;
  const script = plain.replace(/^[\s\0]*(?:(?:java|vb|live|j)script|vbs)\s*:/i, '');
  if (script.startsWith(ENCODED)) return verdict(SURE, 'is a handler of encoded script');
  if (/^[\s\0]*(?:<!--|\/[*/])/.test(script)) return verdict(RUNS, 'is a handler that begins with a comment');
  judge.read(script, 0, script.length, false);
  if (judge.weight === SURE) return verdict(SURE, `is a handler that ${judge.why}`);
  // `onClick={handler}` of JSX: as HTML it is a block that calls nothing, or is cut in its middle.
  const braced = quote === 0 && script.charCodeAt(0) === 0x7b;
  if (braced && (judge.weight < RUNS || judge.unfinished)) return INERT;
  if (judge.weight === RUNS)
    return IDLE.has(idle(script)) ? verdict(COULD, 'is a handler') : verdict(RUNS, 'is a handler that runs script');
  // Other languages than JavaScript have handlers too.
  if (judge.broken && /[(=`#]/.test(script)) return verdict(RUNS, 'is a handler');
  if (tag.foreign) return verdict(RUNS, 'is a handler');
  if (script.length < plain.length) return verdict(RUNS, 'is a handler that runs script');
  if (judge.weight === COULD && !IDLE.has(idle(script)) && !/^[\s\w.$-]*$/.test(script))
    return verdict(RUNS, 'is a handler');
  return verdict(judge.weight === COULD && /^\s*\d/.test(script) ? RUNS : COULD, 'is a handler');
}

const idle = (script: string): string => script.slice(0, 48).replace(/\s+/g, '').toLowerCase();

function judgeDocument(value: string, inside: (html: string) => boolean): AttributeVerdict {
  return inside(decodeEntities(value))
    ? verdict(SURE, 'is a document that runs script')
    : verdict(COULD, 'is a document');
}

/** Values with a URL somewhere in them: `0;url=...`, `a;b;c`, `a 1x, b 2x`. */
function judgeList(value: string, inside: (html: string) => boolean): AttributeVerdict {
  const plain = decodeEntities(value);
  const at = plain.search(/(?:java|vb|live)script\s*:|data:/i);
  if (at >= 0) {
    const url = judgeUrl(plain.slice(at), true, inside);
    if (url.weight > COULD) return url;
  }
  return judgeShown(value, 'values', inside);
}

/** Markup in a value: it runs where the value becomes content, as animations and scripts make it. */
function judgeShown(value: string, name: string, inside: (html: string) => boolean): AttributeVerdict {
  const plain = decodeEntities(value);
  if (!plain.includes('<') || !inside(plain)) return INERT;
  // It ends what it may stand in when the page is written again, as mutations do.
  if (MUTATION.test(plain)) return verdict(RUNS, 'becomes markup when it is written again');
  return name === 'to' || name === 'values' || name === 'from' || name === 'by'
    ? verdict(SURE, 'becomes markup that runs script')
    : verdict(COULD, 'holds markup that runs script');
}
