import { documentsFrom } from '../contract/documents.ts';
import type { Encoding, MediaType, Operation, Parameter, SchemaAt } from '../contract/model.ts';
import { type CanonicalRequest, Exchange } from '../gateway/exchange.ts';
import { type Refusal, refuse } from '../gateway/refusal.ts';

/** Makings of the tests of this room. */

const place = { file: 'test.yaml', line: 1, column: 1 };
let counter = 0;

/** A schema by itself, 2020-12 unless said. */
export function schemaAt(schema: unknown, dialect: SchemaAt['dialect'] = '2020-12'): SchemaAt {
  const uri = `test:schema-${counter++}`;
  const documents = documentsFrom(schema, uri, dialect);
  return { schema, uri: `${uri}#`, dialect, documents };
}

export function parameter(parts: Partial<Omit<Parameter, 'schema'>> & { schema?: unknown }): Parameter {
  const where = parts.in ?? 'query';
  const style = parts.style ?? (where === 'query' || where === 'cookie' ? 'form' : 'simple');
  return {
    name: 'p',
    required: where === 'path',
    allowReserved: false,
    allowEmptyValue: false,
    contentType: undefined,
    place,
    ...parts,
    in: where,
    style,
    explode: parts.explode ?? style === 'form',
    schema: parts.schema === undefined ? undefined : schemaAt(parts.schema),
  };
}

export function mediaType(
  type: string,
  schema?: unknown,
  encoding: Record<string, Partial<Encoding>> = {},
  dialect?: SchemaAt['dialect'],
): MediaType {
  const entries = Object.entries(encoding).map(([name, parts]): [string, Encoding] => [
    name,
    { contentType: undefined, style: undefined, explode: undefined, allowReserved: false, headers: [], ...parts },
  ]);
  return {
    type,
    schema: schema === undefined ? undefined : schemaAt(schema, dialect),
    encoding: new Map(entries),
    place,
  };
}

export function operation(parts: Partial<Operation> = {}): Operation {
  const method = parts.method ?? 'POST';
  const template = parts.template ?? '/things';
  return {
    key: `${method} ${template}`,
    operationId: undefined,
    method,
    template,
    tags: [],
    summary: undefined,
    deprecated: false,
    parameters: [],
    body: undefined,
    responses: [],
    security: undefined,
    extensions: new Map(),
    place,
    ...parts,
  };
}

export const takes = (required: boolean, ...content: MediaType[]): NonNullable<Operation['body']> => ({
  required,
  content,
  place,
});

export interface Sent {
  readonly method?: string;
  readonly query?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly pathValues?: readonly string[];
  readonly body?: Buffer | string;
}

/** An exchange as the listener would make it. `readBody` keeps its cap, and counts how often it was asked. */
export function exchangeOf(sent: Sent): Exchange & { reads: number } {
  const request: CanonicalRequest = {
    method: sent.method ?? 'POST',
    version: '1.1',
    host: 'api.example',
    authority: 'api.example',
    path: '/things',
    segments: ['things'],
    query: sent.query ?? '',
    headers: Object.assign(Object.create(null), sent.headers),
  };
  const peer = { address: '127.0.0.1', socket: '127.0.0.1', secure: true, tls: 'TLSv1.3' };
  const exchange = Object.assign(new Exchange('x', 0, 0, peer, request), { reads: 0 });
  exchange.pathValues = sent.pathValues ?? [];
  const body = Buffer.from(sent.body ?? '');
  exchange.readBody = async (limit: number): Promise<Buffer | Refusal> => {
    exchange.reads++;
    return body.length > limit ? refuse('body-too-large', { detail: `the limit is ${limit} bytes` }) : body;
  };
  return exchange;
}
