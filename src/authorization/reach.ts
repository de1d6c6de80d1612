import type { Dialect, SchemaAt } from '../contract/model.ts';
import { escapeStep } from '../shared/json-pointer.ts';

/** Schemas looked at for one pointer, at most; beyond, the pointer counts as reaching. */
const MAX_SCHEMAS = 2000;

interface Site {
  readonly schema: unknown;
  readonly uri: string;
  readonly dialect: Dialect;
}

/**
 * Whether a pointer (`*` for array items) can lead to a value that the schema names. Generous: what is open
 * (no properties named, additional ones described, an unresolvable reference) is taken to reach.
 */
export function reaches(at: SchemaAt, steps: readonly string[]): boolean {
  let sites: Site[] = [at];
  let budget = MAX_SCHEMAS;
  for (const step of steps) {
    const next: Site[] = [];
    const seen = new Set<string>();
    const queue = [...sites];
    for (let site = queue.pop(); site !== undefined; site = queue.pop()) {
      if (--budget < 0) return true;
      if (seen.has(site.uri)) continue;
      seen.add(site.uri);
      const { schema, uri, dialect } = site;
      if (schema === true) return true;
      if (typeof schema !== 'object' || schema === null) continue;
      const map = schema as Record<string, unknown>;
      const child = (name: string, key?: string | number): Site => {
        const value = map[name];
        const path = key === undefined ? [name] : [name, String(key)];
        return {
          schema: key === undefined ? value : (value as Record<string, unknown>)[key],
          uri:
            uri +
            (uri.includes('#') ? '' : '#') +
            path.map((part) => `/${encodeURIComponent(escapeStep(part))}`).join(''),
          dialect,
        };
      };
      if (typeof map['$ref'] === 'string') {
        const target = at.documents.resolve(map['$ref'], uri);
        if (target === undefined) return true;
        queue.push({ schema: target.value, uri: target.uri, dialect: target.dialect });
      }
      if (map['$dynamicRef'] !== undefined || map['$recursiveRef'] !== undefined) return true;
      for (const name of ['allOf', 'anyOf', 'oneOf'])
        if (Array.isArray(map[name])) map[name].forEach((_, i) => void queue.push(child(name, i)));
      for (const name of ['if', 'then', 'else']) if (map[name] !== undefined) queue.push(child(name));
      if (!stepInto(map, step, child, next)) return true;
    }
    if (next.length === 0) return false;
    sites = next;
  }
  return true;
}

/** Collects where a step leads from one schema. @returns false where it leads anywhere. */
function stepInto(
  map: Readonly<Record<string, unknown>>,
  step: string,
  child: (name: string, key?: string | number) => Site,
  next: Site[],
): boolean {
  const { items, prefixItems, properties, patternProperties, additionalProperties } = map;
  // What its parts say counts where it is made of parts.
  const plain = !['$ref', 'allOf', 'anyOf', 'oneOf'].some((name) => map[name] !== undefined);
  if (step === '*') {
    for (const [name, value] of Object.entries({ items, prefixItems }))
      if (Array.isArray(value)) value.forEach((_, i) => void next.push(child(name, i)));
      else if (value !== undefined) next.push(child(name));
    return !(plain && items === undefined && prefixItems === undefined && mayBe(map, 'array', properties));
  }
  if (patternProperties !== undefined || map['unevaluatedProperties'] === true || additionalProperties === true)
    return false;
  if (typeof properties === 'object' && properties !== null && Object.hasOwn(properties, step))
    next.push(child('properties', step));
  else if (typeof additionalProperties === 'object' && additionalProperties !== null)
    next.push(child('additionalProperties'));
  return !(plain && properties === undefined && additionalProperties === undefined && mayBe(map, 'object', items));
}

/** Whether a schema without further words on it allows the type: it says so, or says nothing that points elsewhere. */
function mayBe(map: Readonly<Record<string, unknown>>, type: string, other: unknown): boolean {
  const given = map['type'];
  return given === undefined ? other === undefined : given === type || (Array.isArray(given) && given.includes(type));
}
