import { isReadOnly, ofProperty } from './members.ts';
import { rawOf, settled } from './nodes.ts';
import { copyOf, isPlain, setOwn } from './own.ts';
import { letters } from './random.ts';
import type { Idea, Target } from './tampered.ts';

/** Properties left out one by one at most; properties in an object that is too big. */
const MAX_LEFT_OUT = 15;
const MANY = 1_000;

/** Objects without what is demanded, and with what nobody asked for. */
export function* brokenObjects(target: Target): Generator<Idea> {
  const { facets, value, random, carried } = target;
  const object = isPlain(value) ? value : {};
  let left = MAX_LEFT_OUT;
  for (const name of facets.required) {
    if (!Object.hasOwn(object, name) || left-- <= 0) continue;
    const without = copyOf(object);
    delete without[name];
    // With a default, or made by the server, it may well be missing.
    yield { value: without, breaks: `required /${name}`, lenient: isSpared(target, name) };
  }
  const extra = copyOf(object);
  setOwn(extra, `extra${letters(random, 5)}`, 'extra');
  // As text it may be a parameter of its own, which nobody asked for and nobody reads.
  yield { value: extra, breaks: 'additionalProperties', lenient: carried !== 'json' };
  yield { value: {}, breaks: 'empty' };
  if (facets.maxProperties < MANY) {
    const many = copyOf(object);
    for (let i = 0; Object.keys(many).length <= facets.maxProperties; i++) setOwn(many, `key${i}`, 'extra');
    yield { value: many, breaks: 'maxProperties', lenient: carried !== 'json' };
  }
  if (carried !== 'json') return;
  const huge = copyOf(object);
  for (let i = 0; i < MANY; i++) setOwn(huge, `extra${i}`, i);
  yield { value: huge, breaks: 'huge object', lenient: true };
  yield { value: [object], breaks: 'type array', lenient: true };
  yield { value: JSON.stringify(object), breaks: 'JSON within text', lenient: true };
}

function isSpared({ at, facets }: Target, name: string): boolean {
  if (at === undefined) return true;
  const nodes = ofProperty(facets.members, name, at.documents) ?? [];
  if (isReadOnly(nodes, at.documents)) return true;
  return nodes.some((node) => [node, settled(node, at.documents)].some((one) => Object.hasOwn(rawOf(one), 'default')));
}
