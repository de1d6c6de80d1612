import {
  type SqlLexer,
  T_COMMA,
  T_COMMENT,
  T_COMPARE,
  T_END,
  T_NUMBER,
  T_OPEN,
  T_OPEN_STRING,
  T_OTHER,
  T_SEMICOLON,
  T_STRING,
  T_VARIABLE,
  T_WORD,
} from './lexer.ts';
import { LIST, look, MAX_TOKENS, selectShape } from './shapes.ts';
import {
  W_BEGIN,
  W_CHOOSE,
  W_CONDITION,
  W_DECLARE,
  W_DELAY,
  W_EXEC,
  W_FROM,
  W_FUNCTION,
  W_INTO,
  W_OBJECT,
  W_SELECT,
  W_SET,
  W_SLEEP,
  W_STATEMENT,
  W_SYSTEM,
  W_VALUES,
  W_WAITFOR,
  W_WEAPON,
} from './words.ts';

/** What the statement that begins here would do, in words; undefined where it is none. */
export function statementShape(text: string, from: number, limit: number): string | undefined {
  const lexer = look(text, from, limit);
  while (lexer.next() === T_SEMICOLON || lexer.kind === T_OPEN);
  if (lexer.kind !== T_WORD) return undefined;
  const { word } = lexer;
  const name = text.slice(lexer.start, Math.min(lexer.end, lexer.start + 12)).toLowerCase();
  const after = lexer.end;
  switch (word) {
    case W_SELECT: {
      const shape = selectShape(text, after, limit);
      return shape >= LIST ? 'adds a statement that reads' : undefined;
    }
    case W_WAITFOR:
      return waits(lexer) ? 'makes the database wait' : undefined;
    case W_EXEC:
      return executes(lexer) ? 'runs a stored procedure' : undefined;
    case W_DECLARE:
      return lexer.next() === T_VARIABLE && lexer.next() !== T_END ? 'adds statements of its own' : undefined;
    case W_SET:
      return lexer.next() === T_VARIABLE && lexer.next() === T_COMPARE ? 'adds statements of its own' : undefined;
    case W_SLEEP:
      return !holdsWords(lexer) && lexer.next() === T_OPEN ? 'makes the database wait' : undefined;
    case W_WEAPON:
      return lexer.qualified || lexer.next() === T_OPEN ? 'calls a dangerous function' : undefined;
    case W_STATEMENT:
      return changes(lexer, name) ? 'adds a statement that changes the database' : undefined;
    case W_CHOOSE:
      return lexer.next() === T_OPEN ? 'adds a statement of its own' : undefined;
    case W_BEGIN:
      // `BEGIN:VCARD` begins something else.
      return text.charCodeAt(after) !== 0x3a && holdsCall(lexer) ? 'adds statements of its own' : undefined;
    case W_FUNCTION:
      if (name === 'if' || name === 'replace') return changes(lexer, name) ? 'adds a statement of its own' : undefined;
      return undefined;
    default:
      return undefined;
  }
}

