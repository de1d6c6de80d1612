import { ScriptJudge } from './script.ts';
import { judgeStyle } from './styles.ts';
import { schemeOf } from './urls.ts';
import { COULD, type Evidence, type Looks, RUNS, SURE } from './weights.ts';

const judge = new ScriptJudge();

/** Events of browsers: outside of a tag only these make a handler. */
const EVENTS: ReadonlySet<string> = new Set(
  (
    'abort afterprint afterscriptexecute animationcancel animationend animationiteration animationstart auxclick beforecopy ' +
    'beforecut beforeinput beforematch beforepaste beforeprint beforescriptexecute beforetoggle beforeunload begin blur bounce ' +
    'cancel canplay canplaythrough change click close command contextmenu copy cuechange cut dblclick drag dragend dragenter ' +
    'dragexit dragleave dragover dragstart drop durationchange end ended error finish focus focusin focusout formdata ' +
    'fullscreenchange gesturechange gestureend gesturestart gotpointercapture hashchange input invalid keydown keypress keyup ' +
    'load loadeddata loadedmetadata loadend loadstart lostpointercapture message mousedown mouseenter mouseleave mousemove ' +
    'mouseout mouseover mouseup mousewheel mozfullscreenchange offline online pagehide pageshow paste pause play playing ' +
    'pointercancel pointerdown pointerenter pointerleave pointermove pointerout pointerover pointerrawupdate pointerup popstate ' +
    'progress propertychange ratechange readystatechange repeat reset resize scroll scrollend scrollsnapchange search seeked ' +
    'seeking select selectionchange selectstart show start storage submit suspend timeupdate toggle touchcancel touchend ' +
    'touchmove touchstart transitioncancel transitionend transitionrun transitionstart unhandledrejection unload ' +
    'volumechange waiting webkitanimationend webkittransitionend wheel'
  ).split(' '),
);

const MAX_NAME = 32;
const MAX_VALUE = 4096;

const isSpace = (c: number): boolean => c <= 0x20 || c === 0x7f || c === 0xa0;
const isLetter = (c: number): boolean => (c | 0x20) >= 0x61 && (c | 0x20) <= 0x7a;

/** Where an attribute's value ends that begins at `at`: with its quote, or before white space or `>`. */
function valueEnd(text: string, at: number, limit: number): number {
  const most = Math.min(limit, at + MAX_VALUE);
  const quote = text.charCodeAt(at);
  const quoted = quote === 0x22 || quote === 0x27 || quote === 0x60;
  let end = quoted ? at + 1 : at;
  while (end < most) {
    const c = text.charCodeAt(end);
    if (quoted ? c === quote : c === 0x3e || (c <= 0x20 && c !== 0)) break;
    end++;
  }
  return end;
}

/**
 * An attribute outside of any tag, whose equals sign stands at `at`: the value would have left the attribute it was put
 * into, or stand where attributes do.
 */
export function judgeLooseAttribute(text: string, at: number, looks: Looks): Evidence | undefined {
  let end = at;
  while (end > 0 && at - end < 8 && isSpace(text.charCodeAt(end - 1))) end--;
  let start = end;
  while (start > 0 && end - start < MAX_NAME && isLetter(text.charCodeAt(start - 1))) start--;
  const length = end - start;
  if (length < 5 || length >= MAX_NAME) return undefined;
  const first2 = (text.charCodeAt(start) | 0x20) === 0x6f ? 0x6e : (text.charCodeAt(start) | 0x20) === 0x73 ? 0x74 : 0;
  if ((text.charCodeAt(start + 1) | 0x20) !== first2) return undefined;
  const name = text.slice(start, end).toLowerCase();
  const style = name === 'style';
  if (!style && !name.startsWith('on')) return undefined;
  const before = start === 0 ? 0 : text.charCodeAt(start - 1);
  let from = at + 1;
  while (from < text.length && from - at < 64 && isSpace(text.charCodeAt(from))) from++;
  const first = text.charCodeAt(from);
  const to = valueEnd(text, from, looks.limit(from, text.length));
  looks.spend((to - from) * 2);
  const begin = first === 0x22 || first === 0x27 || first === 0x60 ? from + 1 : from;
  if (style) {
    if (before !== 0 && before !== 0x22 && before !== 0x27 && !isSpace(before)) return undefined;
    const { weight, why } = judgeStyle(text.slice(begin, to), true);
    return weight > COULD ? { weight, start, end: to, why: `adds an attribute that ${why}` } : undefined;
  }
  // Of an object, or part of a longer word.
  if (before === 0x2e && begin === from) return undefined;
  if (before === 0x5f || before === 0x2d || before === 0x24 || (before >= 0x30 && before <= 0x39)) return undefined;
  judge.read(text, begin, to, false);
  if (judge.weight === SURE) return { weight: SURE, start, end: to, why: `adds a handler that ${judge.why}` };
  if (judge.weight < RUNS || !EVENTS.has(name.slice(2))) return undefined;
  if (first === 0x7b) return undefined;
  return {
    weight: before === 0 || leftQuote(text, start) ? RUNS : COULD,
    start,
    end: to,
    why: 'adds a handler that runs script',
  };
}

