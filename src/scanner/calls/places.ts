import type { Documents, Parameter, SchemaAt } from '../../contract/model.ts';
import { ARRAY, type Node } from '../../contract/schema/node.ts';
import { judgeOf } from '../generate/judge.ts';
import { isReadOnly, namesOf, ofItem, ofProperty } from '../generate/members.ts';
import { allOf, nodeOf, ready } from '../generate/nodes.ts';
import { getOwn, isPlain } from '../generate/own.ts';
import type { Call, PlaceKind, ValuePlace } from '../model/call.ts';
import { mediaOf, preferredMedia } from './media.ts';
import { isFileValue } from './multipart.ts';
import { below } from './put.ts';

export { put } from './put.ts';

/** Places of one body at most, and how deep they go. */
const MAX_PLACES = 200;
const MAX_DEPTH = 20;

/**
 * Where values stand or could stand in a call, in order: declared parameters (sent or not) and undeclared ones that are
 * sent; then the body, containers before what is in them, of arrays the first item; declared properties that are not
 * sent too. A body has 200 places at most: those that hold something go first.
 */
export function placesOf(call: Call): ValuePlace[] {
  const places: ValuePlace[] = [];
  const seen = new Set<string>();
  for (const parameter of call.operation.parameters) {
    const place = placeOf(parameter, call);
    seen.add(`${place.in}:${place.name}`);
    places.push(place);
  }
  for (const [key, value] of call.values) {
    if (seen.has(key)) continue;
    const colon = key.indexOf(':');
    const kind = key.slice(0, colon) as PlaceKind;
    const name = key.slice(colon + 1);
    places.push({ in: kind, name, word: wordOf(name), schema: undefined, required: false, value });
  }
  const { body } = call;
  const media = body ? mediaOf(call.operation, body.type) : preferredMedia(call.operation);
  if (!body && !media) return places;
  const walk = new BodyWalk(media?.schema);
  walk.from(body?.value, call.operation.body?.required ?? false);
  places.push(...walk.found());
  return places;
}

/** A parameter as a place. */
export function placeOf(parameter: Parameter, call?: Call): ValuePlace {
  const kind: PlaceKind = parameter.in === 'querystring' ? 'query' : parameter.in;
  return {
    in: kind,
    name: parameter.name,
    word: wordOf(parameter.name),
    schema: parameter.schema,
    required: parameter.required,
    value: call?.values.get(`${kind}:${parameter.name}`),
  };
}

/** Last word of a name: `filter[status]` is `status`, `X-Request-Id` stays whole. */
export function wordOf(name: string): string {
  const parts = name.split(/[[\].]+/).filter((part) => part !== '');
  return parts.at(-1) ?? name;
}

interface Found extends ValuePlace {
  readonly sent: boolean;
}

class BodyWalk {
  readonly #schema: SchemaAt | undefined;
  readonly #found: Found[] = [];
  #sent = 0;

  constructor(schema: SchemaAt | undefined) {
    this.#schema = schema;
  }

  from(value: unknown, required: boolean): void {
    const nodes = this.#schema ? [nodeOf(this.#schema)] : [];
    this.#add('', '', nodes, this.#schema, required, value);
    this.#into(nodes, '', '', value, 0);
  }

  /** Within the cap: what is not sent gives way to what is, the order stays. */
  found(): ValuePlace[] {
    let spare = Math.max(0, MAX_PLACES - this.#sent);
    const kept = this.#found.filter(({ sent }) => sent || spare-- > 0);
    return kept.slice(0, MAX_PLACES).map(({ sent: _, ...place }) => place);
  }

  #add(
    name: string,
    word: string,
    nodes: readonly Node[],
    schema: SchemaAt | undefined,
    required: boolean,
    value: unknown,
  ): void {
    const readOnly = schema !== undefined && isReadOnly(nodes, schema.documents);
    const sent = value !== undefined;
    if (sent) this.#sent++;
    const place = { in: 'body' as const, name, word, schema, required, value, sent };
    this.#found.push(readOnly ? { ...place, readOnly } : place);
  }

  #into(nodes: readonly Node[], pointer: string, word: string, value: unknown, depth: number): void {
    if (depth > MAX_DEPTH || this.#sent > MAX_PLACES || this.#found.length > MAX_PLACES * 5) return;
    const documents = this.#schema?.documents;
    const members = documents ? membersOf(nodes, documents, value) : [];
    if (Array.isArray(value)) {
      const inner = (documents && ofItem(members, 0, documents)) ?? [];
      if (value.length > 0) this.#step(inner, below(pointer, 0), word, false, value[0], depth);
      return;
    }
    if ((!isPlain(value) && value !== undefined) || isFileValue(value)) return;
    // Of what is not sent only the first level is a place: deeper ones would come without what belongs to them.
    if (value === undefined && depth > 0) return;
    if (value === undefined && members.some(({ types }) => types === ARRAY)) return;
    const required = new Set(members.flatMap((member) => member.required));
    const names = namesOf(members);
    if (value !== undefined) for (const name of Object.keys(value)) names.add(name);
    for (const name of names) {
      const inner = documents ? (ofProperty(members, name, documents) ?? []) : [];
      this.#step(inner, below(pointer, name), name, required.has(name), getOwn(value, name), depth);
    }
  }

  #step(nodes: readonly Node[], pointer: string, word: string, required: boolean, value: unknown, depth: number): void {
    const documents = this.#schema?.documents;
    const schema = documents && allOf(nodes, documents);
    this.#add(pointer, wordOf(word), nodes, schema, required, value);
    if (value !== undefined) this.#into(nodes, pointer, word, value, depth + 1);
  }
}

/** Schemas that may be followed at one value, composition and all. */
const MAX_MEMBERS = 300;

/** Every schema that speaks of a value: of branches those that accept it; all where none does, or nothing is sent. */
function membersOf(nodes: readonly Node[], documents: Documents, value: unknown): Node[] {
  const seen = new Set<Node>();
  const add = (given: Node): void => {
    const node = ready(given, documents);
    if (seen.has(node) || seen.size >= MAX_MEMBERS) return;
    seen.add(node);
    if (node.ref) add(node.ref);
    if (node.dynamicRef) add(node.dynamicRef.target);
    for (const one of node.allOf) add(one);
    for (const branches of [node.oneOf, node.anyOf]) for (const one of taken(branches ?? [])) add(one);
    for (const one of [node.condition, node.consequence, node.alternative]) if (one) add(one);
    for (const one of node.dependentSchemas.values()) add(one);
    const { choice } = node;
    const named = choice && getOwn(value, choice.property);
    const chosen = typeof named === 'string' ? choice?.cases.get(named) : undefined;
    if (chosen) add(chosen);
  };
  const taken = (branches: readonly Node[]): readonly Node[] => {
    if (branches.length < 2 || value === undefined) return branches;
    const right = branches.filter((one) => judgeOf(allOf([one], documents)).accepts(value));
    return right.length > 0 ? right : branches;
  };
  for (const node of nodes) add(node);
  return [...seen];
}
