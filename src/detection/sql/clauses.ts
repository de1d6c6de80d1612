import { ANCHORED, AT_COMMENT, AT_END, Evidence, FLOATING, NAME, QUOTED } from './evidence.ts';
import { T_COMMENT, T_END, T_NUMBER, T_OPEN, T_VARIABLE, T_WORD } from './lexer.ts';
import { LIST, LIST_FROM, NAME_FROM, NAME_ONLY, PROSE, selectShape } from './shapes.ts';

import { statementShape } from './statements.ts';
import { W_BY, W_EXEC, W_MODE, W_OUTFILE, W_PREFIX, W_SELECT, W_VALUES } from './words.ts';

/** Reads the clauses that may follow an operand, and the queries that may stand in the place of one. */
export class Clauses extends Evidence {
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
      if (kind !== T_WORD) return false;
      if (lexer.word === W_EXEC) return this.statement();
      if (lexer.word === W_VALUES) return this.mode !== FLOATING && this.strong('joins rows of its own to the result');
      if (lexer.word !== W_SELECT) return false;
      const shape = selectShape(lexer.text, lexer.end, lexer.limit);
      const least = this.mode === QUOTED || (this.mode === ANCHORED && this.numeric) ? PROSE : LIST;
      return shape >= least && this.strong('joins a query of its own to the result');
    }
    return false;
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
    if (this.mode === QUOTED) return shape >= LIST && this.strong('asks the database for more');
    if (fresh) return false;
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
