import type { Encoding, MediaType, Parameter, ParameterLocation, RequestBody, SchemaAt, Style } from '../model.ts';
import { emptyObject, isObject, ownChild } from '../references.ts';
import type { Context, Node } from './context.ts';
import { familyOf, isJudged, mediaTypeName, NO_ENCODING } from './media-types.ts';

/** What Swagger 2.0 lets a parameter say about its value; everything else in it is about the parameter. */
const SCHEMA_KEYWORDS = (
  'type format items default maximum exclusiveMaximum minimum exclusiveMinimum maxLength minLength pattern maxItems ' +
  'minItems uniqueItems enum multipleOf'
).split(' ');

/** `collectionFormat` in the words of 3.x; `csv` depends on the place. */
const COLLECTIONS: Readonly<Record<string, { style: Style; explode: boolean }>> = Object.assign(Object.create(null), {
  csv: { style: 'form', explode: false },
  ssv: { style: 'spaceDelimited', explode: false },
  tsv: { style: 'tabDelimited', explode: false },
  pipes: { style: 'pipeDelimited', explode: false },
  multi: { style: 'form', explode: true },
});

const URLENCODED = 'application/x-www-form-urlencoded';
const MULTIPART = 'multipart/form-data';
const BINARY = Object.freeze({ type: 'string', format: 'binary' });

/** Reads a parameter of Swagger 2.0 that is neither body nor form. @returns undefined where it cannot be in force. */
export function readSwaggerParameter(context: Context, node: Node): Parameter | undefined {
  const { findings } = context;
  if (!node.isObject('a parameter')) return undefined;
  context.checkFields(node, 'a parameter of Swagger 2.0');
  const name = node.text('name');
  const location = node.text('in');
  if (!name || !location) {
    findings.error('incomplete-parameter', "a parameter without 'name' or 'in'", 'write both', node.place);
    return undefined;
  }
  if (location !== 'path' && location !== 'query' && location !== 'header') {
    const message = `'in: ${location.slice(0, 60)}' is no place of a parameter`;
    findings.error('unknown-location', message, 'write path, query, header, body or formData', node.child('in')?.place);
    return undefined;
  }
  const lower = name.toLowerCase();
  if (location === 'header' && (lower === 'authorization' || lower === 'content-type' || lower === 'accept')) {
    findings.warnOnce(
      'ignored-header-parameter',
      `the header parameter '${name}' is ignored: it belongs to the gate`,
      'describe it by consumes, produces or securityDefinitions',
      node.place,
    );
    return undefined;
  }
  let required = node.flag('required') ?? false;
  if (location === 'path' && !required) {
    const message = 'a path parameter without required: true is required nevertheless';
    findings.warnOnce('optional-path-parameter', message, 'write required: true', node.place);
    required = true;
  }
  const { style, explode } = collection(context, node, location);
  return Object.freeze({
    name: location === 'header' ? lower : name,
    in: location,
    required,
    style,
    explode,
    allowReserved: false,
    allowEmptyValue: location === 'query' && (node.flag('allowEmptyValue') ?? false),
    schema: inlineSchema(context, node),
    contentType: undefined,
    place: node.place,
  });
}

function collection(
  context: Context,
  node: Node,
  location: ParameterLocation | 'formData',
): { style: Style; explode: boolean } {
  const plain = location === 'path' || location === 'header';
  const format = node.text('collectionFormat') ?? 'csv';
  const known = COLLECTIONS[format];
  if (!known || (plain && format === 'multi')) {
    context.findings.warn(
      'unknown-style',
      `the collectionFormat '${format.slice(0, 60)}' has no meaning here; it is read as 'csv'`,
      'write csv, ssv, tsv, pipes, or (in query and formData) multi',
      node.child('collectionFormat')?.place,
    );
  }
  const { style, explode } = known ?? COLLECTIONS['csv']!;
  return plain ? { style: style === 'form' ? 'simple' : style, explode: false } : { style, explode };
}

