import type { Match, Place, Sensitivity } from '../classes/class.ts';
import { F_BRACE, F_COLON, F_CONTROL, F_DOLLAR, F_LINE, F_TAG } from '../features.ts';
import type { Form } from '../forms.ts';
import { weightAt } from '../template/search.ts';
import { CODE, PROBE } from '../template/weights.ts';
import { fromBase64, fromHex, HARMLESS, type Harm, JAVA, weighBytes } from './bytes.ts';
import { weighMarkup } from './markup.ts';
import { weighArchive, weighPhp } from './php.ts';
import { isGadget, isGadgetOfPair, TYPE_PAIR } from './types.ts';

/** Characters of a value that its beginning is looked for in: white space, quotes, a prefix. */
const MAX_MARGIN = 8;
/** Characters before the first dot of a class's name. */
const MAX_FIRST = 24;
/** Members that give a type in JSON, by name: `"@type":"..."`. */
const PAIRS = 64;
/** Characters of raw bytes that are read. */
const MAX_RAW = 8192;

const GADGET: Harm = { weight: PROBE, why: 'names a class that does something when it is made' };
const FUNCTION: Harm = { weight: CODE, why: 'has a function made of a text' };
const REDUCES: Harm = { weight: CODE, why: 'has a function called when it is loaded' };

/** Names of members by which loaders are told to call or to make something. */
const LOADER_KEYS: ReadonlySet<string> = new Set([
  'py/reduce',
  'py/function',
  'py/newargsex',
  '__js_function',
  '_$$ND_FUNC$$_',
  '__cryo_function__',
]);

/** Elements that hold what XStream makes by itself. */
const ELEMENTS: ReadonlySet<string> = new Set(['dynamic-proxy', 'java.util.PriorityQueue']);

/** What would be made of a text that is taken for objects. */
export function searchObjects(form: Form, { key }: Place, sensitivity: Sensitivity): Match | undefined {
  const { text, features } = form;
  const least = weightAt(sensitivity);
  const harm = weigh(text, features, key, least);
  return harm.weight >= least ? { start: 0, end: text.length, why: harm.why } : undefined;
}

function weigh(text: string, features: number, key: boolean, least: number): Harm {
  // Elements of XML are named by the class they hold.
  if (key) return LOADER_KEYS.has(text) ? REDUCES : isGadget(text) || ELEMENTS.has(text) ? GADGET : HARMLESS;
  let worst = HARMLESS;
  const tell = (harm: Harm): boolean => {
    if (harm.weight > worst.weight) worst = harm;
    return worst.weight >= least;
  };
  if (text.length >= 12 && tell(encoded(text))) return worst;
  if (features & (F_CONTROL | F_LINE) && tell(raw(text))) return worst;
  if (features & F_DOLLAR && text.includes('_$$ND_FUNC$$_')) return FUNCTION;
  if (tell(weighArchive(text, features))) return worst;
  if (features & (F_COLON | F_BRACE)) {
    if (tell(weighPhp(text))) return worst;
    if (
      features & F_COLON &&
      (text.includes('@') || text.includes('$type') || text.includes('__type') || text.includes('javaClass')) &&
      pairs(text)
    )
      return GADGET;
  }
  if (isDotted(text) && isGadget(text)) return GADGET;
  if ((features & F_TAG || text.includes('!') || text.startsWith('clr-')) && tell(weighMarkup(text))) return worst;
  return worst;
}

/** Some letters and a dot stand first: a name of a class, perhaps. */
function isDotted(text: string): boolean {
  for (let at = 0; at < MAX_FIRST; at++) {
    const c = text.charCodeAt(at);
    if (c === 0x2e) return at > 1;
    if (!((c | 0x20) >= 0x61 && (c | 0x20) <= 0x7a) && c !== 0x5b) return false;
  }
  return false;
}

/** A type in JSON that came as text. */
function pairs(text: string): boolean {
  TYPE_PAIR.lastIndex = 0;
  for (let i = 0; i < PAIRS; i++) {
    const found = TYPE_PAIR.exec(text);
    if (found === null) return false;
    if (isGadgetOfPair((found[1] as string).trim())) return true;
  }
  return false;
}

