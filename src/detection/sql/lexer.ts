import { HASH_START, hashStep, W_NONE, W_SYSTEM, W_WEAPON, wordKind } from './words.ts';

export const T_END = 0;
export const T_NUMBER = 1;
export const T_STRING = 2;
/** A string that does not end: in a literal, it runs into the literal's own end. */
export const T_OPEN_STRING = 3;
/** A name, or a word of SQL: see `word`. */
export const T_WORD = 4;
export const T_COMPARE = 5;
export const T_RECKON = 6;
export const T_LOGIC = 7;
export const T_OPEN = 8;
export const T_CLOSE = 9;
export const T_COMMA = 10;
export const T_SEMICOLON = 11;
/** A comment that takes everything after it. */
export const T_COMMENT = 12;
/** `@x`, `@@x`. */
export const T_VARIABLE = 13;
/** `!`, `~`. */
export const T_UNARY = 14;
/** `::type`. */
export const T_CAST = 15;
export const T_BRACE = 16;
export const T_OTHER = 17;

/** Characters of a name in brackets. */
const MAX_BRACKETS = 128;

const C_SPACE = 1;
const C_WORD = 2;
const C_DIGIT = 3;
const CLASS = new Uint8Array(128);
for (let c = 0; c <= 32; c++) CLASS[c] = C_SPACE;
CLASS[127] = C_SPACE;
for (let c = 48; c <= 57; c++) CLASS[c] = C_DIGIT;
for (let c = 65; c <= 90; c++) CLASS[c] = CLASS[c + 32] = C_WORD;
CLASS[95] = CLASS[36] = C_WORD; // _ $

/** Space in some dialect or after some driver: no-break space, the Unicode spaces, the byte order mark. */
export const isWideSpace = (c: number): boolean =>
  c === 0xa0 ||
  c === 0x85 ||
  c === 0x3000 ||
  (c >= 0x2000 && c <= 0x200f) ||
  c === 0x2028 ||
  c === 0x2029 ||
  c === 0xfeff;

/**
 * One tokenizer for MySQL, PostgreSQL, SQL Server, SQLite and Oracle at once: where they differ it takes what serves an
 * attacker most. Tolerant: everything is some token. It gives one token at a time and makes no strings; each character
 * is looked at a bounded number of times.
 */
export class SqlLexer {
  text = '';
  /** Where the next token is looked for. */
  at = 0;
  limit = 0;
  /** The token read last. */
  kind = T_END;
  start = 0;
  end = 0;
  /** Its kind as a word (`words.ts`), for T_WORD; its quote, for strings. */
  word = W_NONE;
  hash = 0;
  /** It is a name with a qualifier: `a.b`. */
  qualified = false;
  /** A comment or nothing at all stood before it. */
  commented = false;
  /** White space stood before it. */
  spaced = false;
  /** Tokens read since the start, for tests of cost. */
  steps = 0;
  #version = 0;
  #markAt = 0;
  #markVersion = 0;

  reset(text: string, from: number, to: number): void {
    this.text = text;
    this.at = from;
    this.limit = to;
    this.kind = T_END;
    this.start = this.end = from;
    this.#version = 0;
  }

  /** The place before the next token, to go back to. */
  mark(): void {
    this.#markAt = this.at;
    this.#markVersion = this.#version;
  }

  /** Goes back to the place marked last. */
  back(): void {
    this.at = this.#markAt;
    this.#version = this.#markVersion;
  }

