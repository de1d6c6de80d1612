import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { assertKnown, type Schema } from './schema.ts';

/** The market's contract is what it works by: routes, parameters and bodies are read from it, not written a second time. */
export const CONTRACT_FILE = join(import.meta.dirname, 'openapi.json');

export interface DeclaredParameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly required: boolean;
  readonly schema: Schema;
}

export interface Declared {
  /** The operationId. */
  readonly id: string;
  readonly method: string;
  /** Segments after `/api`, parameters as `{name}`. */
  readonly segments: readonly string[];
  readonly parameters: readonly DeclaredParameter[];
  /** By media type; undefined: no body. */
  readonly body: ReadonlyMap<string, Schema> | undefined;
}

export interface Hit {
  readonly declared: Declared;
  /** Path parameters, decoded. */
  readonly values: Readonly<Record<string, string>>;
}

const METHODS = ['get', 'post', 'put', 'patch', 'delete'];

/** Reads the contract. @throws Error where it says something that the market would not keep. */
export function readContract(): readonly Declared[] {
  const document = JSON.parse(readFileSync(CONTRACT_FILE, 'utf8')) as Record<string, unknown>;
  const plain = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(plain);
    if (typeof value !== 'object' || value === null) return value;
    const reference = (value as Schema).$ref;
    if (typeof reference === 'string') {
      return plain(
        reference
          .slice(2)
          .split('/')
          .reduce<unknown>((at, step) => (at as Schema)[step], document),
      );
    }
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, plain(inner)]));
  };
  const declared: Declared[] = [];
  for (const [path, item] of Object.entries(document.paths as Record<string, Record<string, Schema>>)) {
    for (const method of METHODS) {
      const operation = item[method];
      if (operation === undefined) continue;
      const parameters = (plain(operation.parameters ?? []) as DeclaredParameter[]).map((parameter) => ({
        ...parameter,
        name: parameter.in === 'header' ? parameter.name.toLowerCase() : parameter.name,
        required: parameter.required ?? false,
      }));
      const body = plain(operation.requestBody) as { content: Record<string, { schema: Schema }> } | undefined;
      const schemas = Object.entries(body?.content ?? {}).map(([type, media]) => [type, media.schema] as const);
      for (const schema of [
        ...parameters.map((parameter) => parameter.schema),
        ...schemas.map(([, schema]) => schema),
      ]) {
        assertKnown(schema);
      }
      declared.push({
        id: String(operation.operationId),
        method: method.toUpperCase(),
        segments: path.slice(1).split('/'),
        parameters,
        body: body === undefined ? undefined : new Map(schemas),
      });
    }
  }
  return declared;
}

/** Operations whose path fits; those with most fixed segments only (`/products/import` is no product). */
export function matches(contract: readonly Declared[], path: string): Hit[] {
  if (!path.startsWith('/api/')) return [];
  const segments = path.slice('/api/'.length).split('/').map(decoded);
  let most = 0;
  let hits: Hit[] = [];
  for (const declared of contract) {
    if (declared.segments.length !== segments.length) continue;
    const values: Record<string, string> = Object.create(null);
    let fixed = 1;
    const fits = declared.segments.every((part, index) => {
      const segment = segments[index];
      if (segment === undefined || segment === '') return false;
      if (part.startsWith('{')) values[part.slice(1, -1)] = segment;
      else fixed += 1;
      return part.startsWith('{') || part === segment;
    });
    if (!fits || fixed < most) continue;
    if (fixed > most) hits = [];
    most = fixed;
    hits.push({ declared, values });
  }
  return hits;
}

function decoded(segment: string): string | undefined {
  try {
    return decodeURIComponent(segment);
  } catch {
    return undefined;
  }
}
