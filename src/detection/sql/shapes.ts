import { isWordPart } from './characters.ts';
import {
  SqlLexer,
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
  T_OTHER,
  T_RECKON,
  T_SEMICOLON,
  T_STRING,
  T_VARIABLE,
  T_WORD,
} from './lexer.ts';
import {
  W_ASK,
  W_BRANCH,
  W_COMPARE,
  W_CONDITION,
  W_CONSTANT,
  W_FROM,
  W_IN,
  W_INTO,
  W_IS,
  W_JOIN,
  W_LIMIT,
  W_LOGIC,
  W_NONE,
  W_OBJECT,
  W_ORDER,
  W_PREFIX,
  W_PROBE,
  W_SELECT,
  W_SET,
  W_SUFFIX,
  W_SYSTEM,
  W_UNION,
  W_VALUES,
  W_WEAPON,
} from './words.ts';

/** How far a look ahead goes: a statement shows its shape in its beginning, and prose shows that it is none. */
export const MAX_TOKENS = 48;
const MAX_CHARACTERS = 600;

/** No select list, but words that happen to follow each other. */
export const PROSE = 0;
/** What could be a list and need not be one: a lone name. */
export const NAME_ONLY = 1;
/** A list of values or columns. */
export const LIST = 2;
/** A lone name, and `from` with a table. */
export const NAME_FROM = 3;
/** A list that is none in prose, and `from` with a table. */
export const LIST_FROM = 4;

const ahead = new SqlLexer();

/** Tokens read ahead since the process began. */
export const lookedAhead = (): number => ahead.steps;

export const look = (text: string, from: number, limit: number): SqlLexer => {
  ahead.reset(text, from, Math.min(limit, from + MAX_CHARACTERS));
  return ahead;
};

/** The table read last is one of the database's own. */
let lastSystem = false;

/** The list read last holds a variable, or a function that takes values apart. */
export let probed = false;

/** A parenthesis follows the word read last, white space between them or not. */
function isCalled({ text, end }: SqlLexer): boolean {
  let at = end;
  while (at < text.length && text.charCodeAt(at) <= 0x20) at++;
  const c = text.charCodeAt(at);
  return c === 0x28 || c === 0x2f;
}

/** The shape of what follows `select`. Reads a bounded part of the text. */
export function selectShape(text: string, from: number, limit: number): number {
  const lexer = look(text, from, limit);
  let depth = 0;
  let items = 1;
  let special = false;
  let names = 0;
  let run = 0;
  let numbered = false;
  let odd = false;
  let topped = false;
  let probes = false;
  // `case`, and nothing behind it yet.
  let choosing = false;
  probed = false;
  for (let i = 0; i < MAX_TOKENS; i++) {
    const kind = lexer.next();
    if (kind !== T_WORD) choosing = false;
    if (kind !== T_WORD && kind !== T_NUMBER) {
      if (odd) return PROSE;
      numbered = false;
    }
    if (kind === T_WORD) {
      const { word } = lexer;
      if (word === W_FROM) {
        lastSystem = false;
        if ((run === 0 && names === 0 && !special) || choosing) return PROSE;
        const shape = tableFollows(lexer, special || items > 1);
        return odd && shape !== LIST_FROM ? PROSE : odd && items === 1 && !lastSystem ? PROSE : shape;
      }
      if (word === W_PREFIX || word === W_SUFFIX || word === W_CONSTANT) {
        choosing =
          word === W_PREFIX &&
          lexer.end - lexer.start === 4 &&
          lexer.text.slice(lexer.start, lexer.end).toLowerCase() === 'case';
        if (word === W_CONSTANT || choosing) special = true;
        topped = true;
        continue;
      }
      choosing = false;
      // "select 2 of", "select 15 minutes"
      if (numbered && word === W_NONE && items === 1) odd = true;
      numbered = false;
      if (word === W_WEAPON || word === W_SYSTEM || word === W_PROBE || lexer.qualified) special = true;
      else if (word === W_CONDITION && special) return LIST;
      if (word === W_SELECT || word === W_UNION || word === W_INTO) return special || items > 1 ? LIST : NAME_ONLY;
      if (word === W_LOGIC || word === W_CONDITION || word === W_BRANCH || word === W_ORDER || word === W_LIMIT) {
        return special || items > 1 ? LIST : NAME_ONLY;
      }
      probes = word === W_PROBE;
      if ((probes && isCalled(lexer)) || word === W_ASK) probed = true;
      names++;
      // A name may have an alias; three words in a row are a sentence.
      if (++run > 2 && depth === 0) return PROSE;
      continue;
    }
    switch (kind) {
      case T_NUMBER:
        // "select 2 of", "select 15 minutes"
        if (run > 0 && depth === 0 && items === 1 && !special) return PROSE;
        special = true;
        numbered = !topped;
        run = topped ? 0 : 1;
        topped = false;
        break;
      case T_VARIABLE:
        probed = true;
        special = true;
        run = 1;
        break;
      case T_STRING:
        special = true;
        run = 1;
        break;
      case T_RECKON:
        if (i === 0 && lexer.text.charCodeAt(lexer.start) === 0x2f) return PROSE;
        special = true;
        run = 0;
        break;
      case T_OPEN:
        // a call stands close: `count(`, not `one (or more)`
        if (run > 0 && (!lexer.spaced || (probes && names === 1))) special = true;
        else if (run === 0) special = true;
        else if (depth === 0) return PROSE;
        depth++;
        run = 0;
        break;
      case T_CLOSE:
        if (--depth < 0) return special || items > 1 ? LIST : NAME_ONLY;
        run = 1;
        break;
      case T_COMMA:
        if (depth === 0) items++;
        run = 0;
        break;
      case T_COMPARE:
      case T_LOGIC:
        if (i === 0) return PROSE;
        special = true;
        run = 0;
        break;
      case T_CAST:
        lexer.next();
        break;
      case T_OPEN_STRING:
        return LIST;
      case T_COMMENT:
        return names > 0 || special ? LIST : PROSE;
      case T_END:
      case T_SEMICOLON:
        return special ? LIST : i === 0 ? NAME_ONLY : names === 0 ? PROSE : items > 1 ? LIST : NAME_ONLY;
      case T_OTHER:
        return special && items > 1 ? LIST : PROSE;
      default:
        return PROSE;
    }
  }
  return special || items > 2 ? LIST : PROSE;
}

