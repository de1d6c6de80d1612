import type { Match, Place, Sensitivity, Source } from '../classes/class.ts';
import { F_BACKSLASH, F_COLON, F_CONTROL, F_DOTS, F_PERCENT, F_SLASH, F_SPACE } from '../features.ts';
import { decodePercent } from '../forms/percent.ts';
import type { Form } from '../forms.ts';
import { isKept, isKeptName } from './kept.ts';
import { isAbsolute, resolve } from './resolve.ts';
import { isRelativeSystemFile, isServerFile, isSystemFile, isTarget } from './targets.ts';
import { givesCode, readsSource, wrapped } from './wrappers.ts';

/** Characters of a value that is one path; what is longer is text. */
const MAX_PATH = 4096;
const MAX_TAIL = 200;
/** Climbs in a row in prose that are judged. */
const MAX_CLIMBS = 64;
/** Segments `.` that are more than carelessness: paths are padded with them until they are cut. */
const MANY_STAYS = 4;

const UNC = /^\\\\[\w.$-]{1,255}\\[^\\]/;
/** Devices by the names of the system below the drives. */
const DEVICE = /^[/\\]{2}[.?][/\\]|[/\\](?:globalroot|device[/\\]harddisk)/i;
/** What administrators reach a whole drive by, on any machine: `//host/C$/`. */
const SHARE = /^[/\\]{2}[\w.:[\]-]{1,255}[/\\][a-z]\$(?:[/\\]|$)/i;
/** Names that stand for devices in any directory, with any extension. */
const DEVICE_NAME = /^(?:con|prn|aux|nul|com[1-9]|lpt[1-9]|conin\$|conout\$|clock\$)(?:\.[\w.]{0,40})?$/i;
/** A stream of a file, by which NTFS serves what its name would not: `x.asp::$DATA`. */
const STREAM = /:[\w.-]{0,64}:\$(?:data|index_allocation|attribute_list|bitmap|ea)\b|:\$i30\b/i;
/** Separators and dots in spellings that only filters or their remains make. */
const ODD = /0x(?:2[ef]|5c)|%c[01](?:ae|af|2e|2f|5c|9c)|%e0%40|\.\.(?:2f|5c)|\\\.|%(?:[g-tv-z\\/]|[0-9a-f][g-z])/i;
const MARKS = F_SLASH | F_BACKSLASH | F_PERCENT | F_COLON | F_DOTS | F_CONTROL;
const PROSE = /[\s<>"'`|]/;

/** What something that opens files would do with the value. */
export function searchPath(form: Form, place: Place, sensitivity: Sensitivity): Match | undefined {
  const { text, features } = form;
  const { source } = place;
  const all = { start: 0, end: text.length };
  if (text.length > MAX_PATH || (features & F_SPACE && !looksLikePath(text, source))) {
    if (features & F_COLON && text.length <= MAX_PATH && givesCode(text))
      return { ...all, why: 'gives code in place of a file' };
    return features & (F_DOTS | F_COLON) ? inProse(text, features, sensitivity) : undefined;
  }
  if (features & MARKS) {
    const found = asPath(text, form, source, sensitivity);
    if (found !== undefined) return found;
    if (sensitivity !== 'low' && features & F_COLON && STREAM.test(text))
      return { ...all, why: 'names a stream of a file, past what its name says' };
  }
  if (sensitivity !== 'low' && !place.key) {
    const asked = isSingle(source) && !(source === 'query' && SEARCHED.test(place.name));
    if ((asked || sensitivity === 'high') && isKeptName(text.trim())) return { ...all, why: KEPT };
    if (source === 'filename' && DEVICE_NAME.test(text.trim()))
      return { ...all, why: 'names a device instead of a file' };
  }
  return ODD.test(text) ? inOddSpelling(text, form, source, sensitivity) : undefined;
}

/** Parameters in which people look for words about files. */
const SEARCHED = /^(?:q|query|search|s|term|terms|keywords?|text)$/i;
const KEPT = 'names a file that servers keep to themselves';
const isSingle = (source: Source): boolean => source === 'path' || source === 'query' || source === 'filename';

/** Decoders that take any letter for a digit, and escapes of other kinds. */
function inOddSpelling(text: string, form: Form, source: Source, sensitivity: Sensitivity): Match | undefined {
  let lenient = text;
  for (let i = 0; i < 2; i++) {
    const next = decodePercent(spelledOut(lenient), true);
    if (next === lenient) break;
    lenient = next;
  }
  const all = { start: 0, end: text.length };
  // A backslash is a separator, or an escape that a shell takes away.
  for (const each of [lenient, lenient.replace(/\\(?=[./])/g, '')]) {
    if (each === text || !/\.\.|[/\\]/.test(each)) continue;
    const behind = asPath(each, form, source, sensitivity);
    if (behind !== undefined) return { ...all, why: behind.why };
  }
  // Nobody spells dots and separators one by one who means them honestly.
  return sensitivity !== 'low' && /0x2e(?:0?x2e|0x2f|0x5c)/i.test(text) && /^[\w./\\{}-]*$/.test(text)
    ? { ...all, why: 'hides a climb in an odd spelling' }
    : undefined;
}

const spelledOut = (text: string): string =>
  text
    .replace(/0x(2e|2f|5c)/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
    .replace(/%c[01](ae|2e)|%e0%40%ae/gi, '.')
    .replace(/%c[01](af|2f|5c|9c)|%e0%40%af/gi, '/')
    .replace(/\.\.(?:2f|5c)/gi, '../')
    .replace(/%(?=[\\/])/g, '');

/** File names have spaces; prose has more of them than separators. */
function looksLikePath(text: string, source: Source): boolean {
  if (source === 'filename') return true;
  const trimmed = text.trim();
  return !PROSE.test(trimmed) || /^(?:[/\\.]|[a-z]:[/\\])[^\n<>"|]{0,255}$/i.test(trimmed);
}

/** A directory that stands at the root alone, before whatever is named as if it stood there. */
const ROOTED = /(?:^|[/\\.])(?:etc|proc|web-inf|meta-inf|\.ssh)[/\\]/i;

function asPath(text: string, form: Form, source: Source, sensitivity: Sensitivity): Match | undefined {
  const all = { start: 0, end: text.length };
  if (form.features & F_COLON) {
    const why = wrapped(text, source);
    if (why !== undefined) return { ...all, why };
  }
  const nul = form.features & F_CONTROL ? text.indexOf('\0') : -1;
  if (nul >= 0 && /^[\w./\\:~%-]*\0[\w./\\-]{0,40}$/.test(text.slice(0, 512)) && text.length < 512)
    return { start: nul, end: nul + 1, why: 'ends a file name early with a NUL' };
  if (SHARE.test(text) && sensitivity !== 'low') return { ...all, why: 'names a file on another machine' };
  if (DEVICE.test(text) && sensitivity !== 'low') return { ...all, why: 'names a device instead of a file' };
  if (UNC.test(text) && (source !== 'body' || sensitivity === 'high'))
    return { ...all, why: 'names a file on another machine' };

  // Bodies report on machines, and name their files; elsewhere a file is named to be read.
  const single = source !== 'body' || sensitivity === 'high';
  const kept = isKept(text, single);
  if (!text.includes('..') && !isAbsolute(text) && !kept && !ROOTED.test(text) && !text.includes('./'))
    return undefined;
  const path = resolve(text);
  const { climbs, above, first, dotted } = path;
  const climb = { start: first, end: text.length };
  // A link that climbs is ordinary in prose and markup, not in the place of a whole value.
  if ((above > 0 && sensitivity !== 'low') || (climbs > 0 && (isTarget(path.rest) || climbs > 2)))
    return { ...climb, why: 'climbs out of its directory' };
  if (path.glued > 0 && sensitivity !== 'low' && isTarget(path.rest))
    return { ...all, why: 'climbs out of its directory' };
  if (dotted > 1 || (dotted > 0 && isTarget(path.rest)))
    return { ...climb, why: 'climbs where a filter has taken `../` out' };
  if (sensitivity === 'low') return undefined;
  if (path.stuck) return { ...all, why: 'climbs where a filter has taken separators out' };
  if (path.stays >= MANY_STAYS) return { ...all, why: 'is padded with `./` until it is cut or let through' };
  if (!path.absolute && isRelativeSystemFile(path.rest)) return { ...all, why: 'names a file of the system' };
  if (path.rest.length > 0 && kept) return { ...all, why: KEPT };
  const named = path.absolute && (isSystemFile(path.rest) || (single && isServerFile(path.rest, path.drive)));
  return named ? { ...all, why: 'names a file of the system' } : undefined;
}

/** In prose and code: climbs in a row that lead to a file worth stealing; at the highest level any two. */
function inProse(text: string, features: number, sensitivity: Sensitivity): Match | undefined {
  if (features & F_COLON && sensitivity !== 'low') {
    const start = readsSource(text);
    if (start >= 0)
      return { start, end: Math.min(text.length, start + MAX_TAIL), why: 'reads the source of a program' };
  }
  let at = features & F_DOTS ? text.indexOf('..') : -1;
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
