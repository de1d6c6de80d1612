import type { Documents, SchemaAt } from '../../contract/model.ts';
import { Graph } from '../../contract/schema/graph.ts';
import type { Node } from '../../contract/schema/node.ts';
import { readNode } from '../../contract/schema/read.ts';

/** Schemas of a contract in the compiler's normal form, the same for all dialects: each read when it is first asked for. */

const graphs = new WeakMap<Documents, Graph>();

function graphOf(documents: Documents): Graph {
  let graph = graphs.get(documents);
  if (graph === undefined) graphs.set(documents, (graph = new Graph(documents)));
  return graph;
}

/** The node of a schema where it stands, read. */
export const nodeOf = (at: SchemaAt): Node => ready(graphOf(at.documents).enter(at), at.documents);

/** A node that another one names, read. Defects are the loader's to tell; here they are words that say nothing. */
export function ready(node: Node, documents: Documents): Node {
  if (!node.read) readNode(node, graphOf(documents));
  return node;
}

/** A node as the rest of the program names schemas. */
export const atOf = (node: Node, documents: Documents): SchemaAt => ({
  schema: node.spot.raw,
  uri: node.spot.uri,
  dialect: node.spot.reading.dialect,
  documents,
});

const joined = new WeakMap<Documents, Map<string, SchemaAt>>();

/** One schema that demands what all of the nodes demand; undefined for none. Made once for the same nodes. */
export function allOf(nodes: readonly Node[], documents: Documents): SchemaAt | undefined {
  const first = nodes[0];
  if (first === undefined) return undefined;
  const unique = [...new Set(nodes)];
  if (unique.length === 1) return atOf(first, documents);
  let known = joined.get(documents);
  if (known === undefined) joined.set(documents, (known = new Map()));
  const key = unique.map(({ spot }) => spot.uri).join(' ');
  let at = known.get(key);
  if (at === undefined) {
    const schema = { allOf: unique.map(({ spot }) => ({ $ref: spot.uri })) };
    const uri = `${first.spot.uri.split('#', 1)[0]}#/x-joined/${known.size}`;
    known.set(key, (at = { schema, uri, dialect: first.spot.reading.dialect, documents }));
  }
  return at;
}

/** The schema object as written; empty for `true` and `false`. */
export function rawOf(node: Node): Readonly<Record<string, unknown>> {
  const { raw } = node.spot;
  return typeof raw === 'object' && raw !== null && !Array.isArray(raw) ? (raw as Record<string, unknown>) : NOTHING;
}
const NOTHING: Readonly<Record<string, unknown>> = Object.freeze({});

/** The schema behind references that stand alone. */
export function settled(node: Node, documents: Documents): Node {
  let at = ready(node, documents);
  for (let hops = 0; hops < 50 && at.ref && !at.speaks; hops++) at = ready(at.ref, documents);
  return at;
}
