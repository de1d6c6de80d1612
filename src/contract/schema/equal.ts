/**
 * Equality of JSON values (2020-12, section 4.2.2): numbers by value, objects without order. Cost is bound by the
 * smaller of the two.
 */
export function equal(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a)) {
    if (!Array.isArray(b) || a.length !== b.length) return false;
    for (let i = 0; i < a.length; i++) if (!equal(a[i], b[i])) return false;
    return true;
  }
  if (Array.isArray(b)) return false;
  const left = a as Record<string, unknown>;
  const right = b as Record<string, unknown>;
  const keys = Object.keys(left);
  if (keys.length !== Object.keys(right).length) return false;
  for (const key of keys) if (!Object.hasOwn(right, key) || !equal(left[key], right[key])) return false;
  return true;
}

/** Numbers JSON values so that equal ones have equal numbers: comparing n values costs n, not n squared. */
export class Numbering {
  readonly #ids = new Map<string, number>();
  readonly #known = new Map<object, number>();

  /** @returns the number of the value; of a container by those of its parts. Each container is looked at once. */
  of(value: unknown): number {
    if (typeof value !== 'object' || value === null)
      return this.#id(typeof value === 'string' ? `"${value}` : value === 0 ? '0' : String(value));
    const known = this.#known.get(value);
    if (known !== undefined) return known;
    let key: string;
    if (Array.isArray(value)) key = `[${value.map((item) => this.of(item)).join()}`;
    else {
      const object = value as Record<string, unknown>;
      const parts: string[] = [];
      for (const name of Object.keys(object).sort()) parts.push(`${this.of(name)}:${this.of(object[name])}`);
      key = `{${parts.join()}`;
    }
    const id = this.#id(key);
    this.#known.set(value, id);
    return id;
  }

  #id(key: string): number {
    let id = this.#ids.get(key);
    if (id === undefined) {
      id = this.#ids.size;
      this.#ids.set(key, id);
    }
    return id;
  }
}
