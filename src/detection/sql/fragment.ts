import { Clauses } from './clauses.ts';
import {
  ANCHORED,
  AT_COMMENT,
  AT_END,
  AT_SEMICOLON,
  BROKEN,
  CONSTANT,
  DANGLING,
  FLOATING,
  IN_STRING,
  isFunction,
  NAME,
  NOTHING,
  QUOTED,
} from './evidence.ts';
import {
  type SqlLexer,
  T_BRACE,
  T_CAST,
  T_CLOSE,
  T_COMMA,
  T_COMMENT,
  T_COMPARE,
  T_END,
  T_LOGIC,
  T_NUMBER,
  T_OPEN,
  T_OPEN_STRING,
  T_RECKON,
  T_SEMICOLON,
  T_STRING,
  T_UNARY,
  T_VARIABLE,
  T_WORD,
} from './lexer.ts';
import { LIST_FROM, selectShape } from './shapes.ts';
import { statementShape, waitsAt } from './statements.ts';
import {
  W_BETWEEN,
  W_BRANCH,
  W_COMPARE,
  W_CONDITION,
  W_DECLARE,
  W_DIRECTION,
  W_END,
  W_EXEC,
  W_FROM,
  W_IN,
  W_INTO,
  W_IS,
  W_JOIN,
  W_LIMIT,
  W_LOGIC,
  W_NOT,
  W_ORDER,
  W_PROCEDURE,
  W_RECKON,
  W_SELECT,
  W_SUFFIX,
  W_UNION,
  W_WAITFOR,
} from './words.ts';

/** The number just read is `1.e`. */
const endsInExponent = ({ text, start }: SqlLexer): boolean =>
  (text.charCodeAt(start - 1) | 0x20) === 0x65 && text.charCodeAt(start - 2) === 0x2e;

/**
 * Reads tokens as the rest of an SQL expression for as long as they are one. Between two operands stands an operator, a
 * word that joins or the beginning of a clause; prose breaks that soon, an injection cannot.
 */
export class Fragment extends Clauses {
  /** Reads from the lexer's place. @param after an operand stands before it */
  read(lexer: SqlLexer, mode: number, after: boolean): void {
    this.why = undefined;
    this.logic = this.symbols = this.compares = this.constants = this.reckons = this.closes = this.commas = 0;
    this.calls = this.asks = this.probes = this.names = this.tokens = this.depth = this.cases = this.selects = 0;
    this.direct =
      this.clause =
      this.numbered =
      this.compared =
      this.between =
      this.chooses =
      this.numeric =
      this.dangling =
      this.worded =
        false;
    this.lexer = lexer;
    this.mode = mode;
    this.after = after;
    this.left = after ? CONSTANT : NOTHING;
    this.right = NOTHING;
    this.leftHash = this.rightHash = this.lastHash = 0;
    this.last = T_END;
    this.lastWord = 0;
    this.ended = BROKEN;
    for (;;) {
      const kind = lexer.next();
      this.stop = lexer.start;
      this.stopEnd = lexer.end;
      this.stopKind = kind;
      this.tokens++;
      if (this.tokens <= 2 && (kind === T_NUMBER || kind === T_CLOSE || kind === T_VARIABLE)) this.numeric = true;
      const goes = this.after ? this.behindOperand(kind) : this.beforeOperand(kind);
      if (!goes) break;
      this.last = kind;
      this.lastWord = lexer.word;
    }
    if (this.ended === IN_STRING && this.compared && this.right === NOTHING) {
      // The open string is the right of the comparison.
      if (this.logic > 0) this.compares++;
      else this.direct = true;
    }
    if (this.why === undefined && (this.ended !== BROKEN || this.mode === QUOTED)) this.endTerm();
  }

  protected behindOperand(kind: number): boolean {
    const lexer = this.lexer;
    switch (kind) {
      case T_WORD:
        return this.wordBehind();
      case T_END:
        return this.end(AT_END);
      case T_COMMENT:
        return this.end(AT_COMMENT);
      case T_COMPARE:
        return this.compare();
      case T_RECKON:
        if (this.logic === 0) this.reckons++;
        return this.operator();
      case T_LOGIC:
        return this.join(true);
      case T_CLOSE:
        return this.close();
      case T_OPEN:
        // A call; anything else cannot have a parenthesis behind it, but for a number of MySQL's: `1.e(1)`.
        if (this.last !== T_WORD) {
          const odd = this.last === T_VARIABLE || (this.last === T_NUMBER && endsInExponent(lexer));
          return odd && this.mode === QUOTED ? this.open() : this.adjacentQuery();
        }
        if (this.mode === FLOATING && lexer.spaced && !isFunction(this.lastWord)) return false;
        return this.open();
      case T_COMMA:
        if (this.depth === 0) this.commas++;
        this.endTerm();
        if (this.why !== undefined) return false;
        return this.operator();
      case T_SEMICOLON: {
        const why = statementShape(lexer.text, lexer.end, lexer.limit);
        if (why !== undefined) return this.strong(why);
        return this.end(AT_SEMICOLON);
      }
      case T_STRING:
        return this.last === T_STRING || this.tokens === 1;
      case T_OPEN_STRING:
        return this.end(this.last === T_STRING || this.tokens === 1 ? IN_STRING : BROKEN);
      case T_CAST:
        return lexer.next() === T_WORD;
      case T_BRACE:
        return this.last !== T_END && lexer.text.charCodeAt(lexer.start) === 0x7d && this.mode !== FLOATING;
      default:
        return false;
    }
  }

