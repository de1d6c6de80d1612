import type { Method, Operation, Parameter, Response } from '../model.ts';
import { isObject, ownChild } from '../references.ts';
import { parseTemplate, templateShape } from '../template.ts';
import { type Context, MAX_HOPS, type Node } from './context.ts';
import { contentOf3, readRequestBody, readResponses } from './messages.ts';
import { ParameterLists, readParameter } from './parameters.ts';
import type { Security } from './security.ts';
import type { BasePaths } from './servers.ts';
import { readSwaggerBody, readSwaggerParameter, swaggerContent } from './swagger.ts';
import { fitTemplate } from './template-parameters.ts';

/** Methods as fields of a path item; `query` came with 3.2. */
const METHODS = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace', 'query'] as const;

/** Operations of one contract at most. */
const MAX_OPERATIONS = 100_000;

type Extensions = Map<string, { readonly value: unknown; readonly place: Operation['place'] }>;

/** Reads every operation of `paths`. */
export function readOperations(context: Context, root: Node, security: Security, basePaths: BasePaths): Operation[] {
  return new OperationReader(context, root, security, basePaths).read();
}

/** A path item with what it refers to: the nearest one that has a field gives it. */
class PathItem {
  readonly node: Node;
  readonly #layers: readonly Node[];

  constructor(node: Node, layers: readonly Node[]) {
    this.node = node;
    this.#layers = layers;
  }

  layerWith(key: string): Node | undefined {
    return this.#layers.find((layer) => ownChild(layer.value, key) !== undefined);
  }

  child(key: string): Node | undefined {
    return this.layerWith(key)?.child(key);
  }

  get layers(): readonly Node[] {
    return this.#layers;
  }
}

class OperationReader {
  readonly #context: Context;
  readonly #root: Node;
  readonly #security: Security;
  readonly #basePaths: BasePaths;
  readonly #lists: ParameterLists;
  readonly #responses = new Map<string, Omit<Response, 'status'>>();
  readonly #operations: Operation[] = [];
  readonly #ids = new Map<string, Operation>();
  readonly #shapes = new Map<string, string>();
  readonly #rootExtensions: Extensions;
  readonly #swagger: boolean;
  #rootRequirements: { value: Operation['security'] } | undefined;

  constructor(context: Context, root: Node, security: Security, basePaths: BasePaths) {
    this.#context = context;
    this.#root = root;
    this.#security = security;
    this.#basePaths = basePaths;
    this.#swagger = context.version === '2.0';
    this.#lists = new ParameterLists(context, this.#swagger ? readSwaggerParameter : readParameter);
    this.#rootExtensions = this.#extensions([root], new Map());
  }

  read(): Operation[] {
    for (const [path, node] of this.#root.child('paths')?.entries("'paths'", true) ?? []) {
      if (this.#operations.length > MAX_OPERATIONS) {
        const message = `more than ${MAX_OPERATIONS.toLocaleString('en')} operations`;
        this.#context.findings.error('limit', message, 'split the contract', node.place);
        break;
      }
      if (!node.isObject('a path item')) continue;
      const template = this.#template(path, node);
      const item = template === undefined ? undefined : this.#pathItem(node);
      if (item) this.#readItem(template!, item);
    }
    return this.#operations;
  }

  /** The path as a template that can be served; what cannot is left out, with a word. */
  #template(path: string, node: Node): string | undefined {
    const { findings } = this.#context;
    const shown = path.slice(0, 200);
    if (/[?#]/.test(path)) {
      findings.warn(
        'unservable-path',
        `the path '${shown}' holds '${path.includes('#') ? '#' : '?'}': no path of a request does; it is left out and answers 404`,
        'write the path alone, and what follows as query parameters',
        node.place,
      );
      return undefined;
    }
    let template = path;
    if (!template.startsWith('/')) {
      findings.warn(
        'relative-path',
        `the path '${shown}' does not begin with '/'; it is read as if it did`,
        "write '/'",
        node.place,
      );
      template = `/${template}`;
    }
    const parsed = parseTemplate(template);
    if ('message' in parsed) {
      findings.error('bad-template', `the path '${shown}' ${parsed.message}`, parsed.mend, node.place);
      return undefined;
    }
    if (/\/\/|\/\.{1,2}(\/|$)|%2f|%5c|%00|\\/i.test(template)) {
      const message = `the path '${shown}' is not canonical: requests to it are refused before they get there`;
      findings.warn('unreachable-path', message, "take out '//', '.', '..', '%2f' and the like", node.place);
    }
    if (parsed.segments.some((segment) => segment.kind === 'partial' && segment.names.length > 1)) {
      findings.warn(
        'ambiguous-segment',
        `a segment of '${shown}' holds several parameters; a value that can be split in more than one way answers 404`,
        'give each parameter its own segment',
        node.place,
      );
    }
    const shape = templateShape(parsed);
    const other = this.#shapes.get(shape);
    if (other !== undefined && other !== template) {
      const message = `the path '${shown}' matches the same requests as '${other.slice(0, 200)}'; they are read as one path`;
      findings.warn('equivalent-templates', message, 'write them as one path', node.place);
    } else this.#shapes.set(shape, template);
    return template;
  }

