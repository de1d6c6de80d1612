export const S_END = 0;
export const S_NAME = 1;
export const S_NUMBER = 2;
export const S_STRING = 3;
/** A string that does not end. */
export const S_OPEN = 4;
export const S_TEMPLATE = 5;
export const S_REGEX = 6;
export const S_PUNCTUATOR = 7;
/** A character that no script has outside of strings. */
export const S_ALIEN = 8;

const C_SPACE = 1;
const C_WORD = 2;
const C_DIGIT = 3;
const CLASS = new Uint8Array(128);
for (let c = 0; c <= 32; c++) CLASS[c] = C_SPACE;
for (let c = 48; c <= 57; c++) CLASS[c] = C_DIGIT;
for (let c = 65; c <= 90; c++) CLASS[c] = CLASS[c + 32] = C_WORD;
CLASS[95] = CLASS[36] = C_WORD; // _ $

const isLine = (c: number): boolean => c === 0x0a || c === 0x0d || c === 0x2028 || c === 0x2029;
const isWideSpace = (c: number): boolean =>
  c === 0xa0 || c === 0xfeff || c === 0x3000 || (c >= 0x2000 && c <= 0x200f) || c === 0x2028 || c === 0x2029;
const isDigit = (c: number): boolean => c >= 0x30 && c <= 0x39;
const isHex = (c: number): boolean => isDigit(c) || ((c | 0x20) >= 0x61 && (c | 0x20) <= 0x66);

/** Characters of an escape in a name. */
const MAX_ESCAPE = 10;

/**
 * Tokens of ECMAScript (ECMA-262, 12), tolerant: everything is some token. One at a time and without strings made; a
 * slash is a regular expression where no operand stands before it.
 */
export class ScriptLexer {
  /** Tokens read since the process began: what tests of cost count. */
  static steps = 0;
  text = '';
  at = 0;
  limit = 0;
  kind = S_END;
  start = 0;
  end = 0;
  /** The character of a punctuator, the quote of a string; 0 for names. */
  mark = 0;
  /** A line ended before the token. */
  newline = false;
  /** A comment up to the end of the line stood before it, and nothing stands behind. */
  cut = false;
  /** The name has escapes in it. */
  escaped = false;
  /** An operand was read last. */
  #operand = false;

  reset(text: string, from: number, to: number, operand: boolean): void {
    this.text = text;
    this.at = from;
    this.limit = to;
    this.kind = S_END;
    this.cut = false;
    this.#operand = operand;
  }

  /** The token's name, in lower case, with its escapes resolved. */
  name(): string {
    const slice = this.text.slice(this.start, this.end);
    const plain = this.escaped
      ? slice.replace(/\\u(?:\{([0-9a-f]{1,6})\}|([0-9a-f]{4}))/gi, (whole, braced?: string, four?: string) => {
          const point = Number.parseInt((braced ?? four) as string, 16);
          return point > 0x10ffff ? whole : String.fromCodePoint(point);
        })
      : slice;
    return plain.toLowerCase();
  }

  next(): number {
    const { text, limit } = this;
    ScriptLexer.steps++;
    this.newline = false;
    for (;;) {
      if (this.at >= limit) return this.#token(S_END, limit, limit, 0);
      const c = text.charCodeAt(this.at);
      if (c < 128 ? CLASS[c] === C_SPACE : isWideSpace(c)) {
        if (isLine(c)) this.newline = true;
        this.at++;
        continue;
      }
      if (!this.#comment(c)) return this.#read(c, this.at);
    }
  }

  /** Skips a comment; `<!--` begins one too (ECMA-262, B.1.1). */
  #comment(c: number): boolean {
    const { text, at, limit } = this;
    const d = text.charCodeAt(at + 1);
    if (c === 0x2f && d === 0x2a) {
      let close = at + 2;
      while (close < limit && (text.charCodeAt(close) !== 0x2a || text.charCodeAt(close + 1) !== 0x2f)) close++;
      this.at = Math.min(close + 2, limit);
      this.cut = this.at === limit;
      return true;
    }
    const html = c === 0x3c && d === 0x21 && text.startsWith('--', at + 2);
    if (!html && (c !== 0x2f || d !== 0x2f)) return false;
    let end = at;
    while (end < limit && !isLine(text.charCodeAt(end))) end++;
    this.at = end;
    // The slashes of a URL in prose begin no comment that anybody meant.
    this.cut = end === limit && text.charCodeAt(at - 1) !== 0x3a;
    return true;
  }