/** `from` is followed by a table, and the table by something that may follow one. */
function tableFollows(lexer: SqlLexer, list: boolean): number {
  const kind = lexer.next();
  if (kind === T_OPEN || kind === T_OPEN_STRING) return LIST_FROM;
  if (kind === T_VARIABLE || kind === T_STRING) return list ? LIST_FROM : NAME_FROM;
  // MySQL lets a name begin with a digit.
  if (kind === T_NUMBER && isWordPart(lexer.text.charCodeAt(lexer.end))) lexer.next();
  else if (kind !== T_WORD) return list && kind !== T_END ? LIST : PROSE;
  if (lexer.word === W_SYSTEM || lexer.word === W_WEAPON) {
    lastSystem = true;
    return LIST_FROM;
  }
  const good = list ? LIST_FROM : NAME_FROM;
  const shouts = lexer.qualified;
  for (let names = 0; names < 2; names++) {
    const after = lexer.next();
    if (after !== T_WORD) {
      if (after === T_OTHER || after === T_NUMBER) return shouts && list ? LIST_FROM : PROSE;
      return good;
    }
    const { word } = lexer;
    if (word === W_LIMIT) return lexer.next() === T_NUMBER ? LIST_FROM : good;
    if (word === W_CONDITION) return good === NAME_FROM && asks(lexer) ? LIST_FROM : good;
    if (word === W_UNION)
      return lexer.next() === T_WORD && (lexer.word === W_SELECT || lexer.word === W_PREFIX) ? LIST_FROM : PROSE;
    if (word === W_ORDER || word === W_JOIN) return good;
    if (word === W_LOGIC || word === W_INTO || word === W_SET || word === W_SUFFIX || word === W_VALUES) return good;
    if (word !== W_NONE && word !== W_OBJECT) return list ? good : PROSE;
  }
  return PROSE;
}

/** After `where`: a name, and something that compares it. */
function asks(lexer: SqlLexer): boolean {
  if (lexer.next() !== T_WORD) return lexer.kind === T_NUMBER || lexer.kind === T_STRING;
  const kind = lexer.next();
  return (
    kind === T_COMPARE || (kind === T_WORD && (lexer.word === W_COMPARE || lexer.word === W_IN || lexer.word === W_IS))
  );
}
