import { has } from './char-set.ts';
import { END, LOOK, MATCH, type Nfa, SPLIT, START, TAKE, WORD } from './nfa.ts';

/**
 * Searches with an automaton that has look-around or word boundaries. Each look-around is first answered for all
 * positions at once, the inner ones before the outer: ahead by its reversed automaton from the end, behind by its
 * own from the start. So the cost is the length times the number of states, whatever the text is.
 */
export function simulate(nfa: Nfa, text: string): boolean {
  return run(
    nfa,
    Array.from(text, (char) => char.codePointAt(0)!),
    false,
    undefined,
  );
}

/** States of a pattern, its look-arounds included. */
export function sizeOf(nfa: Nfa): number {
  return nfa.looks.reduce((sum, look) => sum + sizeOf(look.nfa), nfa.op.length);
}

/** @param hits filled with 1 at each position where a match ends (as seen in the direction). Without: stops at the first. */
function run(nfa: Nfa, points: readonly number[], backward: boolean, hits: Uint8Array | undefined): boolean {
  const { op, next, other, arg, negated, sets } = nfa;
  const { length } = points;
  const answers = nfa.looks.map((look) => {
    const at = new Uint8Array(length + 1);
    run(look.nfa, points, !look.behind, at);
    return at;
  });
  const mark = new Int32Array(op.length).fill(-1);
  let current: number[] = [];
  const stack: number[] = [];
  let matched = false;
  for (let step = 0; step <= length; step++) {
    const position = backward ? length - step : step;
    const waiting: number[] = [];
    let here = false;
    stack.push(...current, nfa.start);
    while (stack.length > 0) {
      const state = stack.pop()!;
      if (mark[state] === step) continue;
      mark[state] = step;
      switch (op[state]) {
        case TAKE:
          waiting.push(state);
          break;
        case SPLIT:
          stack.push(next[state]!, other[state]!);
          break;
        case START:
          if (position === 0) stack.push(next[state]!);
          break;
        case END:
          if (position === length) stack.push(next[state]!);
          break;
        case WORD:
          if ((isWord(points[position - 1]) !== isWord(points[position])) !== negated[state]) stack.push(next[state]!);
          break;
        case LOOK:
          if ((answers[arg[state]!]![position] === 1) !== negated[state]) stack.push(next[state]!);
          break;
        case MATCH:
          here = true;
      }
    }
    if (here) {
      if (hits === undefined) return true;
      hits[position] = 1;
      matched = true;
    }
    if (step === length) break;
    const point = points[backward ? position - 1 : position]!;
    current = [];
    for (const state of waiting) if (has(sets[arg[state]!]!, point)) current.push(next[state]!);
  }
  return matched;
}

const isWord = (point: number | undefined): boolean =>
  point !== undefined &&
  ((point >= 0x30 && point <= 0x39) ||
    (point >= 0x41 && point <= 0x5a) ||
    point === 0x5f ||
    (point >= 0x61 && point <= 0x7a));