  #token(kind: number, start: number, end: number, mark: number): number {
    this.kind = kind;
    this.start = start;
    this.end = end;
    this.mark = mark;
    this.at = end;
    this.#operand =
      kind === S_PUNCTUATOR ? mark === 0x29 || mark === 0x5d || mark === 0x7d : kind !== S_END && kind !== S_ALIEN;
    return kind;
  }

  #read(c: number, at: number): number {
    const { text } = this;
    if (c >= 128 || CLASS[c] === C_WORD) return this.#name(at);
    if (CLASS[c] === C_DIGIT || (c === 0x2e && isDigit(text.charCodeAt(at + 1)))) return this.#number(at);
    const d = text.charCodeAt(at + 1);
    switch (c) {
      case 0x22:
      case 0x27:
        return this.#string(at, at + 1, c);
      case 0x60:
        return this.#string(at, at + 1, c);
      case 0x5c:
        if (d === 0x75 && (text.charCodeAt(at + 2) === 0x7b || isHex(text.charCodeAt(at + 2)))) return this.#name(at);
        // A quote that something on the way has escaped.
        if (d === 0x22 || d === 0x27 || d === 0x60) return this.#string(at, at + 2, d);
        return this.#token(S_ALIEN, at, at + 1, c);
      case 0x2f:
        return this.#operand ? this.#punctuator(c, at) : this.#regex(at);
      case 0x23:
      case 0x40:
        return this.#token(S_ALIEN, at, at + 1, c);
      default:
        return this.#punctuator(c, at);
    }
  }

  /** Operators of several characters are one where their parts mean something else: `==`, `=>`, `++`, `?.`, `...`. */
  #punctuator(c: number, at: number): number {
    const d = this.text.charCodeAt(at + 1);
    let end = at + 1;
    let mark = c;
    if (c === 0x3d) {
      if (d === 0x3e) mark = ARROW;
      else if (d === 0x3d) mark = EQUAL;
      if (mark !== c) end++;
      if (mark === EQUAL && this.text.charCodeAt(end) === 0x3d) end++;
    } else if ((c === 0x21 || c === 0x3c || c === 0x3e) && d === 0x3d) {
      mark = EQUAL;
      end++;
    } else if ((c === 0x2b || c === 0x2d) && d === c) {
      mark = STEP;
      end++;
    } else if (c === 0x3f && d === 0x2e) {
      mark = 0x2e;
      end++;
    } else if (c === 0x2e && d === 0x2e) {
      mark = SPREAD;
      end += this.text.charCodeAt(at + 2) === 0x2e ? 2 : 1;
    }
    return this.#token(S_PUNCTUATOR, at, Math.min(end, this.limit), mark);
  }

  #string(start: number, from: number, quote: number): number {
    const { text, limit } = this;
    for (let at = from; at < limit; at++) {
      const c = text.charCodeAt(at);
      if (c === 0x5c) {
        // The quote that opened with a backslash ends with one.
        if (from - start === 2 && text.charCodeAt(at + 1) === quote) return this.#token(S_STRING, start, at + 2, quote);
        at++;
      } else if (c === quote) return this.#token(quote === 0x60 ? S_TEMPLATE : S_STRING, start, at + 1, quote);
    }
    return this.#token(S_OPEN, start, limit, quote);
  }

  #regex(start: number): number {
    const { text, limit } = this;
    let inClass = false;
    for (let at = start + 1; at < limit; at++) {
      const c = text.charCodeAt(at);
      if (isLine(c)) break;
      if (c === 0x5c) at++;
      else if (c === 0x5b) inClass = true;
      else if (c === 0x5d) inClass = false;
      else if (c === 0x2f && !inClass) {
        let end = at + 1;
        while (end < limit && CLASS[text.charCodeAt(end)] === C_WORD) end++;
        return this.#token(S_REGEX, start, end, c);
      }
    }
    return this.#token(S_PUNCTUATOR, start, start + 1, 0x2f);
  }

  #number(start: number): number {
    const { text, limit } = this;
    let at = start;
    const digits = (): void => {
      while (at < limit && (isDigit(text.charCodeAt(at)) || text.charCodeAt(at) === 0x5f)) at++;
    };
    const x = text.charCodeAt(at + 1) | 0x20;
    if (text.charCodeAt(at) === 0x30 && (x === 0x78 || x === 0x6f || x === 0x62)) {
      at += 2;
      while (at < limit && (isHex(text.charCodeAt(at)) || text.charCodeAt(at) === 0x5f)) at++;
    } else {
      digits();
      if (text.charCodeAt(at) === 0x2e && at < limit) {
        at++;
        digits();
      }
      if ((text.charCodeAt(at) | 0x20) === 0x65 && at < limit) {
        const sign = text.charCodeAt(at + 1);
        if (isDigit(sign) || ((sign === 0x2b || sign === 0x2d) && isDigit(text.charCodeAt(at + 2)))) {
          at += 2;
          digits();
        }
      }
    }
    if ((text.charCodeAt(at) | 0x20) === 0x6e && at < limit) at++;
    at = Math.min(at, limit);
    // A number that a word follows at once is none: 1alert, 2nd.
    const c = at < limit ? text.charCodeAt(at) : 0;
    return this.#token(c < 128 && CLASS[c] === C_WORD ? S_ALIEN : S_NUMBER, start, at, 0);
  }

  #name(start: number): number {
    const { text, limit } = this;
    let at = start;
    this.escaped = false;
    while (at < limit) {
      const c = text.charCodeAt(at);
      if (c >= 128 ? !isWideSpace(c) : CLASS[c] === C_WORD || CLASS[c] === C_DIGIT) at++;
      else if (c === 0x5c && text.charCodeAt(at + 1) === 0x75) {
        let close = at + 5;
        if (text.charCodeAt(at + 2) === 0x7b)
          while (close <= at + MAX_ESCAPE && text.charCodeAt(close - 1) !== 0x7d) close++;
        if (close > at + MAX_ESCAPE) break;
        this.escaped = true;
        at = Math.min(text.charCodeAt(at + 2) === 0x7b ? close : close + 1, limit);
      } else break;
    }
    if (at === start) return this.#token(S_ALIEN, start, start + 1, 0);
    return this.#token(S_NAME, start, at, 0);
  }
}

export const EQUAL = 0x100;
export const ARROW = 0x101;
export const STEP = 0x102;
export const SPREAD = 0x103;
