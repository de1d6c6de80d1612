import { token } from '../fault.ts';
import type { Pair } from '../pairs.ts';
import { ARRAY, allows, allowsScalar } from '../shape.ts';
import {
  type Carrier,
  compileDelimited,
  compileItems,
  compileMembers,
  compileScalarPair,
  kindOf,
  type Read,
  type Style,
  splitCapped,
} from './style.ts';

const ENCODED_COMMA = /%2c/i;

/** `color=blue,black` or `color=blue&color=black`; `R=1&G=2` or `color=R,1,G,2` (RFC 6570, sections 3.2.8 and 3.2.9). */
export const form: Style = {
  claim: (carrier) => (carrier.explode && kindOf(carrier.shape) === 'object' ? 'properties' : 'name'),
  compile(carrier) {
    const kind = kindOf(carrier.shape);
    if (kind === 'scalar') return compileScalarPair(carrier);
    if (!carrier.explode)
      return compileDelimited(carrier, (pair, violations) => {
        // Some readers decode and split, others split and decode: both spellings in one value have two meanings.
        if (pair.raw.includes(',') && ENCODED_COMMA.test(pair.raw))
          violations.add(carrier.in, token(carrier.name), 'holds commas both encoded and unencoded');
        return splitCapped(pair.value, ',');
      });
    return kind === 'array' ? repeated(carrier) : exploded(carrier);
  },
  rewrite(carrier, pair) {
    if (carrier.explode || kindOf(carrier.shape) === 'scalar' || !ENCODED_COMMA.test(pair.raw)) return undefined;
    return pair.text.replaceAll(/%2c/gi, ',');
  },
};

/** `color=blue&color=black`. */
export function repeated(carrier: Carrier): Read {
  const items = compileItems(carrier);
  const either = allowsScalar(carrier.shape) && carrier.shape.stated && allows(carrier.shape, ARRAY);
  const one = compileScalarPair(carrier);
  const pointer = token(carrier.name);
  return (given, violations) => {
    if (given.length === 1) {
      // Where the contract allows a scalar as well, one is one.
      if (either) return one(given, violations);
      if ((given[0] as Pair).value === '' && carrier.allowEmptyValue) return '';
    }
    const texts: string[] = [];
    for (const pair of given) {
      if (pair.bare) violations.add(carrier.in, pointer, 'has no value');
      texts.push(pair.value);
    }
    return items(texts, violations);
  };
}

/** `R=1&G=2`: the pairs are the properties. */
function exploded(carrier: Carrier): Read {
  const members = compileMembers(carrier);
  return (given, violations) => {
    const flat: string[] = [];
    for (const pair of given) flat.push(pair.name, pair.value);
    return members(flat, violations);
  };
}
