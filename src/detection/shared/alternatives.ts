/** Parts of regular expressions, given in lines with blanks between them, as one group of alternatives. */
export const alternatives = (...lines: readonly string[]): string =>
  `(?:${lines.join(' ').trim().split(/\s+/).join('|')})`;
