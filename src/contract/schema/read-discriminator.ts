import { isObject, ownChild, splitReference, unescapeToken } from '../references.ts';
import type { Node } from './node.ts';
import type { Reader, Site } from './read.ts';
import type { Library, Spot } from './resources.ts';

/** Subtypes of one schema at most. */
const MAX_CASES = 2_000;

/**
 * `discriminator` (OpenAPI 3, 4.8.25; Swagger 2.0: the property's name alone): the value of a property names a schema
 * that must hold too. It only ever adds a demand. Beside `oneOf` or `anyOf` the schemas are those listed; elsewhere
 * they are those of the document that refer to this one by `allOf`.
 */
export const readDiscriminator: Reader = (site, value) => {
  const { node, raw } = site;
  const property = typeof value === 'string' ? value : ownChild(value, 'propertyName');
  const mapping = ownChild(value, 'mapping');
  if (typeof property !== 'string' || (mapping !== undefined && !isObject(mapping))) {
    site.malformed('discriminator', 'an object with propertyName, and mapping from values to schemas');
    return;
  }
  const branches = raw['oneOf'] ?? raw['anyOf'];
  const cases = new Map<string, Node>();
  const listed = Array.isArray(branches);
  if (listed) {
    for (const branch of branches) {
      const reference = ownChild(branch, '$ref');
      if (typeof reference === 'string') add(site, cases, nameOf(reference), reference);
    }
  } else for (const [name, spot] of subtypes(site)) if (cases.size < MAX_CASES) cases.set(name, site.nodes.node(spot));
  for (const [name, target] of Object.entries(mapping ?? {})) {
    if (typeof target === 'string') add(site, cases, name, target);
    else site.malformed('discriminator', 'a mapping from values to names or references of schemas');
  }
  const otherwise = ownChild(value, 'defaultMapping');
  const fallback = typeof otherwise === 'string' ? named(site, otherwise) : undefined;
  // A branch without a reference has no name: values of it name no case.
  const complete = listed && branches.every((branch) => typeof ownChild(branch, '$ref') === 'string');
  if (cases.size > 0 || fallback)
    node.choice = {
      property,
      cases,
      strict: complete && fallback === undefined,
      fallback: fallback && site.nodes.node(fallback),
    };
};

function add(site: Site, cases: Map<string, Node>, name: string, target: string): void {
  if (cases.size >= MAX_CASES) return;
  const spot = named(site, target);
  if (spot) cases.set(name, site.nodes.node(spot));
  else
    site.find(
      'warning',
      'unresolved-mapping',
      `the discriminator maps ${name.slice(0, 80)} to a schema that is not there`,
      'Correct the mapping: the name of a schema of the components, or a reference.',
      'discriminator',
    );
}

/** A name of the components' schemas, or a reference. */
function named(site: Site, target: string): Spot | undefined {
  const { library } = site.nodes;
  const { spot } = site.node;
  if (/^[\w.-]+$/.test(target)) {
    const found =
      library.inDocument(spot, 'components', 'schemas', target) ?? library.inDocument(spot, 'definitions', target);
    if (found) return found;
  }
  return library.resolve(target, spot);
}

const nameOf = (reference: string): string => {
  const { document, fragment } = splitReference(reference);
  const last = (fragment || document).split('/').at(-1)!;
  return unescapeToken(last);
};

interface Subtype {
  readonly name: string;
  readonly spot: Spot;
}

/** By document: the schemas that refer to another by `allOf`, by what they refer to. */
const families = new WeakMap<Library, Map<string, Map<unknown, Subtype[]>>>();

function subtypes(site: Site): Map<string, Spot> {
  const { library } = site.nodes;
  const { spot } = site.node;
  let documents = families.get(library);
  if (!documents) families.set(library, (documents = new Map()));
  const { document } = splitReference(spot.uri);
  let family = documents.get(document);
  if (!family) documents.set(document, (family = familyOf(library, spot)));
  const found = new Map<string, Spot>();
  const seen = new Set<unknown>([spot.raw]);
  const waiting = [...(family.get(spot.raw) ?? [])];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (seen.has(next.spot.raw)) continue;
    seen.add(next.spot.raw);
    found.set(next.name, next.spot);
    waiting.push(...(family.get(next.spot.raw) ?? []));
  }
  return found;
}

function familyOf(library: Library, from: Spot): Map<unknown, Subtype[]> {
  const family = new Map<unknown, Subtype[]>();
  for (const path of [['components', 'schemas'], ['definitions']]) {
    const map = library.inDocument(from, ...path);
    if (!map || !isObject(map.raw)) continue;
    for (const [name, raw] of Object.entries(map.raw)) {
      const parents = ownChild(raw, 'allOf');
      if (!Array.isArray(parents)) continue;
      const spot = library.child(map, raw, name);
      const said = ownChild(raw, 'x-ms-discriminator-value');
      for (const parent of parents) {
        const reference = ownChild(parent, '$ref');
        const target = typeof reference === 'string' ? library.resolve(reference, spot) : undefined;
        if (!target) continue;
        const children = family.get(target.raw) ?? [];
        children.push({ name: typeof said === 'string' ? said : name, spot });
        family.set(target.raw, children);
      }
    }
  }
  return family;
}
