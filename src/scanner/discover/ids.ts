import { kindOf, namingOf, singular, wordsOf } from '../state/names.ts';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
/** `v1`, `v2.1`, and names of things that have a digit in them. */
const NAMES_WITH_DIGITS =
  /^(?:v\d+(?:\.\d+){0,2}(?:-?(?:alpha|beta)\d*)?|2fa|mfa2|oauth2?|s3|i18n|l10n|md5|sha\d+|base64|utf-?8|http2|h2|top\d+|web3|b2b|b2c|p2p)$/i;

/**
 * Whether a segment of a path can only be the identifier of something: a number, a UUID, a hash, a token, an address,
 * or a word that is half digits (`INV-2026-0017`).
 */
export function isIdentifier(segment: string): boolean {
  if (segment.length > 200) return true;
  if (/^-?\d+$/.test(segment) || UUID.test(segment)) return true;
  if (NAMES_WITH_DIGITS.test(segment)) return false;
  if (/^[0-9a-f]{16,}$/i.test(segment) || /^[^@\s]+@[^@\s]+\.[^@\s]+$/.test(segment)) return true;
  const digits = segment.replace(/\D/g, '').length;
  if (digits >= 4 || (digits > 0 && segment.length >= 4 && digits * 3 >= segment.length)) return true;
  // A token: long, in mixed case or with digits, no word of it being readable.
  return (
    segment.length >= 16 && !/[-_. ]/.test(segment) && /[a-z]/.test(segment) && /[A-Z]/.test(segment) && digits > 0
  );
}

/** The type of values of one place, as a schema. */
export function schemaOfIds(values: readonly string[]): object {
  if (values.length > 0 && values.every((one) => /^\d{1,15}$/.test(one) && (one === '0' || !one.startsWith('0'))))
    return { type: 'integer', minimum: 0 };
  if (values.length > 0 && values.every((one) => UUID.test(one))) return { type: 'string', format: 'uuid' };
  return { type: 'string', minLength: 1, maxLength: 200 };
}

/** A name for what stands behind a segment: `order-items` gives `orderItemId`, with `number` as property `orderItemNumber`. */
export function parameterName(parent: string, property: string | undefined, taken: ReadonlySet<string>): string {
  const words = wordsOf(parent);
  const last = words.pop();
  const thing = last === undefined ? [] : [...words, singular(last)];
  const what = property === undefined || property === '' ? 'id' : property;
  const base =
    thing.length === 0
      ? what
      : [...thing, what]
          .map((word, index) => (index === 0 ? word : word.charAt(0).toUpperCase() + word.slice(1)))
          .join('');
  const plainly = base.replace(/[^A-Za-z0-9_]/g, '') || 'id';
  let name = plainly;
  for (let number = 2; taken.has(name); number++) name = `${plainly}${number}`;
  return name;
}

/** Values of identifiers that are remembered. */
const MOST = 20_000;
const DEEP = 6;
const PROPERTIES = new Set([
  'id',
  'uuid',
  'guid',
  'uid',
  'oid',
  'pk',
  'number',
  'slug',
  'key',
  'code',
  'ref',
  'username',
  'login',
  'sku',
  'isbn',
  'handle',
]);

export interface KnownId {
  readonly value: string;
  readonly property: string;
}

/** Identifiers that answers held, by the kind of thing (`order`) they belong to. */
export class Ids {
  readonly #byKind = new Map<string, Map<string, string>>();
  #count = 0;

  /** @param path segments of the request: the last that is no identifier says what a nameless `id` is the id of */
  learn(path: readonly string[], json: unknown): void {
    const last = path.findLast((segment) => !isIdentifier(segment)) ?? '';
    this.#walk(json, kindOf(last), 0);
  }

  #walk(value: unknown, kind: string, depth: number): void {
    if (depth > DEEP || typeof value !== 'object' || value === null || this.#count >= MOST) return;
    if (Array.isArray(value)) {
      for (const item of value.slice(0, 200)) this.#walk(item, kind, depth + 1);
      return;
    }
    for (const [name, inner] of Object.entries(value).slice(0, 100)) {
      if (typeof inner === 'object') {
        // An envelope says nothing of the kind: `{data: [...]}`, `{items: [...]}`.
        const own =
          /^(?:data|items|results?|rows|records|list|content|value|values|entries|hits|_embedded|embedded)$/i.test(
            name,
          );
        this.#walk(inner, own ? kind : kindOf(name), depth + 1);
      } else if (typeof inner === 'string' || typeof inner === 'number') this.#note(name, String(inner), kind);
    }
  }

  #note(name: string, value: string, kind: string): void {
    if (value === '' || value.length > 100 || /[\s/?#]/.test(value)) return;
    const naming = namingOf(name);
    if (!PROPERTIES.has(naming.property)) return;
    if (naming.kind !== '' && !naming.certain) return;
    const of = naming.kind === '' ? kind : naming.kind;
    if (of === '') return;
    let known = this.#byKind.get(of);
    if (!known) this.#byKind.set(of, (known = new Map()));
    if (known.has(value)) return;
    known.set(value, naming.property);
    this.#count++;
  }

  /** Identifiers of what a segment names (`orders`), `id`s first. */
  of(segment: string): readonly KnownId[] {
    const known = [...(this.#byKind.get(kindOf(segment)) ?? [])].map(([value, property]) => ({ value, property }));
    return known.sort((a, b) => rank(a.property) - rank(b.property));
  }

  property(parent: string, value: string): string | undefined {
    return this.#byKind.get(kindOf(parent))?.get(value);
  }
}

const rank = (property: string): number => ['id', 'uuid', 'guid', 'number', 'slug'].indexOf(property) >>> 0;
