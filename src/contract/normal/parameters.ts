import type { Parameter, ParameterLocation, SchemaAt, Style } from '../model.ts';
import type { Context, Node } from './context.ts';
import { mediaTypeName } from './media-types.ts';

const LOCATIONS: readonly ParameterLocation[] = ['path', 'query', 'header', 'cookie', 'querystring'];

/** Styles by location, the default one first (OpenAPI 3.2, Style Values). */
const STYLES: Readonly<Record<ParameterLocation, readonly Style[]>> = {
  path: ['simple', 'label', 'matrix'],
  query: ['form', 'spaceDelimited', 'pipeDelimited', 'deepObject'],
  header: ['simple'],
  cookie: ['form', 'cookie'],
  querystring: ['form'],
};

/** Header parameters that OpenAPI says are described elsewhere (Parameter Object, `name`). */
const DESCRIBED_ELSEWHERE = new Set(['accept', 'content-type', 'authorization']);

/** Reads a Parameter Object of 3.x, references already followed. @returns undefined where it cannot be in force. */
export function readParameter(context: Context, node: Node): Parameter | undefined {
  const { findings } = context;
  if (!node.isObject('a parameter')) return undefined;
  context.checkFields(node, 'a parameter');
  const name = node.text('name');
  const location = node.text('in');
  if (!name || !location) {
    findings.error('incomplete-parameter', "a parameter without 'name' or 'in'", 'write both', node.place);
    return undefined;
  }
  if (!(LOCATIONS as readonly string[]).includes(location)) {
    const mend =
      location === 'body' || location === 'formData' ? 'write a requestBody' : `write ${LOCATIONS.join(', ')}`;
    findings.error(
      'unknown-location',
      `'in: ${location.slice(0, 60)}' is no place of a parameter`,
      mend,
      node.child('in')?.place,
    );
    return undefined;
  }
  const place = location as ParameterLocation;
  if (place === 'header' && DESCRIBED_ELSEWHERE.has(name.toLowerCase())) {
    findings.warnOnce(
      'ignored-header-parameter',
      `the header parameter '${name}' is ignored, as OpenAPI says`,
      'describe it by content types or security schemes',
      node.place,
    );
    return undefined;
  }
  let required = node.flag('required') ?? false;
  if (place === 'path' && !required) {
    findings.warnOnce(
      'optional-path-parameter',
      'a path parameter without required: true is required nevertheless',
      'write required: true',
      node.place,
    );
    required = true;
  }
  return describe(context, node, place === 'header' ? name.toLowerCase() : name, place, required);
}

/** Reads a Header Object: a parameter whose name and place are given by where it stands. */
export function readHeader(context: Context, name: string, given: Node): Parameter | undefined {
  const node = context.follow(given);
  if (!node?.isObject('a header')) return undefined;
  context.checkFields(node, 'a header');
  return describe(context, node, name.toLowerCase(), 'header', node.flag('required') ?? false);
}

function describe(
  context: Context,
  node: Node,
  name: string,
  location: ParameterLocation,
  required: boolean,
): Parameter {
  const style = readStyle(context, node, STYLES[location]);
  const { schema, contentType } = readContentOrSchema(context, node, location);
  return Object.freeze({
    name,
    in: location,
    required,
    style,
    explode: node.flag('explode') ?? (style === 'form' || style === 'cookie'),
    allowReserved: node.flag('allowReserved') ?? false,
    allowEmptyValue: location === 'query' && (node.flag('allowEmptyValue') ?? false),
    schema,
    contentType,
    place: node.place,
  });
}

/** The style as written where it is one of those allowed, else the first of them with a warning. */
export function readStyle(context: Context, node: Node, allowed: readonly Style[]): Style {
  const written = node.text('style');
  if (written === undefined) return allowed[0]!;
  if ((allowed as readonly string[]).includes(written)) return written as Style;
  context.findings.warn(
    'unknown-style',
    `the style '${written.slice(0, 60)}' has no meaning here; it is read as '${allowed[0]}'`,
    `write one of ${allowed.join(', ')}`,
    node.child('style')?.place,
  );
  return allowed[0]!;
}

function readContentOrSchema(
  context: Context,
  node: Node,
  location: ParameterLocation,
): { schema: SchemaAt | undefined; contentType: string | undefined } {
  const { findings } = context;
  const schema = node.child('schema');
  const content = node.child('content');
  if (schema && content) {
    findings.warn(
      'schema-and-content',
      "both 'schema' and 'content' are given; 'schema' counts",
      'keep one',
      node.place,
    );
  }
  if (schema && location !== 'querystring') return { schema: context.schemaAt(schema), contentType: undefined };
  if (!content) {
    findings.warnOnce(
      'parameter-without-schema',
      'a parameter without a schema: its value is not validated',
      'write a schema',
      node.place,
    );
    return { schema: undefined, contentType: undefined };
  }
  const entries = [...content.entries("'content'")];
  if (entries.length !== 1) {
    findings.warn(
      'parameter-content',
      "'content' of a parameter must have one media type; the first counts",
      'keep one',
      content.place,
    );
  }
  const [type, given] = entries[0] ?? [];
  const media = given && context.follow(given);
  if (!type || !media?.isObject('a media type')) return { schema: undefined, contentType: undefined };
  context.checkFields(media, 'a media type');
  const inner = media.child('schema');
  return { schema: inner && context.schemaAt(inner), contentType: mediaTypeName(type) ?? type.toLowerCase() };
}

/** A list of parameters under `parameters`, with references followed; each by its reference read once. */
export class ParameterLists {
  readonly #context: Context;
  readonly #read: (context: Context, node: Node) => Parameter | undefined;
  readonly #byUri = new Map<string, Parameter | undefined>();

  constructor(context: Context, read: (context: Context, node: Node) => Parameter | undefined) {
    this.#context = context;
    this.#read = read;
  }

  /** The nodes of a list, references followed. */
  nodes(owner: Node | undefined): Node[] {
    const list = owner?.child('parameters');
    if (!list) return [];
    const found: Node[] = [];
    for (const item of list.items("'parameters'")) {
      const node = this.#context.follow(item);
      if (node) found.push(node);
    }
    return found;
  }

  parameter(node: Node): Parameter | undefined {
    if (this.#byUri.has(node.uri)) return this.#byUri.get(node.uri);
    const parameter = this.#read(this.#context, node);
    this.#byUri.set(node.uri, parameter);
    return parameter;
  }

  /** Adds a list over what is there: same name and place replaces; twice in one list is a warning, the first counts. */
  overlay(beneath: readonly Parameter[], nodes: readonly Node[]): Parameter[] {
    const merged = new Map(beneath.map((parameter) => [`${parameter.in} ${parameter.name}`, parameter]));
    const here = new Set<string>();
    for (const node of nodes) {
      const parameter = this.parameter(node);
      if (!parameter) continue;
      const id = `${parameter.in} ${parameter.name}`;
      if (here.has(id)) {
        this.#context.findings.warn(
          'duplicate-parameter',
          `the ${parameter.in} parameter '${parameter.name.slice(0, 100)}' stands twice in one list; the first counts`,
          'keep one',
          node.place,
        );
        continue;
      }
      here.add(id);
      merged.set(id, parameter);
    }
    return [...merged.values()];
  }
}
