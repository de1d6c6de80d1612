import { token } from '../fault.ts';
import { decodePercents, type Pair } from '../pairs.ts';
import { form } from './form.ts';
import type { Carrier, Read, Style } from './style.ts';

/** `color=blue; color=black` as it stands, without percent-encoding (OpenAPI 3.2, 4.12.2.4). */
export const cookie: Style = {
  claim: form.claim,
  compile: (carrier) => guarded(carrier, form.compile(carrier), (pair) => pair),
};

/** `form` in a cookie header: the same, percent-encoded; a plus sign is a plus sign there. */
export const cookieForm: Style = {
  claim: form.claim,
  compile: (carrier) =>
    guarded(carrier, form.compile(carrier), (pair) => {
      if (!pair.value.includes('%')) return pair;
      const value = decodePercents(pair.value);
      return value === undefined ? undefined : { ...pair, value };
    }),
};

function guarded(carrier: Carrier, read: Read, decode: (pair: Pair) => Pair | undefined): Read {
  return (given, violations) => {
    const pairs: Pair[] = [];
    for (const pair of given) {
      const decoded = decode(pair);
      if (decoded === undefined) {
        violations.add(carrier.in, token(carrier.name), 'is not valid percent-encoding of UTF-8');
        return pair.value;
      }
      // RFC 6265 lets a value stand in quotes; some servers take them off, others do not.
      if (pair.value.startsWith('"')) {
        violations.add(carrier.in, token(carrier.name), 'must not stand in quotes');
        return pair.value;
      }
      pairs.push(decoded);
    }
    return read(pairs, violations);
  };
}
