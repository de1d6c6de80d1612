import { token } from '../fault.ts';
import { compileDelimited, kindOf, type Style, splitCapped, splitMembers } from './style.ts';

/** `.blue`; `.blue,black` or `.blue.black`; `.R,1,G,2` or `.R=1.G=2` (RFC 6570, section 3.2.5). */
export const label: Style = {
  claim: () => 'name',
  compile(carrier) {
    const members = carrier.explode && kindOf(carrier.shape) === 'object';
    const read = compileDelimited(carrier, (pair) => {
      const pieces = splitCapped(pair.value, carrier.explode ? '.' : ',');
      return members ? splitMembers(pieces) : pieces;
    });
    return (given, violations) => {
      const pair = given[0];
      if (pair === undefined || !pair.value.startsWith('.')) {
        violations.add(carrier.in, token(carrier.name), 'must begin with a dot');
        return pair?.value;
      }
      return read([{ ...pair, value: pair.value.slice(1) }], violations);
    };
  },
};
