import type { Lint } from './lint.ts';

/** Beside a `$ref` these say nothing about the value and are missed by nobody. */
const HARMLESS = new Set(
  '$ref description summary title example examples externalDocs default deprecated xml'.split(' '),
);

/** Up to OpenAPI 3.0 a `$ref` hides everything beside it: what was meant as a rule is none. */
export const refSiblings: Lint = {
  name: 'ref-siblings',
  severity: 'warning',
  schema({ schema, dialect }) {
    if (dialect === '2020-12' || typeof schema['$ref'] !== 'string') return undefined;
    const hidden = Object.keys(schema).filter(
      (key) => !HARMLESS.has(key) && (!key.startsWith('x-') || key.startsWith('x-portcullis-')),
    );
    if (hidden.length === 0) return undefined;
    return {
      message: `${hidden.slice(0, 5).join(', ')} beside a $ref ${hidden.length > 1 ? 'are' : 'is'} ignored in this version of OpenAPI`,
      mend: 'write allOf: [{$ref: ...}] and the rest beside it',
    };
  },
};
