import { escapeToken } from '../references.ts';
import { REMOVED, type SchemaViolation } from './compiled.ts';
import { equal } from './equal.ts';
import { admits, applicable, ask, members } from './members.ts';
import { ANY, ARRAY, OBJECT } from './node.ts';
import { MAX_DEPTH, type Run, shorten } from './run.ts';
import type { Unit, Units } from './unit.ts';
import { namesProperties, saysOthers, speaksOfArrays, speaksOfObjects } from './watch.ts';

/** Pointers of removed values kept at most. */
const MAX_REMOVED = 100;
/** Combinations of branches remembered for one place at most. */
const MAX_COMBINATIONS = 64;
/** Places remembered at most: which there are depends on the branches that values take. */
const MAX_PLACES = 10_000;
/** Properties of a place whose schemas are remembered, at most. */
const MAX_CHILDREN = 1_000;

/** All schemas whose values stand at one place: the same property may be described by several. */
interface Place {
  readonly id: string;
  readonly units: readonly Unit[];
  /** Members by kind, where they do not depend on the value. */
  readonly fixed: Map<number, Together>;
  readonly combinations: Map<string, Together>;
  /** A scalar here needs no look. */
  readonly plain: boolean;
}

/** What the schemas that apply to a value say together. */
interface Together {
  readonly members: readonly Unit[];
  readonly forbidden: boolean;
  readonly locked: boolean;
  readonly rules: readonly unknown[];
  readonly named: boolean;
  readonly others: boolean;
  readonly ofArrays: boolean;
  readonly ofObjects: boolean;
  readonly enumerated: readonly Unit[];
  readonly children: Map<string, Place>;
  readonly positional: boolean;
  items: Place | null | undefined;
}

/** What a walk is to do. */
export interface Task {
  /** Whether the value is valid by its schema. */
  readonly valid: boolean;
  /** Whether to take out what may not stay (a cut), or only to report it. */
  readonly remove: boolean;
  readonly on: ((rule: never, value: unknown) => unknown) | undefined;
}

/**
 * Walks values that may hold something undeclared, something that may not be sent, or something that has a rule.
 * Interpreted, not compiled: only values that have such a thing come here.
 */
export class Walker {
  readonly #units: Units<unknown>;
  readonly #places = new Map<string, Place>();

  constructor(units: Units<unknown>) {
    this.#units = units;
  }

