import type { Match, Method, Operation, Router } from './model.ts';
import { parseTemplate, splitPartial, type TemplateSegment } from './template.ts';

/** Nodes and patterns looked at for one path at most; beyond, it is not found. No real contract comes near. */
const MAX_STEPS = 5_000;

interface Partial {
  readonly literals: readonly string[];
  readonly names: number;
  /** Characters of literal text: more is more specific. */
  readonly weight: number;
  readonly node: Node;
}

class Node {
  literals: Map<string, Node> | undefined = undefined;
  partials: PartialIndex | undefined = undefined;
  parameter: Node | undefined = undefined;
  operations: Map<string, Operation> | undefined = undefined;
  /** What a request with another method is told; made once. */
  refusal: { readonly allow: readonly Method[] } = { allow: [] };
}

/**
 * Partial templates at one node by the text they begin and end with: a look-up for each pair of lengths, however many
 * templates there are.
 */
class PartialIndex {
  readonly #lengths: { readonly prefix: number; readonly suffix: number }[] = [];
  readonly #byEnds = new Map<string, Partial[]>();

  add(literals: readonly string[]): Node {
    const first = literals[0]!;
    const last = literals[literals.length - 1]!;
    const key = `${first}\0${last}`;
    let list = this.#byEnds.get(key);
    if (!list) {
      this.#byEnds.set(key, (list = []));
      if (!this.#lengths.some(({ prefix, suffix }) => prefix === first.length && suffix === last.length)) {
        this.#lengths.push({ prefix: first.length, suffix: last.length });
      }
    }
    const same = list.find(
      (one) => one.literals.length === literals.length && one.literals.every((l, i) => l === literals[i]),
    );
    if (same) return same.node;
    const weight = literals.reduce((sum, literal) => sum + literal.length, 0);
    const made = { literals, names: literals.length - 1, weight, node: new Node() };
    list.push(made);
    return made.node;
  }

  /** The patterns a segment may match, most specific first: more text, then fewer parameters. */
  candidates(segment: string): Partial[] {
    const found: Partial[] = [];
    for (const { prefix, suffix } of this.#lengths) {
      if (prefix + suffix >= segment.length) continue;
      const key = `${segment.slice(0, prefix)}\0${segment.slice(segment.length - suffix)}`;
      const list = this.#byEnds.get(key);
      if (list) found.push(...list);
    }
    return found.length < 2 ? found : found.sort((a, b) => b.weight - a.weight || a.names - b.names);
  }
}

/** Another operation has the same method and matches the same paths. */
export interface Conflict {
  readonly operation: Operation;
  readonly other: Operation;
}

/**
 * Builds the router: a tree of segments. Concrete before templated (OpenAPI, Path Templating Matching), judged from
 * the left segment by segment: fixed text, then partial templates, then a whole parameter, going back where a branch
 * ends. The path decides first: where it is found without the method, the answer is 405, and no vaguer template is
 * asked, since the API behind would not ask it either.
 */
export function createRouter(operations: readonly Operation[]): { router: Router; conflicts: readonly Conflict[] } {
  const root = new Node();
  const conflicts: Conflict[] = [];
  for (const operation of operations) {
    const template = parseTemplate(operation.template);
    if ('message' in template) throw new TypeError(`the template '${operation.template}' ${template.message}`);
    let node = root;
    for (const segment of template.segments) node = childFor(node, segment);
    node.operations ??= new Map();
    const other = node.operations.get(operation.method);
    if (other) conflicts.push({ operation, other });
    else {
      node.operations.set(operation.method, operation);
      node.refusal = { allow: [...(node.operations.keys() as Iterable<Method>)] };
    }
  }
  return { router: new TreeRouter(root), conflicts };
}

function childFor(node: Node, segment: TemplateSegment): Node {
  if (segment.kind === 'parameter') return (node.parameter ??= new Node());
  if (segment.kind === 'partial') return (node.partials ??= new PartialIndex()).add(segment.literals);
  node.literals ??= new Map();
  let child = node.literals.get(segment.text);
  if (!child) node.literals.set(segment.text, (child = new Node()));
  return child;
}

const ROOT_SEGMENTS: readonly string[] = [''];
const NO_VALUES: readonly string[] = [];

class TreeRouter implements Router {
  readonly #root: Node;
  #steps = 0;

  constructor(root: Node) {
    this.#root = root;
  }

  match(method: string, given: readonly string[]): Match | { readonly allow: readonly Method[] } | undefined {
    const segments = given.length === 0 ? ROOT_SEGMENTS : given;
    this.#steps = 0;
    const values: string[] = [];
    const node = this.#find(this.#root, segments, 0, values);
    if (!node) return undefined;
    const operation = node.operations!.get(method);
    if (!operation) return node.refusal;
    return { operation, values: values.length === 0 ? NO_VALUES : values };
  }

  #find(node: Node, segments: readonly string[], index: number, values: string[]): Node | undefined {
    if (index === segments.length) return node.operations && node;
    if (++this.#steps > MAX_STEPS) return undefined;
    const segment = segments[index]!;
    const literal = node.literals?.get(segment);
    if (literal) {
      const found = this.#find(literal, segments, index + 1, values);
      if (found) return found;
    }
    if (segment === '') return undefined;
    if (node.partials) {
      const found = this.#findPartial(node.partials, segments, index, values);
      if (found) return found;
    }
    if (!node.parameter) return undefined;
    values.push(segment);
    const found = this.#find(node.parameter, segments, index + 1, values);
    if (!found) values.pop();
    return found;
  }

  #findPartial(partials: PartialIndex, segments: readonly string[], index: number, values: string[]): Node | undefined {
    for (const { literals, node } of partials.candidates(segments[index]!)) {
      if (++this.#steps > MAX_STEPS) return undefined;
      const parts = splitPartial(literals, segments[index]!);
      if (!parts) continue;
      const before = values.length;
      values.push(...parts);
      const found = this.#find(node, segments, index + 1, values);
      if (found) return found;
      values.length = before;
    }
    return undefined;
  }
}
