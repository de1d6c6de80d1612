import { analyse, slots } from './analyse.ts';
import type { CompileOptions, Cut, SchemaViolation } from './compiled.ts';
import { REMOVED } from './compiled.ts';
import { emit } from './emit.ts';
import { Emitter } from './emitter.ts';
import type { Graph } from './graph.ts';
import type { Node } from './node.ts';
import { type Collect, type Fast, Run } from './run.ts';
import { type Unit, Units } from './unit.ts';
import { Walker } from './walk.ts';
import { Watch } from './watch.ts';

const DEFAULT_MAX = 20;
/** Cuts of one value at most: what is removed may change which branch holds, and so what else must go. */
const MAX_ROUNDS = 8;
const NOTHING: readonly string[] = Object.freeze([]);

const TOO_MUCH: SchemaViolation = {
  pointer: '',
  keyword: 'size',
  detail: 'is nested too deeply, or too large to be judged',
};
const UNNAMED: SchemaViolation = { pointer: '', keyword: 'schema', detail: 'is not as the contract says' };

/** Everything compiled with one set of options from one set of documents; functions are shared among its schemas. */
export class Program<Rule> {
  readonly #units: Units<Rule>;
  readonly #watch: Watch;
  readonly #walker: Walker;
  readonly #max: number;
  readonly #emitting: { formats: boolean; tracked: boolean };

  constructor(graph: Graph, options: CompileOptions<Rule>) {
    this.#units = new Units(graph, options);
    this.#watch = new Watch(this.#units as Units<unknown>);
    this.#walker = new Walker(this.#units as Units<unknown>);
    this.#max = Math.max(1, options.maxViolations ?? DEFAULT_MAX);
    this.#emitting = { formats: options.formats !== 'annotate', tracked: this.#units.tracked };
  }

  /** Makes the units of a schema and all that it leads to; their functions are written when they are first needed. */
  prepare(node: Node): Schema<Rule> {
    const entry = this.#units.entry(node);
    const reached = new Set([entry]);
    for (const unit of reached) {
      this.#units.open(unit);
      for (const slot of slots(unit)) for (const next of slot) reached.add(next);
    }
    return new Schema(this, entry, reached);
  }

  get max(): number {
    return this.#max;
  }

  get walker(): Walker {
    return this.#walker;
  }

  get options(): CompileOptions<Rule> {
    return this.#units.options;
  }

  /** Writes the functions of a schema that are not there yet. */
  link(entry: Unit, reached: ReadonlySet<Unit>, collecting: boolean): void {
    const missing = [...reached].filter((unit) => (collecting ? unit.collect : unit.fast) === undefined);
    if (!collecting) analyse(missing);
    const emitter = new Emitter(collecting, new Set(missing), this.#emitting);
    emitter.want(entry);
    if (!collecting) for (const unit of missing) if (unit.called) emitter.want(unit);
    const made = emitter.link((site) => emit(emitter, site, this.#watch));
    emitter.functions.forEach((unit, i) => {
      if (collecting) unit.collect = made[i] as unknown as Collect;
      else unit.fast = made[i] as unknown as Fast;
    });
  }
}

/** One schema of a program. */
export class Schema<Rule> {
  readonly #program: Program<Rule>;
  readonly #entry: Unit;
  readonly #reached: ReadonlySet<Unit>;
  /** Whether what applies to a value may depend on what else is in it. */
  readonly #conditional: boolean;
  #fast: Fast | undefined;
  #collect: Collect | undefined;

  constructor(program: Program<Rule>, entry: Unit, reached: ReadonlySet<Unit>) {
    this.#program = program;
    this.#entry = entry;
    this.#reached = reached;
    this.#conditional = [...reached].some(
      ({ parts }) =>
        parts.anyOf ??
        parts.oneOf ??
        parts.condition ??
        parts.contains ??
        (parts.dependentSchemas.size > 0 || parts.cases.size > 0),
    );
  }

  /** Writes the function that answers valid or not. */
  link(): Fast {
    if (!this.#fast) {
      if (!this.#entry.fast) this.#program.link(this.#entry, this.#reached, false);
      this.#fast = this.#entry.fast!;
    }
    return this.#fast;
  }

  validate(value: unknown): readonly SchemaViolation[] | undefined {
    const run = new Run(this.#program.max);
    try {
      const valid = (this.#fast ?? this.link())(value, run, 0) && !run.over;
      if (valid && !run.walk) return undefined;
      const { undeclared, direction } = this.#program.options;
      const walks = undeclared === 'refuse' || (direction === 'request' && undeclared === 'allow');
      if (valid && !walks) return undefined;
      const found = valid ? [] : this.#violations(value, run);
      if (run.over) return [TOO_MUCH];
      if (walks) {
        const walk = this.#program.walker.begin(run, { valid, remove: false, on: undefined });
        walk.root(this.#entry, value);
        if (run.over) return [TOO_MUCH];
        found.push(...walk.violations);
      }
      return found.length === 0 ? undefined : found.slice(0, this.#program.max);
    } catch (error) {
      if (error instanceof RangeError) return [TOO_MUCH];
      throw error;
    }
  }

  cut(value: unknown, on?: (rule: Rule, value: unknown) => unknown): Cut {
    const run = new Run(this.#program.max);
    try {
      const valid = (this.#fast ?? this.link())(value, run, 0) && !run.over;
      if (valid && !run.walk) return { value, violations: undefined, removed: NOTHING };
      if (run.over) return NOT_JUDGED;
      const found = valid ? [] : this.#violations(value, run);
      return run.over ? NOT_JUDGED : this.#cut(value, run, valid, found, on);
    } catch (error) {
      if (error instanceof RangeError) return NOT_JUDGED;
      throw error;
    }
  }

  #cut(
    given: unknown,
    first: Run,
    validAtFirst: boolean,
    found: SchemaViolation[],
    on: ((rule: Rule, value: unknown) => unknown) | undefined,
  ): Cut {
    let run = first;
    let valid = validAtFirst;
    let value = given;
    const removed = new Set<string>();
    const task = on as ((rule: never, value: unknown) => unknown) | undefined;
    // Rules see what is left when nothing more is to be removed.
    let last = !this.#conditional;
    for (let round = 0; round < MAX_ROUNDS; round++) {
      const walk = this.#program.walker.begin(run, { valid, remove: true, on: last ? task : undefined });
      value = walk.root(this.#entry, value);
      if (run.over) return NOT_JUDGED;
      if (round === 0) found.push(...walk.violations);
      for (const pointer of walk.removed) removed.add(pointer);
      if (value === REMOVED || last) break;
      if (!walk.changed || round === MAX_ROUNDS - 2) {
        if (!task) break;
        last = true;
      }
      if (walk.changed) {
        run = new Run(this.#program.max);
        valid = this.#fast!(value, run, 0);
      }
    }
    return {
      value: value === REMOVED ? undefined : value,
      violations: found.length === 0 ? undefined : found.slice(0, this.#program.max),
      removed: [...removed].slice(0, 100),
    };
  }

  /** What is wrong with a value that is not valid: at least one violation. */
  #violations(value: unknown, run: Run): SchemaViolation[] {
    if (run.over) return [TOO_MUCH];
    if (!this.#collect) {
      if (!this.#entry.collect) this.#program.link(this.#entry, this.#reached, true);
      this.#collect = this.#entry.collect!;
    }
    this.#collect(value, run, 0, '');
    return run.violations.length === 0 ? [UNNAMED] : run.violations;
  }
}

/** What cannot be judged does not leave. */
const NOT_JUDGED: Cut = Object.freeze({ value: undefined, violations: [TOO_MUCH], removed: [''] });
