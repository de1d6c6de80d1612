import { isObject } from '../references.ts';
import type { Node } from './node.ts';
import type { Reader, Site } from './read.ts';
import { count, patternOf } from './read-values.ts';

/** Keywords of arrays and objects. */
export const CONTAINERS: readonly (readonly [string, Reader])[] = [
  ['prefixItems', (site, value) => (site.node.prefix = list(site, value, 'prefixItems'))],
  ['items', readItems],
  ['additionalItems', readAdditionalItems],
  ['contains', one((node, child) => (node.contains = child))],
  ['minContains', count((node, value) => (node.minContains = value))],
  ['maxContains', count((node, value) => (node.maxContains = value))],
  ['minItems', count((node, value) => (node.minItems = value))],
  ['maxItems', count((node, value) => (node.maxItems = value))],
  [
    'uniqueItems',
    (site, value) => {
      if (typeof value === 'boolean') site.node.unique = value;
      else site.malformed('uniqueItems', 'true or false');
    },
  ],
  ['unevaluatedItems', one((node, child) => (node.unevaluatedItems = child))],
  ['properties', (site, value) => (site.node.properties = map(site, value, 'properties'))],
  ['patternProperties', readPatternProperties],
  ['additionalProperties', one((node, child) => (node.additional = child))],
  ['propertyNames', one((node, child) => (node.propertyNames = child))],
  ['required', readRequired],
  ['minProperties', count((node, value) => (node.minProperties = value))],
  ['maxProperties', count((node, value) => (node.maxProperties = value))],
  ['unevaluatedProperties', one((node, child) => (node.unevaluatedProperties = child))],
  ['dependentRequired', readDependentRequired],
  ['dependentSchemas', (site, value) => (site.node.dependentSchemas = map(site, value, 'dependentSchemas'))],
  ['dependencies', readDependencies],
];

/** A keyword whose value is one schema. */
export function one(set: (node: Node, child: Node) => void): Reader {
  return (site, value, keyword) => {
    if (isObject(value) || typeof value === 'boolean') set(site.node, site.child(value, keyword));
    else site.malformed(keyword, 'a schema');
  };
}

/** A keyword whose value is a list of schemas. */
export function list(site: Site, value: unknown, keyword: string): Node[] {
  if (Array.isArray(value)) return value.map((item, i) => site.child(item, keyword, i));
  site.malformed(keyword, 'a list of schemas');
  return [];
}

function map(site: Site, value: unknown, keyword: string): ReadonlyMap<string, Node> {
  const found = new Map<string, Node>();
  if (!isObject(value)) site.malformed(keyword, 'an object of schemas');
  else for (const name of Object.keys(value)) found.set(name, site.child(value[name], keyword, name));
  return found;
}

function readItems(site: Site, value: unknown): void {
  if (Array.isArray(value) && site.node.spot.reading.tuples) {
    site.node.prefix = list(site, value, 'items');
    return;
  }
  if (Array.isArray(value)) site.malformed('items', 'one schema (the schemas of a tuple stand in prefixItems)');
  else one((node, child) => (node.items = child))(site, value, 'items');
}

/** Draft 4 to 2019-09: for the items after those of a tuple; without a tuple it says nothing. */
function readAdditionalItems(site: Site, value: unknown): void {
  if (Array.isArray(site.raw['items'])) one((node, child) => (node.items = child))(site, value, 'additionalItems');
}

function readPatternProperties(site: Site, value: unknown): void {
  if (!isObject(value)) {
    site.malformed('patternProperties', 'an object of schemas');
    return;
  }
  const patterns: { pattern: NonNullable<Node['pattern']>; node: Node }[] = [];
  for (const source of Object.keys(value)) {
    const pattern = patternOf(site, source, 'patternProperties');
    if (pattern) patterns.push({ pattern, node: site.child(value[source], 'patternProperties', source) });
  }
  site.node.patterns = patterns;
}

const names = (value: unknown): string[] | undefined =>
  Array.isArray(value) && value.every((name) => typeof name === 'string') ? [...new Set<string>(value)] : undefined;

function readRequired(site: Site, value: unknown): void {
  const required = names(value);
  if (required) site.node.required = required;
  else if (value === false)
    site.find('warning', 'ignored-keyword', 'required: false says nothing', 'Leave it out.', 'required');
  else site.malformed('required', 'a list of property names, beside properties');
}

function readDependentRequired(site: Site, value: unknown): void {
  const found = new Map<string, readonly string[]>();
  if (!isObject(value)) {
    site.malformed('dependentRequired', 'an object of lists of property names');
    return;
  }
  for (const name of Object.keys(value)) {
    const required = names(value[name]);
    if (required) found.set(name, required);
    else site.malformed('dependentRequired', 'an object of lists of property names');
  }
  site.node.dependentRequired = found;
}

/** Until draft 7, both in one keyword. */
function readDependencies(site: Site, value: unknown): void {
  if (!isObject(value)) {
    site.malformed('dependencies', 'an object of schemas and lists of property names');
    return;
  }
  const required = new Map(site.node.dependentRequired);
  const schemas = new Map(site.node.dependentSchemas);
  for (const name of Object.keys(value)) {
    const list = names(value[name]);
    if (list) required.set(name, list);
    else schemas.set(name, site.child(value[name], 'dependencies', name));
  }
  site.node.dependentRequired = required;
  site.node.dependentSchemas = schemas;
}
