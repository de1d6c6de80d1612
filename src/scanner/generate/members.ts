import type { Documents } from '../../contract/model.ts';
import type { Node } from '../../contract/schema/node.ts';
import { ready } from './nodes.ts';

/**
 * Schemas that hold for a property when all of `members` hold for the object; undefined where one of them allows no
 * such property.
 */
export function ofProperty(members: readonly Node[], name: string, documents: Documents): Node[] | undefined {
  const found: Node[] = [];
  let evaluated = false;
  for (const member of members) {
    const named = member.properties.get(name);
    let here = named !== undefined;
    if (named) found.push(named);
    for (const { pattern, node } of member.patterns) {
      if (!pattern.test(name)) continue;
      found.push(node);
      here = true;
    }
    if (!here && member.additional) {
      found.push(member.additional);
      here = true;
    }
    evaluated ||= here;
  }
  if (!evaluated) {
    for (const { unevaluatedProperties } of members) if (unevaluatedProperties) found.push(unevaluatedProperties);
  }
  return found.some((node) => ready(node, documents).always === false) ? undefined : found;
}

/** Schemas that hold for an item; undefined where there must be none at that index. */
export function ofItem(members: readonly Node[], index: number, documents: Documents): Node[] | undefined {
  const found: Node[] = [];
  let evaluated = false;
  for (const { prefix, items } of members) {
    const node = index < prefix.length ? prefix[index] : items;
    if (!node) continue;
    found.push(node);
    evaluated = true;
  }
  if (!evaluated) for (const { unevaluatedItems } of members) if (unevaluatedItems) found.push(unevaluatedItems);
  return found.some((node) => ready(node, documents).always === false) ? undefined : found;
}

/** Names of properties that the schemas name, in the order of the contract. */
export function namesOf(members: readonly Node[]): Set<string> {
  const names = new Set<string>();
  for (const { properties } of members) for (const name of properties.keys()) names.add(name);
  return names;
}

/** Whether a value is for answers only, by one of its schemas or what they refer to. */
export function isReadOnly(nodes: readonly Node[], documents: Documents): boolean {
  const seen = new Set<Node>();
  const waiting = [...nodes];
  for (let next = waiting.pop(); next !== undefined && seen.size < 200; next = waiting.pop()) {
    const node = ready(next, documents);
    if (seen.has(node)) continue;
    seen.add(node);
    if (node.readOnly) return true;
    if (node.ref) waiting.push(node.ref);
    waiting.push(...node.allOf);
  }
  return false;
}
