import type { SchemaAt } from '../../contract/model.ts';
import { splitPointer } from '../../contract/references.ts';
import { examplesBeside } from './examples.ts';
import { Generator, NOTHING } from './generator.ts';
import { type Judge, judgeOf } from './judge.ts';
import { nodeOf } from './nodes.ts';
import { copyOf, getOwn, isPlain } from './own.ts';
import type { Wish } from './wish.ts';

/** What is known and wished of a value; all of it may be left out. */
export interface ValueHints {
  /** Name of the place (`email`, `zipCode`): what the schema does not say, its name may. */
  readonly word?: string | undefined;
  /** Default `plain`. */
  readonly variety?: Wish['variety'] | undefined;
  /** Default `required`; objects that demand nothing at all are filled nevertheless. */
  readonly fill?: Wish['fill'] | undefined;
  /** Whether examples and defaults of the contract are used. Default true. */
  readonly examples?: boolean | undefined;
  /** Examples stay as they are; else those of names, slugs and the like get an ending of their own. Default false. */
  readonly exact?: boolean | undefined;
}

/** Wholes made before it is given up. */
const MAX_ATTEMPTS = 12;
/** Properties taken out to repair one value at most. */
const MAX_REPAIRS = 20;

/**
 * A value that the contract allows in a request at a place with this schema: judged by the compiled schema, made anew
 * up to 12 times. The same numbers from `random` give the same value.
 *
 * @returns undefined where none was found
 */
export function validValue(at: SchemaAt, random: () => number, hints: ValueHints = {}): unknown {
  const { value, valid } = bestValue(at, random, hints);
  return valid ? value : undefined;
}

/** The same; where no valid value was found, what comes closest (undefined where there is nothing at all). */
export function bestValue(
  at: SchemaAt,
  random: () => number,
  hints: ValueHints = {},
): { readonly value: unknown; readonly valid: boolean } {
  const judge = judgeOf(at);
  const node = nodeOf(at);
  const { word = '', variety = 'plain', fill = 'required', examples = true, exact = false } = hints;
  const beside = examples && variety === 'plain' ? examplesBeside(at) : [];
  const wish = { variety, fill };
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    const turned =
      attempt % 4 === 3 ? { ...wish, fill: fill === 'all' ? ('required' as const) : ('all' as const) } : wish;
    const generator = new Generator({
      documents: at.documents,
      random,
      wish: attempt > 6 ? { ...turned, variety: 'plain' } : turned,
      attempt,
      examples: examples && attempt < 4,
      exact,
      lenient: false,
    });
    const made = generator.value([node], { word, hints: attempt < 4 ? beside : [], depth: 0 });
    if (made === NOTHING) continue;
    const value = repaired(made, judge);
    if (judge.accepts(value)) return { value, valid: true };
  }
  const generator = new Generator({
    documents: at.documents,
    random,
    wish,
    attempt: 0,
    examples,
    exact,
    lenient: true,
  });
  const made = generator.value([node], { word, hints: beside, depth: 0 });
  return { value: made === NOTHING ? undefined : made, valid: false };
}

/** Takes out what the schema complains of, as long as that helps. */
function repaired(given: unknown, judge: Judge): unknown {
  let value = given;
  let left = judge.violations(value);
  for (let i = 0; i < MAX_REPAIRS && left.length > 0; i++) {
    let better = false;
    for (const { pointer } of left) {
      const without = removed(value, splitPointer(pointer));
      if (without === undefined) continue;
      const after = judge.violations(without);
      if (after.length >= left.length) continue;
      value = without;
      left = after;
      better = true;
      break;
    }
    if (!better) break;
  }
  return value;
}

/** A copy without the property at a path; undefined where there is none. */
function removed(value: unknown, path: readonly string[]): unknown {
  const [name, ...rest] = path;
  if (name === undefined) return undefined;
  const child = getOwn(value, name);
  if (child === undefined) return undefined;
  const inner = rest.length > 0 ? removed(child, rest) : undefined;
  if (Array.isArray(value)) return inner === undefined ? undefined : value.with(Number(name), inner);
  if (!isPlain(value) || (rest.length > 0 && inner === undefined)) return undefined;
  const copy = copyOf(value);
  if (inner === undefined) delete copy[name];
  else copy[name] = inner;
  return copy;
}
