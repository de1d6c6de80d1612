import type { Lint } from './lint.ts';

/** Nobody has to say who they are, or the contract does not say whether they must. */
export const noSecurity: Lint = {
  name: 'no-security',
  severity: 'weakness',
  operation({ security }) {
    if (security === undefined) {
      return {
        message: 'the contract does not say who may call this operation; it stays closed unless the policy opens it',
        mend: "write 'security', here or at the top of the document",
      };
    }
    if (security.length > 0 && security.every(({ schemes }) => schemes.length > 0)) return undefined;
    return { message: 'the contract opens this operation to anyone', mend: "write 'security', if that is not meant" };
  },
};
