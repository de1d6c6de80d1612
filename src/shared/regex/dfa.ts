import { has } from './char-set.ts';
import { END, MATCH, type Nfa, SPLIT, START, TAKE } from './nfa.ts';

/**
 * What one pattern may remember: about a megabyte, whatever texts it meets. Beyond, the memory is emptied and filled
 * anew.
 */
const MAX_WEIGHT = 60_000;
const MAX_POINTS = 2_000;
const UNKNOWN = -1;

interface State {
  /** States of the automaton that take a character, or wait for the end. */
  readonly members: Int32Array;
  readonly accepts: boolean;
  /** By kind of character. */
  readonly next: (State | undefined)[];
  atEnd: boolean | undefined;
  readonly first: boolean;
}

/**
 * Searches with an automaton made deterministic as far as texts need it. Each character costs one step, or once per
 * new situation a walk over the automaton: linear in the text, whatever it is. No look-around, no word boundaries.
 */
export class Dfa {
  readonly #nfa: Nfa;
  readonly #held: boolean;
  readonly #mark: Int32Array;
  #stamp = 0;
  readonly #small = new Int16Array(256).fill(UNKNOWN);
  readonly #large = new Map<number, number>();
  /** Characters that are in the same sets are of one kind; the pattern bounds how many there are. */
  readonly #kinds = new Map<string, number>();
  /** A character of each kind. */
  readonly #samples: number[] = [];
  #states = new Map<string, State>();
  #weight = 0;
  #start: State | undefined;

  /** @param held every match begins at the start of the text. */
  constructor(nfa: Nfa, held: boolean) {
    this.#nfa = nfa;
    this.#held = held;
    this.#mark = new Int32Array(nfa.op.length);
  }

  test(text: string): boolean {
    let state = (this.#start ??= this.#intern(this.#closure([this.#nfa.start], true), true));
    const { length } = text;
    for (let i = 0; i < length; i++) {
      if (state.accepts) return true;
      let code = text.charCodeAt(i);
      if (code >= 0xd800 && code < 0xdc00 && i + 1 < length) {
        const low = text.charCodeAt(i + 1);
        if (low >= 0xdc00 && low < 0xe000) {
          code = (code - 0xd800) * 0x400 + low - 0xdc00 + 0x10000;
          i++;
        }
      }
      let kind = code < 256 ? this.#small[code]! : (this.#large.get(code) ?? UNKNOWN);
      if (kind === UNKNOWN) kind = this.#kindOf(code);
      const known = state.next[kind];
      if (known !== undefined) state = known;
      else state = this.#step(state, kind);
      if (state.members.length === 0 && this.#held && !state.accepts) return false;
    }
    return state.accepts || (state.atEnd ??= this.#acceptsAtEnd(state));
  }

  #kindOf(code: number): number {
    let signature = '';
    for (const set of this.#nfa.sets) signature += has(set, code) ? '1' : '0';
    let kind = this.#kinds.get(signature);
    if (kind === undefined) {
      kind = this.#samples.push(code) - 1;
      this.#kinds.set(signature, kind);
    }
    if (code < 256) this.#small[code] = kind;
    else {
      if (this.#large.size >= MAX_POINTS) this.#large.clear();
      this.#large.set(code, kind);
    }
    return kind;
  }

  #step(from: State, kind: number): State {
    const { op, arg, next, sets, start } = this.#nfa;
    const sample = this.#samples[kind]!;
    const targets: number[] = [];
    for (const member of from.members)
      if (op[member] === TAKE && has(sets[arg[member]!]!, sample)) targets.push(next[member]!);
    if (!this.#held) targets.push(start);
    const to = this.#intern(this.#closure(targets, false), false);
    from.next[kind] = to;
    this.#weight++;
    return to;
  }

  /** States reached without taking a character; conditions on the end stay, to be asked there. */
  #closure(from: readonly number[], atStart: boolean, atEnd = false): number[] {
    const { op, next, other } = this.#nfa;
    const stamp = ++this.#stamp;
    const stack = [...from];
    const found: number[] = [];
    while (stack.length > 0) {
      const state = stack.pop()!;
      if (this.#mark[state] === stamp) continue;
      this.#mark[state] = stamp;
      switch (op[state]) {
        case SPLIT:
          stack.push(next[state]!, other[state]!);
          break;
        case START:
          if (atStart) stack.push(next[state]!);
          break;
        case END:
          if (atEnd) stack.push(next[state]!);
          else found.push(state);
          break;
        default:
          found.push(state);
      }
    }
    return found;
  }

  #acceptsAtEnd(state: State): boolean {
    const waiting = [...state.members].filter((member) => this.#nfa.op[member] === END);
    if (waiting.length === 0) return false;
    return this.#closure(waiting, state.first, true).some((member) => this.#nfa.op[member] === MATCH);
  }

  #intern(members: number[], first: boolean): State {
    const sorted = Int32Array.from(members).sort();
    const key = `${first ? '^' : ''}${sorted.join()}`;
    let state = this.#states.get(key);
    if (state === undefined) {
      if (this.#weight > MAX_WEIGHT) this.#forget();
      this.#weight += members.length + 8;
      const accepts = members.some((member) => this.#nfa.op[member] === MATCH);
      state = { members: sorted, accepts, next: [], atEnd: undefined, first };
      this.#states.set(key, state);
    }
    return state;
  }

  #forget(): void {
    this.#states = new Map();
    this.#start = undefined;
    this.#weight = 0;
  }
}
