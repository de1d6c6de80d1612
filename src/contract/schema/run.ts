import { escapeToken } from '../references.ts';
import type { SchemaViolation } from './compiled.ts';
import { Numbering } from './equal.ts';

/** Depth of a value at most. */
export const MAX_DEPTH = 512;
/** Visits to schemas that may meet one value by several ways, at most in one validation. */
const MAX_STEPS = 5_000_000;
/** A pointer repeats names that came from outside: so much of each, and so much in all. */
const MAX_NAME = 100;
const MAX_POINTER = 1_000;

/** Answers whether a value is valid. */
export type Fast = (value: unknown, run: Run, depth: number) => boolean;
/** Collects what is wrong with a value that stands at a pointer. */
export type Collect = (value: unknown, run: Run, depth: number, pointer: string) => void;

/** What one validation remembers while it lasts. */
export class Run {
  /** Something may have to be cut, refused as undeclared, or handed to a rule: the value must be walked. */
  walk = false;
  /** The value is too deep, or cost too much: it is invalid, whatever else was found. */
  over = false;
  violations: SchemaViolation[] = [];
  full = false;
  readonly max: number;
  #steps = 0;
  #known: Map<number, Map<object, boolean>> | undefined;
  #collected: Map<number, Set<object>> | undefined;
  #numbering: Numbering | undefined;

  constructor(max: number) {
    this.max = max;
  }

  add(pointer: string, keyword: string, detail: string): void {
    if (this.full) return;
    this.violations.push({ pointer: pointer.slice(0, MAX_POINTER), keyword, detail });
    if (this.violations.length >= this.max) this.full = true;
  }

  /** The pointer of a part of a value. */
  at(pointer: string, name: string): string {
    return pointer.length > MAX_POINTER ? pointer : `${pointer}/${escapeToken(shorten(name))}`;
  }

  /** Too deep: invalid, and nothing deeper is looked at. */
  deep(): boolean {
    this.over = true;
    return false;
  }

  /** Asks a schema about a container once, however many ways lead to it. */
  memo(id: number, check: Fast, value: unknown, depth: number): boolean {
    if (++this.#steps > MAX_STEPS) return this.deep();
    if (typeof value !== 'object' || value === null) return check(value, this, depth);
    this.#known ??= new Map();
    let known = this.#known.get(id);
    if (!known) this.#known.set(id, (known = new Map()));
    let answer = known.get(value);
    if (answer === undefined) {
      answer = check(value, this, depth);
      known.set(value, answer);
    }
    return answer;
  }

  /** Whether a schema is to collect from a container: only the first time. */
  first(id: number, value: unknown): boolean {
    if (typeof value !== 'object' || value === null) return true;
    this.#collected ??= new Map();
    let seen = this.#collected.get(id);
    if (!seen) this.#collected.set(id, (seen = new Set()));
    if (seen.has(value)) return false;
    seen.add(value);
    return true;
  }

  /** Whether no two items are equal. */
  unique(items: readonly unknown[]): boolean {
    const { length } = items;
    if (length < 2) return true;
    let containers = false;
    for (let i = 0; i < length; i++) {
      const item = items[i];
      if (typeof item === 'object' && item !== null) {
        containers = true;
        break;
      }
    }
    if (!containers) return length === 2 ? items[0] !== items[1] : new Set(items).size === length;
    this.#numbering ??= new Numbering();
    const seen = new Set<number>();
    for (let i = 0; i < length; i++) {
      const id = this.#numbering.of(items[i]);
      if (seen.has(id)) return false;
      seen.add(id);
    }
    return true;
  }
}

export const shorten = (name: string): string => (name.length > MAX_NAME ? `${name.slice(0, MAX_NAME)}…` : name);