const WORDS_IN_CALL = /[\s]{0,20}\([^()]{0,40}?[a-z0-9]\s+[a-z]{2,}/iy;

/** Behind the word just read stands a parenthesis with words in it: "sleep (8 hours)". */
export function holdsWords(lexer: SqlLexer): boolean {
  WORDS_IN_CALL.lastIndex = lexer.end;
  return WORDS_IN_CALL.test(lexer.text);
}

/** After `waitfor`. */
export function waits(lexer: SqlLexer): boolean {
  if (lexer.next() !== T_WORD) return false;
  const isDelay = lexer.word === W_DELAY;
  const kind = lexer.next();
  return kind === T_STRING || kind === T_OPEN_STRING || kind === T_VARIABLE || (isDelay && kind === T_NUMBER);
}

/** After `waitfor` in the middle of a text. */
export function waitsAt(text: string, from: number, limit: number): boolean {
  return waits(look(text, from, limit));
}

function executes(lexer: SqlLexer): boolean {
  const kind = lexer.next();
  if (kind === T_VARIABLE || kind === T_OPEN || kind === T_STRING) return true;
  if (kind !== T_WORD) return false;
  // execute as login 'x'
  if (is(lexer, 'as')) return lexer.next() === T_WORD && lexer.word === W_OBJECT && lexer.next() === T_STRING;
  if (lexer.word === W_WEAPON || lexer.word === W_SYSTEM) return true;
  const start = lexer.text.slice(lexer.start, lexer.start + 10).toLowerCase();
  if (start.startsWith('xp_') || start.startsWith('sp_') || start.startsWith('immediate')) return true;
  const next = lexer.next();
  return next === T_STRING || next === T_VARIABLE || next === T_OPEN_STRING;
}

function changes(lexer: SqlLexer, first: string): boolean {
  const kind = lexer.next();
  const { word } = lexer;
  switch (first) {
    case 'drop':
    case 'create':
    case 'alter':
    case 'truncate': {
      if (kind !== T_WORD) return false;
      // create or replace function, create temp table
      for (let i = 0; i < 3 && !isObject(lexer); i++) {
        const modifier = MODIFIER.test(text(lexer));
        const next = lexer.next();
        if (next === T_WORD && !modifier) return false;
        if (next !== T_WORD) return next === T_COMMENT || (first === 'truncate' && ends(next));
      }
      if (!isObject(lexer)) return false;
      let next = lexer.next();
      for (let i = 0; i < 3 && next === T_WORD && (lexer.word === W_FUNCTION || isWordOfGuard(lexer)); i++)
        next = lexer.next();
      if (next !== T_WORD && next !== T_STRING) return first !== 'create' && next === T_COMMENT;
      const after = lexer.next();
      if (first === 'create' || first === 'alter') return after !== T_END && after !== T_OTHER;
      return ends(after) || after === T_COMMA || after === T_OPEN_STRING || (after === T_WORD && isCascade(lexer));
    }
    case 'insert':
    case 'replace':
    case 'merge': {
      if (kind !== T_WORD || word !== W_INTO) return false;
      if (lexer.next() !== T_WORD) return false;
      const after = lexer.next();
      if (after === T_OPEN) return true;
      return after === T_WORD && (lexer.word === W_VALUES || lexer.word === W_SELECT || lexer.word === W_SET);
    }
    case 'delete': {
      if (kind !== T_WORD) return false;
      let found = word === W_FROM;
      for (let i = 0; i < 2 && !found; i++) {
        if (lexer.next() !== T_WORD) return false;
        found = lexer.word === W_FROM;
      }
      if (!found || lexer.next() !== T_WORD) return false;
      const after = lexer.next();
      return ends(after) || after === T_OPEN_STRING || (after === T_WORD && lexer.word === W_CONDITION);
    }
    case 'update': {
      if (kind !== T_WORD) return false;
      if (lexer.next() !== T_WORD || lexer.word !== W_SET) return false;
      const name = lexer.next();
      return (name === T_WORD || name === T_VARIABLE) && lexer.next() === T_COMPARE;
    }
    case 'shutdown':
      return ends(kind) || (kind === T_WORD && lexer.text.slice(lexer.start, lexer.end).toLowerCase() === 'with');
    case 'if':
    case 'while':
      return (
        (kind === T_OPEN || kind === T_NUMBER || (kind === T_WORD && /^(?:not|exists)$/.test(text(lexer)))) &&
        holdsCall(lexer)
      );
    case 'load':
      if (kind === T_STRING) return first === 'load' && lexer.next() === T_COMMENT;
      return kind === T_WORD && loads(lexer, word);
    case 'backup':
    case 'restore':
    case 'attach':
    case 'rename':
      return kind === T_WORD && loads(lexer, word);
    case 'grant':
    case 'revoke': {
      if (kind !== T_WORD) return false;
      if (/^(?:connect|resource|dba)$/.test(text(lexer))) return lexer.next() === T_WORD && is(lexer, 'to');
      for (let i = 0; i < 6; i++) if (lexer.next() === T_WORD && text(lexer) === 'on') return true;
      return false;
    }
    case 'copy':
      if (kind === T_OPEN) return true;
      return (
        kind === T_WORD &&
        lexer.next() === T_WORD &&
        (lexer.word === W_FROM || text(lexer) === 'to') &&
        lexer.next() === T_STRING
      );
    case 'handler':
    case 'prepare':
      return kind === T_WORD && lexer.next() === T_WORD && (text(lexer) === 'open' || lexer.word === W_FROM);
    case 'dbcc':
    case 'call':
      return kind === T_WORD && lexer.next() === T_OPEN;
    case 'do':
      return kind === T_OPEN;
    default:
      return false;
  }
}

const loads = (lexer: SqlLexer, word: number): boolean =>
  (word === W_OBJECT || /^(?:data|xml)$/.test(text(lexer))) && lexer.next() !== T_END;

const MODIFIER = /^(?:or|replace|temp|temporary|global|local|unique|materialized|external|public|clustered)$/;
const text = (lexer: SqlLexer): string =>
  lexer.text.slice(lexer.start, Math.min(lexer.end, lexer.start + 16)).toLowerCase();
const ends = (kind: number): boolean => kind === T_END || kind === T_SEMICOLON || kind === T_COMMENT;
const is = (lexer: SqlLexer, word: string): boolean => text(lexer) === word;
/** `database` and `schema` are functions too. */
const isObject = (lexer: SqlLexer): boolean =>
  lexer.word === W_OBJECT || is(lexer, 'database') || is(lexer, 'schema') || is(lexer, 'user');
const isWordOfGuard = (lexer: SqlLexer): boolean => /^(?:if|not|exists)$/.test(text(lexer));
const isCascade = (lexer: SqlLexer): boolean => /^(?:cascade|restrict|purge)/.test(text(lexer));

/** A call, a comparison or a subquery follows soon: more than a sentence that begins with `if`. */
function holdsCall(lexer: SqlLexer): boolean {
  for (let i = 0; i < MAX_TOKENS; i++) {
    const kind = lexer.next();
    if (kind === T_END) return false;
    if (kind !== T_WORD) continue;
    const { word } = lexer;
    if (word === W_SELECT || word === W_WAITFOR || word === W_WEAPON || word === W_SLEEP) return true;
    if (word === W_DECLARE && lexer.next() === T_VARIABLE) return true;
    if (word === W_EXEC && (lexer.next() === T_OPEN || lexer.kind === T_VARIABLE)) return true;
    if (word !== W_STATEMENT || is(lexer, 'print')) continue;
    if (is(lexer, 'shutdown')) return true;
    lexer.next();
    if (ends(lexer.kind) || (lexer.kind === T_WORD && (lexer.word === W_INTO || isObject(lexer)))) return true;
  }
  return false;
}
