type Document = Readonly<Record<string, unknown>>;

/** What the properties of a document must be: equal to a value, or as an object of operators says (`{$gt: 5}`). */
export type Filter = Readonly<Record<string, unknown>>;

const OPERATORS: ReadonlyMap<string, (value: unknown, operand: unknown) => boolean> = new Map([
  ['$eq', (value, operand) => value === operand],
  ['$ne', (value, operand) => value !== operand],
  ['$gt', (value, operand) => compare(value, operand) > 0],
  ['$gte', (value, operand) => compare(value, operand) >= 0],
  ['$lt', (value, operand) => compare(value, operand) < 0],
  ['$lte', (value, operand) => compare(value, operand) <= 0],
  ['$in', (value, operand) => Array.isArray(operand) && operand.includes(value)],
  ['$nin', (value, operand) => Array.isArray(operand) && !operand.includes(value)],
  ['$exists', (value, operand) => (value !== undefined) === Boolean(operand)],
]);

/** NaN, which is neither above nor below, for values of unlike types. */
const compare = (one: unknown, other: unknown): number =>
  typeof one !== typeof other ? Number.NaN : String(one) < String(other) ? -1 : one === other ? 0 : 1;

/** A small document store, queried by objects as such stores are. */
export class Collection {
  readonly #documents: readonly Document[];

  constructor(documents: readonly Document[]) {
    this.#documents = documents;
  }

  /** The first document that fits. */
  find(filter: Filter): Document | undefined {
    return this.#documents.find((document) => fits(document, filter));
  }

  all(filter: Filter): Document[] {
    return this.#documents.filter((document) => fits(document, filter));
  }
}

const fits = (document: Document, filter: Filter): boolean =>
  Object.entries(filter).every(([name, wanted]) => {
    const value = Object.hasOwn(document, name) ? document[name] : undefined;
    if (typeof wanted !== 'object' || wanted === null) return value === wanted;
    return Object.entries(wanted).every(([operator, operand]) => OPERATORS.get(operator)?.(value, operand) === true);
  });
