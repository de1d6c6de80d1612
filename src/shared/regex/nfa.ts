import type { Ast } from './ast.ts';
import type { CharSet } from './char-set.ts';

export const TAKE = 0;
export const SPLIT = 1;
export const START = 2;
export const END = 3;
export const WORD = 4;
export const LOOK = 5;
export const MATCH = 6;

/** A look-around of a pattern: its own automaton, asked at each position. */
export interface Look {
  readonly nfa: Nfa;
  readonly behind: boolean;
}

/**
 * A nondeterministic automaton (Thompson's construction) in parallel arrays. `TAKE` needs a character of set `arg`;
 * `SPLIT` goes to `next` and `other`; the rest are conditions on the position.
 */
export interface Nfa {
  readonly op: readonly number[];
  readonly next: readonly number[];
  readonly other: readonly number[];
  /** Index of a set, of a look-around; 1 for a negated word boundary or look-around (in `negated`). */
  readonly arg: readonly number[];
  readonly negated: readonly boolean[];
  readonly sets: readonly CharSet[];
  readonly looks: readonly Look[];
  readonly start: number;
}

/** States of one automaton at most; counted repetitions are written out. */
export const MAX_STATES = 12_000;

class TooLarge extends Error {}

/** @returns undefined where the automaton would have more than `MAX_STATES` states. The tree has no back-references. */
export function buildNfa(ast: Ast): Nfa | undefined {
  try {
    return new Builder({ left: MAX_STATES }).build(ast, false);
  } catch (error) {
    if (error instanceof TooLarge) return undefined;
    throw error;
  }
}

class Builder {
  readonly #op: number[] = [];
  readonly #next: number[] = [];
  readonly #other: number[] = [];
  readonly #arg: number[] = [];
  readonly #negated: boolean[] = [];
  readonly #sets: CharSet[] = [];
  readonly #looks: Look[] = [];
  readonly #budget: { left: number };
  #backward = false;

  constructor(budget: { left: number }) {
    this.#budget = budget;
  }

  build(ast: Ast, backward: boolean): Nfa {
    this.#backward = backward;
    const start = this.#compile(ast, this.#state(MATCH, -1));
    return {
      op: this.#op,
      next: this.#next,
      other: this.#other,
      arg: this.#arg,
      negated: this.#negated,
      sets: this.#sets,
      looks: this.#looks,
      start,
    };
  }

  #state(op: number, next: number, other = -1, arg = 0, negated = false): number {
    if (this.#budget.left-- <= 0) throw new TooLarge();
    this.#op.push(op);
    this.#next.push(next);
    this.#other.push(other);
    this.#arg.push(arg);
    this.#negated.push(negated);
    return this.#op.length - 1;
  }

  /** Compiles back to front: returns the entry of a part that goes on at `next`. */
  #compile(ast: Ast, next: number): number {
    switch (ast.kind) {
      case 'set': {
        let index = this.#sets.indexOf(ast.set);
        if (index < 0) index = this.#sets.push(ast.set) - 1;
        return this.#state(TAKE, next, -1, index);
      }
      case 'seq': {
        let to = next;
        const { parts } = ast;
        if (this.#backward) for (const part of parts) to = this.#compile(part, to);
        else for (let i = parts.length - 1; i >= 0; i--) to = this.#compile(parts[i]!, to);
        return to;
      }
      case 'alt': {
        let to = this.#compile(ast.parts.at(-1)!, next);
        for (let i = ast.parts.length - 2; i >= 0; i--) to = this.#state(SPLIT, this.#compile(ast.parts[i]!, next), to);
        return to;
      }
      case 'repeat':
        return this.#repeat(ast.body, ast.min, ast.max, next);
      case 'start':
        return this.#state(START, next);
      case 'end':
        return this.#state(END, next);
      case 'word':
        return this.#state(WORD, next, -1, 0, ast.negated);
      case 'look': {
        const nfa = new Builder(this.#budget).build(ast.body, !ast.behind);
        const index = this.#looks.push({ nfa, behind: ast.behind }) - 1;
        return this.#state(LOOK, next, -1, index, ast.negated);
      }
      case 'group':
        return this.#compile(ast.body, next);
      case 'empty':
        return next;
      case 'back':
        throw new Error('a back-reference has no automaton');
    }
  }

  #repeat(body: Ast, min: number, max: number, next: number): number {
    let to = next;
    if (max === Infinity) {
      const loop = this.#state(SPLIT, -1, next);
      this.#next[loop] = this.#compile(body, loop);
      to = loop;
    } else {
      for (let i = min; i < max; i++) to = this.#state(SPLIT, this.#compile(body, to), next);
    }
    for (let i = 0; i < min; i++) to = this.#compile(body, to);
    return to;
  }
}
