import { ANCHORED, AT_COMMENT, AT_END, CONSTANT, Evidence, FLOATING, NAME, QUOTED } from './evidence.ts';
import { T_COMMA, T_COMMENT, T_END, T_NUMBER, T_OPEN, T_VARIABLE, T_WORD } from './lexer.ts';
import { LIST, LIST_FROM, NAME_FROM, NAME_ONLY, PROSE, probed, selectShape } from './shapes.ts';

import { holdsWords, statementShape } from './statements.ts';
import {
  W_ASK,
  W_BETWEEN,
  W_BY,
  W_CHOOSE,
  W_COMPARE,
  W_CONDITION,
  W_CONSTANT,
  W_DECLARE,
  W_EXEC,
  W_FROM,
  W_IN,
  W_INTO,
  W_LIMIT,
  W_LOGIC,
  W_MODE,
  W_NOT,
  W_OBJECT,
  W_ORDER,
  W_OUTFILE,
  W_PREFIX,
  W_PROBE,
  W_PROCEDURE,
  W_SELECT,
  W_SET,
  W_SLEEP,
  W_STATEMENT,
  W_SYSTEM,
  W_UNION,
  W_VALUES,
  W_WAITFOR,
  W_WEAPON,
} from './words.ts';

/** Reads the clauses that may follow an operand, and the queries that may stand in the place of one. */
export abstract class Clauses extends Evidence {
  /** A word where an operator, or the end of the expression, may stand. */
  protected abstract wordBehind(): boolean;

  /** A word where an operand should stand. */
  protected wordBefore(fresh: boolean): boolean {
    const lexer = this.lexer;
    const { word } = lexer;
    switch (word) {
      case W_NOT:
      case W_PREFIX:
        if (lexer.end - lexer.start === 4 && (lexer.text.charCodeAt(lexer.start) | 0x20) === 0x63) this.cases++;
        return true;
      case W_CONSTANT:
        return this.operand(CONSTANT, 0);
      case W_SELECT:
        return this.subquery(fresh);
      case W_WEAPON:
        return this.weapon();
      case W_SLEEP:
        if (this.isCalled() && (!fresh || this.mode !== FLOATING) && !holdsWords(lexer))
          return this.strong('makes the database wait');
        return this.operand(NAME, lexer.hash);
      case W_CONDITION:
        // `case when`
        this.endTerm();
        this.logic++;
        return this.why === undefined;
      case W_LOGIC:
      case W_UNION:
      case W_ORDER:
      case W_INTO:
      case W_PROCEDURE:
      case W_WAITFOR:
      case W_LIMIT:
      case W_COMPARE:
      case W_BETWEEN:
      case W_IN:
        if (!fresh && word !== W_WAITFOR) return false;
        this.after = true;
        return this.wordBehind();
      case W_EXEC:
      case W_DECLARE:
        return this.statement();
      case W_ASK:
        if (this.isCalled()) this.asks++;
        else this.names++;
        return this.operand(NAME, lexer.hash);
      case W_PROBE:
        if (this.isCalled()) this.probes++;
        return this.operand(NAME, lexer.hash);
      case W_CHOOSE:
        this.chooses = true;
        return this.operand(NAME, lexer.hash);
      case W_BY:
      case W_FROM:
      case W_SET:
        return false;
      case W_SYSTEM:
        return this.operand(NAME, lexer.hash);
      default:
        this.names++;
        return this.operand(NAME, lexer.hash === 0 ? -1 : lexer.hash);
    }
  }

  /** A query in parentheses right behind a literal: databases refuse it, but only after they have been asked. */
  protected adjacentQuery(): boolean {
    const lexer = this.lexer;
    if (this.mode === FLOATING) return false;
    while (lexer.next() === T_OPEN);
    if (lexer.kind !== T_WORD || lexer.word !== W_SELECT) return false;
    return selectShape(lexer.text, lexer.end, lexer.limit) >= LIST && this.strong('asks the database for more');
  }

  protected into(): boolean {
    const lexer = this.lexer;
    const kind = lexer.next();
    if (kind === T_WORD && lexer.word === W_OUTFILE) return this.strong('writes a file on the database server');
    return this.selects > 0 && kind === T_VARIABLE;
  }

  protected statement(): boolean {
    const lexer = this.lexer;
    const why = statementShape(lexer.text, lexer.start, lexer.limit);
    return why !== undefined && this.strong(why);
  }

  /** `in (...)`, or the end of `match ... against ('...' in boolean mode)`. */
  protected inList(): boolean {
    const lexer = this.lexer;
    lexer.mark();
    if (lexer.next() === T_WORD && lexer.word === W_MODE) {
      for (let i = 0; i < 2; i++) if (lexer.next() === T_WORD && lexer.end - lexer.start === 4) return true;
      return false;
    }
    lexer.back();
    if (this.tokens === 1 && lexer.kind !== T_OPEN) this.worded = true;
    return this.compare();
  }

  protected orderBy(): boolean {
    const lexer = this.lexer;
    if (lexer.next() !== T_WORD || lexer.word !== W_BY) return false;
    this.endTerm();
    if (this.why !== undefined) return false;
    this.clause = true;
    lexer.mark();
    this.numbered = lexer.next() === T_NUMBER;
    lexer.back();
    return this.operator();
  }