/** Streams of bytes in base64 or hexadecimal, from the beginning of the value or behind a sign that separates. */
function encoded(text: string): Harm {
  let at = 0;
  while (
    at < MAX_MARGIN &&
    (text.charCodeAt(at) <= 0x20 || text.charCodeAt(at) === 0x22 || text.charCodeAt(at) === 0x27)
  )
    at++;
  switch (text.charCodeAt(at)) {
    case 0x2f: // `/w`: ASP.NET's view state
    case 0x5f:
      if (text.charCodeAt(at + 1) === 0x77) return weighBytes(fromBase64(text, at));
      break;
    case 0x41: // `AAEAAAD`, `ACED`
      if (text.startsWith('AAEAAAD', at)) return weighBytes(fromBase64(text, at));
      if (/^ACED0005[67]/i.test(text.slice(at, at + 9))) return weighBytes(fromHex(text, at));
      break;
    case 0x42: // `BAh`: Ruby; `BAo`, `BAs`: Perl
      if (text.startsWith('BA', at)) {
        // Rails signs what it sends as a cookie.
        return /--[0-9a-f]{40}(?:[0-9a-f]{24})?$/.test(text) ? HARMLESS : weighBytes(fromBase64(text, at));
      }
      break;
    case 0x48: // `H4sI`: gzip
      if (text.startsWith('H4sI', at)) return weighBytes(fromBase64(text, at));
      break;
    case 0x61: // `aced0005`
      if (/^aced0005[67]/i.test(text.slice(at, at + 9))) return weighBytes(fromHex(text, at));
      break;
    case 0x65: // `eJ`, `eN`, `eA`: zlib
      if (/^e[AJN][wzxy]/.test(text.slice(at, at + 3))) return weighBytes(fromBase64(text, at));
      break;
    case 0x67: // `gAJ` to `gAW`: a pickle's protocol
      if (/^gA[I-X]/.test(text.slice(at, at + 3))) return weighBytes(fromBase64(text, at));
      break;
    case 0x30: // BinaryFormatter, Ruby
      if (/^(?:0001000000ffffffff|0408[0-9a-f]{8})/i.test(text.slice(at, at + 18)))
        return weighBytes(fromHex(text, at));
      break;
    case 0x38: // a pickle's protocol
      if (/^800[2-5](?:95|63|5d|7d|28)/i.test(text.slice(at, at + 6))) return weighBytes(fromHex(text, at));
      break;
    case 0x36: // the same in protocol 0: `c`, a module and a line's end
      if (/^63(?:[2-7][0-9a-f]){2,40}0a(?:[2-7][0-9a-f]){2,40}0a/i.test(text.slice(at, at + 180)))
        return weighBytes(fromHex(text, at));
      break;
    case 0x4b: // `KG`: an open parenthesis, with which pickles of protocol 0 begin
    case 0x59: // `Y2`, `Y3`: `c`
      if (/^(?:KG|Y[23])[\w+/-]{9}/.test(text.slice(at, at + 11)) && !text.includes(' '))
        return weighBytes(fromBase64(text, at));
      break;
  }
  const inside = text.indexOf('rO0AB');
  if (inside >= 0 && !isBase64(text.charCodeAt(inside - 1)) && weighBytes(fromBase64(text, inside)) === JAVA)
    return JAVA;
  const net = text.indexOf('AAEAAAD/////AQAAA');
  return net >= 0 && !isBase64(text.charCodeAt(net - 1)) ? weighBytes(fromBase64(text, net)) : HARMLESS;
}

const isBase64 = (c: number): boolean =>
  (c >= 0x30 && c <= 0x39) || ((c | 0x20) >= 0x61 && (c | 0x20) <= 0x7a) || c === 0x2b || c === 0x2f;

/** Streams as they are; lines that were written as `\n` too. */
function raw(text: string): Harm {
  const head = text.slice(0, MAX_RAW);
  return weighBytes(head);
}
