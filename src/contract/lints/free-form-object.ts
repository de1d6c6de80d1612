import type { Lint } from './lint.ts';

const COMBINES = ['$ref', '$dynamicRef', 'allOf', 'anyOf', 'oneOf', 'if', 'not', 'dependentSchemas'];

/** Any properties come in or leave: neither validation nor disclosure can tell which ones belong. */
export const freeFormObject: Lint = {
  name: 'free-form-object',
  severity: 'weakness',
  schema({ schema, direction, types, bounds, inPlace }) {
    if (!types.includes('object') || bounds.object || inPlace) return undefined;
    if (COMBINES.some((keyword) => schema[keyword] !== undefined)) return undefined;
    return {
      message: `an object with any properties ${direction === 'request' ? 'is accepted' : 'may leave'} here`,
      mend: 'name its properties, or write additionalProperties with a schema',
    };
  },
};
