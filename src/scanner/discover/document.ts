import { FILE } from './har.ts';
import type { Ids } from './ids.ts';
import { Shape, valueOfText } from './infer.ts';
import { type Carrier, carrierName, type Sighting } from './sighting.ts';
import { type Route, routesOf } from './templates.ts';

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS'];
/** Query parameters of one operation at most. */
const PARAMETERS = 100;

export interface DocumentOptions {
  readonly title: string;
  /** `/` or `/api`: what stands in `servers`, and is taken off the paths. */
  readonly basePath: string;
  /** Ways in which credentials are carried, for operations of which nothing was seen. */
  readonly carriers: readonly Carrier[];
}

/** Writes what was seen as an OpenAPI 3.1 document. No value of a sample is in it. */
export function documentOf(sightings: readonly Sighting[], ids: Ids, options: DocumentOptions): object {
  const schemes = new Map<string, Carrier>();
  for (const carrier of options.carriers) schemes.set(carrierName(carrier), carrier);
  for (const { carriers } of sightings) for (const carrier of carriers) schemes.set(carrierName(carrier), carrier);
  const paths: [string, object][] = [];
  for (const route of routesOf(sightings, ids)) {
    const operations = operationsOf(route, schemes);
    if (operations.length === 0) continue;
    const parameters = route.parameters.map(({ name, schema }) => ({ name, in: 'path', required: true, schema }));
    paths.push([
      route.template,
      { ...(parameters.length > 0 ? { parameters } : {}), ...Object.fromEntries(operations) },
    ]);
  }
  paths.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  const securitySchemes = Object.fromEntries([...schemes].map(([name, carrier]) => [name, schemeOf(carrier)]));
  return {
    openapi: '3.1.0',
    info: {
      title: options.title,
      version: 'discovered',
      description: 'Found by looking, not by knowing: read it, and correct it.',
    },
    servers: [{ url: options.basePath }],
    ...(schemes.size === 0 ? {} : { security: [...schemes.keys()].map((name) => ({ [name]: [] })) }),
    paths: Object.fromEntries(paths),
    ...(schemes.size === 0 ? {} : { components: { securitySchemes } }),
  };
}

function schemeOf(carrier: Carrier): object {
  return carrier.type === 'key'
    ? { type: 'apiKey', in: carrier.in, name: carrier.name }
    : { type: 'http', scheme: carrier.type };
}

function operationsOf(route: Route, schemes: ReadonlyMap<string, Carrier>): [string, object][] {
  const found: [string, object][] = [];
  for (const method of METHODS) {
    const seen = route.sightings.filter((one) => one.method === method);
    if (seen.length > 0) found.push([method.toLowerCase(), operation(method, seen, schemes)]);
  }
  return found;
}

function operation(method: string, seen: readonly Sighting[], schemes: ReadonlyMap<string, Carrier>): object {
  const parameters = queryOf(seen);
  const body = method === 'GET' || method === 'HEAD' ? undefined : bodyOf(method, seen);
  const open = isOpen(seen);
  const own = new Set(seen.filter(worked).flatMap(({ carriers }) => carriers.map(carrierName)));
  const security = open
    ? { security: [] }
    : own.size > 0 && own.size < schemes.size
      ? { security: [...own].map((name) => ({ [name]: [] })) }
      : {};
  return {
    ...(parameters.length > 0 ? { parameters } : {}),
    ...(body === undefined ? {} : { requestBody: body }),
    ...security,
    responses: responsesOf(seen),
  };
}

const worked = ({ answer, refused }: Sighting): boolean =>
  answer !== undefined && answer.status >= 200 && answer.status < 400 && refused !== true;

/** What worked once without a credential needs none; what was never tried so, nobody knows. */
const isOpen = (seen: readonly Sighting[]): boolean => seen.some((one) => one.carriers.length === 0 && worked(one));

function queryOf(seen: readonly Sighting[]): object[] {
  const shapes = new Map<string, { readonly shape: Shape; several: boolean }>();
  for (const { query } of seen) {
    const here = new Set<string>();
    for (const [name, value] of query) {
      let known = shapes.get(name);
      if (!known) {
        if (shapes.size >= PARAMETERS) continue;
        shapes.set(name, (known = { shape: new Shape(), several: false }));
      }
      known.shape.add(valueOfText(value));
      if (here.has(name)) known.several = true;
      here.add(name);
    }
  }
  return [...shapes].map(([name, { shape, several }]) => {
    const schema = shape.schema('request');
    return { name, in: 'query', schema: several ? { type: 'array', items: schema } : schema };
  });
}

function bodyOf(method: string, seen: readonly Sighting[]): object | undefined {
  const content = new Map<string, { readonly shape: Shape; readonly files: Set<string>; any: boolean }>();
  // A body that was refused shows how not to write it: those that worked count, where there are any.
  const good = seen.filter((one) => one.body !== undefined && worked(one));
  for (const { body } of good.length > 0 ? good : seen) {
    if (body === undefined) continue;
    let known = content.get(body.type);
    if (!known) content.set(body.type, (known = { shape: new Shape(), files: new Set(), any: true }));
    if (body.value === undefined) continue;
    known.any = false;
    known.shape.add(withoutFiles(body.value, known.files));
  }
  if (content.size > 0)
    return {
      content: Object.fromEntries(
        [...content].map(([type, { shape, files, any }]) => [
          type,
          any ? {} : { schema: withFiles(shape.schema('request'), files) },
        ]),
      ),
    };
  // Told by Allow only: that there is a body is likely, what stands in it is not known.
  const untried = seen.every(({ answer }) => answer === undefined);
  return untried && method !== 'DELETE'
    ? { content: { 'application/json': { schema: { type: 'object' } } } }
    : undefined;
}

function withoutFiles(value: unknown, files: Set<string>): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  for (const [name, inner] of Object.entries(value)) if (inner === FILE) files.add(name);
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, inner === FILE ? 'file' : inner]));
}

function withFiles(schema: Record<string, unknown>, files: ReadonlySet<string>): object {
  if (files.size === 0) return schema;
  const properties = Object.entries((schema['properties'] ?? {}) as object).map(([name, inner]) => [
    name,
    files.has(name) ? { type: 'string', format: 'binary' } : (inner as unknown),
  ]);
  return { ...schema, properties: Object.fromEntries(properties) };
}

function responsesOf(seen: readonly Sighting[]): object {
  const byStatus = new Map<number, Map<string, Shape>>();
  for (const { answer, refused } of seen) {
    if (answer === undefined || answer.status < 200 || answer.status > 599 || refused === true || answer.status >= 500)
      continue;
    let types = byStatus.get(answer.status);
    if (!types) byStatus.set(answer.status, (types = new Map()));
    if (answer.type === '' || answer.status === 204 || answer.status === 304) continue;
    let shape = types.get(answer.type);
    if (!shape) types.set(answer.type, (shape = new Shape()));
    if (answer.json !== undefined && answer.type.includes('json')) shape.add(answer.json);
  }
  const statuses = [...byStatus].map(([status, types]) => {
    const content = [...types].map(([type, shape]) => [
      type,
      shape.samples > 0 && status < 300 ? { schema: shape.schema('answer') } : {},
    ]);
    return [
      String(status),
      { description: 'seen', ...(content.length > 0 ? { content: Object.fromEntries(content) } : {}) },
    ];
  });
  // Samples are never all that an API answers.
  return { ...Object.fromEntries(statuses), default: { description: 'anything else' } };
}