  protected wordBehind(): boolean {
    const lexer = this.lexer;
    switch (lexer.word) {
      case W_LOGIC:
        if (this.between && this.depth >= 0) {
          this.between = false;
          return this.operator();
        }
        return this.join(false);
      case W_NOT:
        return true;
      case W_COMPARE: {
        if (this.tokens === 1 && !lexer.spaced) this.worded = true;
        // sounds like
        const sounds = (lexer.text.charCodeAt(lexer.start) | 0x20) === 0x73 && lexer.end - lexer.start === 6;
        if (sounds && (lexer.next() !== T_WORD || lexer.word !== W_COMPARE)) return false;
        return this.compare();
      }
      case W_IN:
        return this.inList();
      case W_IS:
        if (this.tokens === 1 && !lexer.spaced) this.worded = true;
        return this.compare();
      case W_BETWEEN:
        this.between = true;
        return this.compare();
      case W_RECKON:
        if (this.tokens === 1 && !lexer.spaced) this.worded = true;
        if (this.logic === 0) this.reckons++;
        return this.operator();
      case W_UNION:
        return this.union();
      case W_CONDITION:
        if (this.clause && this.calls > 0 && this.mode !== FLOATING)
          return this.strong('makes the database show data in an error');
        this.clause = true;
        return this.join(false);
      case W_EXEC:
      case W_DECLARE:
        return this.statement();
      case W_ORDER:
        return this.orderBy();
      case W_LIMIT:
        this.clause = true;
        this.endTerm();
        return this.why === undefined && this.operator();
      case W_INTO:
        return this.into();
      case W_PROCEDURE:
        if (lexer.next() !== T_WORD) return false;
        return lexer.next() === T_OPEN ? this.strong('runs a stored procedure') : false;
      case W_WAITFOR:
        return waitsAt(lexer.text, lexer.end, lexer.limit) ? this.strong('makes the database wait') : false;
      case W_FROM:
        // substring(x from 1 for 1)
        if (this.leaves()) return this.strong('leaves its parentheses and reads what it likes');
        if (this.selects === 0 && (this.probes === 0 || this.depth === 0)) return false;
        return this.operator();
      case W_BRANCH:
        if (this.cases === 0) return false;
        this.endTerm();
        return this.why === undefined && this.operator();
      case W_END:
        return this.cases > 0;
      case W_SUFFIX:
        if (this.cases > 0 && this.depth === 0 && this.clauseOfLocking()) return this.end(AT_END);
        if (this.mode !== QUOTED && this.selects === 0 && (this.probes === 0 || this.depth === 0)) return false;
        return this.operator();
      case W_DIRECTION:
        return this.clause;
      case W_JOIN:
        return this.selects > 0 && this.operator();
      case W_SELECT:
        if (this.mode === FLOATING) return false;
        // Strings of two kinds side by side are no SQL: `'self'" ... "select`.
        return this.last !== T_STRING && selectShape(lexer.text, lexer.end, lexer.limit) >= LIST_FROM
          ? this.strong('adds a query of its own')
          : this.misspelled() && this.strong('joins a query of its own to the result');
      default: {
        if (this.mode !== FLOATING && this.last !== T_WORD) {
          const why = statementShape(lexer.text, lexer.start, lexer.limit);
          if (why !== undefined) return this.strong(why);
        }
        if (this.tokens === 3 && this.numeric && this.misspelledUnion())
          return this.strong('joins a query of its own to the result');
        // An alias.
        return this.selects > 0 && this.last !== T_NUMBER;
      }
    }
  }

  protected beforeOperand(kind: number): boolean {
    const lexer = this.lexer;
    const fresh = this.tokens === 1;
    switch (kind) {
      case T_WORD:
        return this.wordBefore(fresh);
      case T_NUMBER:
      case T_STRING:
        return this.operand(CONSTANT, 0);
      case T_VARIABLE: {
        const system = lexer.text.charCodeAt(lexer.start + 1) === 0x40;
        if (system) this.asks++;
        return this.operand(system ? CONSTANT : NAME, -1);
      }
      case T_OPEN:
        return this.open();
      case T_CLOSE:
        if (this.last === T_OPEN || fresh) return this.close();
        return false;
      case T_RECKON: {
        const c = lexer.text.charCodeAt(lexer.start);
        if (c === 0x2a && (this.last === T_OPEN || this.last === T_COMMA || this.lastWord === W_SELECT))
          return this.operand(CONSTANT, 0);
        if (fresh && this.mode !== FLOATING) this.reckons++;
        return c === 0x2b || c === 0x2d || (fresh && this.mode === ANCHORED && c !== 0x2f);
      }
      case T_UNARY:
        return true;
      case T_LOGIC:
        if (!fresh) return false;
        return this.join(true);
      case T_OPEN_STRING:
        if (this.mode !== QUOTED) return this.end(BROKEN);
        return this.end(IN_STRING);
      case T_END:
        return this.end(DANGLING);
      case T_COMMENT:
        return this.end(this.logic > 0 || this.reckons > 0 || this.direct ? DANGLING : AT_COMMENT);
      case T_SEMICOLON: {
        const why = statementShape(lexer.text, lexer.end, lexer.limit);
        return why === undefined ? this.end(fresh ? AT_SEMICOLON : DANGLING) : this.strong(why);
      }
      case T_BRACE:
        return lexer.text.charCodeAt(lexer.start) === 0x7b && this.mode !== FLOATING && lexer.next() === T_WORD;
      default:
        return false;
    }
  }
}
