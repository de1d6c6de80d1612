import type { Outbound } from '../outbound/outbound.ts';
import { type Finding, LoadError, type Place } from '../shared/finding.ts';
import { Findings } from './findings.ts';
import { LINTS } from './lints/index.ts';
import { runLints } from './lints/run.ts';
import type { Contract, Operation } from './model.ts';
import { Context, type Node, type Version } from './normal/context.ts';
import { readOperations } from './normal/operations.ts';
import { Security } from './normal/security.ts';
import { BasePaths } from './normal/servers.ts';
import { readDocuments } from './read.ts';
import { isObject } from './references.ts';
import { createRouter } from './router.ts';

export interface LoadOptions {
  /** Fetches a source that is a URL, and what `$ref`s name by URL. */
  readonly outbound: Outbound;
  /** Stands in place of the base path of the contract, e.g. `/v1`; `/` for none. */
  readonly basePath?: string;
  /** `x-portcullis-*` names that some room understands on an operation; others are warned of. Absent: no check. */
  readonly extensions?: readonly string[];
}

/**
 * Loads a contract: OpenAPI 3.0, 3.1, 3.2 or Swagger 2.0, YAML or JSON, with every document it refers to.
 *
 * @param source a file name, or an http(s) URL (which the operator named, and which may therefore be private).
 * @throws LoadError with every error found, each with its place and mend. Never throws anything else on bad input.
 */
export async function loadContract(source: string, options: LoadOptions): Promise<Contract> {
  const findings = new Findings();
  const read = await readDocuments(source, options.outbound, findings);
  if (!read) throw failed(findings);
  const { documents, uri, files } = read;
  const version = readVersion(
    read.value,
    documents.place(`${uri}#`),
    (key) => documents.place(`${uri}#/${key}`),
    findings,
  );
  if (!version) throw failed(findings);

  const context = new Context(documents, findings, version, options.extensions);
  const root = context.node(read.value, `${uri}#`);
  checkTop(context, root);
  const definitions =
    version === '2.0' ? root.child('securityDefinitions') : root.child('components')?.child('securitySchemes');
  const security = new Security(context, definitions);
  const operations = readOperations(context, root, security, new BasePaths(context, source, options.basePath));
  checkOperations(findings, root, operations);
  const { router, conflicts } = createRouter(operations);
  for (const { operation, other } of conflicts) {
    findings.error(
      'ambiguous-operations',
      `${operation.key} matches the same requests as ${other.key}: which of the two is meant cannot be known`,
      'keep one of the two',
      operation.place,
      operation.key,
    );
  }
  runLints(context, root, operations, security.schemes, LINTS);
  checkUnusedReferences(context, uri);
  if (findings.hasErrors) throw failed(findings);

  const info = root.child('info');
  return Object.freeze({
    source,
    version,
    title: info?.text('title') ?? '',
    apiVersion: info?.text('version') ?? '',
    operations: Object.freeze(operations),
    router,
    securitySchemes: Object.freeze(security.schemes),
    documents,
    files: Object.freeze([...files]),
    findings: Object.freeze(findings.all()),
  });
}

export { openContract } from './open.ts';

/** Only what keeps the contract from loading: warnings would bury it. */
const failed = (findings: Findings): LoadError =>
  new LoadError(findings.all().filter(({ severity }: Finding) => severity === 'error'));

