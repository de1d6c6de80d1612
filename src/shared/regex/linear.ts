import { type Ast, alt, contains, EMPTY, seq } from './ast.ts';
import { ANY, type CharSet, disjoint } from './char-set.ts';

/**
 * Leaves out what cannot change whether a pattern is found somewhere: a repetition at an end that nothing holds
 * (`[a-z]+` is found where `[a-z]` is). `x+` at both ends is what makes a search quadratic.
 */
export function trim(ast: Ast): Ast {
  return trimEnd(trimEnd(ast, false), true);
}

function trimEnd(ast: Ast, last: boolean): Ast {
  switch (ast.kind) {
    case 'alt':
      return alt(ast.parts.map((part) => trimEnd(part, last)));
    case 'seq': {
      const parts = [...ast.parts];
      while (parts.length > 0) {
        const at = last ? parts.length - 1 : 0;
        const trimmed = trimEnd(parts[at]!, last);
        if (trimmed.kind === 'empty') {
          parts.splice(at, 1);
          continue;
        }
        parts[at] = trimmed;
        break;
      }
      return seq(parts);
    }
    case 'repeat': {
      const { body, min } = ast;
      if (min === 0) return EMPTY;
      if (min === ast.max && min > 1) return ast;
      return min === 1 ? trimEnd(body, last) : { ...ast, max: min };
    }
    default:
      return ast;
  }
}

/** What may come next: characters, and whether the end may. */
interface Next {
  readonly sets: readonly CharSet[];
  readonly end: boolean;
}

interface Facts {
  readonly first: Next;
  readonly nullable: boolean;
}

const NOTHING: Next = { sets: [], end: false };
const EVERYTHING: Next = { sets: [ANY], end: true };
/** Pairs of sets compared at most in one pattern. */
const MAX_WORK = 20_000;
/** A match of a pattern that is not held at its start may take this many characters at most. */
const MAX_FREE_LENGTH = 48;

const join = (a: Next, b: Next): Next => ({ sets: [...a.sets, ...b.sets], end: a.end || b.end });

/**
 * Whether a backtracking engine surely needs only linear time: at each point the next character alone decides which
 * way to go (the pattern is LL(1)), so that a way given up fails at once; and the search is held at the start, or
 * each try is short.
 */
export function isLinear(ast: Ast): boolean {
  const judge = new Judge();
  if (!judge.deterministic(ast, EVERYTHING)) return false;
  return held(ast) || (longest(ast) <= MAX_FREE_LENGTH && !misread(ast));
}

const ENDS = new Set(['end'] as const);
const WORDS = new Set(['word'] as const);

/**
 * Whether V8 14 would search by code units where it must go by code points: it looks for short patterns that end in
 * `$` from the end of the text, and so misses `[^a]{2}$` in `b😀`; and it finds `\B` inside of `😀`.
 */
const misread = (ast: Ast): boolean => contains(ast, WORDS) || (contains(ast, ENDS) && takesWide(ast));

/** Whether a character beyond the basic plane may be taken. */
function takesWide(ast: Ast): boolean {
  switch (ast.kind) {
    case 'set':
      return ast.set.negated || ast.set.properties.length > 0 || (ast.set.ranges.at(-1)?.[1] ?? 0) > 0xffff;
    case 'seq':
    case 'alt':
      return ast.parts.some(takesWide);
    case 'repeat':
    case 'group':
      return takesWide(ast.body);
    default:
      return false;
  }
}

/** Whether every match begins at the start of the text. */
export function held(ast: Ast): boolean {
  switch (ast.kind) {
    case 'start':
      return true;
    case 'alt':
      return ast.parts.every(held);
    case 'seq':
      return ast.parts.length > 0 && held(ast.parts[0]!);
    case 'group':
      return held(ast.body);
    default:
      return false;
  }
}

function longest(ast: Ast): number {
  switch (ast.kind) {
    case 'set':
      return 1;
    case 'seq':
      return ast.parts.reduce((sum, part) => sum + longest(part), 0);
    case 'alt':
      return ast.parts.reduce((most, part) => Math.max(most, longest(part)), 0);
    case 'repeat':
      return ast.max === 0 ? 0 : longest(ast.body) * ast.max;
    case 'group':
      return longest(ast.body);
    default:
      return 0;
  }
}

class Judge {
  #work = MAX_WORK;

  deterministic(ast: Ast, follow: Next): boolean {
    switch (ast.kind) {
      case 'look':
      case 'back':
        return false;
      case 'group':
        return this.deterministic(ast.body, follow);
      case 'seq': {
        let after = follow;
        for (let i = ast.parts.length - 1; i >= 0; i--) {
          const part = ast.parts[i]!;
          if (!this.deterministic(part, after)) return false;
          const { first, nullable } = facts(part);
          after = nullable ? join(first, after) : first;
          if (after.sets.length > 500) return false;
        }
        return true;
      }
      case 'alt': {
        let seen = NOTHING;
        for (const part of ast.parts) {
          const { first, nullable } = facts(part);
          const next = nullable ? join(first, follow) : first;
          if (!this.#apart(seen, next) || !this.deterministic(part, follow)) return false;
          seen = join(seen, next);
        }
        return true;
      }
      case 'repeat': {
        const { first, nullable } = facts(ast.body);
        if (nullable) return false;
        if (ast.min !== ast.max && !this.#apart(first, follow)) return false;
        return this.deterministic(ast.body, ast.max > 1 ? join(first, follow) : follow);
      }
      default:
        return true;
    }
  }

  #apart(a: Next, b: Next): boolean {
    if (a.end && b.end) return false;
    for (const left of a.sets)
      for (const right of b.sets) if (this.#work-- <= 0 || !disjoint(left, right)) return false;
    return true;
  }
}

function facts(ast: Ast): Facts {
  switch (ast.kind) {
    case 'set':
      return { first: { sets: [ast.set], end: false }, nullable: false };
    case 'end':
      return { first: { sets: [], end: true }, nullable: false };
    case 'group':
      return facts(ast.body);
    case 'repeat': {
      const body = facts(ast.body);
      return { first: ast.max === 0 ? NOTHING : body.first, nullable: ast.min === 0 || body.nullable };
    }
    case 'alt': {
      const parts = ast.parts.map(facts);
      return { first: parts.map((part) => part.first).reduce(join, NOTHING), nullable: parts.some((p) => p.nullable) };
    }
    case 'seq': {
      let first = NOTHING;
      for (const part of ast.parts) {
        const one = facts(part);
        first = join(first, one.first);
        if (!one.nullable) return { first, nullable: false };
      }
      return { first, nullable: true };
    }
    default:
      return { first: NOTHING, nullable: true };
  }
}