/** The schema a parameter of Swagger 2.0 is beside being a parameter. */
function inlineSchema(context: Context, node: Node): SchemaAt | undefined {
  const nested = node.child('schema');
  if (nested && node.child('type') === undefined) {
    const message = "'schema' stands where Swagger 2.0 wants 'type'; it is read as the schema";
    context.findings.warnOnce('misplaced-schema', message, "write 'type' and the like directly", nested.place);
    return context.schemaAt(nested);
  }
  if (node.child('type') === undefined) {
    const message = 'a parameter without a type: its value is not validated';
    context.findings.warnOnce('parameter-without-schema', message, 'write a type', node.place);
    return undefined;
  }
  return context.keepSchema(node.uri, extractSchema(node.value), 'swagger-2.0');
}

function extractSchema(parameter: unknown): Readonly<Record<string, unknown>> {
  if (ownChild(parameter, 'type') === 'file') return BINARY;
  const schema = emptyObject();
  for (const keyword of SCHEMA_KEYWORDS) {
    const value = ownChild(parameter, keyword);
    if (value !== undefined) schema[keyword] = value;
  }
  for (const key of Object.keys(parameter as object)) {
    if (key.startsWith('x-')) schema[key] = ownChild(parameter, key);
  }
  return Object.freeze(schema);
}

/** What an operation takes and gives, by `consumes` and `produces` of its own or of the document. */
export function mediaTypes(context: Context, owner: Node, root: Node, key: 'consumes' | 'produces'): string[] {
  const list = owner.child(key) ?? root.child(key);
  const types: string[] = [];
  for (const item of list?.items(`'${key}'`) ?? []) {
    const type = typeof item.value === 'string' ? mediaTypeName(item.value) : undefined;
    if (!type) {
      const shown = typeof item.value === 'string' ? item.value.slice(0, 100) : typeof item.value;
      context.findings.warnOnce(
        'bad-media-type',
        `'${shown}' is no media type; it is ignored`,
        'write type/subtype',
        item.place,
      );
    } else if (!types.includes(type)) types.push(type);
  }
  return types;
}

/** The body of a Swagger 2.0 operation from its `body` or `formData` parameters. */
export function readSwaggerBody(
  context: Context,
  operation: Node,
  root: Node,
  given: readonly Node[],
): RequestBody | undefined {
  const body = given.find((node) => ownChild(node.value, 'in') === 'body');
  const form = given.filter((node) => ownChild(node.value, 'in') === 'formData');
  for (const node of given) {
    if (node.isObject('a parameter')) context.checkFields(node, 'a parameter of Swagger 2.0');
  }
  const consumes = mediaTypes(context, operation, root, 'consumes');
  if (body) {
    const others = given.length - 1;
    if (others > 0) {
      const message = 'a body parameter stands beside other body or form parameters; only the first body counts';
      context.findings.warn('several-bodies', message, 'keep one body parameter', body.place);
    }
    return plainBody(context, body, consumes);
  }
  return form.length > 0 ? formBody(context, form, consumes) : undefined;
}

function plainBody(context: Context, body: Node, consumes: readonly string[]): RequestBody {
  if (consumes.length === 0) {
    const message = "a body without 'consumes' is read as application/json";
    context.findings.warnOnce('no-consumes', message, "write 'consumes'", body.place);
  }
  const given = body.child('schema');
  const schema = given && context.schemaAt(given);
  if (!given) {
    const message = 'a body parameter without a schema: the body is not validated';
    context.findings.warnOnce('parameter-without-schema', message, 'write a schema', body.place);
  }
  const types = consumes.length > 0 ? consumes : ['application/json'];
  const content = types.map((type) => mediaType(context, type, schema, body));
  return Object.freeze({
    required: body.flag('required') ?? false,
    content: Object.freeze(content),
    place: body.place,
  });
}

