import { type Facets, facetsOf } from './facets.ts';
import { fits } from './fits.ts';
import { fromPattern } from './from-pattern.ts';
import { type Generator, NOTHING, type Spot } from './generator.ts';
import { isReadOnly, namesOf, ofProperty } from './members.ts';
import { getOwn, isPlain, setOwn } from './own.ts';
import { letters } from './random.ts';
import type { Wish } from './wish.ts';

/** Properties invented at most, and taken over from an example of a free map. */
const MAX_INVENTED = 200;
const MAX_TAKEN = 3;

/** An object that the facets allow, or NOTHING. */
export function propertiesFor(generator: Generator, facets: Facets, spot: Spot, wish: Wish): unknown {
  const { documents } = generator.making;
  const { members, fixed, maxProperties, minProperties } = facets;
  const examples = spot.hints.filter(isPlain);
  const names = namesOf(members);
  const required = demanded(facets);
  const object: Record<string, unknown> = {};
  const put = (name: string): boolean => {
    if (Object.hasOwn(object, name)) return true;
    const nodes = ofProperty(members, name, documents);
    if (nodes === undefined || isReadOnly(nodes, documents)) return false;
    const said = fixed.get(name);
    if (said !== undefined) {
      setOwn(object, name, said);
      return true;
    }
    if (!required.has(name) && generator.isCircular(nodes)) return false;
    const hints = examples.map((example) => getOwn(example, name)).filter((hint) => hint !== undefined);
    const value = generator.value(nodes, { word: name, hints, depth: spot.depth + 1 });
    if (value === NOTHING) return false;
    setOwn(object, name, value);
    return true;
  };
  const missing = new Set<string>();
  for (const name of required) if (!put(name) && !readOnly(name)) missing.add(name);
  if (missing.size > 0 && !generator.making.lenient) return NOTHING;
  const room = (): boolean => Object.keys(object).length < maxProperties;
  for (const name of wanted()) {
    if (!room() || !generator.mayAdd(spot.depth)) break;
    put(name);
  }
  for (const name of names) {
    if (Object.keys(object).length >= minProperties) break;
    put(name);
  }
  settle(facets, object, put);
  invent(generator, facets, object, put);
  if (!generator.making.lenient && Object.keys(object).length < minProperties) return NOTHING;
  return inOrder(object, names);

  function readOnly(name: string): boolean {
    const nodes = ofProperty(members, name, documents);
    return nodes !== undefined && isReadOnly(nodes, documents);
  }

  /** What goes in beside what is demanded. */
  function wanted(): Iterable<string> {
    const more = new Set<string>(fixed.keys());
    // Where nothing is demanded, an empty object is rarely what is meant.
    if (wish.fill === 'all' || required.size === 0) for (const name of names) more.add(name);
    for (const example of examples) {
      const taken = Object.keys(example).filter(
        (name) => names.has(name) || (names.size === 0 && more.size < MAX_TAKEN),
      );
      for (const name of taken) more.add(name);
    }
    return more;
  }
}

/** Required names, and those that the required ones bring along. */
function demanded({ required, members }: Facets): Set<string> {
  const names = new Set(required);
  for (const name of names)
    for (const { dependentRequired } of members)
      for (const other of dependentRequired.get(name) ?? []) names.add(other);
  return names;
}

/** Adds what optional properties bring along. */
function settle({ members }: Facets, object: Record<string, unknown>, put: (name: string) => boolean): void {
  for (const { dependentRequired } of members) {
    for (const [name, others] of dependentRequired) {
      if (!Object.hasOwn(object, name)) continue;
      if (!others.every(put)) delete object[name];
    }
  }
}

/** Fills a map up to its smallest size; one entry where all is wished for and nothing is named. */
function invent(
  generator: Generator,
  facets: Facets,
  object: Record<string, unknown>,
  put: (name: string) => boolean,
): void {
  const { members, minProperties, propertyNames } = facets;
  const { making } = generator;
  const free = members.some(
    ({ additional, patterns }) => patterns.length > 0 || (additional && additional.always !== true),
  );
  const few = making.wish.fill === 'all' && free && Object.keys(object).length === 0 ? 1 : 0;
  const wanted = Math.max(Math.min(minProperties, MAX_INVENTED), Math.min(few, facets.maxProperties));
  for (let i = 0; Object.keys(object).length < wanted && i < MAX_INVENTED * 2; i++) put(invented(i));

  function invented(i: number): string {
    const patterns = members.flatMap((member) => member.patterns);
    const pattern = patterns[i % Math.max(1, patterns.length)]?.pattern;
    if (pattern) return fromPattern(pattern.source, making.random, 2) ?? letters(making.random, 5);
    if (propertyNames.length > 0) {
      const wish = facetsOf(propertyNames, making.documents, () => 0);
      const plain = `key${i + 1}`;
      if (fits(wish, plain)) return plain;
      const name = generator.value(propertyNames, { word: 'key', hints: [], depth: 0 });
      if (typeof name === 'string') return name;
    }
    return `key${i + 1}`;
  }
}

/** Properties in the order of the contract: people read the requests. */
function inOrder(object: Record<string, unknown>, names: ReadonlySet<string>): Record<string, unknown> {
  const ordered: Record<string, unknown> = {};
  for (const name of names) if (Object.hasOwn(object, name)) setOwn(ordered, name, object[name]);
  for (const name of Object.keys(object)) if (!names.has(name)) setOwn(ordered, name, object[name]);
  return ordered;
}
