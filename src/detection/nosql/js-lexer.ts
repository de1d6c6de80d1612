/** Kinds of tokens. */
export const J_END = 0;
export const J_NUMBER = 1;
export const J_STRING = 2;
/** A string that does not end: it runs into the end of the literal around the value. */
export const J_OPEN_STRING = 3;
export const J_REGEX = 4;
export const J_NAME = 5;
/** `||`, `&&`, `??`. */
export const J_LOGIC = 6;
export const J_COMPARE = 7;
/** Other operators between two operands, the comma, `?` and `:` among them. */
export const J_OPERATOR = 8;
/** `!`, `~`. */
export const J_UNARY = 9;
export const J_ASSIGN = 10;
export const J_DOT = 11;
export const J_OPEN = 12;
export const J_CLOSE = 13;
export const J_SEMICOLON = 14;
/** A comment that takes the rest. */
export const J_COMMENT = 15;
export const J_ARROW = 16;
export const J_OTHER = 17;

/** Characters of a regular expression, and comments in a row. */
const MAX_REGEX = 512;
const MAX_COMMENTS = 64;

const NAME_PART = new Uint8Array(128);
for (let c = 48; c <= 57; c++) NAME_PART[c] = 1;
for (let c = 65; c <= 90; c++) NAME_PART[c] = NAME_PART[c + 32] = 1;
NAME_PART[0x5f] = NAME_PART[0x24] = 1;

const isNamePart = (c: number): boolean => (c < 128 ? NAME_PART[c] === 1 : c > 0xa0 && c < 0x2000);
const isDigit = (c: number): boolean => c >= 0x30 && c <= 0x39;

/** Tokens of JavaScript (ECMA-262, section 12), as far as an expression in a value needs them. One object for all texts. */
export class JsLexer {
  text = '';
  at = 0;
  start = 0;
  end = 0;
  kind = J_END;

  reset(text: string, at: number): void {
    this.text = text;
    this.at = at;
    this.start = this.end = at;
    this.kind = J_END;
  }

  /** The next token. @param operand whether an operand may stand here, and a slash begins a regular expression */
  next(operand: boolean): number {
    this.#space();
    const { text, at } = this;
    this.start = at;
    this.kind = this.#read(text, at, operand);
    this.end = this.at;
    return this.kind;
  }

  /** The token as it is written. */
  get word(): string {
    return this.text.slice(this.start, Math.min(this.end, this.start + 32));
  }

  #space(): void {
    const { text } = this;
    for (let i = 0; i < MAX_COMMENTS; i++) {
      while (this.at < text.length && isSpace(text.charCodeAt(this.at))) this.at++;
      if (text.charCodeAt(this.at) !== 0x2f || text.charCodeAt(this.at + 1) !== 0x2a) return;
      const close = text.indexOf('*/', this.at + 2);
      if (close < 0) return;
      this.at = close + 2;
    }
  }

  #read(text: string, at: number, operand: boolean): number {
    // A NUL ends the text for what is written in C.
    if (at >= text.length || text.charCodeAt(at) === 0) return J_END;
    const c = text.charCodeAt(at);
    const next = text.charCodeAt(at + 1);
    if (isDigit(c) || (c === 0x2e && isDigit(next) && operand)) return this.#run(J_NUMBER);
    if (isNamePart(c)) return this.#run(J_NAME);
    switch (c) {
      case 0x27:
      case 0x22:
      case 0x60:
        return this.#string(c);
      case 0x28:
      case 0x5b:
      case 0x7b:
        return this.#take(1, J_OPEN);
      case 0x29:
      case 0x5d:
      case 0x7d:
        return this.#take(1, J_CLOSE);
      case 0x3b:
        return this.#take(1, J_SEMICOLON);
      case 0x2e:
        return this.#take(text.startsWith('...', at) ? 3 : 1, J_DOT);
      case 0x7c:
      case 0x26:
        return next === c ? this.#take(2, J_LOGIC) : this.#take(1, J_OPERATOR);
      case 0x3f:
        if (next === 0x2e) return this.#take(2, J_DOT);
        return next === 0x3f ? this.#take(2, J_LOGIC) : this.#take(1, J_OPERATOR);
      case 0x3d:
        if (next === 0x3e) return this.#take(2, J_ARROW);
        return next === 0x3d
          ? this.#take(text.charCodeAt(at + 2) === 0x3d ? 3 : 2, J_COMPARE)
          : this.#take(1, J_ASSIGN);
      case 0x21:
        return next === 0x3d ? this.#take(text.charCodeAt(at + 2) === 0x3d ? 3 : 2, J_COMPARE) : this.#take(1, J_UNARY);
      case 0x7e:
        return this.#take(1, J_UNARY);
      case 0x3c:
        if (text.startsWith('<!--', at)) return this.#take(4, J_COMMENT);
        return this.#take(next === 0x3d ? 2 : 1, J_COMPARE);
      case 0x3e:
        return this.#take(next === 0x3d ? 2 : 1, J_COMPARE);
      case 0x2f:
        if (next === 0x2f || next === 0x2a) return this.#take(2, J_COMMENT);
        return operand ? this.#regex() : this.#take(1, J_OPERATOR);
      case 0x2b:
      case 0x2d:
        if (next === 0x3d) return this.#take(2, J_ASSIGN);
        return this.#take(1, J_OPERATOR);
      case 0x2a:
      case 0x25:
      case 0x5e:
      case 0x2c:
      case 0x3a:
        return this.#take(1, J_OPERATOR);
      default:
        return this.#take(1, J_OTHER);
    }
  }

  #take(count: number, kind: number): number {
    this.at += count;
    return kind;
  }

  #run(kind: number): number {
    const { text } = this;
    do this.at++;
    while (isNamePart(text.charCodeAt(this.at)) || (kind === J_NUMBER && text.charCodeAt(this.at) === 0x2e));
    return kind;
  }

  #string(quote: number): number {
    const { text } = this;
    for (let at = this.at + 1; at < text.length; at++) {
      const c = text.charCodeAt(at);
      if (c === 0x5c) at++;
      else if (c === quote) {
        this.at = at + 1;
        return J_STRING;
      }
    }
    this.at = text.length;
    return J_OPEN_STRING;
  }

  #regex(): number {
    const { text } = this;
    const most = Math.min(text.length, this.at + MAX_REGEX);
    let set = false;
    for (let at = this.at + 1; at < most; at++) {
      const c = text.charCodeAt(at);
      if (c === 0x0a) break;
      if (c === 0x5c) at++;
      else if (c === 0x5b) set = true;
      else if (c === 0x5d) set = false;
      else if (c === 0x2f && !set) {
        this.at = at + 1;
        while ((text.charCodeAt(this.at) | 0x20) >= 0x61 && (text.charCodeAt(this.at) | 0x20) <= 0x7a) this.at++;
        return J_REGEX;
      }
    }
    return this.#take(1, J_OTHER);
  }
}

const isSpace = (c: number): boolean =>
  (c <= 0x20 && c !== 0) || c === 0xa0 || c === 0xfeff || c === 0x2028 || c === 0x2029;