/** Before the name stands a quote, with nothing but space, slashes or plain attributes between: the value left one. */
function leftQuote(text: string, at: number): boolean {
  let i = at;
  while (i > 0 && at - i < 16 && (isSpace(text.charCodeAt(i - 1)) || text.charCodeAt(i - 1) === 0x2f)) i--;
  const c = i === 0 ? 0 : text.charCodeAt(i - 1);
  if (c !== 0x22 && c !== 0x27) return false;
  // A quote that closes what one before it opened stands in somebody's code.
  return text.indexOf(String.fromCharCode(c)) === i - 1;
}

const BOUNDARY = new Set(Array.from('\'"`=(<>[,;:|/ \t\n\r', (each) => each.charCodeAt(0)));

/** A script or data URL whose colon stands at `at`. */
export function judgeLooseUrl(
  text: string,
  at: number,
  judgeAsUrl: (url: string) => { readonly weight: number; readonly why: string },
  looks: Looks,
): Evidence | undefined {
  let start = at;
  let letters = 0;
  let strewn = false;
  while (start > 0 && at - start < 64) {
    const c = text.charCodeAt(start - 1);
    if (isLetter(c)) letters++;
    else if (c > 0x20 || c === 0x20 || letters === 0) break;
    else strewn = true;
    start--;
  }
  if (letters < 3 || letters > 32) return undefined;
  while (start < at && isSpace(text.charCodeAt(start))) start++;
  let scheme = schemeOf(text.slice(start, at + 1))?.scheme ?? '';
  if (!strewn && !/^(?:javascript|vbscript|livescript|mocha|jscript|data)$/.test(scheme)) return undefined;
  if (strewn) {
    const tail = /(?:javascript|vbscript|data)$/.exec(scheme);
    if (tail === null) return undefined;
    // What stood before the scheme on other lines is no part of it.
    if (tail.index > 0) {
      strewn = false;
      start = at - tail[0].length;
      if (text.slice(start, at).toLowerCase() !== tail[0]) return undefined;
    }
    scheme = tail[0];
  }
  const before = start === 0 ? 0 : text.charCodeAt(start - 1);
  if (before !== 0 && !BOUNDARY.has(before) && !isSpace(before)) return undefined;
  let to = Math.min(looks.limit(at, text.length), at + MAX_VALUE);
  if (before === 0x22 || before === 0x27) {
    const close = text.slice(at, to).indexOf(String.fromCharCode(before));
    if (close >= 0) to = at + close;
  }
  looks.spend((to - start) * 4);
  let lead = 0;
  while (lead < start && isSpace(text.charCodeAt(lead))) lead++;
  const leads = lead === start || before === 0x22 || before === 0x27 || before === 0x3d || before === 0x28;
  if (scheme === 'data' && !leads && before !== 0x3a) return undefined;
  const { weight, why } = judgeAsUrl(text.slice(start, to));
  if (weight < RUNS) return undefined;
  return { weight: weight === SURE || leads ? weight : COULD, start, end: to, why: why };
}

/** `expression(` of old style sheets, whose parenthesis stands at `at`. */
export function judgeLooseStyle(text: string, at: number, looks: Looks): Evidence | undefined {
  const to = Math.min(looks.limit(at, text.length), at + MAX_VALUE);
  looks.spend(to - at);
  judge.read(text, at + 1, to, false);
  return judge.weight === SURE
    ? { weight: SURE, start: Math.max(0, at - 10), end: judge.end, why: 'is a style that runs script' }
    : undefined;
}
