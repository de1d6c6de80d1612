import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { load } from '../../contract/fixture.ts';
import type { Contract, Operation } from '../../contract/model.ts';
import { createClient, type ScannerClient } from '../http/client.ts';
import type { Sample } from '../model/check.ts';
import type { IdentitySettings } from './settings.ts';
import { createState, type State, type StateOptions } from './state.ts';

/** Small stateful servers on loopback, for the tests of this folder. */

export interface Asked {
  readonly method: string;
  /** Segments of the path, decoded. */
  readonly path: readonly string[];
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage['headers'];
  readonly text: string;
  /** The body as JSON, or the fields of a form; undefined where it is neither. */
  readonly body: Readonly<Record<string, unknown>> | undefined;
}

export interface Answered {
  readonly status?: number;
  readonly json?: unknown;
  readonly text?: string;
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
}

export interface World {
  readonly state: State;
  readonly contract: Contract;
  readonly client: ScannerClient;
  readonly notes: string[];
  /** What the server was asked, as `METHOD /path`. */
  readonly asked: string[];
  operation(key: string): Operation;
  /** Names of the identities ('-' for nobody) that have a sample. */
  able(key: string): string[];
  sampleOf(key: string, name: string): Sample | undefined;
}

export interface WorldOptions extends Partial<Pick<StateOptions, 'register'>> {
  readonly contract: object;
  readonly answer: (asked: Asked) => Answered;
  readonly identities?: readonly IdentitySettings[];
  readonly destructive?: boolean;
  /** Milliseconds for one exchange. */
  readonly timeout?: number;
  /** Path of the base URL. */
  readonly base?: string;
}

/** Runs `work` against a server that answers so, with a state that has not logged in yet. */
export async function inWorld(options: WorldOptions, work: (world: World) => Promise<void>): Promise<void> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const url = new URL(request.url ?? '/', 'http://server.invalid');
      asked.push(`${request.method} ${url.pathname}`);
      const text = Buffer.concat(chunks).toString('utf8');
      const {
        status = 200,
        json,
        text: plain,
        headers = {},
      } = options.answer({
        method: request.method ?? '',
        path: url.pathname.slice(1).split('/').map(decodeURIComponent),
        query: url.searchParams,
        headers: request.headers,
        text,
        body: bodyOf(text, request.headers['content-type'] ?? ''),
      });
      response.statusCode = status;
      if (json !== undefined) response.setHeader('content-type', 'application/json');
      for (const [name, value] of Object.entries(headers))
        response.setHeader(name, typeof value === 'string' ? value : [...value]);
      response.end(json === undefined ? plain : JSON.stringify(json));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const stop = new AbortController();
  const notes: string[] = [];
  const contract = await load(options.contract);
  const base = new URL(`http://127.0.0.1:${port}${options.base ?? '/'}`);
  let state: State | undefined;
  const client = createClient({
    base,
    concurrency: 4,
    timeout: options.timeout ?? 5_000,
    signal: stop.signal,
    note: (text) => notes.push(text),
    observe: (exchange) => state?.observe(exchange),
  });
  state = createState({
    client,
    contract,
    operations: contract.operations,
    identities: options.identities ?? [],
    base,
    scan: { seed: 1, destructive: options.destructive ?? false, concurrency: 4, timeout: options.timeout ?? 5_000 },
    register: options.register,
    note: (text) => notes.push(text),
    signal: stop.signal,
  });
  const operation = (key: string): Operation => {
    const found = contract.operations.find((one) => one.key === key);
    if (!found) throw new Error(`the contract of this test has no ${key}`);
    return found;
  };
  const samples = (key: string): readonly Sample[] => state.samples(operation(key));
  try {
    await work({
      state,
      contract,
      client,
      notes,
      asked,
      operation,
      able: (key) => samples(key).map(({ as }) => as?.name ?? '-'),
      sampleOf: (key, name) => samples(key).find(({ as }) => (as?.name ?? '-') === name),
    });
  } finally {
    stop.abort();
    client.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}

function bodyOf(text: string, type: string): Record<string, unknown> | undefined {
  if (type.includes('urlencoded')) return Object.fromEntries(new URLSearchParams(text));
  try {
    const json: unknown = JSON.parse(text);
    return typeof json === 'object' && json !== null && !Array.isArray(json)
      ? (json as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}

/** Parts of contracts. */
export const api = (
  paths: object,
  schemes: object = { token: { type: 'http', scheme: 'bearer' } },
  schemas: object = {},
): object => ({
  openapi: '3.1.0',
  info: { title: 'A small API', version: '1' },
  security: Object.keys(schemes).map((name) => ({ [name]: [] })),
  paths,
  components: { securitySchemes: schemes, schemas },
});

export const json = (schema: object): object => ({ content: { 'application/json': { schema } } });
export const answers = (status: number, schema?: object): object => ({
  responses: { [status]: { description: 'It worked.', ...(schema ? json(schema) : {}) } },
});
export const object = (properties: object, required: readonly string[] = Object.keys(properties)): object => ({
  type: 'object',
  required,
  properties,
});
export const text = { type: 'string', minLength: 1, maxLength: 100 };
export const number = { type: 'integer', minimum: 1, maximum: 1_000_000 };
export const inPath = (name: string, schema: object): object => ({ name, in: 'path', required: true, schema });
export const body = (schema: object): object => ({ requestBody: { required: true, ...json(schema) } });
export const open = { security: [] };
export const logins = (name: string, username: string, password: string, role?: string): IdentitySettings => ({
  name,
  role,
  login: { username, password },
});