function readVersion(
  value: unknown,
  top: Place,
  placeOf: (key: string) => Place,
  findings: Findings,
): Version | undefined {
  const fields: Record<string, unknown> = isObject(value) ? value : {};
  const { openapi, swagger } = fields;
  if (openapi !== undefined && swagger !== undefined) {
    const message = "the document has both 'openapi' and 'swagger': it can be read in two ways";
    findings.error('version', message, 'keep the one that is meant', placeOf('swagger'));
    return undefined;
  }
  if (swagger !== undefined) {
    if (swagger === '2.0') return '2.0';
    if (swagger === 2) {
      findings.warn(
        'version',
        "'swagger: 2.0' is a number; it is read as '2.0'",
        "write swagger: '2.0'",
        placeOf('swagger'),
      );
      return '2.0';
    }
    findings.error(
      'version',
      `Swagger ${show(swagger)} is not supported`,
      'convert it to OpenAPI 3',
      placeOf('swagger'),
    );
    return undefined;
  }
  if (typeof openapi === 'string') {
    const found = /^(3\.[012])(\.\d{1,4})?(-[\w.-]{1,40})?$/.exec(openapi);
    if (found) return found[1] as Version;
  }
  if (openapi !== undefined) {
    const message = `OpenAPI ${show(openapi)} is not supported`;
    findings.error('version', message, "write openapi: '3.0.x', '3.1.x' or '3.2.x', in quotes", placeOf('openapi'));
    return undefined;
  }
  const message = "the document is no OpenAPI document: it has neither 'openapi' nor 'swagger' at the top";
  findings.error('version', message, "write openapi: 3.1.0 at the top, or name the contract's main file", top);
  return undefined;
}

const show = (value: unknown): string =>
  typeof value === 'string' || typeof value === 'number' ? `'${String(value).slice(0, 40)}'` : 'of an unknown kind';

function checkTop(context: Context, root: Node): void {
  context.checkFields(root, 'the document');
  const components = root.child('components');
  if (components?.isObject("'components'")) context.checkFields(components, 'components');
  // A dialect that is no text; one that is not known was found when the document was read.
  root.text('jsonSchemaDialect');
  for (const key of ['info', 'paths']) context.checkNoExtensions(root.child(key), `'${key}'`);
  for (const key of ['tags', 'servers']) {
    const list = root.child(key);
    if (Array.isArray(list?.value)) for (const item of list.items(key)) context.checkNoExtensions(item, `'${key}'`);
  }
  const webhooks = root.child('webhooks');
  if (webhooks) {
    const message = "'webhooks' are not served: they are requests of the API, not to it";
    context.findings.warnOnce('not-served', message, 'nothing to mend', webhooks.place);
  }
}

function checkOperations(findings: Findings, root: Node, operations: readonly Operation[]): void {
  if (operations.length > 0) return;
  const paths = root.child('paths');
  const some = isObject(paths?.value) && Object.keys(paths.value).length > 0;
  if (some) {
    // The reason was found before, as a warning, and must be seen with the error.
    const reasons = findings.all().filter(({ severity, place }) => severity === 'warning' && place !== undefined);
    const first = reasons.find(({ rule }) => OMITTING.has(rule));
    const why = first ? `; first, ${first.message}` : '';
    const mend = first?.mend ?? 'write at least one operation';
    findings.error(
      'no-operations',
      `no operation of the contract can be served${why}`,
      mend,
      first?.place ?? root.child('paths')?.place,
    );
    return;
  }
  if (findings.hasErrors) return;
  findings.warn('no-operations', 'the contract has no operations: everything answers 404', "write 'paths'", root.place);
}

/** Rules of warnings that leave an operation out. */
const OMITTING = new Set(['contract/unservable-path', 'contract/method-refused', 'contract/trace-refused']);

/** References that nothing served needs and that lead nowhere: worth a word, no reason to refuse. */
function checkUnusedReferences(context: Context, uri: string): void {
  const { documents, findings } = context;
  for (const { reference, pointer, optional } of documents.references(uri)) {
    if (optional) continue;
    const node = context.node(undefined, documents.uriOf(uri, pointer));
    if (documents.resolve(reference, node.uri) || context.wasReported(node, reference)) continue;
    findings.warn(
      'unresolved-ref',
      `the $ref '${reference.slice(0, 200)}' leads nowhere; no operation needs it`,
      'take it out, or name something that exists',
      documents.place(`${node.uri}/$ref`),
    );
  }
}