  /** A path item may refer to another; its own fields count before those of the other (OpenAPI leaves that open). */
  #pathItem(node: Node): PathItem | undefined {
    const layers = [node];
    let at = node;
    for (let reference = ownChild(at.value, '$ref'); reference !== undefined; reference = ownChild(at.value, '$ref')) {
      const next = layers.length > MAX_HOPS ? undefined : this.#context.followOnce(at, reference);
      if (!next) {
        if (layers.length > MAX_HOPS) {
          this.#context.findings.error(
            'circular-ref',
            'the $ref of a path item leads in a circle',
            'refer to the path item itself',
            node.place,
          );
        }
        return undefined;
      }
      if (!next.isObject('a path item')) return undefined;
      layers.push(next);
      at = next;
    }
    for (const layer of layers) this.#context.checkFields(layer, 'a path item');
    const own = layers
      .slice(0, -1)
      .find((layer) => [...METHODS, 'parameters', 'servers'].some((key) => ownChild(layer.value, key) !== undefined));
    if (own) {
      const message = 'a path item has fields beside its $ref; they count before those of what it refers to';
      this.#context.findings.warn('ref-siblings', message, 'move them there', own.place);
    }
    return new PathItem(node, layers);
  }

  #readItem(path: string, item: PathItem): void {
    const shared = this.#lists.nodes(item.layerWith('parameters'));
    const extensions = this.#extensions([...item.layers].reverse(), this.#rootExtensions);
    for (const key of METHODS) {
      const node = item.child(key);
      if (!node?.isObject('an operation')) continue;
      if (key === 'trace') {
        const message = 'TRACE is refused by the gate; the operation is left out';
        this.#context.findings.warn('trace-refused', message, 'take the operation out', node.place, `TRACE ${path}`);
        continue;
      }
      if (key === 'query' && this.#context.version !== '3.2') {
        const message = "'query' is a method since OpenAPI 3.2; the operation is left out";
        this.#context.findings.warn('method-refused', message, 'write openapi: 3.2.0', node.place);
        continue;
      }
      this.#readOperation(key.toUpperCase() as Method, path, item, node, shared, extensions);
    }
    this.#refuseAdditional(path, item);
  }

  /** `additionalOperations` of 3.2 holds methods beside those with a field; the gate lets none of them through. */
  #refuseAdditional(path: string, item: PathItem): void {
    for (const [name, node] of item.child('additionalOperations')?.entries("'additionalOperations'") ?? []) {
      const known = (METHODS as readonly string[]).includes(name.toLowerCase());
      const message = known
        ? `'${name}' belongs into its own field, not into additionalOperations; the operation is left out`
        : `the method '${name.slice(0, 60)}' is refused by the gate; the operation is left out`;
      const mend = known ? `write '${name.toLowerCase()}:'` : 'use a registered method';
      this.#context.findings.warn('method-refused', message, mend, node.place, `${name.slice(0, 60)} ${path}`);
    }
  }

  #readOperation(
    method: Method,
    path: string,
    item: PathItem,
    node: Node,
    shared: readonly Node[],
    extensions: Extensions,
  ): void {
    const context = this.#context;
    context.checkFields(node, 'an operation');
    const prefix = this.#swagger
      ? this.#basePaths.swagger(this.#root)
      : this.#basePaths.prefix([node, item.layerWith('servers'), this.#root]);
    const own = this.#lists.nodes(node);
    const { parameters, body } = this.#swagger ? this.#swaggerInput(node, shared, own) : this.#input(node, shared, own);
    const fitted = fitTemplate(context, `${prefix}${path}`, parameters, node, `${method} ${prefix}${path}`);
    if (!fitted) return;
    const operationId = node.text('operationId');
    const operation: Operation = Object.freeze({
      key: `${method} ${fitted.template}`,
      operationId,
      method,
      template: fitted.template,
      tags: Object.freeze(this.#tags(node)),
      summary: node.text('summary'),
      description: node.text('description'),
      deprecated: node.flag('deprecated') ?? false,
      parameters: Object.freeze(fitted.parameters),
      body,
      responses: readResponses(
        context,
        node,
        this.#swagger ? (response) => swaggerContent(context, node, this.#root, response) : contentOf3(context),
        // In Swagger 2.0 the media types are the operation's: a shared response means something else in each.
        this.#swagger ? new Map() : this.#responses,
      ),
      security: node.child('security') ? this.#security.requirements(node) : this.#rootSecurity,
      extensions: this.#extensions([node], extensions),
      place: node.place,
    });
    const callbacks = node.child('callbacks');
    if (callbacks) {
      const message = "'callbacks' are not served: they are requests of the API, not to it";
      context.findings.warnOnce('not-served', message, 'nothing to mend', callbacks.place);
    }
    this.#noteId(operation, node);
    this.#operations.push(operation);
  }

  #input(
    node: Node,
    shared: readonly Node[],
    own: readonly Node[],
  ): { parameters: Parameter[]; body: Operation['body'] } {
    const parameters = this.#lists.overlay(this.#lists.overlay([], shared), own);
    const queries = parameters.filter((one) => one.in === 'querystring');
    if (queries.length > 1 || (queries.length === 1 && parameters.some((one) => one.in === 'query'))) {
      const message = "a 'querystring' parameter describes the whole query: it cannot stand beside another";
      this.#context.findings.error('querystring', message, 'keep one of the two ways', queries[0]!.place);
    }
    const requestBody = node.child('requestBody');
    return { parameters, body: requestBody && readRequestBody(this.#context, requestBody) };
  }

  #swaggerInput(
    node: Node,
    shared: readonly Node[],
    own: readonly Node[],
  ): { parameters: Parameter[]; body: Operation['body'] } {
    const isBody = ({ value }: Node): boolean => {
      const location = ownChild(value, 'in');
      return location === 'body' || location === 'formData';
    };
    const isPlain = (one: Node): boolean => !isBody(one);
    const parameters = this.#lists.overlay(this.#lists.overlay([], shared.filter(isPlain)), own.filter(isPlain));
    const ownBodies = own.filter(isBody);
    const named = new Set(ownBodies.map(({ value }) => ownChild(value, 'name')));
    const replaced = ownBodies.some(({ value }) => ownChild(value, 'in') === 'body');
    const inherited = replaced ? [] : shared.filter((one) => isBody(one) && !named.has(ownChild(one.value, 'name')));
    return { parameters, body: readSwaggerBody(this.#context, node, this.#root, [...ownBodies, ...inherited]) };
  }

  get #rootSecurity(): Operation['security'] {
    return (this.#rootRequirements ??= { value: this.#security.requirements(this.#root) }).value;
  }

  #tags(node: Node): string[] {
    const tags: string[] = [];
    for (const item of node.child('tags')?.items("'tags'") ?? []) {
      if (typeof item.value === 'string') tags.push(item.value);
      else item.wrongType('a tag', 'a string');
    }
    return tags;
  }

  #noteId(operation: Operation, node: Node): void {
    const { operationId } = operation;
    if (operationId === undefined) return;
    const other = this.#ids.get(operationId);
    if (!other) {
      this.#ids.set(operationId, operation);
      return;
    }
    this.#context.findings.warn(
      'duplicate-operation-id',
      `the operationId '${operationId.slice(0, 100)}' is that of ${other.key} too; a rule that names it means both`,
      'give each operation its own',
      node.child('operationId')?.place,
      operation.key,
    );
  }

  /** `x-portcullis-*` of the layers over what is beneath; the last layer counts most. */
  #extensions(layers: readonly Node[], beneath: Extensions): Extensions {
    let found = beneath;
    for (const layer of layers) {
      if (!isObject(layer.value)) continue;
      for (const key of Object.keys(layer.value)) {
        if (!key.startsWith('x-portcullis-')) continue;
        if (found === beneath) found = new Map(beneath);
        found.set(key, { value: layer.value[key], place: layer.context.documents.place(`${layer.uri}/${key}`) });
      }
    }
    return found;
  }
}
