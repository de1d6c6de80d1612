import type { Dialect, SchemaAt } from '../model.ts';
import type { Context, Node } from '../normal/context.ts';
import { isObject, ownChild } from '../references.ts';
import { either, ownBounds, UNBOUNDED } from './bounds.ts';
import { Circles } from './circles.ts';
import type { Bounds, Lint } from './lint.ts';

/** Keywords whose schema judges the same value. */
const IN_PLACE_LISTS = ['allOf', 'anyOf', 'oneOf'];
const IN_PLACE = ['then', 'else'];
/** Keywords whose schema judges a part of the value. */
const PARTS = [
  'items',
  'additionalItems',
  'contains',
  'additionalProperties',
  'unevaluatedItems',
  'unevaluatedProperties',
];
const PART_MAPS = ['properties', 'patternProperties'];

/** Schemas visited in one walk at most, each counted once for each way it is reached. */
const MAX_VISITS = 2_000_000;

interface Item {
  readonly node: Node;
  readonly direction: 'request' | 'response';
  readonly bounds: Bounds;
  readonly inPlace: boolean;
}

/** Walks schemas, with a list instead of recursion: neither cycles nor depth can hurt. */
export class SchemaWalk {
  readonly #context: Context;
  readonly #lints: readonly Lint[];
  readonly #circles: Circles;
  /** For each schema a bit for each combination of direction, inherited bounds and position. */
  readonly #visited = new Map<object, Uint32Array>();
  readonly #reported = new Set<string>();
  readonly #dialects = new Map<string, Dialect>();
  #pending: Item[] = [];
  #operation = '';
  #visits = 0;

  constructor(context: Context, lints: readonly Lint[]) {
    this.#context = context;
    this.#lints = lints;
    this.#circles = new Circles(context);
  }

  /** Walks a schema and everything it reaches, as far as it was not walked before. */
  start(at: SchemaAt, direction: Item['direction'], operation: string): void {
    this.#operation = operation;
    const node = this.#context.node(at.schema, at.uri);
    this.#pending = [{ node, direction, bounds: UNBOUNDED, inPlace: false }];
    for (let item = this.#pending.pop(); item; item = this.#pending.pop()) this.#visit(item);
  }

  #visit(item: Item): void {
    const { node } = item;
    const schema = node.value;
    if (typeof schema === 'boolean') return;
    if (!isObject(schema)) {
      if (!this.#once('wrong-type', node.uri)) return;
      node.wrongType('a schema', 'an object');
      return;
    }
    if (!this.#isNew(schema, item)) return;
    if (++this.#visits > MAX_VISITS) {
      if (this.#visits === MAX_VISITS + 1) {
        const message = `more than ${MAX_VISITS.toLocaleString('en')} schemas: the rest is not looked through for weaknesses`;
        this.#context.findings.warn('limit', message, 'split the contract', node.place);
      }
      return;
    }
    const dialect = this.#dialect(node.uri);
    const alone = dialect !== '2020-12' && schema['$ref'] !== undefined;
    const bounds = alone ? item.bounds : either(item.bounds, this.#boundsOf(node, schema));
    this.#circles.check(node);
    this.#lint(item, schema, dialect, bounds);
    this.#reference(item, schema, bounds);
    if (!alone) this.#inside(item, node, schema, bounds);
  }

  #lint(item: Item, schema: Record<string, unknown>, dialect: Dialect, bounds: Bounds): void {
    const { type } = schema;
    const types =
      typeof type === 'string' ? [type] : Array.isArray(type) ? type.filter((t) => typeof t === 'string') : [];
    const { node, direction, inPlace } = item;
    const view = { schema, node, dialect, direction, types, bounds, inPlace };
    for (const lint of this.#lints) {
      const result = lint.schema!(view);
      if (!result || !this.#once(lint.name, node.uri)) continue;
      const place = result.place ?? node.place;
      this.#context.findings.add(lint.severity, lint.name, result.message, result.mend, place, this.#operation);
    }
  }

  #reference(item: Item, schema: Record<string, unknown>, bounds: Bounds): void {
    for (const keyword of ['$ref', '$dynamicRef']) {
      const reference = schema[keyword];
      if (reference === undefined || isObject(reference)) continue;
      const target = this.#context.followOnce(item.node, reference);
      if (target) this.#pending.push({ ...item, node: target, bounds });
    }
  }

  #inside(item: Item, node: Node, schema: Record<string, unknown>, bounds: Bounds): void {
    const push = (child: Node | undefined, same: boolean): void => {
      if (!child) return;
      const { direction } = item;
      if (same) this.#pending.push({ node: child, direction, bounds, inPlace: true });
      else this.#pending.push({ node: child, direction, bounds: UNBOUNDED, inPlace: false });
    };
    const pushAll = (key: string, same: boolean): void => {
      const list = schema[key];
      if (!Array.isArray(list)) return;
      const parent = node.child(key)!;
      for (let i = 0; i < list.length; i++) push(parent.child(i), same);
    };
    const pushMap = (key: string, same: boolean): void => {
      const map = schema[key];
      if (!isObject(map)) return;
      const parent = node.child(key)!;
      for (const name of Object.keys(map)) push(parent.child(name), same);
    };
    for (const key of IN_PLACE_LISTS) pushAll(key, true);
    for (const key of IN_PLACE) if (schema[key] !== undefined) push(node.child(key), true);
    pushMap('dependentSchemas', true);
    for (const key of PARTS) {
      if (Array.isArray(schema[key])) pushAll(key, false);
      else if (schema[key] !== undefined) push(node.child(key), false);
    }
    pushAll('prefixItems', false);
    for (const key of PART_MAPS) pushMap(key, false);
  }

  /** What a schema bounds itself, or by one of its `allOf`, one reference deep. */
  #boundsOf(node: Node, schema: Record<string, unknown>): Bounds {
    let bounds = ownBounds(schema);
    const all = schema['allOf'];
    if (!Array.isArray(all)) return bounds;
    for (const part of all.slice(0, 50)) {
      if (!isObject(part)) continue;
      const reference = ownChild(part, '$ref');
      const target = typeof reference === 'string' ? this.#context.documents.resolve(reference, node.uri)?.value : part;
      if (isObject(target)) bounds = either(bounds, ownBounds(target));
    }
    return bounds;
  }

  #isNew(schema: object, { direction, bounds, inPlace }: Item): boolean {
    let bit = direction === 'request' ? 1 : 0;
    for (const flag of [bounds.string, bounds.array, bounds.number, bounds.object, inPlace])
      bit = bit * 2 + (flag ? 1 : 0);
    let seen = this.#visited.get(schema);
    if (!seen) this.#visited.set(schema, (seen = new Uint32Array(2)));
    const mask = 1 << (bit & 31);
    const known = (seen[bit >> 5]! & mask) !== 0;
    seen[bit >> 5]! |= mask;
    return !known;
  }

  #dialect(uri: string): Dialect {
    const document = uri.slice(0, uri.indexOf('#'));
    if (this.#context.version === '3.1' || this.#context.version === '3.2')
      return this.#context.documents.dialectAt(uri);
    let known = this.#dialects.get(document);
    if (!known) this.#dialects.set(document, (known = this.#context.documents.dialectAt(`${document}#`)));
    return known;
  }

  #once(rule: string, uri: string): boolean {
    const key = `${rule} ${uri}`;
    if (this.#reported.has(key)) return false;
    this.#reported.add(key);
    return true;
  }
}