  /** Reads the next token into the fields. */
  next(): number {
    this.steps++;
    this.word = W_NONE;
    this.qualified = false;
    this.commented = false;
    const before = this.at;
    const { text, limit } = this;
    let at = before;
    for (;;) {
      if (at >= limit) return this.#token(T_END, limit, limit);
      const c = text.charCodeAt(at);
      if (c < 128 ? CLASS[c] === C_SPACE : isWideSpace(c)) {
        at++;
        continue;
      }
      if (c === 0x2f && text.charCodeAt(at + 1) === 0x2a) {
        // /* ... */ is space; /*! ... */ is what stands in it
        this.commented = true;
        const mark = text.charCodeAt(at + 2);
        if (mark === 0x21 || (mark === 0x4d && text.charCodeAt(at + 3) === 0x21)) {
          at += mark === 0x21 ? 3 : 4;
          this.#version++;
          for (let digits = 0; digits < 6 && isDigit(text.charCodeAt(at)); digits++) at++;
          continue;
        }
        const close = text.indexOf('*/', at + 2);
        if (close < 0 || close >= limit) return this.#token(T_COMMENT, at, limit);
        at = close + 2;
        continue;
      }
      if (c === 0x2a && this.#version > 0 && text.charCodeAt(at + 1) === 0x2f) {
        this.#version--;
        at += 2;
        continue;
      }
      if ((c === 0x2d && text.charCodeAt(at + 1) === 0x2d) || c === 0x23) {
        const line = lineEnd(text, at, limit);
        if (line >= limit) return this.#token(T_COMMENT, at, limit);
        this.commented = true;
        at = line + 1;
        continue;
      }
      this.spaced = at > before;
      return this.#read(c, at);
    }
  }

