/** Kinds of tokens. */
export const X_END = 0;
export const X_NUMBER = 1;
export const X_STRING = 2;
/** A string that does not end: it runs into the end of the literal around the value. */
export const X_OPEN_STRING = 3;
/** A name, with a prefix if it has one; also `*`, `.` and `..`. */
export const X_NAME = 4;
/** `or`, `and`: words only where an operator may stand. */
export const X_LOGIC = 5;
export const X_COMPARE = 6;
/** `+`, `-`, `div`, `mod`, the comma and their like. */
export const X_OPERATOR = 7;
export const X_UNION = 8;
/** `/` and `//`. */
export const X_SLASH = 9;
/** `axis::`. */
export const X_AXIS = 10;
export const X_AT = 11;
export const X_OPEN = 12;
export const X_CLOSE = 13;
export const X_OPEN_PREDICATE = 14;
export const X_CLOSE_PREDICATE = 15;
export const X_VARIABLE = 16;
export const X_SEMICOLON = 17;
export const X_OTHER = 18;

const OPERATORS: ReadonlyMap<string, number> = new Map([
  ['or', X_LOGIC],
  ['and', X_LOGIC],
  ['eq', X_COMPARE],
  ['ne', X_COMPARE],
  ['lt', X_COMPARE],
  ['le', X_COMPARE],
  ['gt', X_COMPARE],
  ['ge', X_COMPARE],
  ['is', X_COMPARE],
  ['div', X_OPERATOR],
  ['mod', X_OPERATOR],
  ['idiv', X_OPERATOR],
  ['to', X_OPERATOR],
  ['then', X_OPERATOR],
  ['else', X_OPERATOR],
  ['instance', X_OPERATOR],
  ['cast', X_OPERATOR],
  ['castable', X_OPERATOR],
  ['treat', X_OPERATOR],
  ['union', X_UNION],
  ['intersect', X_UNION],
  ['except', X_UNION],
]);
const AXES: ReadonlySet<string> = new Set(
  (
    'ancestor ancestor-or-self attribute child descendant descendant-or-self following following-sibling namespace ' +
    'parent preceding preceding-sibling self'
  ).split(' '),
);

const TYPED = /\s{1,8}(?:of|as)(?=\s)/y;

const MAX_NAME = 64;
const MAX_COMMENTS = 64;

/** Tokens of XPath 1.0 (section 3.7) and what XPath 2.0 and XQuery add that injections use. One object for all texts. */
export class XPathLexer {
  text = '';
  at = 0;
  start = 0;
  end = 0;
  kind = X_END;
  /** A parenthesis follows the name. */
  call = false;

  reset(text: string, at: number): void {
    this.text = text;
    this.at = this.start = this.end = at;
    this.kind = X_END;
  }

  /** The next token. @param operand whether an operand may stand here: there `*` and `or` are names */
  next(operand: boolean): number {
    this.#space();
    this.start = this.at;
    this.call = false;
    this.kind = this.#read(operand);
    this.end = this.at;
    return this.kind;
  }

  get word(): string {
    return this.text.slice(this.start, Math.min(this.end, this.start + MAX_NAME));
  }

