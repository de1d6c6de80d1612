import { ANY, FILE, INTEGER, NUMBER, OBJECT, STRING } from './node.ts';
import { bitsOf } from './read-values.ts';
import type { Run } from './run.ts';
import type { Unit } from './unit.ts';

/** Schemas that look at one value: those that surely apply to it if it is valid, and those that may. */
export interface Members {
  readonly sure: readonly Unit[];
  readonly maybe: readonly Unit[];
}

const CASELESS = 1 << 10;
const kept = new WeakMap<Unit, Map<number, Members>>();
const admitted = new WeakMap<Unit, number>();

/**
 * The members of a unit's value, as far as they can be known at load. Of `anyOf` and `oneOf` a branch is sure where it is
 * the only one that takes values of the kind.
 * @param kind bits of the types the value may have.
 * @param cases whether the cases of a discriminator count.
 */
export function members(unit: Unit, kind: number, cases = true): Members {
  let known = kept.get(unit);
  if (!known) kept.set(unit, (known = new Map()));
  const key = cases ? kind : kind | CASELESS;
  let found = known.get(key);
  if (!found) {
    const sure: Unit[] = [];
    const maybe: Unit[] = [];
    gather(unit, kind, cases, sure, maybe, false);
    found = { sure, maybe };
    known.set(key, found);
  }
  return found;
}

function gather(unit: Unit, kind: number, cases: boolean, sure: Unit[], maybe: Unit[], doubtful: boolean): void {
  (doubtful ? maybe : sure).push(unit);
  const { parts } = unit;
  const go = (one: Unit | null | undefined, doubt: boolean): void => {
    if (one) gather(one, kind, cases, sure, maybe, doubt);
  };
  go(parts.ref, doubtful);
  go(parts.dynamicRef, doubtful);
  for (const one of parts.allOf) go(one, doubtful);
  for (const branches of [parts.anyOf, parts.oneOf]) {
    const fit = branches?.filter((one) => one === null || (admits(one) & kind) !== 0) ?? [];
    for (const one of fit) go(one, doubtful || fit.length > 1);
  }
  go(parts.condition, true);
  go(parts.consequence, true);
  go(parts.alternative, true);
  for (const one of parts.dependentSchemas.values()) go(one, true);
  if (!cases) return;
  for (const one of parts.cases.values()) go(one, true);
  go(parts.fallback, true);
}

/** Bits of the types that a unit may take; more where it is hard to say. */
export function admits(unit: Unit): number {
  const known = admitted.get(unit);
  if (known !== undefined) return known;
  const { node, parts } = unit;
  let bits = node.always === false ? 0 : node.types === 0 ? ANY : node.types;
  if (node.types & INTEGER) bits |= NUMBER;
  if (node.types & FILE || (node.types & STRING && node.format === 'binary')) bits |= STRING | OBJECT | FILE;
  if (node.enumeration)
    bits &= node.enumeration.reduce(
      (sum: number, value) => sum | bitsOf(value) | (typeof value === 'number' ? INTEGER | NUMBER : 0),
      0,
    );
  const of = (one: Unit | null | undefined): number => (one ? admits(one) : ANY);
  bits &= of(parts.ref) & of(parts.dynamicRef);
  for (const one of parts.allOf) bits &= of(one);
  for (const branches of [parts.anyOf, parts.oneOf])
    if (branches) bits &= branches.reduce((sum, one) => sum | of(one), 0);
  admitted.set(unit, bits);
  return bits;
}

/** Asks a unit about a value, by its memory where it has one. */
export const ask = (unit: Unit, value: unknown, run: Run, depth: number): boolean =>
  unit.memo ? run.memo(unit.id, unit.fast!, value, depth) : unit.fast!(value, run, depth);

/**
 * The members that do apply to a value. Of `anyOf` and `oneOf` the branches that validate count; where none does, all of
 * them (`lenient`, for values that are cut although they are invalid) or none.
 */
export function applicable(
  unit: Unit,
  value: unknown,
  run: Run,
  depth: number,
  lenient: boolean,
  cases: boolean,
  into: Unit[],
): void {
  into.push(unit);
  const { parts, node } = unit;
  const go = (one: Unit | null | undefined): void => {
    if (one) applicable(one, value, run, depth, lenient, cases, into);
  };
  go(parts.ref);
  go(parts.dynamicRef);
  for (const one of parts.allOf) go(one);
  for (const branches of [parts.anyOf, parts.oneOf]) {
    if (!branches) continue;
    const valid = branches.filter((one) => one && ask(one, value, run, depth));
    for (const one of valid.length === 0 && lenient ? branches : valid) go(one);
  }
  if (parts.condition) {
    if (ask(parts.condition, value, run, depth)) {
      go(parts.condition);
      go(parts.consequence);
    } else go(parts.alternative);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return;
  const object = value as Record<string, unknown>;
  for (const [name, one] of parts.dependentSchemas) if (Object.hasOwn(object, name)) go(one);
  if (!cases || !node.choice) return;
  const named = Object.hasOwn(object, node.choice.property) ? object[node.choice.property] : undefined;
  const chosen = typeof named === 'string' ? parts.cases.get(named) : undefined;
  go(chosen ?? parts.fallback);
}

/** Names of properties that some members have evaluated; everything where one speaks of the others too. */
export class Evaluated {
  readonly #members: readonly Unit[];
  readonly #all: boolean;

  /** @param own the unit whose `unevaluatedProperties` asks: its own does not count. */
  constructor(members: readonly Unit[], own: Unit) {
    this.#members = members;
    this.#all = members.some((one) => one.node.additional || (one !== own && one.node.unevaluatedProperties));
  }

  has(name: string): boolean {
    return this.#all || this.#members.some(({ node }) => names(node, name));
  }
}

/** Whether a schema names a property, by itself or by a pattern. */
export const names = (node: Unit['node'], name: string): boolean =>
  node.properties.has(name) || node.patterns.some(({ pattern }) => pattern.test(name));

/** Properties of an object that its schemas leave unevaluated (2020-12, section 11.3). */
export function unevaluatedProperties(unit: Unit, object: object, run: Run, depth: number): string[] {
  const found: Unit[] = [];
  applicable(unit, object, run, depth, false, false, found);
  const evaluated = new Evaluated(found, unit);
  return Object.keys(object).filter((name) => !evaluated.has(name));
}

/** Indices of items that their schemas leave unevaluated (2020-12, section 11.2). */
export function unevaluatedItems(unit: Unit, items: readonly unknown[], run: Run, depth: number): number[] {
  const found: Unit[] = [];
  applicable(unit, items, run, depth, false, false, found);
  let from = 0;
  const contains: Unit[] = [];
  for (const one of found) {
    if (one.node.items || (one !== unit && one.node.unevaluatedItems)) return [];
    from = Math.max(from, one.parts.prefix.length);
    if (one.parts.contains) contains.push(one.parts.contains);
  }
  const left: number[] = [];
  for (let i = from; i < items.length; i++)
    if (!contains.some((one) => ask(one, items[i], run, depth + 1))) left.push(i);
  return left;
}
