import { FN_COMMON, FN_NODE, FN_NONE, FN_OUTSIDE, FN_OWN, functionKind } from './functions.ts';
import {
  X_AT,
  X_AXIS,
  X_CLOSE,
  X_CLOSE_PREDICATE,
  X_COMPARE,
  X_END,
  X_LOGIC,
  X_NAME,
  X_NUMBER,
  X_OPEN,
  X_OPEN_PREDICATE,
  X_OPEN_STRING,
  X_OPERATOR,
  X_SEMICOLON,
  X_SLASH,
  X_STRING,
  X_UNION,
  X_VARIABLE,
  XPathLexer,
} from './lexer.ts';

/** How reading ended. */
export const BROKEN = 0;
export const AT_END = 1;
/** In a string that does not end: the literal around the value goes on. */
export const IN_STRING = 2;
/** Behind an operator: what the value was set into is its right side. */
export const DANGLING = 3;

/** Words that bind a variable. */
const BINDS: ReadonlySet<string> = new Set(['some', 'every', 'for', 'let']);

/** Reads on as XPath for as long as it is: one operand, one operator. One object for all texts. */
export class ExpressionReader {
  readonly lexer = new XPathLexer();
  ended = BROKEN;
  logic = 0;
  compares = 0;
  /** Comparisons of constants only. */
  constant = 0;
  /** Steps of paths from the root or along an axis, attributes, node tests. */
  paths = 0;
  /** Steps behind another, which may also be divisions in prose. */
  steps = 0;
  /** Functions that only XPath has, such that others have too, and such that leave the document. */
  own = 0;
  common = 0;
  outside = 0;
  /** Predicates and parentheses that were closed and not opened. */
  closedPredicates = 0;
  closes = 0;
  /** Expressions joined by `|`. */
  unions = 0;
  tokens = 0;
  /** Terms that are a constant and nothing else. */
  truths = 0;
  /** A NUL cuts off what follows. */
  cut = false;
  #names = 0;
  #compared = false;
  #terms = 0;

  /** Reads from a place. @param after an operand stands before it, as behind a literal that was left */
  read(text: string, from: number, behind: boolean): void {
    const { lexer } = this;
    lexer.reset(text, from);
    this.ended = BROKEN;
    this.logic = this.compares = this.constant = this.paths = this.steps = this.own = this.common = this.outside = 0;
    this.closedPredicates = this.closes = this.unions = this.tokens = this.truths = this.#names = this.#terms = 0;
    this.#compared = this.cut = false;
    let after = behind;
    let depth = 0;
    let squares = 0;
    let last = X_END;
    let start = from;
    let stop = from;
    for (;;) {
      const kind = lexer.next(!after);
      this.tokens++;
      if (kind === X_END || kind === X_SEMICOLON) {
        this.cut = kind === X_END && lexer.at < text.length;
        this.ended = after ? AT_END : this.tokens > 1 && last !== X_OPEN ? DANGLING : BROKEN;
        break;
      }
      if (kind === X_OPEN_STRING) {
        this.ended = after ? BROKEN : IN_STRING;
        break;
      }
      if (after) {
        if (kind === X_LOGIC) {
          this.#endTerm();
          this.logic++;
          after = false;
        } else if (kind === X_COMPARE) {
          this.#compared = true;
          after = false;
        } else if (kind === X_OPERATOR) after = false;
        else if (kind === X_UNION) {
          this.#endTerm();
          this.unions++;
          after = false;
        } else if (kind === X_SLASH) {
          // `.//name`
          if (text.charCodeAt(lexer.start - 1) === 0x2e) this.paths++;
          else this.steps++;
          after = false;
        } else if (kind === X_OPEN_PREDICATE) {
          squares++;
          after = false;
        } else if (kind === X_CLOSE_PREDICATE) {
          if (--squares < 0) {
            this.#endTerm();
            this.closedPredicates++;
            squares = 0;
          }
        } else if (kind === X_CLOSE) {
          if (--depth < 0) {
            this.closes++;
            depth = 0;
          }
        } else if (kind === X_VARIABLE && last === X_NAME && BINDS.has(text.slice(start, stop))) {
          // `some $x in`, `for $x in`: nobody else writes so.
          this.own++;
          this.ended = AT_END;
          break;
        } else if (kind === X_OPEN && last === X_NAME) {
          depth++;
          after = false;
        } else break;
      } else if (kind === X_NAME) {
        this.#name();
        after = true;
      } else if (kind === X_NUMBER || kind === X_STRING) after = true;
      else if (kind === X_VARIABLE) {
        this.#names++;
        after = true;
      } else if (kind === X_OPEN) depth++;
      else if (kind === X_CLOSE && (last === X_OPEN || last === X_END)) {
        // `text()`, or a parenthesis from before the value.
        if (--depth < 0) {
          this.closes++;
          depth = 0;
        }
        after = true;
      } else if (kind === X_SLASH) {
        if (last === X_SLASH) break;
        // `and/or`
        if (last !== X_LOGIC || lexer.start > stop) this.paths++;
        this.#names++;
      } else if (kind === X_AXIS) {
        this.paths++;
      } else if (kind === X_AT) {
        this.paths++;
        this.#names++;
      } else if (kind === X_OPERATOR && lexer.text.charCodeAt(lexer.start) === 0x2d) {
        // A sign.
      } else if (this.tokens === 1 && kind === X_CLOSE_PREDICATE) {
        this.closedPredicates++;
        after = true;
      } else if (this.tokens === 1 && kind === X_LOGIC) {
        this.logic++;
      } else break;
      last = kind;
      start = lexer.start;
      stop = lexer.end;
    }
    this.#endTerm();
  }

  #name(): void {
    const { lexer } = this;
    this.#names++;
    const c = lexer.text.charCodeAt(lexer.start);
    if (!lexer.call) {
      // `..` is a step to the parent.
      if (c === 0x2e && lexer.end - lexer.start === 2) this.paths++;
      return;
    }
    const kind = functionKind(lexer.word);
    if (kind === FN_NONE) return;
    if (kind === FN_OWN) this.own++;
    else if (kind === FN_COMMON) this.common++;
    else if (kind === FN_NODE) this.paths++;
    else if (kind === FN_OUTSIDE) this.outside++;
  }

  #endTerm(): void {
    if (this.#compared) {
      this.compares++;
      // The first term has the literal's own left side.
      if (this.#names === 0 && (this.#terms > 0 || this.logic > 0)) this.constant++;
    } else if (this.#names === 0 && this.#terms > 0) this.truths++;
    this.#terms++;
    this.#compared = false;
    this.#names = 0;
  }
}
