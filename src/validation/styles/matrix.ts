import { token } from '../fault.ts';
import { compileDelimited, kindOf, MAX_ITEMS, type Style, splitCapped, splitMembers } from './style.ts';

/** `;color=blue`; `;color=blue,black` or `;color=blue;color=black`; `;color=R,1` or `;R=1;G=2` (RFC 6570, section 3.2.7). */
export const matrix: Style = {
  claim: () => 'name',
  compile(carrier) {
    const kind = kindOf(carrier.shape);
    const prefix = `;${carrier.name}=`;
    const exploded = carrier.explode && kind !== 'scalar';
    const read = compileDelimited(carrier, (pair) => {
      if (!exploded) return splitCapped(pair.value, ',');
      const pieces = splitCapped(pair.value, ';');
      return kind === 'object' ? splitMembers(pieces) : pieces;
    });
    return (given, violations) => {
      const pair = given[0];
      const text = pair?.value ?? '';
      let value: string | undefined;
      if (exploded && kind === 'object') value = text.startsWith(';') ? text.slice(1) : undefined;
      else if (text.startsWith(prefix)) {
        value = text.slice(prefix.length);
        // Every further item names the parameter again; a `;` without it is no separator.
        if (exploded) {
          const pieces = text.split(prefix, MAX_ITEMS + 2).slice(1);
          if (pieces.some((piece) => piece.includes(';'))) value = undefined;
          else value = pieces.join(';');
        } else if (value.includes(';')) value = undefined;
      }
      if (pair === undefined || value === undefined) {
        violations.add(carrier.in, token(carrier.name), `must be written as ;${carrier.name}=...`);
        return text;
      }
      return read([{ ...pair, value }], violations);
    };
  },
};
