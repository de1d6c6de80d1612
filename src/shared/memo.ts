/**
 * One value for all who ask with the same object and the same text: operations of a large contract differ in little, and
 * what they share is made once. The object must not change; what is made depends on both and on nothing else.
 */
export class Memo<Value extends object> {
  readonly #made = new WeakMap<object, Map<string, Value>>();

  /** @returns what was made first for this object and text */
  get(owner: object, text: string, make: () => Value): Value {
    let known = this.#made.get(owner);
    if (known === undefined) this.#made.set(owner, (known = new Map()));
    let value = known.get(text);
    if (value === undefined) known.set(text, (value = make()));
    return value;
  }
}
