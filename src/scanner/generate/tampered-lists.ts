import { INTEGER, NUMBER, STRING } from '../../contract/schema/node.ts';
import { facetsOf } from './facets.ts';
import { ofItem } from './members.ts';
import type { Idea, Target } from './tampered.ts';

/** Items made to go over a bound at most, and in a list that is too long for anything. */
const MAX_OVER = { json: 20_000, text: 300, opaque: 1_000 } as const;
const HUGE = { json: 2_000, text: 200, opaque: 200 } as const;

/** Lists with too few, too many, repeated or wrong items. */
export function* brokenLists({ at, facets, value, carried }: Target): Generator<Idea> {
  const items = Array.isArray(value) ? value : [];
  const first: unknown = items[0] ?? 'sample';
  const { minItems, maxItems, unique } = facets;
  const filled = (count: number): unknown[] => Array.from({ length: count }, (_, i) => items[i] ?? first);
  if (minItems > 0) yield { value: filled(minItems - 1), breaks: 'minItems' };
  if (maxItems < MAX_OVER[carried]) yield { value: filled(maxItems + 1), breaks: 'maxItems' };
  if (unique && items.length > 0) yield { value: [first, ...items], breaks: 'uniqueItems' };
  yield { value: [], breaks: 'empty' };
  const inner = at && ofItem(facets.members, 0, at.documents);
  const types = inner && at && inner.length > 0 ? facetsOf(inner, at.documents, () => 0).types : 0;
  if (types !== 0) {
    if (!(types & STRING)) yield { value: ['no such thing', ...items.slice(1)], breaks: 'type of an item' };
    yield { value: [null, ...items.slice(1)], breaks: 'type of an item', lenient: carried !== 'json' };
    yield { value: [[[first]]], breaks: 'type of an item', lenient: carried !== 'json' };
    if (!(types & (NUMBER | INTEGER))) yield { value: [12_345], breaks: 'type of an item', lenient: true };
  }
  if (carried === 'json') {
    yield { value: { 0: first, length: 1 }, breaks: 'type object' };
    yield { value: first, breaks: 'one for a list', lenient: true };
  }
  yield { value: filled(HUGE[carried]), breaks: 'huge list' };
}