  protected union(): boolean {
    const lexer = this.lexer;
    for (let i = 0; i < 8; i++) {
      const kind = lexer.next();
      if (kind === T_OPEN || (kind === T_WORD && lexer.word === W_PREFIX)) continue;
      if (kind === T_END || kind === T_COMMENT) {
        this.dangling = true;
        return this.end(kind === T_END ? AT_END : AT_COMMENT);
      }
      // Without its `select`: a probe, or what a filter left.
      if (kind === T_NUMBER && this.mode !== FLOATING && this.numeric)
        return (
          lexer.next() === T_COMMA && lexer.next() === T_NUMBER && this.strong('joins a query of its own to the result')
        );
      if (kind !== T_WORD) return false;
      // MySQL's `union table users`
      if (lexer.word === W_OBJECT && this.mode !== FLOATING)
        return (
          lexer.next() === T_WORD &&
          lexer.next() === T_COMMENT &&
          this.strong('joins a table of its choice to the result')
        );
      if (lexer.word === W_EXEC) return this.statement();
      if (lexer.word === W_VALUES) {
        if (this.mode === FLOATING) return false;
        const rows = lexer.next();
        const prose = rows !== T_OPEN && rows !== T_END && rows !== T_COMMENT && !this.isRow();
        return !prose && this.strong('joins rows of its own to the result');
      }
      if (lexer.word !== W_SELECT) return false;
      const shape = selectShape(lexer.text, lexer.end, lexer.limit);
      const least = this.mode === QUOTED || (this.mode === ANCHORED && this.numeric) ? PROSE : LIST;
      return shape >= least && this.strong('joins a query of its own to the result');
    }
    return false;
  }

  /** `values row(1)` */
  protected isRow(): boolean {
    return this.lexer.kind === T_WORD && this.lexer.word === W_PREFIX;
  }

  /** `select union 1,2`: words in the wrong order are a probe all the same. */
  protected misspelled(): boolean {
    const lexer = this.lexer;
    lexer.mark();
    const swapped =
      lexer.next() === T_WORD &&
      lexer.word === W_UNION &&
      lexer.next() === T_NUMBER &&
      lexer.next() === T_COMMA &&
      lexer.next() === T_NUMBER;
    lexer.back();
    return swapped;
  }

  /** A misspelled `union` behind a negative number: `-1 inion select 2--`. */
  protected misspelledUnion(): boolean {
    const lexer = this.lexer;
    if (this.mode !== ANCHORED || lexer.text.trimStart().charCodeAt(0) !== 0x2d) return false;
    if (lexer.next() !== T_WORD || lexer.word !== W_SELECT) return false;
    const { end, text, limit } = lexer;
    const shape = selectShape(text, end, limit);
    return shape === LIST_FROM || (shape === LIST && text.includes('--', end));
  }

  /** After `from`: `1) from users where` goes on with the query it stands in. */
  protected leaves(): boolean {
    const lexer = this.lexer;
    if (this.mode !== ANCHORED || !this.numeric || this.closes === 0 || this.logic > 0) return false;
    lexer.mark();
    const reads = lexer.next() === T_WORD && lexer.next() === T_WORD && lexer.word === W_CONDITION;
    lexer.back();
    return reads;
  }

  /** `for update`. */
  protected clauseOfLocking(): boolean {
    const lexer = this.lexer;
    lexer.mark();
    const locks = lexer.next() === T_WORD && lexer.word === W_STATEMENT && lexer.end - lexer.start === 6;
    lexer.back();
    return locks;
  }

  /** A parenthesis follows the word just read. */
  protected isCalled(): boolean {
    const lexer = this.lexer;
    const { text, limit } = lexer;
    let at = lexer.end;
    for (let i = 0; i < 64 && at < limit; i++, at++) {
      const c = text.charCodeAt(at);
      if (c === 0x28) return true;
      if (c === 0x2f && text.charCodeAt(at + 1) === 0x2a) {
        const close = text.indexOf('*/', at + 2);
        if (close < 0 || close > at + 200) return false;
        at = close + 1;
      } else if (c > 0x20 && c !== 0xa0) return false;
    }
    return false;
  }

  protected weapon(): boolean {
    const lexer = this.lexer;
    if (this.isCalled()) return this.strong('calls a function of the database that waits, reads files or reaches out');
    if (lexer.qualified && this.mode !== FLOATING) return this.strong('calls a package of the database');
    return this.operand(NAME, lexer.hash);
  }

  protected subquery(fresh: boolean): boolean {
    const lexer = this.lexer;
    const shape = selectShape(lexer.text, lexer.end, lexer.limit);
    if (this.mode === QUOTED)
      return (
        (shape === LIST_FROM || (shape >= LIST && (fresh || this.depth > 0))) &&
        this.strong('asks the database for more')
      );
    if (fresh) return false;
    // cast((select version()) as int)
    if (this.mode === ANCHORED && this.depth > 1 && shape >= LIST && probed && this.names > 0)
      return this.strong('asks the database for more');
    const joined = this.direct || this.logic > 0 || this.compared || this.reckons > 0 || this.calls > 0;
    if (shape >= NAME_FROM && (joined || shape === LIST_FROM) && (this.depth > 0 || this.numeric))
      return this.strong('asks the database for more');
    if (shape === LIST && joined && this.depth > 0) return this.strong('asks the database for more');
    if (shape === NAME_ONLY && joined && this.depth > 0 && this.mode === ANCHORED && this.numeric)
      return this.strong('asks the database for more');
    this.selects++;
    return shape !== PROSE || this.mode === ANCHORED;
  }
}
