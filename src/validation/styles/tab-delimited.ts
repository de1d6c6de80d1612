import { repeated } from './form.ts';
import { compileDelimited, kindOf, type Style, splitCapped } from './style.ts';

/** `color=blue%09black`; exploded it is what `form` is. */
export const tabDelimited: Style = {
  claim: () => 'name',
  compile: (carrier) =>
    carrier.explode && kindOf(carrier.shape) === 'array'
      ? repeated(carrier)
      : compileDelimited(carrier, (pair) => splitCapped(pair.value, '\t')),
};
