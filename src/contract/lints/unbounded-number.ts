import type { Lint } from './lint.ts';

/** Any integer comes in: page sizes and amounts want a range. */
export const unboundedNumber: Lint = {
  name: 'unbounded-number',
  severity: 'weakness',
  schema({ direction, types, bounds }) {
    if (direction !== 'request' || !types.includes('integer') || bounds.number) return undefined;
    return { message: 'an integer of any size is accepted here', mend: 'write minimum and maximum, or format: int32' };
  },
};
