import { documentsFrom } from '../contract/documents.ts';
import type { MediaType, Operation, Parameter, Response, SchemaAt, SecurityRequirement } from '../contract/model.ts';
import { Exchange } from '../gateway/exchange.ts';
import type { Principal } from '../gateway/principal.ts';

/** Parts for the unit tests of rooms: operations, principals and exchanges without contract, sockets or configuration. */

export const PLACE = { file: 'api.yaml', line: 1, column: 1 };

/** A schema that stands alone in a document of its own. */
export const schemaAt = (schema: unknown, uri = 'test:///schema.json'): SchemaAt => ({
  schema,
  uri: `${uri}#`,
  dialect: '2020-12',
  documents: documentsFrom(schema, uri, '2020-12'),
});

export const parameter = (location: Parameter['in'], name: string, parts: Partial<Parameter> = {}): Parameter => ({
  name,
  in: location,
  required: location === 'path',
  style: location === 'path' || location === 'header' ? 'simple' : 'form',
  explode: location === 'query',
  allowReserved: false,
  allowEmptyValue: false,
  schema: undefined,
  contentType: undefined,
  place: PLACE,
  ...parts,
});

export const media = (type: string, schema?: unknown): MediaType => ({
  type,
  schema: schema === undefined ? undefined : schemaAt(schema),
  encoding: new Map(),
  place: PLACE,
});

export const response = (status: string, content: readonly MediaType[] = [], headers: string[] = []): Response => ({
  status,
  content,
  headers: headers.map((name) => ({ name, required: false, schema: undefined })),
  place: PLACE,
});

export function operation(key: string, parts: Partial<Operation> = {}): Operation {
  const [method, template] = key.split(' ') as [Operation['method'], string];
  return {
    key,
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
    place: PLACE,
    ...parts,
  };
}

export const security = (
  ...alternatives: (readonly [type: 'apiKey' | 'basic' | 'bearer' | 'oauth2', ...scopes: string[]])[]
): SecurityRequirement[] =>
  alternatives.map(([type, ...scopes]) => ({
    schemes: [
      {
        scheme:
          type === 'apiKey' || type === 'oauth2'
            ? { name: type, type, place: PLACE }
            : { name: type, type: 'http', scheme: type, place: PLACE },
        scopes,
      },
    ],
  }));

export const principal = (parts: Partial<Principal> = {}, scheme = 'key'): Principal => ({
  kind: 'key',
  id: 'k1',
  roles: [],
  scopes: [],
  claims: {},
  credential: { scheme, id: 'k1', binding: 'none' },
  ...parts,
});

/** An exchange on its way: `GET /patients/17?x=1` with headers, for a principal or (undefined) nobody. */
export function exchange(target: string, caller?: Principal, headers: Record<string, string> = {}): Exchange {
  const [method, uri] = target.split(' ') as [string, string];
  const [path, query = ''] = uri.split('?') as [string, string?];
  const made = new Exchange(
    'x1',
    0,
    0,
    { address: '192.0.2.1', socket: '192.0.2.1', secure: true, tls: 'TLSv1.3' },
    {
      method,
      version: '1.1',
      host: 'api.example.com',
      authority: 'api.example.com',
      path,
      segments: path.split('/').slice(1),
      query,
      headers: Object.assign(Object.create(null), headers),
    },
  );
  made.principal = caller;
  made.anonymous = caller === undefined;
  made.parameters = { path: {}, query: {}, header: {}, cookie: {} };
  return made;
}

/** Puts an upstream's answer on the exchange, as the gateway does before `open-answer`. */
export function answered(
  on: Exchange,
  status: number,
  headers: Record<string, string | string[]>,
  body?: unknown,
): void {
  const type = headers['content-type'];
  const mediaType = typeof type === 'string' ? (type.split(';')[0] as string).trim().toLowerCase() : '';
  const bytes = body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body);
  on.answer = {
    status,
    headers: Object.assign(Object.create(null), headers),
    mediaType,
    mode: 'stream',
    bytes: bytes === undefined ? undefined : Buffer.from(bytes),
    value: undefined,
  };
}
