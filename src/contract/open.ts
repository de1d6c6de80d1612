import { documentsFrom } from './documents.ts';
import type { Contract, MediaType, Method, Operation } from './model.ts';

const METHODS: readonly Method[] = ['GET', 'PUT', 'POST', 'DELETE', 'PATCH', 'HEAD', 'OPTIONS'];

/**
 * The contract of `contract: none`: every path, one pseudo operation a method, nothing said about parameters, bodies,
 * answers or security. Its version is `none`; keys are `GET /*` and so on, and matches have no values.
 */
export function openContract(): Contract {
  const documents = documentsFrom(Object.create(null), 'portcullis:none', '2020-12');
  const place = Object.freeze({ file: 'contract: none', line: 1, column: 1 });
  const anything: MediaType = Object.freeze({ type: '*/*', schema: undefined, encoding: new Map(), place });
  const content = Object.freeze([anything]);
  const operations = METHODS.map(
    (method): Operation =>
      Object.freeze({
        key: `${method} /*`,
        operationId: undefined,
        method,
        template: '/*',
        tags: [],
        summary: undefined,
        deprecated: false,
        parameters: [],
        body: { required: false, content, place },
        responses: [{ status: 'default', content, headers: [], place }],
        security: undefined,
        extensions: new Map(),
        place,
      }),
  );
  const matches = new Map<string, { operation: Operation; values: readonly string[] }>(
    operations.map((operation) => [operation.method, { operation, values: [] }]),
  );
  const refusal = { allow: METHODS };
  return Object.freeze({
    source: 'none',
    version: 'none',
    title: 'no contract',
    apiVersion: '',
    operations,
    router: { match: (method: string) => matches.get(method) ?? refusal },
    securitySchemes: [],
    documents,
    files: [],
    findings: [],
  });
}