  /** @returns a walk of one value. */
  begin(run: Run, task: Task): Walk {
    return new Walk(this, this.#units, run, task);
  }

  place(units: readonly Unit[]): Place {
    const unique = units.length === 1 ? units : [...new Set(units)].sort((a, b) => a.id - b.id);
    const id = unique.map((unit) => unit.id).join();
    let place = this.#places.get(id);
    if (!place) {
      const plain = unique.every((unit) => {
        const { sure, maybe } = members(unit, ANY);
        return [...sure, ...maybe].every(
          (one) => !this.#units.locked(one.node) && this.#units.rule(one.node) === undefined,
        );
      });
      place = { id, units: unique, fixed: new Map(), combinations: new Map(), plain };
      if (this.#places.size >= MAX_PLACES) this.#places.clear();
      this.#places.set(id, place);
    }
    return place;
  }
}

export class Walk {
  readonly removed: string[] = [];
  readonly violations: SchemaViolation[] = [];
  /** Something was removed, listed or not. */
  changed = false;
  readonly #seen = new Set<string>();
  readonly #path: string[] = [];
  readonly #walker: Walker;
  readonly #units: Units<unknown>;
  readonly #run: Run;
  readonly #task: Task;

  constructor(walker: Walker, units: Units<unknown>, run: Run, task: Task) {
    this.#walker = walker;
    this.#units = units;
    this.#run = run;
    this.#task = task;
  }

  /** @returns what stays of the value: `REMOVED` where nothing does. */
  root(unit: Unit, value: unknown): unknown {
    const kept = this.#walk(this.#walker.place([unit]), value, false);
    if (kept === REMOVED) this.#remove();
    return kept;
  }

  #walk(place: Place, value: unknown, property: boolean): unknown {
    const container = typeof value === 'object' && value !== null && !(value instanceof Uint8Array);
    const { valid } = this.#task;
    if (!container && place.plain && valid) return value;
    const depth = this.#path.length;
    if (depth > MAX_DEPTH) {
      this.#run.over = true;
      return REMOVED;
    }
    const together = this.#together(place, value);
    if (together.forbidden) return REMOVED;
    if (together.locked && property && this.#lock()) return REMOVED;
    let kept = value;
    if (container) {
      if (!valid && !this.#allows(place, together, value)) return REMOVED;
      const array = Array.isArray(value);
      if (this.#unnamed(together, array)) {
        if (
          this.#undeclared(
            array ? 'is an array where the contract names properties' : 'is an object where the contract names items',
          )
        )
          return REMOVED;
      } else if (array) kept = this.#array(together, value);
      else kept = this.#object(together, value as Record<string, unknown>);
    }
    const { on } = this.#task;
    if (on) {
      for (const rule of together.rules) {
        kept = on(rule as never, kept);
        if (kept === REMOVED) return REMOVED;
      }
    }
    return kept;
  }

  /** The container's kind is named by no schema here. */
  #unnamed(together: Together, array: boolean): boolean {
    if (this.#units.options.undeclared === 'allow') return false;
    return array
      ? (together.named || together.others) && !together.ofArrays
      : together.ofArrays && !together.ofObjects && !together.named && !together.others;
  }

  #object(together: Together, object: Record<string, unknown>): unknown {
    let copy: Record<string, unknown> | undefined;
    let gone: Set<string> | undefined;
    const keys = Object.keys(object);
    for (const key of keys) {
      const place = this.#child(together, key);
      this.#path.push(key);
      const before = object[key];
      let kept: unknown = before;
      if (place === null) {
        if (this.#undeclaredProperty(together)) kept = REMOVED;
      } else if (place) kept = this.#walk(place, before, true);
      if (kept === REMOVED && this.#task.remove) {
        this.#remove();
        gone ??= new Set();
        gone.add(key);
      } else if (kept !== before && kept !== REMOVED) {
        copy ??= emptyLike(object);
        put(copy, key, kept);
      }
      this.#path.pop();
    }
    if (!gone && !copy) return object;
    const out = emptyLike(object);
    for (const key of keys)
      if (!gone?.has(key)) put(out, key, copy && Object.hasOwn(copy, key) ? copy[key] : object[key]);
    return out;
  }

  #array(together: Together, items: unknown[]): unknown {
    let out: unknown[] | undefined;
    this.#path.push('*');
    const varied = together.positional || together.members.some((one) => one.parts.contains);
    for (let i = 0; i < items.length; i++) {
      const place = varied ? this.#item(together, items, i) : (together.items ??= this.#items(together));
      const before = items[i];
      const kept = place ? this.#walk(place, before, false) : before;
      if (kept === REMOVED && this.#task.remove) {
        this.#remove();
        out ??= items.slice(0, i);
        // Where the position says which schema applies, the others keep theirs.
        if (together.positional) out.push(null);
      } else if (kept !== before && kept !== REMOVED) {
        out ??= items.slice(0, i);
        out.push(kept);
      } else out?.push(before);
    }
    this.#path.pop();
    return out ?? items;
  }

  #items(together: Together): Place | null {
    const units = together.members.map((one) => one.parts.items).filter((one) => one !== undefined);
    const other = together.members.map((one) => one.parts.unevaluatedItems).filter((one) => one !== undefined);
    const all = units.length > 0 ? units : other;
    return all.length === 0 ? null : this.#walker.place(all);
  }

  #item(together: Together, items: readonly unknown[], i: number): Place | null {
    const units: Unit[] = [];
    for (const { parts } of together.members) {
      const one = parts.prefix[i] ?? parts.items;
      if (one) units.push(one);
      if (parts.contains && ask(parts.contains, items[i], this.#run, this.#path.length)) units.push(parts.contains);
    }
    if (units.length === 0)
      for (const { parts } of together.members) if (parts.unevaluatedItems) units.push(parts.unevaluatedItems);
    return units.length === 0 ? null : this.#walker.place(units);
  }

  /** The schemas of a property; `null`: nobody names it; undefined: it is free. */
  #child(together: Together, key: string): Place | null | undefined {
    const known = together.children.get(key);
    if (known !== undefined) return known;
    const units: Unit[] = [];
    let declared = false;
    let byName = false;
    for (const { node, parts } of together.members) {
      if (node.choice?.property === key) declared = true;
      const own = parts.properties.get(key);
      if (own) {
        byName = true;
        units.push(own);
      }
      let named = own !== undefined;
      node.patterns.forEach(({ pattern }, i) => {
        if (!pattern.test(key)) return;
        named = true;
        units.push(parts.patterns[i]!);
      });
      if (!named && parts.additional && parts.additional.node.always !== false) units.push(parts.additional);
    }
    if (units.length === 0)
      for (const { parts } of together.members)
        if (parts.unevaluatedProperties && parts.unevaluatedProperties.node.always !== false)
          units.push(parts.unevaluatedProperties);
    if (units.length === 0) {
      if (declared || !(together.named || together.others)) return undefined;
      return null;
    }
    const place = this.#walker.place(units);
    // Only names that the contract knows are remembered: those from outside are without end.
    if (byName && together.children.size < MAX_CHILDREN) together.children.set(key, place);
    return place;
  }

