import { type Place, somewhere } from '../../src/detection/classes/class.ts';
import { Malformed } from '../../src/validation/fault.ts';
import { parsePairs } from '../../src/validation/pairs.ts';
import { readJson } from '../../src/validation/readers/json.ts';

/** A text to be judged, and where it stands if that matters. */
export interface Value {
  readonly text: string;
  readonly kind?: string;
  readonly place?: Partial<Place>;
}

/** A way in which a value comes to the gate: what the reader of that kind makes of it; undefined where it refuses. */
interface Carrier {
  readonly name: string;
  readonly place: Place;
  carry(text: string): string | undefined;
}

const LIMITS = { depth: 64, values: 1000 };

function pair(encoded: string): string | undefined {
  const pairs = parsePairs(`v=${encoded}`, 10);
  return pairs instanceof Malformed ? undefined : pairs[0]?.value;
}

const encode = (text: string): string => encodeURIComponent(text.toWellFormed());

/** The three ways in which most values come. */
export const CARRIERS: readonly Carrier[] = [
  { name: 'query', place: somewhere('query'), carry: (text) => pair(encode(text)) },
  {
    name: 'json',
    place: somewhere('body'),
    carry: (text) => {
      const value = readJson(Buffer.from(JSON.stringify({ v: text.toWellFormed() })), LIMITS);
      return value instanceof Malformed ? undefined : (value as { v: string }).v;
    },
  },
  { name: 'form', place: somewhere('body'), carry: (text) => pair(encode(text).replaceAll('%20', '+')) },
];
