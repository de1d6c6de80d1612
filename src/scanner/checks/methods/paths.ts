import type { Operation } from '../../../contract/model.ts';
import type { CheckContext, Sample } from '../../model/check.ts';
import type { ScanRequest } from '../../model/exchange.ts';

/** One path of the contract, with what is declared for it and a sample that reads it. */
export interface DeclaredPath {
  readonly template: string;
  readonly declared: ReadonlySet<string>;
  /** A GET that worked, where there is one. */
  readonly read: Sample | undefined;
  readonly operations: readonly Operation[];
}

/** The paths of the operations in scope, each once, in the contract's order. */
export function pathsOf(context: CheckContext): DeclaredPath[] {
  const paths = new Map<string, { declared: Set<string>; operations: Operation[]; read: Sample | undefined }>();
  for (const operation of context.operations) {
    let path = paths.get(operation.template);
    if (!path) paths.set(operation.template, (path = { declared: new Set(), operations: [], read: undefined }));
    path.declared.add(operation.method);
    path.operations.push(operation);
    if (operation.method === 'GET') path.read ??= context.samples(operation)[0];
  }
  return [...paths].map(([template, path]) => ({ template, ...path }));
}

/** The same request with another method, and without a body where none is given. */
export function withMethod(request: ScanRequest, method: string, body?: ScanRequest['body']): ScanRequest {
  const headers = request.headers.filter(([name]) => !/^content-(type|length|encoding)$/i.test(name));
  if (body === undefined) return { method, target: request.target, headers };
  return { method, target: request.target, headers: [...headers, ['Content-Type', 'application/json']], body };
}

export const withHeader = (request: ScanRequest, name: string, value: string): ScanRequest => ({
  ...request,
  headers: [...request.headers, [name, value]],
});

/** The path of a request with a last segment that nobody has. */
export function elsewhere(request: ScanRequest, random: () => number): ScanRequest {
  const path = request.target.split('?', 1)[0] as string;
  const nowhere = Math.floor(random() * 36 ** 8).toString(36);
  return { ...request, target: `${path.slice(0, path.lastIndexOf('/') + 1)}no-${nowhere}/such/path` };
}
