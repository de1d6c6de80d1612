import { type Context, MAX_HOPS, type Node } from '../normal/context.ts';
import { isObject } from '../references.ts';

interface Edge {
  readonly node: Node;
  readonly byReference: boolean;
}

interface Frame {
  readonly node: Node;
  readonly edges: readonly Edge[];
  next: number;
  /** The way to here was a `$ref`. */
  readonly byReference: boolean;
  /** References without anything in between, up to here. */
  readonly hops: number;
}

/**
 * Finds `$ref`s that lead in a circle, or on and on: they say nothing, and whoever follows them does not end. A circle
 * through `allOf` or `oneOf` (a parent that lists children which include the parent) is the schema compiler's to judge.
 */
export class Circles {
  readonly #context: Context;
  readonly #state = new Map<object, 'open' | 'done'>();

  constructor(context: Context) {
    this.#context = context;
  }

  /** Looks from a schema on; what was looked at before is not looked at again. */
  check(start: Node): void {
    if (!isObject(start.value) || this.#state.has(start.value)) return;
    const stack: Frame[] = [this.#enter({ node: start, byReference: false }, 0)];
    while (stack.length > 0) {
      const frame = stack[stack.length - 1]!;
      const edge = frame.edges[frame.next++];
      if (!edge) {
        this.#state.set(frame.node.value as object, 'done');
        stack.pop();
        continue;
      }
      const { value } = edge.node;
      if (!isObject(value)) continue;
      const state = this.#state.get(value);
      if (state === 'open') this.#report(stack, value, edge);
      if (state !== undefined) continue;
      const hops = edge.byReference && onlyRefers(frame.node.value) ? frame.hops + 1 : 0;
      // Told once for a chain, and walked to its end.
      if (hops === MAX_HOPS + 1) this.#error(frame.node);
      stack.push(this.#enter(edge, hops));
    }
  }

  #enter({ node, byReference }: Edge, hops: number): Frame {
    this.#state.set(node.value as object, 'open');
    return { node, edges: this.#edges(node), next: 0, byReference, hops };
  }

  #edges(node: Node): Edge[] {
    const schema = node.value as Record<string, unknown>;
    const edges: Edge[] = [];
    const reference = schema['$ref'];
    if (typeof reference === 'string') {
      const target = this.#context.documents.resolve(reference, node.uri);
      if (target) edges.push({ node: this.#context.node(target.value, target.uri), byReference: true });
      if (this.#context.documents.dialectAt(node.uri) !== '2020-12') return edges;
    }
    for (const keyword of ['allOf', 'anyOf', 'oneOf']) {
      const list = schema[keyword];
      if (!Array.isArray(list)) continue;
      const parent = node.child(keyword)!;
      for (let i = 0; i < list.length; i++) {
        const child = parent.child(i);
        if (child) edges.push({ node: child, byReference: false });
      }
    }
    for (const keyword of ['not', 'if', 'then', 'else']) {
      const child = schema[keyword] === undefined ? undefined : node.child(keyword);
      if (child) edges.push({ node: child, byReference: false });
    }
    return edges;
  }

  #report(stack: readonly Frame[], closes: object, last: Edge): void {
    const from = stack.findIndex(({ node }) => node.value === closes);
    const circle = stack.slice(from);
    const byReference = last.byReference && circle.slice(1).every((frame) => frame.byReference);
    if (byReference) this.#error(circle[0]!.node);
  }

  #error(node: Node): void {
    this.#context.findings.error(
      'circular-ref',
      `the $ref leads in a circle, or over more than ${MAX_HOPS} others`,
      'refer to the definition itself',
      node.place,
    );
  }
}

const onlyRefers = (value: unknown): boolean => isObject(value) && value['$ref'] !== undefined;
