import type { CompileOptions } from './compiled.ts';
import type { Graph } from './graph.ts';
import type { Node } from './node.ts';
import type { Resource } from './resources.ts';
import type { Collect, Fast } from './run.ts';

/** Schemas that a dynamic reference finds by name: the outermost ones entered so far (2020-12, section 8.2.3.2). */
export interface Scope {
  readonly id: number;
  readonly names: ReadonlyMap<string, Node>;
}

/** Subschemas of a unit, as units. `null`: the unit itself, met again without going into the value. */
export interface Parts {
  ref: Unit | null | undefined;
  dynamicRef: Unit | null | undefined;
  allOf: readonly (Unit | null)[];
  anyOf: readonly (Unit | null)[] | undefined;
  oneOf: readonly (Unit | null)[] | undefined;
  not: Unit | null | undefined;
  condition: Unit | null | undefined;
  consequence: Unit | null | undefined;
  alternative: Unit | null | undefined;
  dependentSchemas: ReadonlyMap<string, Unit | null>;
  cases: ReadonlyMap<string, Unit | null>;
  fallback: Unit | null | undefined;
  properties: ReadonlyMap<string, Unit>;
  patterns: readonly Unit[];
  additional: Unit | undefined;
  propertyNames: Unit | undefined;
  unevaluatedProperties: Unit | undefined;
  prefix: readonly Unit[];
  items: Unit | undefined;
  contains: Unit | undefined;
  unevaluatedItems: Unit | undefined;
}

/**
 * A schema as it is compiled: in one dynamic scope, as the first schema of a value (`root`) or beside others that look at
 * the same value.
 */
export class Unit {
  readonly id: number;
  readonly node: Node;
  readonly scope: Scope;
  readonly root: boolean;
  /** Properties that are not required here: `readOnly` ones in requests, `writeOnly` ones in responses. */
  readonly excused: ReadonlySet<string>;
  /** Ids of the nodes in circles that were met on the way to this unit at the same value. */
  readonly chain: readonly number[];
  parts!: Parts;
  slots: readonly (readonly Unit[])[] | undefined;
  fast: Fast | undefined;
  collect: Collect | undefined;
  // What analysis finds, of the batch the unit is linked in.
  callers = 0;
  cyclic = false;
  memo = false;
  /** Must be a function: it is called where its failure is not the caller's. */
  called = false;

  constructor(id: number, node: Node, context: Context, excused: ReadonlySet<string>, chain: readonly number[]) {
    this.id = id;
    this.node = node;
    this.scope = context.scope;
    this.root = context.root;
    this.excused = excused;
    this.chain = chain;
  }
}

export interface Context {
  readonly scope: Scope;
  readonly root: boolean;
  readonly excused: ReadonlySet<string>;
  readonly chain: readonly number[];
}

const NOBODY: ReadonlySet<string> = new Set();
const NONE: ReadonlyMap<string, never> = new Map<string, never>();
const NO_CHAIN: readonly number[] = [];

/** Units of one program at most: dynamic scopes and circles multiply them. */
const MAX_UNITS = 200_000;

export class TooManyUnits extends Error {}

/** Makes the units of one program. */
export class Units<Rule> {
  readonly graph: Graph;
  readonly options: CompileOptions<Rule>;
  /** Whether values may have to be walked: then the first schema of a value is compiled apart. */
  readonly tracked: boolean;
  readonly #units = new Map<string, Unit>();
  readonly #scopes = new Map<string, Scope>();
  readonly #rules = new Map<Node, Rule | undefined>();
  readonly #excused = new Map<Node, ReadonlySet<string>>();
  readonly #excuses = new Map<string, ReadonlySet<string>>();
  readonly #locked = new Map<Node, boolean>();

  constructor(graph: Graph, options: CompileOptions<Rule>) {
    this.graph = graph;
    this.options = options;
    this.tracked = options.undeclared !== 'allow' || options.direction !== 'none' || options.annotate !== undefined;
  }

  /** The unit for the values of a schema. */
  entry(node: Node): Unit {
    const scope = this.#scope(new Map());
    return this.#unit(node, { scope, root: this.tracked, excused: NOBODY, chain: NO_CHAIN })!;
  }

  rule(node: Node): Rule | undefined {
    if (!this.options.annotate) return undefined;
    if (!this.#rules.has(node)) {
      const { raw, uri } = node.spot;
      const isObject = typeof raw === 'object' && raw !== null;
      this.#rules.set(node, isObject ? this.options.annotate(raw as Record<string, unknown>, uri) : undefined);
    }
    return this.#rules.get(node);
  }

  /** Whether the schema itself says that its value may not stand in this direction. */
  locked(node: Node): boolean {
    const { direction } = this.options;
    return direction === 'request' ? node.readOnly : direction === 'response' && node.writeOnly;
  }

