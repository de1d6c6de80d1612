import type { Node } from './node.ts';
import { MAX_DEPTH } from './run.ts';
import type { Unit } from './unit.ts';

/** Nesting and lines of what is written into one function rather than called: larger ones the engine optimizes badly. */
const MAX_INLINED = 6;
const MAX_LINES = 500;

/** Names that every object has by its prototype: whether they are its own must be asked. */
const INHERITED = new Set(Object.getOwnPropertyNames(Object.prototype));

/** A text from outside as it may stand in code: the only way in which one gets there. */
export const quote = (text: string): string => JSON.stringify(text);

/** Where code is written for: the unit, the names of the value, its pointer and depth. */
export interface Site {
  readonly unit: Unit;
  readonly node: Node;
  /** Variable that holds the value. */
  readonly v: string;
  /** Expression of the value's pointer (only where violations are collected). */
  readonly p: string;
  /** Levels below the value of the function. */
  readonly down: number;
  readonly inlined: number;
}

/**
 * Writes the source of functions. Two modes: `fast` answers at the first violation; `collect` goes on and lists them.
 * Outside text enters the source by `quote` alone; everything else is handed over as a constant.
 */
export class Emitter {
  readonly collecting: boolean;
  readonly formats: boolean;
  readonly tracked: boolean;
  readonly constants: unknown[] = [];
  readonly #names = new Map<unknown, string>();
  readonly #batch: ReadonlySet<Unit>;
  readonly functions: Unit[] = [];
  readonly #wanted = new Set<Unit>();
  #lines: string[] = [];
  #variables = 0;

  constructor(collecting: boolean, batch: ReadonlySet<Unit>, options: { formats: boolean; tracked: boolean }) {
    this.collecting = collecting;
    this.#batch = batch;
    this.formats = options.formats;
    this.tracked = options.tracked;
  }

  /** A value of the compile time as a name in the code. */
  constant(value: unknown): string {
    let name = this.#names.get(value);
    if (name === undefined) {
      name = `k${this.constants.push(value) - 1}`;
      this.#names.set(value, name);
    }
    return name;
  }

  variable(): string {
    return `v${++this.#variables}`;
  }

  line(text: string): void {
    this.#lines.push(text);
  }

  /** Writes a block and what stands in it. */
  block(head: string, body: () => void): void {
    const before = this.#lines.length;
    this.#lines.push(`${head} {`);
    body();
    if (this.#lines.length === before + 1) this.#lines.length = before;
    else this.#lines.push('}');
  }

  /** A violation of the value. */
  fail(site: Site, keyword: string, detail: string, pointer = site.p): string {
    return this.collecting ? `c.add(${pointer}, ${quote(keyword)}, ${quote(detail)});` : 'return false;';
  }

  /** Whether an object has a property, and the property, as expressions. */
  property(object: string, name: string): string {
    return INHERITED.has(name)
      ? `(Object.hasOwn(${object}, ${quote(name)}) ? ${object}[${quote(name)}] : undefined)`
      : `${object}[${quote(name)}]`;
  }

  /** The pointer of a part whose name is known, or stands in a variable. */
  pointer(site: Site, part: { name: string } | { variable: string }): string {
    if (!this.collecting) return '""';
    const name = 'name' in part ? quote(part.name) : part.variable;
    return `c.at(${site.p}, ${name})`;
  }

  /** The site of a part of the value. */
  below(site: Site, unit: Unit, v: string, p: string): Site {
    return { unit, node: unit.node, v, p, down: site.down + 1, inlined: site.inlined };
  }

  beside(site: Site, unit: Unit): Site {
    return { ...site, unit, node: unit.node };
  }

  depth(site: Site): string {
    return site.down === 0 ? 'd' : `d + ${site.down}`;
  }

  /** Expression that answers whether a unit takes a value. */
  test(site: Site): string {
    const { unit, v } = site;
    if (unit.node.always !== undefined) return String(unit.node.always);
    const check = this.#function(unit, false);
    return unit.memo
      ? `c.memo(${unit.id}, ${check}, ${v}, ${this.depth(site)})`
      : `${check}(${v}, c, ${this.depth(site)})`;
  }

  /** Demands that a unit takes the value of its site: in place where it is small and used once, or by a call. */
  demand(site: Site, write: (site: Site) => void): void {
    const { unit } = site;
    if (this.#isInline(site)) {
      write({ ...site, inlined: site.inlined + 1 });
      return;
    }
    if (!this.collecting) {
      this.line(`if (!${this.test(site)}) return false;`);
      return;
    }
    const call = `${this.#function(unit, true)}(${site.v}, c, ${this.depth(site)}, ${site.p});`;
    this.line(unit.memo && unit.fast ? `if (!${this.test(site)} && c.first(${unit.id}, ${site.v})) ${call}` : call);
  }

  #isInline({ unit, inlined }: Site): boolean {
    if (unit.cyclic || unit.memo || inlined >= MAX_INLINED || this.#lines.length > MAX_LINES) return false;
    if (unit.node.always !== undefined) return true;
    return unit.callers <= 1 && !(unit.called && !this.collecting);
  }

  /** The name of a unit's function: in this batch, or one that is there already. */
  #function(unit: Unit, collect: boolean): string {
    const there = collect ? unit.collect : unit.fast;
    if (there) return this.constant(there);
    if (collect === this.collecting && this.#batch.has(unit)) {
      this.want(unit);
      return `f${unit.id}`;
    }
    throw new Error(`unit ${unit.id} has no function yet`);
  }

  want(unit: Unit): void {
    if (this.#wanted.has(unit)) return;
    this.#wanted.add(unit);
    this.functions.push(unit);
  }

  /** Writes the functions wanted and those that they want. @returns functions of the units, in the order of `functions`. */
  link(write: (site: Site) => void): readonly ((...args: never[]) => unknown)[] {
    const sources: string[] = [];
    for (const unit of this.functions) {
      this.#lines = [];
      this.#variables = 0;
      const site: Site = { unit, node: unit.node, v: 'v', p: 'p', down: 0, inlined: 0 };
      if (unit.cyclic)
        this.line(this.collecting ? `if (d > ${MAX_DEPTH}) return;` : `if (d > ${MAX_DEPTH}) return c.deep();`);
      write(site);
      const body = this.#lines.join('\n');
      sources.push(
        this.collecting
          ? `function f${unit.id}(v, c, d, p) {\nif (c.full) return;\n${body}\n}`
          : `function f${unit.id}(v, c, d) {\n${body}\nreturn true;\n}`,
      );
    }
    const constants = this.constants.map((_, i) => `k${i}`);
    const head = constants.length > 0 ? `const [${constants.join(', ')}] = K;\n` : '';
    const names = this.functions.map((unit) => `f${unit.id}`);
    const source = `'use strict';\n${head}${sources.join('\n')}\nreturn [${names.join(', ')}];`;
    return new Function('K', source)(this.constants) as ((...args: never[]) => unknown)[];
  }
}
