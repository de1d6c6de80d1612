/** Longest name that is taken apart. */
const LONGEST = 120;
/** Names whose meaning is remembered: answers repeat theirs a thousand times. */
const MOST_REMEMBERED = 4_000;

/** Asks once for each name. What it gives must not be changed. */
function remembered<T>(read: (name: string) => T): (name: string) => T {
  const known = new Map<string, T>();
  return (name) => {
    const key = name.length > LONGEST ? name.slice(0, LONGEST) : name;
    let found = known.get(key);
    if (found === undefined) {
      if (known.size >= MOST_REMEMBERED) known.clear();
      known.set(key, (found = read(key)));
    }
    return found;
  };
}

const IRREGULAR = new Map([
  ['people', 'person'],
  ['children', 'child'],
  ['men', 'man'],
  ['women', 'woman'],
  ['indices', 'index'],
  ['matrices', 'matrix'],
  ['vertices', 'vertex'],
  ['movies', 'movie'],
  ['cookies', 'cookie'],
  ['series', 'series'],
  ['news', 'news'],
  ['species', 'species'],
  ['analyses', 'analysis'],
]);

/** Words of a name in camel, snake, kebab or dotted case, lower case: `invoiceLineID` gives invoice, line, id. */
export function wordsOf(name: string): string[] {
  return name
    .slice(0, LONGEST)
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replace(/([A-Z])([A-Z][a-z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '');
}

/** The singular of an English noun, as far as its ending tells; other words as they are. */
export function singular(word: string): string {
  const known = IRREGULAR.get(word);
  if (known) return known;
  if (word.length < 4 || !word.endsWith('s') || /(ss|us|is)$/.test(word)) return word;
  if (word.endsWith('ies')) return `${word.slice(0, -3)}y`;
  if (/(ches|shes|sses|xes|zes|uses)$/.test(word) && !/(houses|causes|clauses|caches)$/.test(word))
    return word.slice(0, -2);
  return word.slice(0, -1);
}

/** What a name calls a thing, in one word: `order-items` is orderitem, `Users` user. */
export const kindOf: (name: string) => string = remembered((name) => {
  const words = wordsOf(name);
  const last = words.pop();
  return last === undefined ? '' : [...words, singular(last)].join('');
});

/** Words that make of what stands before them the identifier of a thing. */
const IDENTIFIERS = new Map([
  ['id', 'id'],
  ['ids', 'id'],
  ['uuid', 'uuid'],
  ['uuids', 'uuid'],
  ['guid', 'guid'],
  ['uid', 'uid'],
  ['oid', 'oid'],
  ['pk', 'pk'],
  ['number', 'number'],
  ['no', 'number'],
  ['nr', 'number'],
  ['num', 'number'],
  ['slug', 'slug'],
  ['key', 'key'],
  ['code', 'code'],
  ['ref', 'ref'],
  ['reference', 'ref'],
  ['handle', 'handle'],
  ['username', 'username'],
  ['login', 'login'],
  ['name', 'name'],
  ['email', 'email'],
  ['sku', 'sku'],
  ['vin', 'vin'],
  ['isbn', 'isbn'],
  ['iban', 'iban'],
  ['barcode', 'barcode'],
  ['title', 'title'],
]);
/** Those that say so wherever they stand; `phoneNumber` or `countryCode` need not point at anything. */
const CERTAIN = new Set(['id', 'uuid', 'guid', 'uid', 'oid', 'pk']);

/** English words that merely end like one. */
const NO_IDENTIFIER =
  /^(un|pre|re|in|over|mis)?(paid|laid|said|valid|grid|void|avoid|rapid|solid|fluid|acid|hybrid|liquid|humid|avid|covid|maid|raid|braid|plaid|vivid|candid|stupid|orchid|rigid|lucid|pyramid|timid|squid|splendid|android|asteroid|steroid|polaroid|devoid|placid|morbid|tepid|horrid|arid|android|medicaid|ibid|thyroid|factoid|typhoid|freepaid)s?$/;

/** What a name says of a thing: which, and by what it is told apart. */
export interface Naming {
  /** '' where the name does not say: `id`, `number`. */
  readonly kind: string;
  /** `id`, `number`, `slug`, ...; '' where the name is that of a thing only: `patient`. */
  readonly property: string;
  /** True: an identifier, whatever stands around it. */
  readonly certain: boolean;
}

/** Reads `patientId`, `patient_uuid`, `invoiceNumber`, `id`, `slug`, `patient`. */
export const namingOf: (name: string) => Naming = remembered((name) => {
  const words = wordsOf(name);
  const last = words.at(-1);
  if (last === undefined) return { kind: '', property: '', certain: false };
  const property = IDENTIFIERS.get(last);
  if (property === undefined) {
    // `userid`, `petids`: written in one
    const joined = NO_IDENTIFIER.test(last) ? null : /^(\p{L}{3,})(id|uuid|guid)s?$/u.exec(last);
    if (joined) {
      return { kind: kindOf([...words.slice(0, -1), joined[1]!].join(' ')), property: joined[2]!, certain: true };
    }
    return { kind: kindOf(name), property: '', certain: false };
  }
  return { kind: kindOf(words.slice(0, -1).join(' ')), property, certain: CERTAIN.has(property) };
});

/** A name in one spelling: `petId`, `pet_id` and `PET-ID` are one. */
export const plain: (name: string) => string = remembered((name) => wordsOf(name).join(''));
