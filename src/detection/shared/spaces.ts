/** White space in a row at which a text is read again with less of it; expressions that read collapsed texts skip as much. */
const LONG = 8;
const COMMENT = /\/\*(?:[^*]|\*(?!\/)){0,4096}\*\//g;
const RUN = /[^\S\r\n]{2,}/g;
const LINES = /[^\S\r\n]?[\r\n][\s]*/g;

/**
 * The text with one space for each comment and each run of white space, one line end where a run holds one; undefined
 * where that changes nothing that matters. What languages skip, their injections may be stretched with. Linear.
 */
export function collapse(text: string): string | undefined {
  const comments = text.includes('/*') && text.includes('*/');
  if (!comments && !hasRun(text)) return undefined;
  return (comments ? text.replace(COMMENT, ' ') : text).replace(RUN, ' ').replace(LINES, '\n');
}

function hasRun(text: string): boolean {
  // A run is found by looking at every eighth character only.
  for (let at = LONG; at < text.length; at += LONG) {
    if (!isSpace(text.charCodeAt(at))) continue;
    let from = at;
    while (from > 0 && isSpace(text.charCodeAt(from - 1))) from--;
    let to = at + 1;
    while (to < text.length && isSpace(text.charCodeAt(to))) to++;
    if (to - from > LONG) return true;
    at = to;
  }
  return false;
}

const isSpace = (c: number): boolean =>
  c === 0x20 || (c >= 0x09 && c <= 0x0d) || c === 0xa0 || (c >= 0x2000 && c <= 0x200a) || c === 0x3000;
