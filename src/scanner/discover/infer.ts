import { isIdentifier } from './ids.ts';

/** Properties of one object, and levels, that are told apart. */
const PROPERTIES = 200;
const DEEP = 12;
/** Items of one list that are looked at. */
const ITEMS = 50;

const NEVER_ANSWERED = /passw(?:or)?d|pass_?hash|^pwd$|pwd_?hash|^salt$/i;

const FORMATS: readonly (readonly [format: string, pattern: RegExp])[] = [
  ['uuid', /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i],
  ['date-time', /^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:[Zz]|[+-]\d\d:\d\d)$/],
  ['date', /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])$/],
  ['email', /^[^@\s]{1,64}@[^@\s]{1,200}\.[^@\s.]{2,63}$/],
  ['uri', /^https?:\/\/[^\s<>"]{1,2000}$/i],
];

/** What was seen at one place, over all samples. Keeps no value: nothing of a sample can come out of it. */
export class Shape {
  #samples = 0;
  readonly #types = new Set<'null' | 'boolean' | 'integer' | 'number' | 'string' | 'array' | 'object'>();
  #formats: ReadonlySet<string> | undefined;
  #objects = 0;
  readonly #properties = new Map<string, { readonly shape: Shape; count: number }>();
  /** Names of the properties are values themselves: `{"17": ..., "18": ...}`. */
  #map: Shape | undefined;
  #items: Shape | undefined;

  get samples(): number {
    return this.#samples;
  }

  /** Learns from one more sample. */
  add(value: unknown, depth = 0): this {
    this.#samples++;
    if (value === null || value === undefined) this.#types.add('null');
    else if (typeof value === 'boolean') this.#types.add('boolean');
    else if (typeof value === 'number') this.#types.add(Number.isSafeInteger(value) ? 'integer' : 'number');
    else if (typeof value === 'string') {
      this.#types.add('string');
      const fits = FORMATS.filter(([, pattern]) => value.length <= 2_100 && pattern.test(value)).map(([name]) => name);
      this.#formats = new Set(this.#formats === undefined ? fits : fits.filter((name) => this.#formats?.has(name)));
    } else if (Array.isArray(value)) {
      this.#types.add('array');
      if (depth < DEEP) for (const item of value.slice(0, ITEMS)) (this.#items ??= new Shape()).add(item, depth + 1);
    } else if (typeof value === 'object') {
      this.#types.add('object');
      this.#objects++;
      if (depth < DEEP) this.#addProperties(Object.entries(value), depth + 1);
    }
    return this;
  }

  #addProperties(entries: readonly [string, unknown][], depth: number): void {
    for (const [name, inner] of entries) {
      if (isIdentifier(name)) {
        (this.#map ??= new Shape()).add(inner, depth);
        continue;
      }
      let known = this.#properties.get(name);
      if (!known) {
        if (this.#properties.size >= PROPERTIES) continue;
        this.#properties.set(name, (known = { shape: new Shape(), count: 0 }));
      }
      known.count++;
      known.shape.add(inner, depth);
    }
  }

  /**
   * As JSON Schema.
   * @param use `request`: with formats, and what was always there as `required`; `answer`: looser, since samples are
   *   never all that an API can say
   */
  schema(use: 'request' | 'answer'): Record<string, unknown> {
    const types = new Set(this.#types);
    if (types.has('number')) types.delete('integer');
    // A null says of a request's value only that it may be left out.
    if (types.size === 0 || (types.size === 1 && types.has('null'))) return {};
    const schema: Record<string, unknown> = { type: types.size === 1 ? [...types][0] : [...types].sort() };
    const [format] = this.#formats ?? [];
    if (types.has('string') && format !== undefined && use === 'request') schema['format'] = format;
    if (types.has('array')) schema['items'] = this.#items?.schema(use) ?? {};
    if (types.has('object')) {
      // What no answer should hold is not declared: that it was there is for the checks to tell.
      const shown = [...this.#properties].filter(([name]) => use === 'request' || !NEVER_ANSWERED.test(name));
      const properties: [string, unknown][] = shown.map(([name, { shape }]) => [name, shape.schema(use)]);
      if (properties.length > 0) schema['properties'] = Object.fromEntries(properties);
      if (this.#map) schema['additionalProperties'] = this.#map.schema(use);
      const always = [...this.#properties].filter(([, { count }]) => count === this.#objects).map(([name]) => name);
      if (use === 'request' && always.length > 0) schema['required'] = always;
    }
    return schema;
  }
}

/** A shape that text of queries and forms can be learned from: numbers and booleans are told by how they are written. */
export const valueOfText = (text: string): unknown =>
  /^-?(?:0|[1-9]\d{0,14})$/.test(text)
    ? Number(text)
    : /^-?(?:0|[1-9]\d{0,14})\.\d{1,10}$/.test(text)
      ? Number(text)
      : text === 'true' || text === 'false'
        ? text === 'true'
        : text;
