import {
  type SqlLexer,
  T_BRACE,
  T_COMMA,
  T_COMMENT,
  T_END,
  T_LOGIC,
  T_NUMBER,
  T_OPEN_STRING,
  T_OTHER,
  T_SEMICOLON,
  T_STRING,
  T_WORD,
} from './lexer.ts';
import {
  W_CONDITION,
  W_DECLARE,
  W_EXEC,
  W_INTO,
  W_LIMIT,
  W_LOGIC,
  W_NONE,
  W_ORDER,
  W_PROCEDURE,
  W_SELECT,
  W_SLEEP,
  W_UNION,
  W_WAITFOR,
  W_WEAPON,
} from './words.ts';

/** Words without which nothing in the middle of a text changes a statement. */
const TELLING = new Uint8Array(64);
for (const word of [
  W_LOGIC,
  W_CONDITION,
  W_UNION,
  W_SELECT,
  W_INTO,
  W_PROCEDURE,
  W_ORDER,
  W_LIMIT,
  W_EXEC,
  W_DECLARE,
  W_WAITFOR,
  W_WEAPON,
  W_SLEEP,
])
  TELLING[word] = 1;

/**
 * Skips what can hold nothing: where no word stands that tells, up to a sign at which every fragment ends, fragments need
 * not be read. @returns where the part begins in which such a word stands; the lexer is at that word, its mark there
 */
export function skipQuiet(lexer: SqlLexer, from: number): number {
  lexer.at = from;
  lexer.mark();
  let start = from;
  let ended = false;
  for (;;) {
    const kind = lexer.next();
    switch (kind) {
      case T_OTHER:
      case T_BRACE:
        start = lexer.end;
        lexer.mark();
        break;
      case T_WORD:
        if (TELLING[lexer.word] === 1 || (ended && lexer.word !== W_NONE)) return start;
        break;
      case T_LOGIC:
        return start;
      case T_END:
      case T_COMMENT:
      case T_OPEN_STRING:
        lexer.at = lexer.end;
        lexer.mark();
        return lexer.limit;
    }
    ended = kind === T_SEMICOLON;
  }
}

/**
 * Where the next fragment in the middle of a text may begin: operands that nothing joins follow each other in prose and
 * in data only, and reading a fragment from each would find that out at a higher price.
 */
export function skipPlain(lexer: SqlLexer, from: number): number {
  lexer.at = from;
  let start = -1;
  let last = T_END;
  for (;;) {
    const kind = lexer.next();
    const plain = kind === T_NUMBER || (kind === T_WORD && lexer.word === W_NONE);
    if (plain || (kind === T_STRING && last !== T_STRING)) start = lexer.start;
    else if (kind === T_OTHER || (start < 0 && kind === T_COMMA)) start = -1;
    else return start < 0 ? lexer.start : start;
    last = kind;
  }
}
