import type { Lint } from './lint.ts';

/** Keywords that say nothing about the value. */
const ANNOTATIONS = new Set(
  (
    'title description default example examples deprecated readOnly writeOnly nullable externalDocs xml $comment $id $schema ' +
    '$anchor $dynamicAnchor $defs definitions'
  ).split(' '),
);

/** A schema that takes everything. */
export const untypedSchema: Lint = {
  name: 'untyped-schema',
  severity: 'weakness',
  schema({ schema, direction, inPlace }) {
    if (inPlace) return undefined;
    for (const key of Object.keys(schema)) if (!ANNOTATIONS.has(key) && !key.startsWith('x-')) return undefined;
    return {
      message: `any value at all ${direction === 'request' ? 'is accepted' : 'may leave'} here`,
      mend: 'write a type and what belongs to it',
    };
  },
};
