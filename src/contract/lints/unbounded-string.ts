import type { Lint } from './lint.ts';

/** Text of any length and content comes in. */
export const unboundedString: Lint = {
  name: 'unbounded-string',
  severity: 'weakness',
  schema({ direction, types, bounds }) {
    if (direction !== 'request' || !types.includes('string') || bounds.string) return undefined;
    return {
      message: 'a string of any length and content is accepted here',
      mend: 'write maxLength, and pattern, enum or format where they fit',
    };
  },
};
