import { type Codes, codesOf } from '../features/codes.ts';
import {
  C_DIGIT,
  C_SPACE,
  C_WORD,
  CLASS,
  closing,
  isDigit,
  isStringPrefix,
  isWordPart,
  lineEnd,
  stringEnd,
} from './characters.ts';
import { numberEnd } from './numbers.ts';
import { HASH_START, hashStep, kindOfCodes, W_NONE, W_SYSTEM, W_WEAPON } from './words.ts';

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

const NO_CODES: Codes = new Uint16Array(0);

/** Characters of a name in brackets. */
const MAX_BRACKETS = 128;

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
  /** It has no name to be compared by: it stands in quotes or brackets. */
  #nameless = false;
  #nameEnd = 0;
  /** It is a name with a qualifier: `a.b`. */
  qualified = false;
  /** A comment or nothing at all stood before it. */
  commented = false;
  /** White space stood before it. */
  spaced = false;
  /** Tokens read since the start, for tests of cost. */
  steps = 0;
  #codes: Codes = NO_CODES;
  #version = 0;
  #markAt = 0;
  #markVersion = 0;

  reset(text: string, from: number, to: number): void {
    this.text = text;
    this.#codes = codesOf(text);
    this.at = from;
    this.limit = to;
    this.kind = T_END;
    this.start = this.end = from;
    this.#version = 0;
  }

  /** What comes next depends on nothing that was read before: no comment that MySQL reads is open. */
  get fresh(): boolean {
    return this.#version === 0;
  }

  /** What a name is compared by, in lower case; 0 for one that stands in quotes or brackets. */
  get hash(): number {
    if (this.#nameless) return 0;
    let hash = HASH_START;
    for (let at = this.start; at < this.#nameEnd; at++) {
      const c = this.text.charCodeAt(at);
      hash = hashStep(hash, c < 128 ? c | 0x20 : c);
    }
    return hash;
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
    const codes = this.#codes;
    let at = before;
    for (;;) {
      if (at >= limit) return this.#token(T_END, limit, limit);
      const c = codes[at] as number;
      if (CLASS[c] === C_SPACE) {
        at++;
        continue;
      }
      if (c === 0x2f && (codes[at + 1] as number) === 0x2a) {
        // /* ... */ is space; /*! ... */ is what stands in it
        this.commented = true;
        const mark = codes[at + 2] as number;
        if (mark === 0x21 || (mark === 0x4d && (codes[at + 3] as number) === 0x21)) {
          at += mark === 0x21 ? 3 : 4;
          this.#version++;
          for (let digits = 0; digits < 6 && isDigit(codes[at] as number); digits++) at++;
          continue;
        }
        const close = text.indexOf('*/', at + 2);
        if (close < 0 || close >= limit) return this.#token(T_COMMENT, at, limit);
        at = close + 2;
        continue;
      }
      if (c === 0x2a && (this.#version > 0 || this.commented) && (codes[at + 1] as number) === 0x2f) {
        // Also the end of a comment around a comment, where comments nest.
        if (this.#version > 0) this.#version--;
        at += 2;
        continue;
      }
      if ((c === 0x2d && (codes[at + 1] as number) === 0x2d) || c === 0x23) {
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
    const codes = this.#codes;
    if (CLASS[c] === C_WORD) return this.#name(at);
    if (CLASS[c] === C_DIGIT) return this.#number(at);
    const d = at + 1 < this.limit ? (codes[at + 1] as number) : 0;
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
        if (d === 0x3d && (codes[at + 2] as number) === 0x3e) return this.#token(T_COMPARE, at, at + 3);
        return this.#token(T_COMPARE, at, d === 0x3d || d === 0x3e || d === 0x40 ? at + 2 : at + 1);
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
      case 0x2d:
        // -> and ->> reach into JSON
        if (d === 0x3e) return this.#token(T_RECKON, at, (codes[at + 2] as number) === 0x3e ? at + 3 : at + 2);
        return this.#token(T_RECKON, at, at + 1);
      case 0x2b:
      case 0x2a:
      case 0x2f:
      case 0x25:
      case 0x5e:
        return this.#token(T_RECKON, at, at + 1);
      case 0x2e:
        return isDigit(d) ? this.#number(at) : this.#token(T_OTHER, at, at + 1);
      case 0x40:
        return d === 0x3e ? this.#token(T_COMPARE, at, at + 2) : this.#variable(at);
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
    this.#nameless = true;
    return this.#qualify(W_NONE, start, close + 1);
  }

  #brackets(start: number): number {
    const codes = this.#codes;
    const most = Math.min(this.limit, start + MAX_BRACKETS);
    for (let i = start + 1; i < most; i++) {
      const c = codes[i] as number;
      if (c === 0x5d) {
        if (i === start + 1) break;
        this.#nameless = true;
        return this.#qualify(W_NONE, start, i + 1);
      }
      if (c !== 0x20 && !isWordPart(c)) break;
    }
    return this.#token(T_OTHER, start, start + 1);
  }

  #variable(start: number): number {
    const { text, limit } = this;
    const codes = this.#codes;
    let at = start + 1;
    if ((codes[at] as number) === 0x40) at++;
    const name = at;
    while (at < limit && (isWordPart(codes[at] as number) || ((codes[at] as number) === 0x2e && at > name))) at++;
    if (at === name) {
      const c = codes[at] as number;
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
    return this.#token(T_NUMBER, start, numberEnd(this.text, start, this.limit));
  }

  #name(start: number): number {
    const { text, limit } = this;
    const codes = this.#codes;
    let at = start;
    while (at < limit && isWordPart(codes[at] as number)) at++;
    const after = at < limit ? (codes[at] as number) : 0;
    if ((after === 0x27 || after === 0x22) && isStringPrefix(text, start, at)) {
      this.word = after;
      const end = stringEnd(text, at + 1, limit, after);
      return end < 0 ? this.#token(T_OPEN_STRING, start, limit) : this.#token(T_STRING, start, end);
    }
    this.#nameless = false;
    this.#nameEnd = at;
    return this.#qualify(kindOfCodes(codes, start, at), start, at);
  }

  /** A name that ends at `at`, or goes on behind a dot. */
  #qualify(first: number, start: number, end: number): number {
    const { text, limit } = this;
    const codes = this.#codes;
    let kind = first;
    let at = end;
    // A qualified name: what counts is a schema of the system, or a function with a name that is enough by itself.
    while (at < limit && (codes[at] as number) === 0x2e) {
      let next = at + 1;
      while (next < limit && (codes[next] as number) === 0x2e) next++;
      if (next >= limit) break;
      const c = codes[next] as number;
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
      const part = next;
      while (next < limit && isWordPart(codes[next] as number)) next++;
      at = next;
      this.qualified = true;
      const lastKind = kindOfCodes(codes, part, next);
      if (lastKind === W_WEAPON) kind = W_WEAPON;
      else if (lastKind === W_SYSTEM && kind !== W_WEAPON) kind = W_SYSTEM;
      else if (kind !== W_WEAPON && kind !== W_SYSTEM) kind = W_NONE;
    }
    this.word = kind;
    return this.#token(T_WORD, start, at);
  }
}