  #token(kind: number, start: number, end: number): number {
    this.kind = kind;
    this.start = start;
    this.end = end;
    this.at = end;
    return kind;
  }

  #read(c: number, at: number): number {
    const { text } = this;
    if (c >= 128 || CLASS[c] === C_WORD) return this.#name(at);
    if (CLASS[c] === C_DIGIT) return this.#number(at);
    const d = at + 1 < this.limit ? text.charCodeAt(at + 1) : 0;
    switch (c) {
      case 0x27:
      case 0x22:
        return this.#string(at, c);
      case 0x60:
        return this.#backtick(at);
      case 0x28:
        return this.#token(T_OPEN, at, at + 1);
      case 0x29:
        return this.#token(T_CLOSE, at, at + 1);
      case 0x2c:
        return this.#token(T_COMMA, at, at + 1);
      case 0x3b:
        return this.#token(T_SEMICOLON, at, at + 1);
      case 0x3d:
        return this.#token(T_COMPARE, at, d === 0x3d ? at + 2 : at + 1);
      case 0x3c:
        if (d === 0x3c) return this.#token(T_RECKON, at, at + 2);
        if (d === 0x3d && text.charCodeAt(at + 2) === 0x3e) return this.#token(T_COMPARE, at, at + 3);
        return this.#token(T_COMPARE, at, d === 0x3d || d === 0x3e ? at + 2 : at + 1);
      case 0x3e:
        if (d === 0x3e) return this.#token(T_RECKON, at, at + 2);
        return this.#token(T_COMPARE, at, d === 0x3d ? at + 2 : at + 1);
      case 0x21:
        if (d === 0x3d || d === 0x3c || d === 0x3e || d === 0x7e) return this.#token(T_COMPARE, at, at + 2);
        return this.#token(T_UNARY, at, at + 1);
      case 0x7e:
        return this.#token(T_UNARY, at, at + 1);
      case 0x7c:
        return d === 0x7c ? this.#token(T_LOGIC, at, at + 2) : this.#token(T_RECKON, at, at + 1);
      case 0x26:
        return d === 0x26 ? this.#token(T_LOGIC, at, at + 2) : this.#token(T_RECKON, at, at + 1);
      case 0x2b:
      case 0x2d:
      case 0x2a:
      case 0x2f:
      case 0x25:
      case 0x5e:
        return this.#token(T_RECKON, at, at + 1);
      case 0x2e:
        return isDigit(d) ? this.#number(at) : this.#token(T_OTHER, at, at + 1);
      case 0x40:
        return this.#variable(at);
      case 0x3a:
        if (d === 0x3d) return this.#token(T_COMPARE, at, at + 2);
        return d === 0x3a ? this.#token(T_CAST, at, at + 2) : this.#token(T_OTHER, at, at + 1);
      case 0x5b:
        return this.#brackets(at);
      case 0x7b:
      case 0x7d:
        return this.#token(T_BRACE, at, at + 1);
      case 0x5c:
        // \N is NULL
        if (d === 0x4e) return this.#token(T_NUMBER, at, at + 2);
        return this.#token(T_OTHER, at, at + 1);
      default:
        return this.#token(T_OTHER, at, at + 1);
    }
  }

  #string(start: number, quote: number): number {
    const end = stringEnd(this.text, start + 1, this.limit, quote);
    this.word = quote;
    return end < 0 ? this.#token(T_OPEN_STRING, start, this.limit) : this.#token(T_STRING, start, end);
  }

  /** An unclosed backtick ends a MySQL statement as a comment does: it is taken for an alias. */
  #backtick(start: number): number {
    const close = this.text.indexOf('`', start + 1);
    if (close < 0 || close >= this.limit) return this.#token(T_COMMENT, start, this.limit);
    this.hash = 0;
    return this.#token(T_WORD, start, close + 1);
  }

  #brackets(start: number): number {
    const { text } = this;
    const most = Math.min(this.limit, start + MAX_BRACKETS);
    for (let i = start + 1; i < most; i++) {
      const c = text.charCodeAt(i);
      if (c === 0x5d) {
        if (i === start + 1) break;
        this.hash = 0;
        return this.#token(T_WORD, start, i + 1);
      }
      if (c !== 0x20 && !isWordPart(c)) break;
    }
    return this.#token(T_OTHER, start, start + 1);
  }

  #variable(start: number): number {
    const { text, limit } = this;
    let at = start + 1;
    if (text.charCodeAt(at) === 0x40) at++;
    const name = at;
    while (at < limit && (isWordPart(text.charCodeAt(at)) || (text.charCodeAt(at) === 0x2e && at > name))) at++;
    if (at === name) {
      const c = text.charCodeAt(at);
      if (at < limit && (c === 0x60 || c === 0x27 || c === 0x22)) {
        const end = stringEnd(text, at + 1, limit, c);
        if (end > 0) return this.#token(T_VARIABLE, start, end);
      }
      // MySQL takes `@` alone for a variable without a name.
      return this.#token(at - start === 1 ? T_VARIABLE : T_OTHER, start, at);
    }
    return this.#token(T_VARIABLE, start, at);
  }

  #number(start: number): number {
    const { text, limit } = this;
    let at = start;
    const c = text.charCodeAt(at);
    const x = text.charCodeAt(at + 1) | 0x20;
    if (c === 0x30 && (x === 0x78 || x === 0x62) && at + 2 < limit && isHex(text.charCodeAt(at + 2))) {
      at += 2;
      while (at < limit && isHex(text.charCodeAt(at))) at++;
      return this.#token(T_NUMBER, start, at);
    }
    // SQL Server reads `0x` with nothing behind it as a number too.
    if (c === 0x30 && x === 0x78) return this.#token(T_NUMBER, start, start + 2);
    while (at < limit && isDigit(text.charCodeAt(at))) at++;
    if (at < limit && text.charCodeAt(at) === 0x2e) {
      at++;
      while (at < limit && isDigit(text.charCodeAt(at))) at++;
    }
    if (at < limit && (text.charCodeAt(at) | 0x20) === 0x65) {
      let e = at + 1;
      const sign = text.charCodeAt(e);
      if (sign === 0x2b || sign === 0x2d) e++;
      const digits = e;
      while (e < limit && isDigit(text.charCodeAt(e))) e++;
      // MySQL lets an exponent stand without digits where a dot stood before: `1.e(1)`.
      if (e > digits || (text.charCodeAt(at - 1) === 0x2e && !isWordPart(text.charCodeAt(at + 1))))
        at = Math.max(e, at + 1);
    }
    // Oracle marks a number as floating: `1funion`.
    const mark = text.charCodeAt(at) | 0x20;
    if ((mark === 0x66 || mark === 0x64) && /^union/i.test(text.slice(at + 1, at + 6))) at++;
    return this.#token(T_NUMBER, start, at);
  }

  #name(start: number): number {
    const { text, limit } = this;
    let at = start;
    let hash = HASH_START;
    while (at < limit) {
      const c = text.charCodeAt(at);
      if (!isWordPart(c)) break;
      hash = hashStep(hash, c < 128 ? c | 0x20 : c);
      at++;
    }
    let kind = wordKind(hash);
    const after = at < limit ? text.charCodeAt(at) : 0;
    if ((after === 0x27 || after === 0x22) && isStringPrefix(text, start, at)) {
      this.word = after;
      const end = stringEnd(text, at + 1, limit, after);
      return end < 0 ? this.#token(T_OPEN_STRING, start, limit) : this.#token(T_STRING, start, end);
    }
    // A qualified name: what counts is a schema of the system, or a function with a name that is enough by itself.
    while (at < limit && text.charCodeAt(at) === 0x2e) {
      let next = at + 1;
      while (next < limit && text.charCodeAt(next) === 0x2e) next++;
      if (next >= limit) break;
      const c = text.charCodeAt(next);
      if (c === 0x2a) {
        at = next + 1;
        this.qualified = true;
        break;
      }
      if (c === 0x60 || c === 0x5b) {
        const close = closing(text, next + 1, Math.min(limit, next + MAX_BRACKETS), c === 0x60 ? 0x60 : 0x5d);
        if (close < 0) break;
        at = close + 1;
        this.qualified = true;
        continue;
      }
      if (!isWordPart(c) || isDigit(c)) break;
      let last = HASH_START;
      while (next < limit) {
        const part = text.charCodeAt(next);
        if (!isWordPart(part)) break;
        last = hashStep(last, part < 128 ? part | 0x20 : part);
        next++;
      }
      at = next;
      this.qualified = true;
      const lastKind = wordKind(last);
      if (lastKind === W_WEAPON) kind = W_WEAPON;
      else if (lastKind === W_SYSTEM && kind !== W_WEAPON) kind = W_SYSTEM;
      else if (kind !== W_WEAPON && kind !== W_SYSTEM) kind = W_NONE;
    }
    this.hash = hash;
    this.word = kind;
    return this.#token(T_WORD, start, at);
  }
}

