import { type Ast, EMPTY } from './ast.ts';
import { type CharSet, has } from './char-set.ts';

/** What to do next, as a list that shares its tail: going back is dropping the pointer. */
interface Task {
  readonly ast: Ast | Mark;
  readonly next: Task | undefined;
}

type Mark =
  | { readonly kind: 'close'; readonly index: number; readonly from: number; readonly backward: boolean }
  | {
      readonly kind: 'again';
      readonly repeat: Ast & { kind: 'repeat' };
      readonly count: number;
      readonly from: number;
    };

interface Way {
  readonly task: Task | undefined;
  readonly at: number;
  readonly captures: readonly (readonly [number, number] | undefined)[];
}

/** Steps a text may cost: so many, and so many more for each of its characters. */
const BASE_STEPS = 20_000;
const STEPS_A_CHARACTER = 60;

/**
 * Matches by trying, with a bound on the steps: for the patterns that no automaton can do, those with back-references.
 * @returns undefined where the steps did not suffice.
 */
export function backtrack(ast: Ast, text: string): boolean | undefined {
  const points = Array.from(text, (char) => char.codePointAt(0)!);
  const trial = new Trial(points, BASE_STEPS + STEPS_A_CHARACTER * points.length);
  for (let start = 0; start <= points.length; start++) {
    const found = trial.match(ast, start, [], false);
    if (trial.exhausted) return undefined;
    if (found) return true;
  }
  return false;
}

class Trial {
  readonly #points: readonly number[];
  #steps: number;

  constructor(points: readonly number[], steps: number) {
    this.#points = points;
    this.#steps = steps;
  }

  get exhausted(): boolean {
    return this.#steps <= 0;
  }

  /** @returns the captures of the first match from a position; undefined where there is none. */
  match(ast: Ast, start: number, given: Way['captures'], backward: boolean): Way['captures'] | undefined {
    const ways: Way[] = [{ task: { ast, next: undefined }, at: start, captures: given }];
    for (let way = ways.pop(); way !== undefined; way = ways.pop()) {
      let { task, at, captures } = way;
      let failed = false;
      while (task !== undefined && !failed) {
        if (--this.#steps <= 0) return undefined;
        const node: Ast | Mark = task.ast;
        const rest: Task | undefined = task.next;
        task = rest;
        switch (node.kind) {
          case 'set':
            if (this.#takes(node.set, at, backward)) at += backward ? -1 : 1;
            else failed = true;
            break;
          case 'seq': {
            const { parts } = node;
            this.#steps -= parts.length;
            if (backward) for (const part of parts) task = { ast: part, next: task };
            else for (let i = parts.length - 1; i >= 0; i--) task = { ast: parts[i]!, next: task };
            break;
          }
          case 'alt':
            this.#steps -= node.parts.length;
            for (let i = node.parts.length - 1; i > 0; i--)
              ways.push({ task: { ast: node.parts[i]!, next: rest }, at, captures });
            task = { ast: node.parts[0]!, next: rest };
            break;
          case 'repeat':
            task = { ast: { kind: 'again', repeat: node, count: 0, from: -1 }, next: rest };
            break;
          case 'again': {
            const { repeat, count, from } = node;
            if (count > repeat.min && from === at) failed = true;
            else {
              const more: Task | undefined =
                count < repeat.max
                  ? {
                      ast: repeat.body,
                      next: { ast: { kind: 'again', repeat, count: count + 1, from: at }, next: rest },
                    }
                  : undefined;
              // ECMA-262, 22.2.2.3.1: each round forgets what its groups captured.
              const fresh = more ? without(captures, repeat.body) : captures;
              if (count < repeat.min) {
                task = more;
                captures = fresh;
              } else if (more !== undefined) {
                if (repeat.lazy) ways.push({ task: more, at, captures: fresh });
                else {
                  ways.push({ task: rest, at, captures });
                  task = more;
                  captures = fresh;
                }
              }
            }
            break;
          }
          case 'group':
            task = {
              ast: node.body,
              next: { ast: { kind: 'close', index: node.index, from: at, backward }, next: rest },
            };
            break;
          case 'close': {
            const copy = captures.slice();
            copy[node.index] = node.backward ? [at, node.from] : [node.from, at];
            this.#steps -= copy.length;
            captures = copy;
            break;
          }
          case 'back': {
            const to = this.#same(captures[node.index], at, backward);
            if (to === undefined) failed = true;
            else at = to;
            break;
          }
          case 'look': {
            const found = this.match(node.body, at, captures, node.behind);
            if (this.exhausted) return undefined;
            if ((found === undefined) !== node.negated) failed = true;
            else if (found && !node.negated) captures = found;
            break;
          }
          case 'start':
            failed = at !== 0;
            break;
          case 'end':
            failed = at !== this.#points.length;
            break;
          case 'word':
            failed = (this.#isWord(at - 1) !== this.#isWord(at)) === node.negated;
            break;
          default:
            break;
        }
      }
      if (!failed) return captures;
    }
    return undefined;
  }

  #takes(set: CharSet, at: number, backward: boolean): boolean {
    const point = this.#points[backward ? at - 1 : at];
    return point !== undefined && has(set, point);
  }

  #same(capture: readonly [number, number] | undefined, at: number, backward: boolean): number | undefined {
    if (capture === undefined) return at;
    const [from, to] = capture;
    const length = to - from;
    const begin = backward ? at - length : at;
    this.#steps -= length;
    if (begin < 0 || begin + length > this.#points.length) return undefined;
    for (let i = 0; i < length; i++) if (this.#points[from + i] !== this.#points[begin + i]) return undefined;
    return backward ? begin : begin + length;
  }

  #isWord(at: number): boolean {
    const point = this.#points[at];
    return point !== undefined && point < 128 && /\w/.test(String.fromCharCode(point));
  }
}

const inside = new WeakMap<Ast, readonly number[]>();

/** Groups in a tree, remembered by tree. */
function groupsIn(ast: Ast): readonly number[] {
  let known = inside.get(ast);
  if (known === undefined) {
    const parts = ast.kind === 'seq' || ast.kind === 'alt' ? ast.parts : 'body' in ast ? [ast.body] : [EMPTY];
    known = ast === EMPTY ? [] : parts.flatMap(groupsIn);
    if (ast.kind === 'group') known = [ast.index, ...known];
    inside.set(ast, known);
  }
  return known;
}

function without(captures: Way['captures'], ast: Ast): Way['captures'] {
  const groups = groupsIn(ast);
  if (groups.length === 0 || groups.every((index) => captures[index] === undefined)) return captures;
  const copy = captures.slice();
  for (const index of groups) copy[index] = undefined;
  return copy;
}
