import { type FileFault, harmful } from '../fault.ts';

/**
 * What a formula needs to reach beyond the sheet: a DDE link (`program|'topic'!item`), or a function that fetches, loads or
 * runs. `=A1+B1`, `-5` and `+1 555 0100` are what they look like; a formula that only counts is the sheet's own business.
 */
const REACHES =
  /[\w.)]\|(?:\s{0,5}'[^'|\r\n]{0,300}'\s{0,3}!|[^'|\r\n]{1,100}![A-Za-z_])|\b(?:(?:WEBSERVICE|IMPORT(?:XML|DATA|FEED|HTML|RANGE)|RTD|DDE|HYPERLINK)|(?:IMAGE|CALL|EXEC|REGISTER(?:\.ID)?|FORMULA|FILES|RUN))\s{0,5}\(/gi;

/** A cell that begins like a formula, in any spelling of the sign. With `=` it is one, with the others it may be prose. */
const STARTS = /(?:^|[,;\t|\r\n])[\s"'\u00a0\ufeff]{0,10}([=+\-@\uff1d\uff0b\uff0d\uff20])/g;
/** Characters a beginning may stand before what it begins, so that none is lost between two looks. */
const OVERLAP = 13;

/** Words of prose that are functions as well: in a cell that begins with `- ` they are words. */
const WORDS = /^(?:image|call|exec|register|formula|files|run)/i;

/** Judges a table of text, by what a spreadsheet does when it is opened. */
export function judgeCsv(bytes: Buffer): FileFault | undefined {
  const text = bytes.toString('utf8');
  let from = 0;
  let sign = '';
  for (const match of text.matchAll(REACHES)) {
    let between = text.slice(from, match.index + 1);
    const line = between.lastIndexOf('\n');
    if (line >= 0) {
      sign = '';
      between = between.slice(line);
    }
    for (const start of between.matchAll(STARTS)) {
      const found = start[1] as string;
      sign = found === '=' || found === '\uff1d' || sign === '=' ? '=' : found;
    }
    from = Math.max(from, match.index - OVERLAP);
    if (sign === '') continue;
    if (match[0].includes('|')) return harmful('formula', 'is a table with a formula that starts a program');
    if (sign !== '=' && WORDS.test(match[0])) continue;
    // A link to a fixed place is a link; one that is put together carries cells away.
    const call = text.slice(match.index, match.index + 500);
    if (/^hyperlink/i.test(call) && !/^[^\r\n]{0,480}?(?:&[A-Z$"]|CONCAT|file:|javascript:|\\\\)/i.test(call)) continue;
    return harmful('formula', 'is a table with a formula that reaches beyond it');
  }
  return undefined;
}
