import {
  type ExpressionLexer,
  T_ARITHMETIC,
  T_ASK,
  T_BRACE,
  T_BRACE_END,
  T_CLOSE,
  T_COLON,
  T_COMMA,
  T_COMPARE,
  T_DOT,
  T_INDEX,
  T_INDEX_END,
  T_LOGIC,
  T_NAME,
  T_NUMBER,
  T_OPEN,
  T_OTHER,
  T_PIPE,
  T_STRING,
} from './lexer.ts';

/** What an expression without a variable does. */
export const NOTHING = 0;
/** A range, a date, a fraction: `{{2020-2024}}`. */
export const RANGE = 1;
/** A calculation or a method called on a literal: whoever sends it looks whether something answers. */
export const COMPUTES = 2;
/** The same with a literal's method: `'a'.toUpperCase()`. */
export const CALLS = 3;

const CONSTANT_WORDS: ReadonlySet<string> = new Set(
  (
    'true false null none nil undefined and or not in is div mod eq ne lt gt le ge ' +
    'print echo if int str char byte long range len repr'
  ).split(' '),
);
/** Statements that print or decide. */
const MAX_WORD = 12;

/** What an expression does of which every part is a constant; NOTHING where a variable stands in it. Linear. */
export function constantsOnly(lexer: ExpressionLexer, from = 0): number {
  const { kinds, count, text, starts, ends } = lexer;
  let ranges = 0;
  let computes = false;
  let calls = false;
  /** `1 > 0 ? 'a' : 'b'` */
  let chooses = false;
  for (let i = from; i < count; i++) {
    const before = i > from ? (kinds[i - 1] as number) : 0;
    const kind = kinds[i] as number;
    const next = kinds[i + 1] as number;
    switch (kind) {
      case T_NAME: {
        if (before === T_DOT || before === T_PIPE || before === T_ASK) {
          if (i > 1 && before === T_DOT && next === T_OPEN) calls = true;
          break;
        }
        const start = starts[i] as number;
        const end = ends[i] as number;
        if (end - start > MAX_WORD || !CONSTANT_WORDS.has(text.slice(start, end).toLowerCase())) return NOTHING;
        break;
      }
      case T_ARITHMETIC: {
        if (!isOperandEnd(before) || !isOperandStart(next)) break;
        const at = starts[i] as number;
        const sign = text.charCodeAt(at);
        // Of two signs in a row the second one is of the operand: `7*-7`.
        if (next === T_ARITHMETIC && !isOperandStart(kinds[i + 2] as number)) break;
        // A dash or a slash without spaces between numbers is a range, a date or a fraction more often than not.
        const dash = sign === 0x2d || sign === 0x2f;
        const spaced = text.charCodeAt(at - 1) <= 0x20 && text.charCodeAt(ends[i] as number) <= 0x20;
        if (dash && !spaced && before === T_NUMBER && next === T_NUMBER) ranges++;
        else computes = true;
        break;
      }
      case T_COMPARE:
      case T_LOGIC:
        if (isOperandEnd(before) && isOperandStart(next)) computes = true;
        break;
      case T_STRING:
        // Two literals in a row are one in some languages: '__cla' 'ss__'.
        break;
      case T_NUMBER:
      case T_OPEN:
      case T_CLOSE:
      case T_INDEX:
      case T_INDEX_END:
      case T_BRACE:
      case T_BRACE_END:
      case T_COMMA:
      case T_PIPE:
        break;
      case T_DOT:
        // A member of nothing: `.Values`
        if (i === 0 || ends[i - 1] !== starts[i]) {
          if (!isOperandEnd(before) && before !== T_BRACE_END) return NOTHING;
        }
        break;
      case T_ASK:
        if (before !== T_STRING && before !== T_CLOSE && before !== T_NUMBER) return NOTHING;
        chooses = true;
        break;
      case T_OTHER:
        if (text.charCodeAt(starts[i] as number) !== 0x21) return NOTHING;
        break;
      case T_COLON:
        // `364|add:733`, `4 | plus: 2`
        if (before === T_NAME && kinds[i - 2] === T_PIPE && kinds[i - 3] === T_NUMBER && next === T_NUMBER)
          computes = true;
        else if (!chooses) return NOTHING;
        break;
      default:
        return NOTHING;
    }
  }
  if (computes) return COMPUTES;
  if (calls) return CALLS;
  return ranges === 1 ? RANGE : NOTHING;
}

const isOperandEnd = (kind: number): boolean =>
  kind === T_NUMBER || kind === T_STRING || kind === T_CLOSE || kind === T_INDEX_END;
const isOperandStart = (kind: number): boolean =>
  kind === T_NUMBER || kind === T_STRING || kind === T_OPEN || kind === T_INDEX || kind === T_ARITHMETIC;