/** The place after the closing quote; -1 where there is none. Doubled and backslashed quotes do not close. */
export function stringEnd(text: string, from: number, limit: number, quote: number): number {
  for (let at = from; at < limit; at++) {
    const c = text.charCodeAt(at);
    if (c === 0x5c) at++;
    else if (c === quote) {
      if (at + 1 < limit && text.charCodeAt(at + 1) === quote) at++;
      else return at + 1;
    }
  }
  return -1;
}

function closing(text: string, from: number, limit: number, mark: number): number {
  for (let at = from; at < limit; at++) if (text.charCodeAt(at) === mark) return at;
  return -1;
}

function lineEnd(text: string, from: number, limit: number): number {
  for (let at = from; at < limit; at++) {
    const c = text.charCodeAt(at);
    if (c === 0x0a || c === 0x0d) return at;
  }
  return limit;
}

const isDigit = (c: number): boolean => c >= 0x30 && c <= 0x39;
const isHex = (c: number): boolean => isDigit(c) || ((c | 0x20) >= 0x61 && (c | 0x20) <= 0x66);
const isWordPart = (c: number): boolean => (c < 128 ? (CLASS[c] as number) >= C_WORD : !isWideSpace(c));

/** `N'...'`, `x'...'`, `b'...'`, `e'...'`, `q'...'`, `_utf8'...'`. */
function isStringPrefix(text: string, start: number, end: number): boolean {
  const first = text.charCodeAt(start) | 0x20;
  if (end - start === 1) return first === 0x6e || first === 0x78 || first === 0x62 || first === 0x65 || first === 0x71;
  return text.charCodeAt(start) === 0x5f && end - start < 16;
}
