export const T_END = 0;
export const T_NAME = 1;
export const T_NUMBER = 2;
export const T_STRING = 3;
/** `+ - * / % ** ~ ^`; which one stands in `text`. */
export const T_ARITHMETIC = 4;
export const T_COMPARE = 5;
export const T_LOGIC = 6;
/** `.`, `?.`, `->`, `::`: what stands behind is a member. */
export const T_DOT = 7;
export const T_PIPE = 8;
export const T_ASK = 9;
export const T_COLON = 10;
export const T_COMMA = 11;
export const T_OPEN = 12;
export const T_CLOSE = 13;
export const T_INDEX = 14;
export const T_INDEX_END = 15;
export const T_BRACE = 16;
export const T_BRACE_END = 17;
export const T_ASSIGN = 18;
export const T_SEMICOLON = 19;
export const T_AT = 20;
export const T_HASH = 21;
export const T_BACKTICK = 22;
export const T_OTHER = 23;

/** How a run of tokens ended: at its closing delimiter, at the next opening one, at the end, or in mid-air. */
export const CLOSED = 0;
export const NESTED = 1;
export const AT_END = 2;
export const FULL = 3;
export const BROKEN = 4;

/** Tokens read at once; a longer expression is read in parts. */
export const MAX_TOKENS = 4096;
/** Tokens of a part that the next part sees again, so that nothing is torn apart between two. */
export const OVERLAP = 16;

const SINGLE = new Uint8Array(128);
for (const [each, kind] of [
  ['+', T_ARITHMETIC],
  ['-', T_ARITHMETIC],
  ['*', T_ARITHMETIC],
  ['/', T_ARITHMETIC],
  ['%', T_ARITHMETIC],
  ['~', T_ARITHMETIC],
  ['^', T_ARITHMETIC],
  ['<', T_COMPARE],
  ['>', T_COMPARE],
  ['&', T_LOGIC],
  ['.', T_DOT],
  ['|', T_PIPE],
  ['?', T_ASK],
  [':', T_COLON],
  [',', T_COMMA],
  ['(', T_OPEN],
  [')', T_CLOSE],
  ['[', T_INDEX],
  [']', T_INDEX_END],
  ['{', T_BRACE],
  ['}', T_BRACE_END],
  ['=', T_ASSIGN],
  [';', T_SEMICOLON],
  ['@', T_AT],
  ['#', T_HASH],
  ['`', T_BACKTICK],
] as const)
  SINGLE[each.charCodeAt(0)] = kind;

const NAME_PART = new Uint8Array(128);
for (let c = 48; c <= 57; c++) NAME_PART[c] = 1;
for (let c = 65; c <= 90; c++) NAME_PART[c] = NAME_PART[c + 32] = 1;
NAME_PART[95] = NAME_PART[36] = 1;

export const isNamePart = (c: number): boolean => (c < 128 ? NAME_PART[c] === 1 : c > 0xa0 && !Number.isNaN(c));
const isDigit = (c: number): boolean => c >= 0x30 && c <= 0x39;

/**
 * One tokenizer for the expressions of all template and expression languages: where they differ it takes what serves an
 * attacker most. Tolerant: everything is some token, and no strings are made. What was read stands in `kinds`, `starts`
 * and `ends` until the next read.
 */
export class ExpressionLexer {
  readonly kinds = new Uint8Array(MAX_TOKENS + 4);
  readonly starts = new Int32Array(MAX_TOKENS + 4);
  readonly ends = new Int32Array(MAX_TOKENS + 4);
  count = 0;
  text = '';
  ended = AT_END;
  /** Behind the closing delimiter, or where reading ended. */
  at = 0;
  /** Characters read since the process began: what tests of cost count. */
  steps = 0;
  #depth = 0;
  /** No such quote stands behind here: `'`, `"`. */
  #lastSingle = -1;
  #lastDouble = -1;

  reset(text: string): void {
    this.text = text;
    this.#lastSingle = text.lastIndexOf("'");
    this.#lastDouble = text.lastIndexOf('"');
  }

  /** Reads from `from` to the delimiter `closer` outside of strings and brackets; an empty one: to the end of a chain. */
  read(from: number, closer: string): void {
    this.count = 0;
    this.#depth = 0;
    this.#run(from, closer);
  }

  /** Goes on where `read` was full. */
  readOn(closer: string): void {
    const keep = OVERLAP;
    const first = this.count - keep;
    for (let i = 0; i < keep; i++) {
      this.kinds[i] = this.kinds[first + i] as number;
      this.starts[i] = this.starts[first + i] as number;
      this.ends[i] = this.ends[first + i] as number;
    }
    this.count = keep;
    this.#run(this.at, closer);
  }

