/** Where a line ends in a text, and where the next one begins. */
export interface Break {
  readonly start: number;
  /** Behind the end of the line, further ends, and the blanks behind them. */
  readonly next: number;
  /** An empty line stands between: what follows is a body. */
  readonly double: boolean;
  /** CR and LF, as protocols have it. */
  readonly crlf: boolean;
}

/** Characters that end a line once a careless encoder has cut their high bits off (U+560A is `0A`), or for Unicode. */
const ODD = ['\u560a', '\u560d', '\u2028', '\u2029', '\u0085', '\u010d\u010a', '\u240d\u240a'] as const;
const MAX_BLANKS = 32;

/** Whether any line may end in a text that has no CR or LF. */
export function hasOddBreak(text: string): boolean {
  for (const each of ODD) if (text.includes(each)) return true;
  return false;
}

/**
 * The first end of a line at or behind `from`. With `escapes` also the two characters `\r` or `\n`, which templates
 * and loggers turn into what they mean.
 */
export function nextBreak(text: string, from: number, escapes: boolean): Break | undefined {
  for (let at = from; at < text.length; at++) {
    const width = breakWidth(text, at, escapes);
    if (width === 0) continue;
    const start = at;
    let ends = 0;
    let crlf = false;
    let last = '';
    let blanks = 0;
    while (at < text.length && blanks < MAX_BLANKS) {
      const next = breakWidth(text, at, escapes);
      if (next > 0) {
        const kind = kindOf(text, at, next);
        if (kind === '\n' && last === '\r') crlf = true;
        else ends++;
        last = kind;
        at += next;
      } else if (text.charCodeAt(at) === 0x20 || text.charCodeAt(at) === 0x09) {
        at++;
        last = '';
        blanks++;
      } else break;
    }
    return { start, next: at, double: ends > 1, crlf };
  }
  return undefined;
}

const kindOf = (text: string, at: number, width: number): string => {
  const c = text.charCodeAt(width === 2 && text[at] === '\\' ? at + 1 : at);
  return c === 0x0d || c === 0x72 || c === 0x560d ? '\r' : '\n';
};

function breakWidth(text: string, at: number, escapes: boolean): number {
  const c = text.charCodeAt(at);
  if (c === 0x0a || c === 0x0d || c === 0x0b || c === 0x0c || c === 0x85) return 1;
  if (c === 0x5c) {
    const next = text.charCodeAt(at + 1);
    return escapes && (next === 0x6e || next === 0x72) ? 2 : 0;
  }
  if (c < 0x100) return 0;
  if (c === 0x560a || c === 0x560d || c === 0x2028 || c === 0x2029) return 1;
  if (c === 0x10d) return text.charCodeAt(at + 1) === 0x10a ? 2 : 0;
  if (c === 0x240d) return text.charCodeAt(at + 1) === 0x240a ? 2 : 0;
  return 0;
}
