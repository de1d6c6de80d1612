import type { Lint } from './lint.ts';

/** A list of any length comes in. */
export const unboundedArray: Lint = {
  name: 'unbounded-array',
  severity: 'weakness',
  schema({ direction, types, bounds }) {
    if (direction !== 'request' || !types.includes('array') || bounds.array) return undefined;
    return { message: 'a list of any length is accepted here', mend: 'write maxItems' };
  },
};