  /** Follows references that stand alone, in their scope. */
  #settle(node: Node, scope: Scope): { node: Node; scope: Scope } {
    let at = node;
    let inner = this.#enter(scope, at.spot.resource);
    while (at.ref && !at.speaks && !at.readOnly && !at.writeOnly && this.rule(at) === undefined) {
      at = at.ref;
      inner = this.#enter(inner, at.spot.resource);
    }
    return { node: at, scope: inner };
  }

  #unit(from: Node, context: Context): Unit | null {
    const { node, scope } = this.#settle(from, context.scope);
    const looping = this.graph.loops.has(node);
    if (looping && context.chain.includes(node.id)) return null;
    const chain = looping ? [...context.chain, node.id] : context.chain;
    const excused = context.root ? this.#excusedBy(node) : context.excused;
    const key = `${node.id} ${scope.id} ${context.root ? 1 : 0} ${[...excused].join('\n')} ${chain.join()}`;
    let unit = this.#units.get(key);
    if (!unit) {
      if (this.#units.size >= MAX_UNITS) throw new TooManyUnits();
      unit = new Unit(this.#units.size, node, { ...context, scope }, excused, chain);
      this.#units.set(key, unit);
      this.rule(node);
    }
    return unit;
  }

  /** Makes the parts of a unit. */
  open(unit: Unit): void {
    if (unit.parts !== undefined) return;
    const { node, scope } = unit;
    const here: Context = { scope, root: false, excused: unit.excused, chain: unit.chain };
    const below: Context = { scope, root: this.tracked, excused: NOBODY, chain: NO_CHAIN };
    const same = (one: Node): Unit | null => this.#unit(one, here);
    const maybe = (one: Node | undefined): Unit | null | undefined => one && same(one);
    const child = (one: Node): Unit => this.#unit(one, below)!;
    const map = <T>(from: ReadonlyMap<string, Node> | undefined, make: (node: Node) => T): ReadonlyMap<string, T> =>
      from === undefined || from.size === 0 ? NONE : new Map(Array.from(from, ([name, one]) => [name, make(one)]));
    const dynamic = node.dynamicRef;
    unit.parts = {
      ref: maybe(node.ref),
      dynamicRef: maybe(dynamic && ((dynamic.name !== undefined && scope.names.get(dynamic.name)) || dynamic.target)),
      allOf: node.allOf.map(same),
      anyOf: node.anyOf?.map(same),
      oneOf: node.oneOf?.map(same),
      not: maybe(node.not),
      condition: maybe(node.condition),
      consequence: maybe(node.consequence),
      alternative: maybe(node.alternative),
      dependentSchemas: map(node.dependentSchemas, same),
      cases: map(node.choice?.cases, same),
      fallback: maybe(node.choice?.fallback),
      properties: map(node.properties, child),
      patterns: node.patterns.map((one) => child(one.node)),
      additional: node.additional && child(node.additional),
      propertyNames: node.propertyNames && child(node.propertyNames),
      unevaluatedProperties: node.unevaluatedProperties && child(node.unevaluatedProperties),
      prefix: node.prefix.map(child),
      items: node.items && child(node.items),
      contains: node.contains && child(node.contains),
      unevaluatedItems: node.unevaluatedItems && child(node.unevaluatedItems),
    };
  }

  #enter(scope: Scope, resource: Resource): Scope {
    let names: Map<string, Node> | undefined;
    for (const [name, spot] of resource.dynamicAnchors) {
      if (scope.names.has(name)) continue;
      names ??= new Map(scope.names);
      names.set(name, this.graph.node(spot));
    }
    return names ? this.#scope(names) : scope;
  }

  #scope(names: Map<string, Node>): Scope {
    const key = Array.from(names, ([name, node]) => `${name}\n${node.id}`)
      .sort()
      .join('\n');
    let scope = this.#scopes.get(key);
    if (!scope) this.#scopes.set(key, (scope = { id: this.#scopes.size, names }));
    return scope;
  }

  #excusedBy(node: Node): ReadonlySet<string> {
    if (this.options.direction === 'none') return NOBODY;
    let found = this.#excused.get(node);
    if (!found) {
      const names = new Set<string>();
      for (const one of group(node))
        for (const [name, property] of one.properties) if (this.#isLocked(property)) names.add(name);
      const sorted = [...names].sort();
      const key = sorted.join('\n');
      found = this.#excuses.get(key) ?? (names.size === 0 ? NOBODY : new Set(sorted));
      this.#excuses.set(key, found);
      this.#excused.set(node, found);
    }
    return found;
  }

  #isLocked(node: Node): boolean {
    let locked = this.#locked.get(node);
    if (locked === undefined) {
      locked = group(node).some((one) => this.locked(one));
      this.#locked.set(node, locked);
    }
    return locked;
  }
}

/** A schema and all that look at the same value with it, whether they turn out to apply or not. */
function group(node: Node): Node[] {
  const seen = new Set([node]);
  for (const one of seen) {
    const next = [one.ref, one.dynamicRef?.target, ...one.allOf, ...(one.anyOf ?? []), ...(one.oneOf ?? [])];
    next.push(
      one.condition,
      one.consequence,
      one.alternative,
      ...one.dependentSchemas.values(),
      ...(one.choice?.cases.values() ?? []),
    );
    for (const each of next) if (each) seen.add(each);
  }
  return [...seen];
}
