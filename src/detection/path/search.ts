import type { Match, Sensitivity, Source } from '../classes/class.ts';
import { F_BACKSLASH, F_COLON, F_CONTROL, F_DOTS, F_PERCENT, F_SLASH, F_SPACE } from '../features.ts';
import { decodePercent } from '../forms/percent.ts';
import type { Form } from '../forms.ts';
import { isRelativeSystemFile, isSystemFile, isTarget } from './targets.ts';

/** Characters of a value that is one path; what is longer is text. */
const MAX_PATH = 4096;
/** Segments that are resolved, and characters looked at behind a climb in prose. */
const MAX_SEGMENTS = 512;
const MAX_TAIL = 200;
/** Climbs in a row in prose that are judged. */
const MAX_CLIMBS = 64;

/** A reader of files behind a scheme, at the beginning of a value or of a parameter in it. */
const WRAPPER =
  /^\s{0,8}(?:php|expect|phar|zip|glob|ogg|rar|ssh2(?:\.\w{1,8})?|compress\.\w{1,8}|jar:file|jar:https?|netdoc|view-source:file|file):\/{1,5}(.{0,80})/i;
const DATA = /^\s{0,8}data:(?:\/\/)?text\/(?:plain|html|x-php)[^,]{0,60},(?:\s{0,4}<\?|PD9|.{0,40}<\?)/i;
const DRIVE = /^[a-z]:[/\\]/i;
const UNC = /^\\\\[\w.$-]{1,255}\\[^\\]/;
/** Separators and dots in spellings that only filters or their remains make. */
const ODD = /0x(?:2[ef]|5c)|\.\.(?:2f|5c)|\\\.|%(?:[g-tv-z]|[0-9a-f][g-z])/i;
/** Files that no API serves, under any directory. */
const NAMED = /[/\\](?:\.ht(?:passwd|access|group)|boot\.ini|win\.ini|\.bash_history|\.ssh[/\\][\w.]{1,40}|id_rsa)$/i;
const MARKS = F_SLASH | F_BACKSLASH | F_PERCENT | F_COLON | F_DOTS | F_CONTROL;
const PROSE = /[\s<>"'`|]/;

/** What something that opens files would do with the value. */
export function searchPath(form: Form, source: Source, sensitivity: Sensitivity): Match | undefined {
  const { text, features } = form;
  if (text.length > MAX_PATH || (features & F_SPACE && !looksLikePath(text, source))) {
    return features & F_DOTS ? inProse(text, sensitivity) : undefined;
  }
  if (features & MARKS) {
    const found = asPath(text, form, source, sensitivity);
    if (found !== undefined) return found;
  }
  if (!ODD.test(text)) return undefined;
  // Decoders that take any letter for a digit, and escapes of other kinds.
  let lenient = text;
  for (let i = 0; i < 2; i++) {
    const next = spelledOut(decodePercent(lenient, true));
    if (next === lenient) break;
    lenient = next;
  }
  if (lenient === text || !/\.\.|[/\\]/.test(lenient)) return undefined;
  const behind = asPath(lenient, form, source, sensitivity);
  return behind === undefined ? undefined : { start: 0, end: text.length, why: behind.why };
}

const spelledOut = (text: string): string =>
  text
    .replace(/0x(2e|2f|5c)/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
    .replace(/\.\.(?:2f|5c)/gi, '../')
    .replace(/\\(?=[./])/g, '');

const isAbsolute = (text: string): boolean => {
  const c = text.charCodeAt(0);
  return c === 0x2f || c === 0x5c || DRIVE.test(text) || /^\s{0,8}(?:file:|etc|proc|web-inf|\.ssh)/i.test(text);
};

/** File names have spaces; prose has more of them than separators. */
function looksLikePath(text: string, source: Source): boolean {
  if (source === 'filename') return true;
  const trimmed = text.trim();
  return !PROSE.test(trimmed) || /^(?:[/\\.]|[a-z]:[/\\])[^\n<>"|]{0,255}$/i.test(trimmed);
}

function asPath(text: string, form: Form, source: Source, sensitivity: Sensitivity): Match | undefined {
  const all = { start: 0, end: text.length };
  const wrapped = WRAPPER.exec(text);
  if (wrapped !== null && (!/^\s*file/i.test(text) || (wrapped[1] as string).length > 1))
    return { ...all, why: 'reads through a wrapper instead of a file' };
  if (DATA.test(text)) return { ...all, why: 'gives code in place of a file' };
  const nul = form.features & F_CONTROL ? text.indexOf('\0') : -1;
  if (nul >= 0 && /^[\w./\\:~%-]*\0[\w./\\-]{0,40}$/.test(text.slice(0, 512)) && text.length < 512)
    return { start: nul, end: nul + 1, why: 'ends a file name early with a NUL' };
  if (UNC.test(text) && (source !== 'body' || sensitivity === 'high'))
    return { ...all, why: 'names a file on another machine' };

  if (!text.includes('..') && !isAbsolute(text) && !NAMED.test(text)) return undefined;
  const path = resolve(text);
  const { climbs, above, first, dotted } = path;
  if (above > 0) {
    // A link that climbs is ordinary in prose and markup, not in the place of a whole value.
    if (sensitivity !== 'low' || isTarget(path.rest))
      return { start: first, end: text.length, why: 'climbs out of its directory' };
  }
  if (climbs > 0 && (isTarget(path.rest) || climbs > 2))
    return { start: first, end: text.length, why: 'climbs out of its directory' };
  if (dotted > 1 || (dotted > 0 && isTarget(path.rest)))
    return { start: first, end: text.length, why: 'climbs where a filter has taken `../` out' };
  if (!path.absolute && sensitivity !== 'low' && isRelativeSystemFile(path.rest))
    return { ...all, why: 'names a file of the system' };
  if (sensitivity !== 'low' && path.rest.length > 0 && NAMED.test(text))
    return { ...all, why: 'names a file that servers keep to themselves' };
  if (path.absolute && sensitivity !== 'low' && isSystemFile(path.rest))
    return { ...all, why: 'names a file of the system' };
  return undefined;
}

interface Resolved {
  /** Segments that climb; and by how much the path ends above where it began, at its highest. */
  readonly climbs: number;
  readonly above: number;
  /** Where the first climb begins. */
  readonly first: number;
  /** Segments of more than two dots, or with `../` left when one is taken out. */
  readonly dotted: number;
  readonly absolute: boolean;
  /** What is left of the path, in lower case. */
  readonly rest: readonly string[];
}

/** Resolves a path as the most obliging file system does: both separators, `..;x`, trailing dots and spaces. */
function resolve(text: string): Resolved {
  let at = 0;
  let absolute = false;
  const scheme = /^\s{0,8}[a-z][a-z0-9+.-]{1,15}:\/\/[^/\\?#]{0,255}/i.exec(text);
  if (scheme !== null) at = scheme[0].length;
  else if (DRIVE.test(text)) {
    at = 2;
    absolute = true;
  } else absolute = text.startsWith('/') || text.startsWith('\\');
  let climbs = 0;
  let above = 0;
  let depth = 0;
  let first = 0;
  let dotted = 0;
  let rest: string[] = [];
  let count = 0;
  while (at <= text.length && count < MAX_SEGMENTS) {
    let end = at;
    while (end < text.length && !isSeparator(text.charCodeAt(end))) end++;
    const segment = text.slice(at, end);
    const dots = dotsOf(segment);
    const closed = end < text.length;
    if (dots === 2 && (closed || depth > 0 || climbs > 0 || absolute)) {
      if (climbs++ === 0) first = at;
      depth--;
      above = Math.max(above, -depth);
      rest.pop();
      count++;
    } else if (dots > 2 && closed) {
      dotted += dots > 3 && rest.length === 0 ? 2 : 1;
      if (dotted <= 2 && climbs === 0) first = at;
      rest = [];
      count++;
    } else if (segment !== '' && dots === 0) {
      // `..` stuck to a name: `/aaa..../x`, `..file`
      depth++;
      rest.push(plain(segment));
      count++;
    }
    at = end + 1;
  }
  return { climbs, above, first, dotted, absolute, rest };
}

const isSeparator = (c: number): boolean =>
  c === 0x2f || c === 0x5c || c === 0x3f || c === 0x26 || c === 0x3d || c === 0;

/** How many dots a segment is, parameters (`..;x`) and spaces left out; 0 where it is more than dots. */
function dotsOf(segment: string): number {
  let at = 0;
  while (segment.charCodeAt(at) === 0x2e) at++;
  if (at === 0 || at === segment.length) return at;
  const c = segment.charCodeAt(at);
  return c === 0x3b || (c === 0x20 && segment.trimEnd().length === at) ? at : 0;
}

const plain = (segment: string): string => {
  const cut = segment.search(/[;\0]/);
  return (cut < 0 ? segment : segment.slice(0, cut)).trim().toLowerCase();
};

/** In prose and code: climbs in a row that lead to a file worth stealing; at the highest level any two. */
function inProse(text: string, sensitivity: Sensitivity): Match | undefined {
  let at = text.indexOf('..');
  while (at >= 0) {
    let next = at;
    let climbs = 0;
    while (
      climbs < MAX_CLIMBS &&
      text.charCodeAt(next) === 0x2e &&
      text.charCodeAt(next + 1) === 0x2e &&
      isSlash(text.charCodeAt(next + 2))
    ) {
      climbs++;
      next += 3;
      while (isSlash(text.charCodeAt(next)) && next < at + 4 * MAX_CLIMBS) next++;
    }
    if (climbs > 1) {
      const tail = /^[^\s"'<>`)\]?#&|]{0,200}/.exec(text.slice(next, next + MAX_TAIL))?.[0] ?? '';
      const segments = tail.toLowerCase().split(/[/\\]+/);
      if (sensitivity === 'high' || (steals(segments) && isTarget(segments)))
        return { start: at, end: next + tail.length, why: 'climbs to a file of the system' };
      at = text.indexOf('..', next);
    } else {
      while (text.charCodeAt(next) === 0x2e) next++;
      at = text.indexOf('..', next);
    }
  }
  return undefined;
}

/** In prose only what has no other use than being stolen. */
const steals = (segments: readonly string[]): boolean =>
  ['etc', 'proc', 'windows', 'winnt', 'boot.ini', 'win.ini', 'passwd', 'shadow', 'web-inf', '.ssh', 'id_rsa'].includes(
    segments[0] as string,
  ) || segments.some((each) => each === 'passwd' || each === 'win.ini' || each === 'boot.ini' || each === 'shadow');

const isSlash = (c: number): boolean => c === 0x2f || c === 0x5c;