  #run(from: number, closer: string): void {
    const { text } = this;
    const { length } = text;
    const close = closer.charCodeAt(0);
    let at = from;
    this.ended = AT_END;
    while (at < length) {
      const c = text.charCodeAt(at);
      if (c <= 0x20 || c === 0xa0) {
        at++;
        // A chain ends at the first space outside of parentheses.
        if (closer === '' && this.#depth === 0) {
          this.ended = CLOSED;
          break;
        }
        continue;
      }
      if (c === close && this.#depth <= 0 && text.startsWith(closer, at)) {
        at += closer.length;
        this.ended = CLOSED;
        break;
      }
      if (opensAnother(text, at, c) && this.count > 0) {
        this.ended = NESTED;
        break;
      }
      if (this.count >= MAX_TOKENS) {
        this.ended = FULL;
        break;
      }
      const end = this.#token(at, c);
      if (end < 0) {
        this.ended = BROKEN;
        break;
      }
      at = end;
    }
    this.kinds.fill(T_END, this.count, this.count + 4);
    this.steps += at - from + 1;
    this.at = at;
  }

  /** Adds the token at a place. @returns its end; -1 where the expression cannot go on */
  #token(at: number, c: number): number {
    const { text } = this;
    const next = text.charCodeAt(at + 1);
    if (isDigit(c)) return this.#number(at);
    if (isNamePart(c)) {
      let end = at + 1;
      while (end < text.length && isNamePart(text.charCodeAt(end))) end++;
      return this.#add(T_NAME, at, end);
    }
    switch (c) {
      case 0x22:
      case 0x27:
        return this.#string(at, c, false);
      case 0x5c: // Quotes that came escaped: the text stood in a string.
        return next === 0x22 || next === 0x27 ? this.#string(at + 1, next, true) : this.#add(T_OTHER, at, at + 1);
      case 0x28:
      case 0x5b:
      case 0x7b:
        this.#depth++;
        break;
      case 0x29:
      case 0x5d:
      case 0x7d:
        this.#depth--;
        if (this.#depth < 0) return -1;
        break;
      case 0x3d:
        if (next === 0x3d || next === 0x7e) return this.#add(T_COMPARE, at, at + (text[at + 2] === '=' ? 3 : 2));
        if (next === 0x3e) return this.#add(T_OTHER, at, at + 2);
        break;
      case 0x21:
        if (next === 0x3d) return this.#add(T_COMPARE, at, at + 2);
        return this.#add(T_OTHER, at, at + 1);
      case 0x26:
      case 0x7c:
        if (next === c) return this.#add(T_LOGIC, at, at + 2);
        break;
      case 0x2a:
        if (next === c) return this.#add(T_ARITHMETIC, at, at + 2);
        break;
      case 0x3a:
        if (next === c) return this.#add(T_DOT, at, at + 2);
        break;
      case 0x3f:
        if (next === 0x2e && !isDigit(text.charCodeAt(at + 2))) return this.#add(T_DOT, at, at + 2);
        if (next === c) return this.#add(T_LOGIC, at, at + 2);
        break;
      case 0x2d:
        if (next === 0x3e) return this.#add(T_DOT, at, at + 2);
        break;
    }
    return this.#add(c < 128 ? (SINGLE[c] as number) || T_OTHER : T_OTHER, at, at + 1);
  }

  #number(at: number): number {
    const { text } = this;
    let end = at + 1;
    while (isDigit(text.charCodeAt(end))) end++;
    if (text.charCodeAt(end) === 0x2e && isDigit(text.charCodeAt(end + 1))) {
      end += 2;
      while (isDigit(text.charCodeAt(end))) end++;
    }
    const c = text.charCodeAt(end);
    if (!isNamePart(c)) return this.#add(T_NUMBER, at, end);
    // `7L`, `2f`, `0x1f` are numbers; `10px` is none that a template reckons with.
    while (isNamePart(text.charCodeAt(end))) end++;
    const number = /^(?:\d{1,20}(?:\.\d{1,20})?(?:[LlDdFf]|[Ee]\d{1,4})|0[xX][0-9a-fA-F]{1,16})$/.test(
      text.slice(at, Math.min(end, at + 48)),
    );
    return this.#add(number ? T_NUMBER : T_OTHER, at, end);
  }

  #string(at: number, quote: number, escaped: boolean): number {
    const { text } = this;
    const last = quote === 0x22 ? this.#lastDouble : this.#lastSingle;
    let end = at + 1;
    if (last <= at) return -1;
    while (end < last) {
      const c = text.charCodeAt(end);
      if (c === quote) break;
      end += c === 0x5c && !(escaped && text.charCodeAt(end + 1) === quote) ? 2 : 1;
    }
    if (text.charCodeAt(end) !== quote) end = last;
    return this.#add(T_STRING, at, end + 1);
  }

  #add(kind: number, start: number, end: number): number {
    const { count } = this;
    this.kinds[count] = kind;
    this.starts[count] = start;
    this.ends[count] = end;
    this.count = count + 1;
    return end;
  }
}

/** `${`, `#{`, `%{`, `{{`, `{%`, `<%` begins here. */
function opensAnother(text: string, at: number, c: number): boolean {
  const next = text.charCodeAt(at + 1);
  if (c === 0x24 || c === 0x23) return next === 0x7b;
  if (c === 0x7b) return next === 0x7b || next === 0x25;
  return c === 0x3c && next === 0x25;
}
