import type { Finding } from '../../shared/finding.ts';
import type { Documents, SchemaAt } from '../model.ts';
import { circular } from './components.ts';
import { emptyNode, inPlace, inside, type Node } from './node.ts';
import { type Nodes, readNode } from './read.ts';
import { Library, type Spot } from './resources.ts';

/** Schemas of one set of documents at most. */
const MAX_NODES = 500_000;

/** The schemas of one set of documents, each read once, and what they refer to. */
export class Graph implements Nodes {
  readonly library: Library;
  readonly #nodes = new Map<unknown, Node[]>();
  readonly #sorted = new Set<Node>();
  /** Schemas that come back to themselves without going into the value. */
  readonly loops = new Set<Node>();
  #count = 0;

  constructor(documents: Documents) {
    this.library = new Library(documents);
  }

  enter(at: SchemaAt): Node {
    return this.node(this.library.enter(at));
  }

  /** The node of a schema: one for each object, base URI and dialect. */
  node(spot: Spot): Node {
    const key = typeof spot.raw === 'object' && spot.raw !== null ? spot.raw : spot.uri;
    let known = this.#nodes.get(key);
    if (!known) this.#nodes.set(key, (known = []));
    for (const node of known)
      if (node.spot.resource === spot.resource && node.spot.reading.dialect === spot.reading.dialect) return node;
    const node = emptyNode(this.#count++, spot);
    known.push(node);
    return node;
  }

  /** Reads a schema and all that can be reached from it. @returns them; errors are among their findings. */
  reach(from: Node): Set<Node> {
    const reached = new Set<Node>([from]);
    for (const node of reached) {
      if (reached.size > MAX_NODES) {
        from.findings.push(tooLarge(from, this.library.documents));
        break;
      }
      if (!node.read) readNode(node, this);
      for (const next of this.#next(node)) reached.add(next);
    }
    for (const node of reached) for (const circle of circular(node, inPlace, this.#sorted)) this.#judgeCircle(circle);
    return reached;
  }

  #next(node: Node): Node[] {
    const next = [...inPlace(node), ...inside(node)];
    const name = node.dynamicRef?.name;
    if (name !== undefined) next.push(...this.dynamic(name));
    return next;
  }

  /** Every schema that a dynamic reference of this name could mean. */
  dynamic(name: string): Node[] {
    return this.library.dynamicAnchors(name).map((spot) => this.node(spot));
  }

  #judgeCircle(circle: readonly Node[]): void {
    const { documents } = this.library;
    for (const node of circle) {
      this.loops.add(node);
      const direct = [...(node.anyOf ?? []), ...(node.oneOf ?? []), node.not].some(
        (one) => one && behind(one) === node,
      );
      if (behind(node) !== undefined && !direct) continue;
      node.findings.push({
        rule: 'schema/endless-reference',
        severity: 'error',
        message: 'the schema refers to itself without going into the value: it says nothing',
        mend: 'Let it refer to another schema, or to itself from properties or items.',
        place: documents.place(node.spot.uri),
      });
    }
    const first = circle.find((node) => node.speaks);
    // A base with a discriminator, and subtypes that refer to it by allOf: that is how OpenAPI wants it.
    if (first === undefined || circle.some((node) => node.choice)) return;
    first.findings.push({
      rule: 'schema/circular-composition',
      severity: 'warning',
      message: 'the schema is part of itself by allOf, oneOf or anyOf; each part is demanded once',
      mend: 'Let the base schema not list its subtypes: refer to a schema that lists them.',
      place: documents.place(first.spot.uri),
    });
  }
}

/** Where a chain of mere references ends; undefined where it never does. */
function behind(node: Node): Node | undefined {
  const seen = new Set<Node>();
  let at = node;
  while (at.ref && !at.speaks) {
    if (seen.has(at)) return undefined;
    seen.add(at);
    at = at.ref;
  }
  return at;
}

const tooLarge = (node: Node, documents: Documents): Finding => ({
  rule: 'schema/too-large',
  severity: 'error',
  message: `more than ${MAX_NODES} schemas hang together`,
  mend: 'Split the contract.',
  place: documents.place(node.spot.uri),
});
