// Control characters but line feed and tab, what turns the direction of text or hides in it, halves of surrogate pairs,
// and what XML 1.0 has no way to write.
const INVISIBLE =
  /[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb\ufffe\uffff\u{e0000}-\u{e007f}]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/gu;

/**
 * Text from outside made safe to print: what could move a cursor, colour a terminal, turn the direction of reading or
 * not be seen at all is shown as `\u{1b}`. Line feeds and tabs stay.
 */
export const visible = (text: string): string =>
  text.replace(INVISIBLE, (mark) => `\\u{${(mark.codePointAt(0) ?? 0).toString(16)}}`);

/** The same on one line: runs of white space are one space. */
export const oneLine = (text: string): string => visible(text.replace(/\s+/g, ' ').trim());

/**
 * Lines that a CI service would obey (`::error::`, `##[command]`, white space before them or not) are told with a
 * backslash before them.
 */
export const obeyedByNobody = (text: string): string => text.replace(/^([^\S\n]*)(?=::|##\[)/gm, '$1\\');

/** Cut to so many characters, with `…` for the rest; never between the halves of a surrogate pair. */
export function cut(text: string, most: number): string {
  if (text.length <= most) return text;
  const end = most - 1;
  const last = text.charCodeAt(end - 1);
  return `${text.slice(0, last >= 0xd800 && last <= 0xdbff ? end - 1 : end)}…`;
}

const WIDE =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]/u;
const NARROW = /^[\x20-\x7e]*$/;

/** Columns that text takes on a terminal: two for wide characters, none for those that combine. */
export function columnsOf(text: string): number {
  if (NARROW.test(text)) return text.length;
  let columns = 0;
  for (const mark of text) columns += WIDE.test(mark) ? 2 : /\p{M}/u.test(mark) ? 0 : 1;
  return columns;
}

/** Cut to so many columns, with `…` for the rest. */
export function fit(text: string, columns: number): string {
  if (columnsOf(text) <= columns) return text;
  let out = '';
  let used = 1;
  for (const mark of text) {
    const width = columnsOf(mark);
    if (used + width > columns) break;
    out += mark;
    used += width;
  }
  return `${out}…`;
}

/** Filled up with spaces to so many columns. */
export const pad = (text: string, columns: number): string => text + ' '.repeat(Math.max(0, columns - columnsOf(text)));

/** Lines of at most so many columns, broken at spaces, in the middle of words where one is longer. */
export function wrap(text: string, columns: number): string[] {
  const most = Math.max(8, columns);
  const lines: string[] = [];
  let line = '';
  let width = 0;
  const push = (): void => {
    lines.push(line);
    line = '';
    width = 0;
  };
  for (const word of text.split(' ')) {
    const needed = columnsOf(word);
    if (width > 0 && width + 1 + needed > most) push();
    if (width > 0) {
      line += ' ';
      width++;
    }
    if (needed <= most - width) {
      line += word;
      width += needed;
      continue;
    }
    for (const mark of word) {
      const one = columnsOf(mark);
      if (width + one > most) push();
      line += mark;
      width += one;
    }
  }
  if (line !== '' || lines.length === 0) push();
  return lines;
}
