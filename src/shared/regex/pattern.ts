import { type Ast, contains, seq, withoutGroups } from './ast.ts';
import { backtrack } from './backtrack.ts';
import { Dfa } from './dfa.ts';
import { held, isLinear, trim } from './linear.ts';
import { buildNfa } from './nfa.ts';
import { PatternError, parsePattern } from './parse.ts';
import { print } from './print.ts';
import { simulate, sizeOf } from './simulate.ts';

export { PatternError };

/** How a pattern is run: by the engine where that is provably linear, by an automaton, or by trying with a bound. */
export type PatternKind = 'native' | 'automaton' | 'bounded';

/** A pattern made safe to run on text from outside. */
export interface Pattern {
  readonly source: string;
  readonly kind: PatternKind;
  /** Longer texts (in code units) are not looked through: they do not match. Infinity where there is no bound. */
  readonly longest: number;
  /**
   * Whether the pattern is found somewhere in the text, by code points. Cost is linear in the text for every kind;
   * what would cost more is answered false, as if it did not match.
   */
  test(text: string): boolean;
}

/** Steps one look through a text may cost an automaton with look-around: states times characters. */
const MAX_STEPS = 1_500_000;
/** Code units of a text that a pattern with back-references is tried on. */
const MAX_TRIED = 4_096;
/** Patterns kept compiled, at most. */
const MAX_KEPT = 5_000;

const AROUND = new Set(['look', 'word'] as const);
const BACK = new Set(['back'] as const);
const kept = new Map<string, Pattern>();

/**
 * Compiles an ECMAScript pattern (ECMA-262 22.2, flag `u`) so that no text makes it slow: no ReDoS.
 * @throws PatternError where it is no pattern.
 */
export function compilePattern(source: string): Pattern {
  let pattern = kept.get(source);
  if (pattern === undefined) {
    const { ast } = parsePattern(source);
    pattern = { source, ...(contains(ast, BACK) ? bounded(ast) : compile(withoutGroups(ast))) };
    if (kept.size >= MAX_KEPT) kept.clear();
    kept.set(source, pattern);
  }
  return pattern;
}

type Compiled = Omit<Pattern, 'source'>;

function compile(ast: Ast): Compiled {
  const conditions = startConditions(ast);
  if (conditions) return all(conditions.map(({ body, negated }) => (negated ? not(compile(body)) : compile(body))));
  const small = trim(ast);
  if (small.kind === 'empty') return { kind: 'native', longest: Infinity, test: () => true };
  if (isLinear(small)) {
    const native = new RegExp(print(small), 'u');
    return { kind: 'native', longest: Infinity, test: (text) => native.test(text) };
  }
  const nfa = buildNfa(small);
  if (nfa === undefined) return bounded(small);
  if (contains(small, AROUND)) {
    const longest = Math.floor(MAX_STEPS / sizeOf(nfa));
    return { kind: 'automaton', longest, test: (text) => text.length <= longest && simulate(nfa, text) };
  }
  const dfa = new Dfa(nfa, held(small));
  return { kind: 'automaton', longest: Infinity, test: (text) => dfa.test(text) };
}

/** `^(?=a)(?!b)c` is `^a` and not `^b` and `^c`: three simple patterns instead of one with look-around. */
function startConditions(ast: Ast): { body: Ast; negated: boolean }[] | undefined {
  if (ast.kind !== 'seq' || ast.parts[0]!.kind !== 'start') return undefined;
  const conditions: { body: Ast; negated: boolean }[] = [];
  let at = 1;
  for (; at < ast.parts.length; at++) {
    const part = ast.parts[at]!;
    if (part.kind !== 'look' || part.behind) break;
    conditions.push({ body: seq([{ kind: 'start' }, part.body]), negated: part.negated });
  }
  if (conditions.length === 0) return undefined;
  conditions.push({ body: seq([{ kind: 'start' }, ...ast.parts.slice(at)]), negated: false });
  return conditions;
}

function all(parts: readonly Compiled[]): Compiled {
  const kind = (['bounded', 'automaton'] as const).find((one) => parts.some((part) => part.kind === one)) ?? 'native';
  const longest = Math.min(...parts.map((part) => part.longest));
  return { kind, longest, test: (text) => text.length <= longest && parts.every((part) => part.test(text)) };
}

const not = (part: Compiled): Compiled => ({ ...part, test: (text) => !part.test(text) });

/** A text for which the steps do not suffice does not match; longer ones are not tried. */
function bounded(ast: Ast): Compiled {
  return {
    kind: 'bounded',
    longest: MAX_TRIED,
    test: (text) => text.length <= MAX_TRIED && backtrack(ast, text) === true,
  };
}
