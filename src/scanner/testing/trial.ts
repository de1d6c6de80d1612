import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { load } from '../../contract/fixture.ts';
import type { Check } from '../model/check.ts';
import type { ScanPlan } from '../model/plan.ts';
import type { ScanFinding, ScanReport } from '../model/report.ts';

/** A request to a small server of a test, read whole. */
export interface Asked {
  readonly method: string;
  /** Decoded as it came, without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** The target as it came. */
  readonly target: string;
  readonly headers: IncomingMessage['headers'];
  readonly text: string;
  /** The body as it came. */
  readonly bytes: Buffer;
  /** The body as JSON; undefined where it is none. */
  readonly json: unknown;
}

/** What a small server answers: a status, and JSON, or text of a type. */
export interface Told {
  readonly status?: number;
  readonly json?: unknown;
  readonly text?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Writes the answer itself. */
  readonly by?: (response: ServerResponse) => void;
}

export interface Trial {
  /** The contract as a value; `servers` is not needed. */
  readonly contract: object;
  readonly answer: (asked: Asked) => Told | Promise<Told>;
  readonly checks: readonly Check[];
  readonly identities?: ScanPlan['identities'];
  readonly options?: Partial<ScanPlan['options']>;
}

/** Scans a small server on loopback, and stops it. @returns the report, and how many requests the server saw */
export async function trial({ contract, answer, checks, identities = [], options = {} }: Trial): Promise<ScanReport> {
  const { runScan } = await import('../scanner.ts');
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      void reply(request, Buffer.concat(chunks), response, answer);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  try {
    return await runScan(
      {
        contract: await load(contract),
        base: new URL(`http://127.0.0.1:${port}/`),
        identities,
        roles: new Map(),
        options: {
          seed: 7,
          destructive: false,
          concurrency: 4,
          timeout: 10_000,
          only: [],
          skip: [],
          register: false,
          ...options,
        },
        accepted: undefined,
        signal: new AbortController().signal,
        insecure: false,
        version: 'test',
      },
      { phase: () => {}, progress: () => {}, finding: () => {}, note: () => {} },
      checks,
    );
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}

async function reply(
  request: IncomingMessage,
  bytes: Buffer,
  response: ServerResponse,
  answer: Trial['answer'],
): Promise<void> {
  const target = request.url ?? '/';
  const [path = '/', query = ''] = target.split(/\?(.*)/s);
  const text = bytes.toString('utf8');
  let told: Told;
  try {
    told = await answer({
      method: request.method ?? '',
      path: decoded(path),
      query: new URLSearchParams(query),
      target,
      headers: request.headers,
      text,
      bytes,
      json: parsed(text),
    });
  } catch {
    told = { status: 500, json: { error: 'internal' } };
  }
  if (told.by) {
    told.by(response);
    return;
  }
  response.statusCode = told.status ?? 200;
  const json = told.json === undefined ? undefined : JSON.stringify(told.json);
  if (json !== undefined) response.setHeader('content-type', 'application/json');
  for (const [name, value] of Object.entries(told.headers ?? {})) response.setHeader(name, value);
  response.end(json ?? told.text ?? '');
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Findings above informational, as `check place`. */
export const told = ({ findings }: ScanReport): string[] =>
  findings
    .filter(({ severity }) => severity !== 'informational')
    .flatMap(({ check, places }) =>
      places.map(({ operation, place }) => `${check.id}: ${operation ?? ''} ${place ?? ''}`),
    )
    .sort();

/** Findings as they are, of one check. */
export const of = ({ findings }: ScanReport, id: string): ScanFinding[] =>
  findings.filter(({ check }) => check.id === id);

/** A contract of operations by method and path. */
export const api = (paths: object, more: object = {}): object => ({
  openapi: '3.1.0',
  info: { title: 'A small API', version: '1' },
  paths,
  ...more,
});

/** A parameter, of a text where no schema is said. */
export const parameter = (
  at: string,
  name: string,
  schema: object = { type: 'string' },
  required = at === 'path',
): object => ({
  in: at,
  name,
  schema,
  required,
});

/** An operation with JSON in and out. */
export const operation = (parameters: readonly object[], body?: object, type = 'application/json'): object => ({
  parameters,
  ...(body ? { requestBody: { required: true, content: { 'application/json': { schema: body } } } } : {}),
  responses: { 200: { description: 'fine', content: { [type]: { schema: {} } } } },
});

/** Scans with some checks, none of which may crash. */
export async function scan(contract: object, answer: Trial['answer'], checks: readonly Check[]): Promise<ScanReport> {
  const report = await trial({ contract, answer, checks });
  for (const { check, state, reason } of report.checks) {
    if (state === 'crashed') throw new Error(`${check.id} crashed: ${reason}`);
  }
  return report;
}
