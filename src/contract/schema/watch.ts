import { slots } from './analyse.ts';
import { admits, members, names } from './members.ts';
import { ANY, ARRAY, type Node, OBJECT } from './node.ts';
import type { Unit, Units } from './unit.ts';

/** Whether a schema names properties, or says something about those it does not name. */
export const namesProperties = (node: Node): boolean => node.properties.size > 0 || node.patterns.length > 0;
export const saysOthers = (node: Node): boolean =>
  node.additional !== undefined || node.unevaluatedProperties !== undefined;
/** Whether a schema speaks of items, or of arrays at all. */
export const speaksOfArrays = (node: Node): boolean =>
  (node.types & ARRAY) !== 0 ||
  node.items !== undefined ||
  node.prefix.length > 0 ||
  node.contains !== undefined ||
  node.unevaluatedItems !== undefined ||
  node.minItems !== undefined ||
  node.maxItems !== undefined ||
  node.unique;
export const speaksOfObjects = (node: Node): boolean =>
  (node.types & OBJECT) !== 0 || namesProperties(node) || saysOthers(node) || node.required.length > 0;

/**
 * What the fast functions watch for besides validity: whether a value holds anything that must be cut, refused as
 * undeclared or handed to a rule. Where not, the value is done after one walk. May say so too often, never too rarely.
 */
export class Watch {
  readonly #units: Units<unknown>;
  readonly #interest = new Map<Unit, boolean>();

  constructor(units: Units<unknown>) {
    this.#units = units;
  }

  get #names(): boolean {
    return this.#units.options.undeclared !== 'allow';
  }

  /** Whether each value of the unit must be walked. */
  always(unit: Unit): boolean {
    const any = members(unit, ANY);
    if ([...any.sure, ...any.maybe].some((one) => this.#marked(one))) return true;
    // Branches are not all tried, so what is below them may not be met.
    const doubtful = new Set([...members(unit, OBJECT).maybe, ...members(unit, ARRAY).maybe]);
    for (const one of [...any.sure, ...any.maybe]) if (one.parts.contains) doubtful.add(one.parts.contains);
    for (const one of doubtful) if (this.#interesting(one)) return true;
    return false;
  }

  /**
   * Properties that are surely named: `own`, where they are just those of the unit's own schema (then counting
   * suffices). undefined where properties need not be watched.
   */
  properties(unit: Unit): { own: boolean; known: (name: string) => boolean } | undefined {
    if (!this.#names) return undefined;
    const { sure, maybe } = members(unit, OBJECT);
    if (sure.some((one) => saysOthers(one.node))) return undefined;
    const speaking = sure.filter((one) => namesProperties(one.node));
    const arraysOnly = this.#arraysOnly([...sure, ...maybe]);
    if (speaking.length === 0 && !arraysOnly && !maybe.some((one) => namesProperties(one.node) || saysOthers(one.node)))
      return undefined;
    const own = speaking.every((one) => one === unit) && unit.node.patterns.length === 0;
    const known = new Set(speaking.flatMap((one) => [...one.node.properties.keys()]));
    const patterned = speaking.filter((one) => one.node.patterns.length > 0);
    if (patterned.length === 0) return { own, known: (name) => known.has(name) };
    return { own, known: (name) => known.has(name) || patterned.some((one) => names(one.node, name)) };
  }

  /** Statements that watch for an array where only properties are named. */
  kinds(unit: Unit, v: string): string[] {
    if (!this.#names || (admits(unit) & ARRAY) === 0) return [];
    const { sure, maybe } = members(unit, ARRAY);
    const all = [...sure, ...maybe];
    const named = all.some((one) => namesProperties(one.node) || saysOthers(one.node));
    return named && !all.some((one) => speaksOfArrays(one.node)) ? [`if (Array.isArray(${v})) c.walk = true;`] : [];
  }

  #arraysOnly(all: readonly Unit[]): boolean {
    return all.some((one) => speaksOfArrays(one.node)) && !all.some((one) => speaksOfObjects(one.node));
  }

  /** The unit's own schema has a rule, or may not stand in this direction. */
  #marked(unit: Unit): boolean {
    return this.#units.locked(unit.node) || this.#units.rule(unit.node) !== undefined;
  }

  /** Whether a unit, or anything it leads to, can be a reason to walk. */
  #interesting(from: Unit): boolean {
    const known = this.#interest.get(from);
    if (known !== undefined) return known;
    const seen = new Set([from]);
    for (const one of seen) {
      if (
        this.#interest.get(one) ||
        this.#marked(one) ||
        (this.#names && (namesProperties(one.node) || this.#onlyItems(one)))
      ) {
        this.#interest.set(from, true);
        return true;
      }
      for (const slot of slots(one)) for (const next of slot) if (this.#interest.get(next) !== false) seen.add(next);
    }
    for (const one of seen) this.#interest.set(one, false);
    return false;
  }

  #onlyItems(unit: Unit): boolean {
    return unit.node.types === 0 && speaksOfArrays(unit.node);
  }
}
