import type { Sensitivity } from '../classes/class.ts';
import {
  J_ARROW,
  J_ASSIGN,
  J_CLOSE,
  J_COMMENT,
  J_COMPARE,
  J_DOT,
  J_END,
  J_LOGIC,
  J_NAME,
  J_NUMBER,
  J_OPEN,
  J_OPEN_STRING,
  J_OPERATOR,
  J_REGEX,
  J_SEMICOLON,
  J_STRING,
  J_UNARY,
  JsLexer,
} from './js-lexer.ts';

const lexer = new JsLexer();

/** Where the JavaScript that was read last ends. */
export const jsEnd = (): number => lexer.end;

/** A statement that does something, behind a semicolon or a brace. What is common in prose needs more behind it. */
const STATEMENT = new RegExp(
  [
    'return\\s{0,8}(?:[(!+\\[{~/`-]|(?:typeof|new|void)\\b|(?:true|false|null|this|\\d{1,9})\\s{0,8}(?:[;})|&=!<>?,+\\0/-]|$)|\\\\?([\'"])[^\'"]{0,64}(?:\\1|$)|[\\w$]{1,40}[.(])',
    '(?:while|for|do|if|with|switch|try)\\s{0,8}[({]',
    'throw\\s{1,8}(?:new\\s{1,8}[\\w$.]{1,40}\\s{0,8}[(;]|[\'"\\d]|[\\w$]{1,40}\\s{0,8}[(;.])',
    '(?:var|let|const)\\s{1,8}[\\w$]{1,40}\\s{0,8}[=;,]',
    '(?:sleep|emit|tojson|tojsononeline|printjson|print|quit|load|eval|require|runProgram|hex_md5|version)\\s{0,8}\\(',
    '(?:db|process|globalThis|Object|Array|Date|Math|this|rs|sh|ObjectId)\\s{0,8}[.\\[]\\s{0,8}[\\w$\'"]',
    'function\\b\\s{0,8}[\\w$]{0,40}\\s{0,8}\\(',
    '[\\w$]{1,40}\\s{0,8}=\\s{0,8}(?:new\\b|function\\b|[\\w$.]{1,40}\\(|\\()',
    'new\\s{1,8}Date\\b',
  ].join('|'),
  'y',
);

/** Names that only a server's JavaScript has, or that take its data apart. */
const WEAPONS: ReadonlySet<string> = new Set(
  'sleep tojson tojsononeline printjson emit db hex_md5 runProgram ObjectId eval process require Object constructor'.split(
    ' ',
  ),
);
const CONSTANTS: ReadonlySet<string> = new Set(['true', 'false', 'null', 'undefined', 'NaN', 'Infinity']);
const PREFIXES: ReadonlySet<string> = new Set(['new', 'typeof', 'void', 'delete', 'await']);
/** What they make is never empty: a condition that holds. */
const HOLDS: ReadonlySet<string> = new Set(['new', 'typeof']);

const statementAt = (at: number): boolean => {
  const { text } = lexer;
  let from = at;
  while (from < text.length && from - at < 64 && isGap(text.charCodeAt(from))) from++;
  STATEMENT.lastIndex = from;
  if (!STATEMENT.test(text)) return false;
  lexer.end = Math.max(lexer.end, STATEMENT.lastIndex);
  return true;
};
const endsBlock = (): boolean => lexer.text.charCodeAt(lexer.start) === 0x7d;
const isGap = (c: number): boolean => c <= 0x20 || c === 0x7d || c === 0x29 || c === 0x3b || c === 0xa0;

/** What was seen of an expression. */
interface Seen {
  logic: number;
  compares: number;
  /** Comparisons of nothing but constants. */
  constant: number;
  /** Constants that are a condition by themselves. */
  truths: number;
  /** `this.x`: the document that is looked at. */
  self: number;
  weapons: number;
  calls: number;
}

/** Tokens between the quote and a semicolon. */
const MAX_BEFORE_STATEMENT = 5;