  /** A property that no schema names. @returns whether it has to go. */
  #undeclaredProperty(together: Together): boolean {
    const { undeclared } = this.#units.options;
    // Where a schema says that there are no others, that is a violation already.
    if (together.others) return true;
    return undeclared !== 'allow' && this.#undeclared('is not named by the contract');
  }

  /** @returns whether what is undeclared has to go. */
  #undeclared(detail: string): boolean {
    if (this.#units.options.undeclared === 'refuse') this.#violation('undeclared', detail);
    return true;
  }

  /** @returns whether a property that may not be sent has to go. */
  #lock(): boolean {
    const { direction, undeclared } = this.#units.options;
    if (direction === 'request') {
      if (undeclared !== 'strip') this.#violation('readOnly', 'may not be sent');
    } else if (undeclared === 'refuse') this.#violation('writeOnly', 'may not be sent');
    return true;
  }

  #violation(keyword: string, detail: string): void {
    if (this.violations.length < this.#run.max) this.violations.push({ pointer: this.#pointer(), keyword, detail });
  }

  #pointer(): string {
    let pointer = '';
    for (const step of this.#path) {
      pointer += `/${escapeToken(shorten(step))}`;
      if (pointer.length > 1_000) break;
    }
    return pointer.slice(0, 1_000);
  }

  #remove(): void {
    this.changed = true;
    if (this.removed.length >= MAX_REMOVED) return;
    const pointer = this.#pointer();
    if (this.#seen.has(pointer)) return;
    this.#seen.add(pointer);
    this.removed.push(pointer);
  }

  /** Whether a container may stand here at all, for values that are not valid. */
  #allows(place: Place, together: Together, value: unknown): boolean {
    const bit = Array.isArray(value) ? ARRAY : OBJECT;
    if (place.units.some((unit) => (admits(unit) & bit) === 0)) return false;
    return together.enumerated.every((one) => one.node.enumeration!.some((each) => equal(each, value)));
  }

  #together(place: Place, value: unknown): Together {
    const kind = Array.isArray(value)
      ? ARRAY
      : typeof value === 'object' && value !== null
        ? OBJECT
        : ANY & ~ARRAY & ~OBJECT;
    if (this.#task.valid) {
      let fixed = place.fixed.get(kind);
      if (fixed) return fixed;
      const all = place.units.map((unit) => members(unit, kind));
      if (all.every(({ maybe }) => maybe.length === 0)) {
        fixed = this.#merge(all.flatMap(({ sure }) => sure));
        place.fixed.set(kind, fixed);
        return fixed;
      }
    }
    const found: Unit[] = [];
    for (const unit of place.units)
      applicable(unit, value, this.#run, this.#path.length, !this.#task.valid, true, found);
    const key = found.map((unit) => unit.id).join();
    let together = place.combinations.get(key);
    if (!together) {
      together = this.#merge(found);
      if (place.combinations.size < MAX_COMBINATIONS) place.combinations.set(key, together);
    }
    return together;
  }

  #merge(all: readonly Unit[]): Together {
    const units = [...new Set(all)];
    const some = (test: (unit: Unit) => boolean): boolean => units.some(test);
    const rules = new Set(units.map((one) => this.#units.rule(one.node)).filter((rule) => rule !== undefined));
    return {
      members: units,
      forbidden: some((one) => one.node.always === false),
      locked: some((one) => this.#units.locked(one.node)),
      rules: [...rules],
      named: some((one) => namesProperties(one.node)),
      others: some((one) => saysOthers(one.node)),
      ofArrays: some((one) => speaksOfArrays(one.node)),
      ofObjects: some((one) => speaksOfObjects(one.node)),
      enumerated: units.filter((one) => one.node.enumeration !== undefined),
      children: new Map(),
      positional: some((one) => one.parts.prefix.length > 0),
      items: undefined,
    };
  }
}

const emptyLike = (object: object): Record<string, unknown> =>
  Object.getPrototypeOf(object) === null ? Object.create(null) : {};

/** Assigns as an own property, also the name `__proto__`. */
function put(object: Record<string, unknown>, key: string, value: unknown): void {
  if (key === '__proto__')
    Object.defineProperty(object, key, { value, writable: true, enumerable: true, configurable: true });
  else object[key] = value;
}
