import { ScriptJudge } from './script.ts';
import { NONE, RUNS, SURE } from './weights.ts';

/** What style sheets could do in browsers of their time. */
export interface StyleVerdict {
  readonly weight: number;
  readonly why: string;
}

const INERT: StyleVerdict = { weight: NONE, why: '' };
const judge = new ScriptJudge();

/** Something must stand in it for any of the questions below to be asked. */
const ANY = /[\\(@]|behavio|binding|-link|javascript/i;
const EXPRESSION = /expression\s*\(/gi;
const SCRIPT_URL = /(?:j\s*a\s*v\s*a|v\s*b|live)\s*s\s*c\s*r\s*i\s*p\s*t\s*:|mocha\s*:/i;
const BINDING = /(?:^|[^\w-])(?:-moz-binding|binding)\s*:\s*(?:url\s*\(|["'])/i;
/** Behaviours that Office writes into every mail do nothing: `behavior:url(#default#VML)`. */
const BEHAVIOR = /behaviou?r\s*:\s*url\s*\(\s*["']?(?!\s*#(?:default#(?:vml|o)|ieooui)\b)/i;
const DIALOG = /(?:^|[^\w-])(?:alert|prompt|confirm|eval)\s?\(|document\.cookie/i;
const LINK = /-o-link\s*:/i;
const IMPORT = /@import\s*(?:url\s*\(\s*)?(["']?)\s*([^"'\s);]{1,200})/gi;
/** Hosts of fonts and of libraries for pages: their style sheets are named in honest markup. */
const STYLE_HOSTS =
  /^(?:https?:)?\/\/(?:fonts\.(?:googleapis|gstatic|bunny)\.(?:com|net)|use\.(?:typekit\.net|fontawesome\.com)|cdn\.jsdelivr\.net|cdnjs\.cloudflare\.com|(?:maxcdn|stackpath)\.bootstrapcdn\.com|unpkg\.com|code\.jquery\.com)\//i;
const WIDE_SPACE = /[\0-\x20\x7f\xa0\u1680\u180e\u2000-\u200f\u2028\u2029\u202f\u205f\u3000\ufeff]+/g;

/** A style sheet of a host that only serves such. */
export const isStyleHost = (url: string): boolean => STYLE_HOSTS.test(url);

/** A style sheet, or the value of a `style` attribute with its entities decoded. */
export function judgeStyle(style: string, inDocument: boolean): StyleVerdict {
  if (!ANY.test(style)) return INERT;
  const plain = unescapeStyle(style);
  if (plain !== style && /<[a-z!/]/i.test(plain) && !/<[a-z!/]/i.test(style))
    return { weight: RUNS, why: 'hides markup in escapes' };
  if (DIALOG.test(plain)) return { weight: RUNS, why: 'holds script' };
  EXPRESSION.lastIndex = 0;
  for (let tries = 0; tries < 8; tries++) {
    const found = EXPRESSION.exec(plain);
    if (found === null) break;
    const before = plain.charCodeAt(found.index - 1);
    if ((before | 0x20) >= 0x61 && (before | 0x20) <= 0x7a) continue;
    judge.read(plain, EXPRESSION.lastIndex, plain.length, false);
    return { weight: judge.weight === SURE ? SURE : RUNS, why: 'runs script from a style' };
  }
  if (/expression\(/i.test(plain.replace(/\s+/g, ''))) return { weight: RUNS, why: 'runs script from a style' };
  if (SCRIPT_URL.test(plain)) return { weight: SURE, why: 'gives a script URL to a style' };
  if (BINDING.test(plain)) return { weight: SURE, why: 'binds script to elements by a style' };
  if (BEHAVIOR.test(plain)) return { weight: SURE, why: 'gives elements a behaviour by a style' };
  if (LINK.test(plain)) return { weight: RUNS, why: 'makes links by a style' };
  IMPORT.lastIndex = 0;
  for (let tries = 0; tries < 8; tries++) {
    const found = IMPORT.exec(plain);
    if (found === null) break;
    const url = found[2] as string;
    if (isStyleHost(url)) continue;
    if (/^(?:data|javascript):/i.test(url)) return { weight: SURE, why: 'brings in a style sheet' };
    if (!inDocument) return { weight: RUNS, why: 'brings in a style sheet' };
  }
  return INERT;
}

/** Escapes resolved (CSS Syntax 4.3.7), comments and NULs taken out, odd spaces as one. */
function unescapeStyle(style: string): string {
  let plain = style;
  // Twice, for values whose backslashes were escaped on the way.
  for (let i = 0; i < 2 && plain.includes('\\'); i++)
    plain = plain.replace(/\\(?:([0-9a-f]{1,6})\s?|([^\n]))/gi, (_, hex?: string, other?: string) => {
      if (hex === undefined) return other ?? '';
      const point = Number.parseInt(hex, 16);
      return point === 0 || point > 0x10ffff ? '' : String.fromCodePoint(point);
    });
  if (plain.includes('/*')) plain = dropComments(plain);
  return plain.replaceAll('\0', '').replace(WIDE_SPACE, ' ');
}

function dropComments(text: string): string {
  let result = '';
  let from = 0;
  for (;;) {
    const open = commentStart(text, from);
    const close = open < 0 ? -1 : text.indexOf('*/', open + 2);
    if (close < 0) return result + text.slice(from);
    result += text.slice(from, open);
    from = close + 2;
  }
}

/** Where the next comment begins outside of strings; a string that does not end is none. */
function commentStart(text: string, from: number): number {
  for (let at = from; at < text.length; at++) {
    const c = text.charCodeAt(at);
    if (c === 0x2f && text.charCodeAt(at + 1) === 0x2a) return at;
    if (c !== 0x22 && c !== 0x27) continue;
    const close = text.indexOf(String.fromCharCode(c), at + 1);
    if (close < 0) return text.indexOf('/*', at);
    at = close;
  }
  return -1;
}
