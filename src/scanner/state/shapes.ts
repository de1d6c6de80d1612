import type { Operation, SchemaAt } from '../../contract/model.ts';
import { escapeStep } from '../../shared/json-pointer.ts';
import { plain } from './names.ts';

/** `$ref`s that are followed in a row. */
const HOPS = 20;
/** Schemas looked at for one question. */
const MOST = 400;
const DEPTH = 6;

type Raw = Readonly<Record<string, unknown>>;
const isObject = (value: unknown): value is Raw => typeof value === 'object' && value !== null && !Array.isArray(value);

/** The schema behind `$ref`s; the same where there is none, or one that leads nowhere. */
export function follow(at: SchemaAt): SchemaAt {
  let here = at;
  for (let hop = 0; hop < HOPS; hop++) {
    const reference = isObject(here.schema) ? here.schema['$ref'] : undefined;
    if (typeof reference !== 'string') return here;
    const found = here.documents.resolve(reference, here.uri);
    if (!found) return here;
    here = { schema: found.value, uri: found.uri, dialect: found.dialect, documents: here.documents };
  }
  return here;
}

const child = (at: SchemaAt, schema: unknown, ...steps: readonly string[]): SchemaAt => ({
  ...at,
  schema,
  uri: `${at.uri}${at.uri.includes('#') ? '' : '#'}/${steps.map(escapeStep).join('/')}`,
});

/** Name of the component that a schema is, or that it refers to: `Patient` of `#/components/schemas/Patient`; '' for none. */
export function schemaName(at: SchemaAt | undefined): string {
  if (!at) return '';
  const reference = isObject(at.schema) ? at.schema['$ref'] : undefined;
  const uri = typeof reference === 'string' ? reference : at.uri;
  return /#\/(?:components\/schemas|definitions)\/([^/]{1,120})$/.exec(uri)?.[1] ?? '';
}

/** Branches of a schema that say more about the same value: itself, and those of allOf, oneOf and anyOf. */
function* branches(at: SchemaAt, budget: { left: number }, depth = 0): Generator<SchemaAt> {
  if (budget.left-- <= 0 || depth > DEPTH) return;
  const here = follow(at);
  yield here;
  if (!isObject(here.schema)) return;
  for (const keyword of ['allOf', 'oneOf', 'anyOf']) {
    const list = here.schema[keyword];
    if (!Array.isArray(list)) continue;
    for (let index = 0; index < list.length && index < 50; index++) {
      yield* branches(child(here, list[index], keyword, String(index)), budget, depth + 1);
    }
  }
}

/** Properties that a schema names, through its branches; the first that names one counts. */
export function propertiesOf(at: SchemaAt | undefined): Map<string, SchemaAt> {
  const found = new Map<string, SchemaAt>();
  if (!at) return found;
  for (const here of branches(at, { left: MOST })) {
    const properties = isObject(here.schema) ? here.schema['properties'] : undefined;
    if (!isObject(properties)) continue;
    for (const [name, schema] of Object.entries(properties)) {
      if (!found.has(name) && found.size < MOST) found.set(name, child(here, schema, 'properties', name));
    }
  }
  return found;
}

/** The schema of the items, where a schema is that of an array. */
export function itemsOf(at: SchemaAt): SchemaAt | undefined {
  for (const here of branches(at, { left: 50 })) {
    const items = isObject(here.schema) ? here.schema['items'] : undefined;
    if (isObject(items)) return child(here, items, 'items');
  }
  return undefined;
}

/** A keyword of a schema or of what it refers to: what stands beside a `$ref` goes first. */
export function keywordOf(at: SchemaAt | undefined, keyword: string): unknown {
  if (!at) return undefined;
  if (isObject(at.schema) && at.schema[keyword] !== undefined) return at.schema[keyword];
  for (const here of branches(at, { left: 20 })) {
    if (isObject(here.schema) && here.schema[keyword] !== undefined) return here.schema[keyword];
  }
  return undefined;
}

/** Whether a schema allows this type; true where it says nothing. */
export function allowsType(at: SchemaAt | undefined, type: string): boolean {
  const said = keywordOf(at, 'type');
  if (said === undefined) return true;
  return Array.isArray(said) ? said.includes(type) : said === type;
}

/** Schema of what an operation answers when it works; undefined where that is no JSON or the contract does not say. */
export function answerSchema(operation: Operation): SchemaAt | undefined {
  for (const { status, content } of operation.responses) {
    if (!/^2/.test(status)) continue;
    for (const { type, schema } of content) if (schema && /json|\*\/\*/.test(type)) return schema;
  }
  return undefined;
}

/** Schema of the body that is sent, JSON before forms before others. */
export function requestSchema(operation: Operation): SchemaAt | undefined {
  const content = operation.body?.content ?? [];
  return (
    content.find(({ type }) => type.includes('json')) ??
    content.find(({ type }) => type.includes('form')) ??
    content[0]
  )?.schema;
}

const words = new WeakMap<Operation, ReadonlySet<string>>();

/** Names of what can be sent with an operation, in the body (two levels deep) and the query, each in plain spelling. */
export function bodyWords(operation: Operation): ReadonlySet<string> {
  const known = words.get(operation);
  if (known) return known;
  const found = new Set<string>();
  for (const [name, schema] of propertiesOf(requestSchema(operation))) {
    found.add(plain(name));
    if (allowsType(schema, 'object')) for (const inner of propertiesOf(schema).keys()) found.add(plain(inner));
  }
  for (const { name, in: place } of operation.parameters)
    if (place === 'query' || place === 'header') found.add(plain(name));
  words.set(operation, found);
  return found;
}

/** Schema of the body in a media type; of the first where that is not declared. */
export function bodyMediaSchema(operation: Operation, type: string | undefined): SchemaAt | undefined {
  const content = operation.body?.content ?? [];
  return (content.find((one) => one.type === type) ?? content.find((one) => one.type.includes('json')) ?? content[0])
    ?.schema;
}
