import type { Facets } from './facets.ts';
import { type Generator, NOTHING, type Spot } from './generator.ts';
import { ofItem } from './members.ts';
import type { Wish } from './wish.ts';

/** Items made at most, and tries for one that is unlike the others. */
const MAX_ITEMS = 10_000;
const TRIES = 12;

/** An array that the facets allow, or NOTHING. */
export function itemsFor(generator: Generator, facets: Facets, spot: Spot, wish: Wish): unknown {
  const { documents, random } = generator.making;
  const { members, minItems, maxItems, unique, contains } = facets;
  if (minItems > Math.min(maxItems, MAX_ITEMS)) return NOTHING;
  const examples = spot.hints.filter((hint) => Array.isArray(hint));
  const hints: unknown[] = examples[0]?.slice(0, 3) ?? [];
  let wanted = Math.max(minItems, contains.length);
  const prefix = Math.max(0, ...members.map((member) => member.prefix.length));
  if (generator.mayAdd(spot.depth) && !circular(generator, facets)) {
    wanted = Math.max(wanted, Math.min(maxItems, Math.max(1, prefix, hints.length)));
    if (wish.variety === 'edge') wanted = Math.max(minItems, Math.floor(random() * Math.min(maxItems + 1, 4)));
  }
  const items: unknown[] = [];
  const seen = new Set<string>();
  for (let i = 0; i < wanted; i++) {
    const nodes = ofItem(members, i, documents);
    if (nodes === undefined) break;
    const demanded = contains[i - prefix];
    if (demanded) nodes.push(demanded);
    const made = one(i, nodes);
    if (made === NOTHING) {
      if (items.length >= minItems) break;
      return NOTHING;
    }
    items.push(made);
  }
  return items.length < minItems ? NOTHING : items;

  function one(index: number, nodes: Parameters<Generator['value']>[0]): unknown {
    for (let i = 0; i < (unique ? TRIES : 1); i++) {
      const hint = hints[index + i];
      const made = generator.value(nodes, {
        word: singular(spot.word),
        hints: hint === undefined ? [] : [hint],
        depth: spot.depth + 1,
      });
      if (made === NOTHING || !unique) return made;
      const key = JSON.stringify(made) ?? '';
      if (!seen.has(key)) {
        seen.add(key);
        return made;
      }
    }
    // By chance nothing else came: enumerations and booleans are gone through.
    const nodesFacets = nodes.flatMap((node) => node.enumeration ?? []);
    for (const value of [...nodesFacets, true, false]) {
      const key = JSON.stringify(value) ?? '';
      if (seen.has(key) || !allowed(nodes, value)) continue;
      seen.add(key);
      return value;
    }
    return NOTHING;
  }
}

const allowed = (nodes: Parameters<Generator['value']>[0], value: unknown): boolean =>
  nodes.some(({ enumeration, types }) => enumeration?.includes(value) || (typeof value === 'boolean' && types === 2));

function circular(generator: Generator, { members }: Facets): boolean {
  const nodes = ofItem(members, 0, generator.making.documents);
  return nodes !== undefined && generator.isCircular(nodes);
}

const singular = (word: string): string => (/[^s]s$/.test(word) ? word.slice(0, -1) : word);
