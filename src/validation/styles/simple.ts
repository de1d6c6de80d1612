import { compileDelimited, kindOf, type Style, splitCapped, splitMembers } from './style.ts';

/** `blue,black`; `R,1,G,2` or `R=1,G=2` (RFC 6570, section 3.2.2). In headers white space may stand around a comma. */
export const simple: Style = {
  claim: () => 'name',
  compile(carrier) {
    const members = carrier.explode && kindOf(carrier.shape) === 'object';
    const header = carrier.in === 'header';
    return compileDelimited(carrier, (pair) => {
      let pieces = splitCapped(pair.value, ',');
      if (header) pieces = pieces.map((piece) => piece.trim());
      return members ? splitMembers(pieces) : pieces;
    });
  },
};