  #space(): void {
    const { text } = this;
    for (let i = 0; i < MAX_COMMENTS; i++) {
      while (this.at < text.length && isSpace(text.charCodeAt(this.at))) this.at++;
      if (text.charCodeAt(this.at) !== 0x28 || text.charCodeAt(this.at + 1) !== 0x3a) return;
      const close = text.indexOf(':)', this.at + 2);
      if (close < 0) return;
      this.at = close + 2;
    }
  }

  #read(operand: boolean): number {
    const { text, at } = this;
    const c = text.charCodeAt(at);
    if (at >= text.length || c === 0) return X_END;
    const next = text.charCodeAt(at + 1);
    if (isDigit(c)) return this.#number();
    if (isNameStart(c)) return this.#name(operand);
    switch (c) {
      case 0x27:
      case 0x22: {
        const close = text.indexOf(c === 0x27 ? "'" : '"', at + 1);
        if (close < 0) return this.#take(text.length - at, X_OPEN_STRING);
        return this.#take(close + 1 - at, X_STRING);
      }
      case 0x28:
        return this.#take(1, X_OPEN);
      case 0x29:
        return this.#take(1, X_CLOSE);
      case 0x5b:
        return this.#take(1, X_OPEN_PREDICATE);
      case 0x5d:
        return this.#take(1, X_CLOSE_PREDICATE);
      case 0x2e:
        if (isDigit(next)) return this.#number();
        return this.#take(next === 0x2e ? 2 : 1, X_NAME);
      case 0x2f:
        return this.#take(next === 0x2f ? 2 : 1, X_SLASH);
      case 0x7c:
        return this.#take(next === 0x7c ? 2 : 1, next === 0x7c ? X_OPERATOR : X_UNION);
      case 0x40:
        return this.#take(1, X_AT);
      case 0x3d:
        return this.#take(1, X_COMPARE);
      case 0x21:
        return next === 0x3d ? this.#take(2, X_COMPARE) : this.#take(1, X_OPERATOR);
      case 0x3c:
      case 0x3e:
        return this.#take(next === 0x3d || next === c ? 2 : 1, X_COMPARE);
      case 0x2a:
        // Any prefix: `*:name`.
        if (operand && next === 0x3a && isNameStart(text.charCodeAt(at + 2))) {
          this.at += 2;
          return this.#name(true);
        }
        return this.#take(1, operand ? X_NAME : X_OPERATOR);
      case 0x2b:
      case 0x2d:
      case 0x2c:
        return this.#take(1, X_OPERATOR);
      case 0x24:
        if (!isNameStart(next)) return this.#take(1, X_OTHER);
        this.at++;
        this.#name(true);
        return X_VARIABLE;
      case 0x3b:
        return this.#take(1, X_SEMICOLON);
      default:
        return this.#take(1, X_OTHER);
    }
  }

  #take(count: number, kind: number): number {
    this.at += count;
    return kind;
  }

  #number(): number {
    const { text } = this;
    while (isDigit(text.charCodeAt(this.at)) || text.charCodeAt(this.at) === 0x2e) this.at++;
    return X_NUMBER;
  }

  #name(operand: boolean): number {
    const { text } = this;
    const from = this.at;
    do this.at++;
    while (isNamePart(text.charCodeAt(this.at)));
    const length = this.at - from;
    if (!operand && length <= 9) {
      const operator = OPERATORS.get(text.slice(from, this.at));
      if (operator !== undefined) {
        // `instance of`, `cast as`
        TYPED.lastIndex = this.at;
        if (length > 3 && TYPED.test(text)) this.at = TYPED.lastIndex;
        return operator;
      }
    }
    let after = this.at;
    while (after < text.length && after - this.at < 16 && isSpace(text.charCodeAt(after))) after++;
    if (text.charCodeAt(after) === 0x3a) {
      if (text.charCodeAt(after + 1) === 0x3a) {
        if (!AXES.has(text.slice(from, Math.min(this.at, from + MAX_NAME)))) return X_OTHER;
        this.at = after + 2;
        return X_AXIS;
      }
      // A prefix; `*` may stand for any name.
      const part = text.charCodeAt(this.at + 1);
      if (after === this.at && (isNameStart(part) || part === 0x2a)) {
        this.at += 2;
        while (isNamePart(text.charCodeAt(this.at))) this.at++;
        after = this.at;
      }
    }
    this.call = text.charCodeAt(after) === 0x28;
    return X_NAME;
  }
}

const isSpace = (c: number): boolean => c === 0x20 || (c >= 0x09 && c <= 0x0d) || c === 0xa0;
const isDigit = (c: number): boolean => c >= 0x30 && c <= 0x39;
const isNameStart = (c: number): boolean =>
  ((c | 0x20) >= 0x61 && (c | 0x20) <= 0x7a) || c === 0x5f || (c >= 0xc0 && c < 0x2000);
const isNamePart = (c: number): boolean => isNameStart(c) || isDigit(c) || c === 0x2d || c === 0x2e;
