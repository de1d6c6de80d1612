/** Segments that are resolved. */
const MAX_SEGMENTS = 512;
/** Bytes of a name that file systems take. */
const MAX_NAME = 255;

const SCHEME = /^\s{0,8}[a-z][a-z0-9+.-]{1,15}:\/\/[^/\\?#]{0,255}/i;
/** A drive; some servers put a slash before it, some programs leave out the one behind it. */
const DRIVE = /^[/\\]{0,8}[a-z]:(?=[/\\]|\.\.[/\\]|windows|winnt|inetpub|boot\.ini)/i;

export interface Resolved {
  /** Segments that climb; and by how much the path ends above where it began, at its highest. */
  readonly climbs: number;
  readonly above: number;
  /** Where the first climb begins. */
  readonly first: number;
  /** Segments of more than two dots, or with `../` left when one is taken out. */
  readonly dotted: number;
  /** Segments that stay where they are: `.` */
  readonly stays: number;
  /** A name begins with dots that some filter has left, or is longer than any file's with dots in it. */
  readonly stuck: boolean;
  /** Climbs that are stuck to the end of a name: `dir../x`, which some code makes of `dir` and `../x`. */
  readonly glued: number;
  readonly absolute: boolean;
  /** Begins at a drive. */
  readonly drive: boolean;
  /** What is left of the path, in lower case. */
  readonly rest: readonly string[];
}

/** Whether a path names its root: a slash, a drive, or a directory that stands at none but the root. */
export const isAbsolute = (text: string): boolean => {
  const c = text.charCodeAt(0);
  return c === 0x2f || c === 0x5c || DRIVE.test(text);
};

/** Resolves a path as the most obliging file system does: both separators, `..;x`, trailing dots and spaces. */
export function resolve(text: string): Resolved {
  let at = 0;
  let absolute = false;
  const scheme = SCHEME.exec(text);
  const drive = scheme === null ? DRIVE.exec(text) : null;
  if (scheme !== null) at = scheme[0].length;
  else if (drive !== null) {
    at = drive[0].length;
    absolute = true;
  } else absolute = isSlash(text.charCodeAt(0));
  let climbs = 0;
  let above = 0;
  let depth = 0;
  let first = 0;
  let dotted = 0;
  let stays = 0;
  let stuck = false;
  let glued = 0;
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
    } else if (dots === 1) {
      if (closed) stays++;
    } else if (segment !== '' && dots === 0) {
      // `..` stuck to a name: `/aaaa..../x`, `..file`
      depth++;
      if (closed && segment.endsWith('..')) glued++;
      if (absolute && (segment.startsWith('....') || (segment.length > MAX_NAME && segment.includes('..'))))
        stuck = true;
      rest.push(plain(segment));
      count++;
    }
    at = end + 1;
  }
  return { climbs, above, first, dotted, stays, stuck, glued, absolute, drive: drive !== null, rest };
}

const isSlash = (c: number): boolean => c === 0x2f || c === 0x5c;

const isSeparator = (c: number): boolean => isSlash(c) || c === 0x3f || c === 0x26 || c === 0x3d || c === 0;

/** How many dots a segment is, parameters (`..;x`) and blanks left out; 0 where it is more than dots. */
function dotsOf(segment: string): number {
  let at = 0;
  while (segment.charCodeAt(at) === 0x2e) at++;
  if (at === 0 || at === segment.length) return at;
  const c = segment.charCodeAt(at);
  return c === 0x3b || (c <= 0x20 && segment.trimEnd().length === at) ? at : 0;
}

/** Without parameters, streams, dots that a filter has left before it, and blanks; in lower case. */
function plain(segment: string): string {
  const cut = segment.search(/[;\0]/);
  const name = (cut < 0 ? segment : segment.slice(0, cut)).trim().toLowerCase();
  return name.startsWith('..') ? name.replace(/^\.+/, '') : name;
}
