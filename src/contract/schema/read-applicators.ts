import { decodeFragment, isObject, splitReference } from '../references.ts';
import type { Node } from './node.ts';
import type { Reader, Site } from './read.ts';
import { list, one } from './read-containers.ts';
import { readDiscriminator } from './read-discriminator.ts';

/** Keywords that apply schemas to the same value. */
export const APPLICATORS: readonly (readonly [string, Reader])[] = [
  ['$ref', readReference],
  ['$dynamicRef', readDynamicReference],
  ['allOf', (site, value) => (site.node.allOf = several(site, value, 'allOf'))],
  ['anyOf', (site, value) => (site.node.anyOf = several(site, value, 'anyOf'))],
  ['oneOf', (site, value) => (site.node.oneOf = several(site, value, 'oneOf'))],
  ['not', one((node, child) => (node.not = child))],
  ['if', one((node, child) => (node.condition = child))],
  ['then', one((node, child) => (node.consequence = child))],
  ['else', one((node, child) => (node.alternative = child))],
  ['discriminator', readDiscriminator],
  ['readOnly', flag((node, value) => (node.readOnly = value))],
  ['writeOnly', flag((node, value) => (node.writeOnly = value))],
];

function several(site: Site, value: unknown, keyword: string): Node[] {
  const found = list(site, value, keyword);
  if (Array.isArray(value) && value.length === 0) site.malformed(keyword, 'a list of at least one schema');
  return found;
}

function flag(set: (node: Node, value: boolean) => void): Reader {
  return (site, value, keyword) => {
    if (typeof value === 'boolean') set(site.node, value);
    else site.malformed(keyword, 'true or false');
  };
}

function follow(site: Site, value: unknown, keyword: string): Node | undefined {
  if (typeof value !== 'string') {
    site.malformed(keyword, 'a URI reference');
    return undefined;
  }
  const target = site.nodes.library.resolve(value, site.node.spot);
  if (target && (isObject(target.raw) || typeof target.raw === 'boolean')) return site.nodes.node(target);
  site.find(
    'error',
    'unresolved-reference',
    `${keyword} leads to no schema: ${value.slice(0, 200)}`,
    'Correct the reference, or add what it names.',
    keyword,
  );
  return undefined;
}

function readReference(site: Site, value: unknown): void {
  site.node.ref = follow(site, value, '$ref');
}

/**
 * 2020-12, section 8.2.3.2: dynamic only where the reference, read as a `$ref`, leads to a `$dynamicAnchor`.
 */
function readDynamicReference(site: Site, value: unknown): void {
  const target = follow(site, value, '$dynamicRef');
  if (!target) return;
  const name = decodeFragment(splitReference(String(value)).fragment);
  const dynamic = target.spot.resource.dynamicAnchors.get(name)?.raw === target.spot.raw && name !== '';
  site.node.dynamicRef = { target, name: dynamic ? name : undefined };
}