const STATEMENT_WHY = 'ends the expression and runs JavaScript in the database';
const CONDITION_WHY = "leaves the literal and adds a condition in the database's JavaScript";
const RUNS_WHY = "calls functions of the database's JavaScript";

/**
 * Reads on as JavaScript behind a quote that ended a literal, or from the beginning where the value stands for a number.
 * Prose breaks at once: two words stand side by side in it.
 */
export function readJavaScript(
  text: string,
  from: number,
  quoted: boolean,
  sensitivity: Sensitivity,
): string | undefined {
  lexer.reset(text, from);
  const seen: Seen = { logic: 0, compares: 0, constant: 0, truths: 0, self: 0, weapons: 0, calls: 0 };
  let after = quoted;
  let term = { compares: 0, names: 0, operands: quoted ? 1 : 0, first: true };
  let depth = 0;
  let fresh = true;
  let tokens = 0;
  let last = quoted ? J_STRING : J_END;
  let ended = false;
  let pasted = false;

  const endTerm = (): void => {
    if (term.compares > 0) {
      seen.compares++;
      if (term.names === 0 && !term.first) seen.constant++;
    } else if (term.operands > 0 && term.names === 0 && !term.first) seen.truths++;
    term = { compares: 0, names: 0, operands: 0, first: false };
  };

  for (;;) {
    const kind = lexer.next(!after);
    const previous = last;
    last = kind;
    tokens++;
    // Code that was pasted goes on in its next line: what it calls there is its own.
    pasted ||=
      quoted && tokens > MAX_BEFORE_STATEMENT && seen.logic + seen.weapons === 0 && endsLine(text, lexer.start);
    if (kind === J_END || kind === J_COMMENT) {
      ended = after || (seen.logic > 0 && term.compares > 0);
      // A NUL cuts off the rest as a comment does.
      if (kind === J_END && lexer.at < text.length) last = J_COMMENT;
      break;
    }
    if (kind === J_OPEN_STRING) {
      // A string may stand where an operand may: behind an operand it is prose.
      ended = quoted && !after;
      // An empty string is no condition that holds.
      if (lexer.end - lexer.start > 1) term.operands++;
      break;
    }
    if (kind === J_SEMICOLON) {
      // Code that was pasted has more before its first semicolon.
      if ((tokens <= MAX_BEFORE_STATEMENT || seen.logic > 0) && statementAt(lexer.end)) return STATEMENT_WHY;
      ended = after;
      break;
    }
    if (after) {
      if (kind === J_LOGIC) {
        endTerm();
        seen.logic++;
        after = false;
      } else if (kind === J_COMPARE) {
        term.compares++;
        after = false;
      } else if (kind === J_OPERATOR) {
        after = false;
        // `x'?1:1//`: a choice is a condition too.
        if (text.charCodeAt(lexer.start) === 0x3f) {
          endTerm();
          seen.logic++;
        }
      } else if (kind === J_DOT) {
        if (lexer.next(false) !== J_NAME) break;
        last = J_NAME;
        if (WEAPONS.has(lexer.word) && !pasted) seen.weapons++;
      } else if (kind === J_OPEN) {
        if (text.charCodeAt(lexer.start) === 0x7b) break;
        // A call or an index needs a name before it: prose has parentheses behind spaces.
        const index = text.charCodeAt(lexer.start) === 0x5b && previous === J_STRING;
        if (previous !== J_NAME && previous !== J_CLOSE && !index) break;
        seen.calls++;
        depth++;
        after = false;
      } else if (kind === J_CLOSE) {
        depth--;
        if (depth < 0) {
          depth = 0;
          if (tokens <= MAX_BEFORE_STATEMENT && endsBlock() && statementAt(lexer.end)) return STATEMENT_WHY;
        }
      } else if (kind === J_ASSIGN) {
        if (term.first && fresh) break;
        term.names++;
        after = false;
      } else if (kind === J_ARROW && previous === J_CLOSE && quoted && depth >= 0 && !pasted) return RUNS_WHY;
      else if (kind === J_NAME && quoted && tokens <= 2 && endsLine(text, lexer.start) && statementAt(lexer.start))
        return STATEMENT_WHY;
      else break;
    } else if (kind === J_NAME) {
      const { word } = lexer;
      if (word === 'function' && (seen.logic > 0 || !term.first || quoted)) {
        if (statementAt(lexer.start)) return RUNS_WHY;
        break;
      }
      if (PREFIXES.has(word)) {
        if (HOLDS.has(word) && !term.first) seen.truths++;
        term.names++;
        continue;
      }
      if (!CONSTANTS.has(word)) term.names++;
      if (word === 'this') seen.self++;
      if (WEAPONS.has(word) && !pasted && /^[(.[]/.test(text.slice(lexer.end, lexer.end + 8).trimStart()))
        seen.weapons++;
      term.operands++;
      after = true;
    } else if (kind === J_NUMBER || kind === J_STRING || kind === J_REGEX) {
      term.operands++;
      after = true;
    } else if (kind === J_LOGIC && fresh && !quoted) {
      // Nothing stands before it: the value follows a number.
      seen.logic++;
      term = { compares: 0, names: 0, operands: 0, first: false };
    } else if (kind === J_UNARY || (kind === J_OPERATOR && isSign(text.charCodeAt(lexer.start)))) {
      // A sign before an operand.
    } else if (kind === J_OPEN) {
      // An object or a list is a condition that holds.
      term.operands++;
      depth++;
    } else if (kind === J_CLOSE) {
      if (previous !== J_OPEN && !fresh) break;
      depth--;
      if (depth < 0) {
        depth = 0;
        if (tokens <= MAX_BEFORE_STATEMENT && endsBlock() && statementAt(lexer.end)) return STATEMENT_WHY;
      }
      after = true;
    } else if (kind === J_ARROW) {
      if (text.charCodeAt(lexer.start) === 0x3d && seen.logic > 0) return RUNS_WHY;
      break;
    } else break;
    fresh = false;
  }
  endTerm();
  return ended ? weigh(seen, quoted, last, sensitivity) : undefined;
}

/** Only white space with a line end in it stands before a place. */
function endsLine(text: string, at: number): boolean {
  for (let i = at - 1; i >= 0 && text.charCodeAt(i) <= 0x20; i--) if (text.charCodeAt(i) === 0x0a) return true;
  return false;
}

const isSign = (c: number): boolean => c === 0x2b || c === 0x2d;

/** What an expression means that was read to its end. */
function weigh(seen: Seen, quoted: boolean, last: number, sensitivity: Sensitivity): string | undefined {
  if (seen.weapons > 0 && seen.calls > 0 && (quoted || seen.logic > 0)) return RUNS_WHY;
  if (seen.logic === 0) return undefined;
  if (seen.constant > 0 || (seen.self > 0 && (seen.compares > 0 || seen.calls > 0))) return CONDITION_WHY;
  if (!quoted) return seen.self > 0 ? CONDITION_WHY : undefined;
  // `x' || true//`, `x' || 1 || '`: the rest is cut off, or the literal goes on.
  if (seen.truths > 0 && (last === J_COMMENT || last === J_OPEN_STRING)) return CONDITION_WHY;
  if (seen.self > 0 || seen.compares > 0) return CONDITION_WHY;
  return sensitivity === 'high' ? CONDITION_WHY : undefined;
}

/** `0;return true`, `;sleep(1)`: behind a number and a semicolon stands a statement. */
const NUMBER_THEN = /[\s)}\]]{0,16}(?:-?\d[\w.]{0,20}|true|false|null)?[)}\]\s]{0,16}?[;\n]/y;

/** The value bare: a number, and behind it a statement or a condition. */
export function readBareJavaScript(text: string, sensitivity: Sensitivity): string | undefined {
  NUMBER_THEN.lastIndex = 0;
  if (NUMBER_THEN.test(text)) {
    lexer.reset(text, NUMBER_THEN.lastIndex);
    return statementAt(NUMBER_THEN.lastIndex) ? STATEMENT_WHY : undefined;
  }
  return readJavaScript(text, 0, false, sensitivity);
}
