import { decodeEntities } from '../forms/entities.ts';
import { decodePercent } from '../forms/percent.ts';
import { ScriptJudge } from './script.ts';
import { IDLE } from './script-words.ts';
import { COULD, NONE, RUNS, SURE } from './weights.ts';

/** Characters of a scheme, with what may be strewn into it. */
const MAX_SCHEME = 64;
/** Characters of a data URL that are looked into. */
const MAX_DATA = 8192;
/** Schemes that run what stands behind them, in some browser of some time. */
const SCRIPT_SCHEMES: ReadonlySet<string> = new Set([
  'javascript',
  'vbscript',
  'livescript',
  'mocha',
  'jscript',
  'vbs',
  'jar',
  'mhtml',
]);
/** Types of documents that run script. */
const ACTIVE_TYPE = /^(?:text|application)\/(?:html|xhtml\+xml|xml|x-x509-user-cert|xsl)\b/i;
const SCRIPT_TYPE = /^(?:text|application)\/(?:x-)?(?:java|ecma|j)script\b/i;

/** What a URL does where it is followed. */
export interface UrlVerdict {
  readonly weight: number;
  readonly why: string;
}

const judge = new ScriptJudge();
const INERT: UrlVerdict = { weight: NONE, why: '' };

/** The scheme of a URL as browsers read it: controls and white space in it do not count (WHATWG URL 4.4). */
export function schemeOf(url: string): { readonly scheme: string; readonly end: number } | undefined {
  let scheme = '';
  const most = Math.min(url.length, MAX_SCHEME);
  for (let at = 0; at < most; at++) {
    const c = url.charCodeAt(at);
    if (c === 0x3a) return scheme === '' ? undefined : { scheme, end: at + 1 };
    if (
      c <= 0x20 ||
      c === 0x7f ||
      c === 0xa0 ||
      c === 0xad ||
      (c >= 0x2000 && c <= 0x200f) ||
      c === 0xfeff ||
      c === 0x60
    )
      continue;
    const lower = c | 0x20;
    if ((lower >= 0x61 && lower <= 0x7a) || (c >= 0x30 && c <= 0x39) || c === 0x2b || c === 0x2d || c === 0x2e)
      scheme += String.fromCharCode(c >= 0x41 && c <= 0x5a ? lower : c);
    else return undefined;
  }
  return undefined;
}

/**
 * What following a URL would do.
 * @param url as it stands in an attribute; entities in it are decoded here
 * @param loads it is fetched by itself and its content run: a frame, a script, an object
 * @param inside whether markup would run script, for documents in data URLs
 */
export function judgeUrl(url: string, loads: boolean, inside: (html: string) => boolean): UrlVerdict {
  let plain = url.includes('&') ? decodeEntities(url) : url;
  // In islands of XML a value goes on behind comments and sections.
  if (plain.includes('<!') && /^\s{0,8}[jv]/i.test(plain))
    plain = plain.slice(0, MAX_DATA).replace(/<!--[^>]{0,64}-->|\]\]>?|<!\[cdata\[/gi, '');
  let found = schemeOf(plain);
  if (found === undefined && plain.includes('%') && plain.length < MAX_DATA) {
    plain = decodePercent(plain, false);
    found = schemeOf(plain);
  }
  if (found === undefined) return INERT;
  const { scheme, end } = found;
  if (scheme === 'data') return judgeData(plain.slice(end, end + MAX_DATA), loads, inside);
  if (scheme === 'feed' || scheme === 'view-source' || scheme === 'pcast') {
    const nested = judgeUrl(plain.slice(end), loads, inside);
    return nested.weight > NONE ? nested : loads ? { weight: RUNS, why: 'reads through another scheme' } : INERT;
  }
  if (!SCRIPT_SCHEMES.has(scheme)) return INERT;
  if (scheme === 'jar' || scheme === 'mhtml')
    return loads || scheme === 'mhtml' ? { weight: RUNS, why: 'opens a document inside an archive' } : INERT;
  return judgeScriptUrl(plain.slice(end), scheme, scheme.length + 1 < end && !plain.startsWith(' '));
}

/** A script URL that says more than to do nothing. */
export function scriptSchemeIn(url: string): boolean {
  const plain = url.includes('&') ? decodeEntities(url) : url;
  const found = schemeOf(plain);
  if (found === undefined || !/^(?:java|vb|live)script$/.test(found.scheme)) return false;
  const body = plain.slice(found.end).trim();
  return body !== '' && !IDLE.has(body.slice(0, 48).replace(/\s+/g, '').toLowerCase());
}

function judgeScriptUrl(body: string, scheme: string, strewn: boolean): UrlVerdict {
  const script = body.includes('%') ? decodePercent(body, false) : body;
  if (IDLE.has(script.slice(0, 48).replace(/\s+/g, '').toLowerCase()))
    return { weight: strewn ? RUNS : NONE, why: 'is a script URL' };
  // One that begins with another, as some filters leave it.
  const again = schemeOf(script);
  if (again !== undefined && SCRIPT_SCHEMES.has(again.scheme))
    return judgeScriptUrl(script.slice(again.end), scheme, strewn);
  judge.read(script, 0, script.length, false);
  if (judge.weight === SURE) return { weight: SURE, why: `is a script URL that ${judge.why}` };
  if (judge.weight === RUNS) return { weight: RUNS, why: 'is a script URL' };
  if (/^\s*\[code\]/i.test(script)) return { weight: RUNS, why: 'is a script URL' };
  if (scheme === 'vbscript' || scheme === 'vbs') {
    // A statement of VBScript: a name and its arguments.
    return /^\s*(?:msgbox|execute|eval|alert|document|window|set|call)\b/i.test(script)
      ? { weight: SURE, why: 'is a script URL' }
      : INERT;
  }
  // What a script URL comes to, where that is text, becomes the page.
  if (strewn || (judge.weight === COULD && /^\s*["'`]/.test(script))) return { weight: RUNS, why: 'is a script URL' };
  return { weight: judge.weight === COULD ? COULD : NONE, why: 'is a script URL' };
}

function judgeData(rest: string, loads: boolean, inside: (html: string) => boolean): UrlVerdict {
  const comma = rest.indexOf(',');
  const type = (comma < 0 ? rest.slice(0, 128) : rest.slice(0, Math.min(comma, 128)))
    .replace(/[\s/]*\/[\s/]*/, '/')
    .trim();
  const content = comma < 0 ? '' : rest.slice(comma + 1);
  const why = 'is a data URL with a document in it';
  if (SCRIPT_TYPE.test(type)) return { weight: loads ? SURE : RUNS, why: 'is a data URL with script in it' };
  const packed = /base64/i.test(type);
  if (ACTIVE_TYPE.test(type)) {
    if (packed || loads) return { weight: loads ? SURE : RUNS, why };
    return { weight: inside(plainData(content, false)) ? SURE : COULD, why };
  }
  if (/^image\/svg/i.test(type)) {
    const image = plainData(content, packed);
    return { weight: inside(image) ? SURE : NONE, why: 'is an image with script in it' };
  }
  if (/^image\/(?:png|jpe?g|gif|webp|avif|bmp|x-icon|vnd)|^(?:font|audio|video)\//i.test(type)) return INERT;
  return { weight: inside(plainData(content, packed)) ? SURE : NONE, why };
}

/** The content of a data URL: percent-decoded, or from base64 with what browsers skip left out. */
function plainData(content: string, packed: boolean): string {
  const decoded = content.includes('%') ? decodePercent(content, false) : content;
  return packed ? Buffer.from(decoded.replace(/\s+/g, ''), 'base64').toString('latin1') : decoded;
}