/** Form parameters become one object schema, as 3.x writes them. */
function formBody(context: Context, form: readonly Node[], consumes: readonly string[]): RequestBody {
  const properties = emptyObject();
  const nodes = new Map<string, Node>();
  const required: string[] = [];
  const encoding = new Map<string, Encoding>();
  let hasFile = false;
  for (const node of form) {
    const name = node.text('name');
    if (!name) {
      context.findings.error('incomplete-parameter', "a form parameter without 'name'", 'write it', node.place);
      continue;
    }
    if (nodes.has(name)) {
      const message = `the form parameter '${name.slice(0, 100)}' stands twice; the first counts`;
      context.findings.warn('duplicate-parameter', message, 'keep one', node.place);
      continue;
    }
    if (ownChild(node.value, 'type') === 'file') hasFile = true;
    properties[name] = extractSchema(node.value);
    nodes.set(name, node);
    if (node.flag('required')) required.push(name);
    const { style, explode } = collection(context, node, 'formData');
    encoding.set(name, Object.freeze({ contentType: undefined, style, explode, allowReserved: false, headers: [] }));
  }
  const schema = Object.assign(emptyObject(), { type: 'object', properties });
  if (required.length > 0) schema['required'] = required;
  const first = form[0]!;
  // A document of its own, so that the schema compiler can resolve into it; its places are the parameters'.
  const uri = `portcullis:form?${encodeURIComponent(first.uri)}&${nodes.size}&${formNumber(context)}`;
  context.documents.add({
    value: schema,
    uri,
    dialect: 'swagger-2.0',
    file: first.place.file,
    openapi: false,
    placeOf: (tokens) => (tokens[0] === 'properties' ? (nodes.get(tokens[1] ?? '') ?? first) : first).place,
  });
  const at = context.keepSchema(`${uri}#`, schema, 'swagger-2.0');
  const types = formTypes(context, first, consumes, hasFile);
  const content = types.map((type) => Object.freeze({ type, schema: at, encoding, place: first.place }));
  return Object.freeze({ required: required.length > 0, content: Object.freeze(content), place: first.place });
}

const forms = new WeakMap<Context, number>();
function formNumber(context: Context): number {
  const next = (forms.get(context) ?? 0) + 1;
  forms.set(context, next);
  return next;
}

function formTypes(context: Context, first: Node, consumes: readonly string[], hasFile: boolean): readonly string[] {
  const usable = consumes.filter((type) => type === MULTIPART || (type === URLENCODED && !hasFile));
  if (usable.length > 0) return usable;
  const chosen = hasFile ? MULTIPART : URLENCODED;
  const message = `form parameters without '${chosen}' in 'consumes' are read as ${chosen}`;
  context.findings.warnOnce('no-consumes', message, `write 'consumes: [${chosen}]'`, first.place);
  return [chosen];
}

/** The content of a response: its schema in every media type that is produced. */
export function swaggerContent(context: Context, operation: Node, root: Node, response: Node): readonly MediaType[] {
  const given = response.child('schema');
  if (!given) return Object.freeze([]);
  const produces = mediaTypes(context, operation, root, 'produces');
  const isFile = isObject(given.value) && ownChild(given.value, 'type') === 'file';
  if (produces.length === 0) {
    const assumed = isFile ? '*/*' : 'application/json';
    const message = `a response without 'produces' is read as ${assumed}`;
    context.findings.warnOnce('no-produces', message, "write 'produces'", given.place);
    produces.push(assumed);
  }
  const schema = isFile ? context.keepSchema(given.uri, BINARY, 'swagger-2.0') : context.schemaAt(given);
  return Object.freeze(produces.map((type) => mediaType(context, type, schema, response)));
}

function mediaType(context: Context, type: string, schema: SchemaAt | undefined, node: Node): MediaType {
  if (schema && schema.schema !== BINARY && !isJudged(type)) {
    context.findings.warnOnce(
      'unenforced-media-type',
      `bodies of '${type}' are judged by type and size only, not by their schema`,
      'offer application/json, or accept that these bodies pass unread',
      node.place,
      familyOf(type),
    );
  }
  return Object.freeze({ type, schema, encoding: NO_ENCODING, place: node.place });
}
