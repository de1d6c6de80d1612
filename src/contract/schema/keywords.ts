import type { Dialect } from '../model.ts';

const words = (text: string): readonly string[] => text.trim().split(/\s+/);

const DRAFT_4 = words(`
  $ref type enum multipleOf minimum maximum exclusiveMinimum exclusiveMaximum minLength maxLength pattern format items
  minItems maxItems uniqueItems properties additionalProperties required minProperties maxProperties allOf anyOf oneOf not
`);
const DRAFT_7 = words(`
  const contains propertyNames if then else patternProperties dependencies additionalItems
`);
const DRAFT_2020 = words(`
  $dynamicRef prefixItems minContains maxContains dependentRequired dependentSchemas unevaluatedItems unevaluatedProperties
`);

/** Keywords that belong to a dialect and are enforced. */
export const ENFORCED: Readonly<Record<Dialect, ReadonlySet<string>>> = {
  '2020-12': new Set(
    [...DRAFT_4, ...DRAFT_7, ...DRAFT_2020, 'discriminator', 'readOnly', 'writeOnly'].filter(
      (word) => word !== 'dependencies' && word !== 'additionalItems',
    ),
  ),
  'draft-07': new Set([...DRAFT_4, ...DRAFT_7, 'readOnly', 'writeOnly']),
  'draft-04': new Set([...DRAFT_4, 'patternProperties', 'dependencies', 'additionalItems']),
  'openapi-3.0': new Set([...DRAFT_4, 'discriminator', 'nullable', 'readOnly', 'writeOnly']),
  'swagger-2.0': new Set([
    ...DRAFT_4.filter((word) => !['anyOf', 'oneOf', 'not'].includes(word)),
    'discriminator',
    'x-nullable',
    'readOnly',
  ]),
};

/** Every keyword that some dialect enforces. */
export const ALL_ENFORCED: ReadonlySet<string> = new Set(Object.values(ENFORCED).flatMap((set) => [...set]));

/** Keywords of the validation vocabulary (2020-12), which a metaschema may leave out. */
export const VALIDATION: ReadonlySet<string> = new Set(
  words(`
    type enum const multipleOf minimum maximum exclusiveMinimum exclusiveMaximum minLength maxLength pattern minItems
    maxItems uniqueItems minContains maxContains required minProperties maxProperties dependentRequired
  `),
);

/** Keywords that say something to people and tools; nothing is to be enforced. */
export const ANNOTATIONS: ReadonlySet<string> = new Set(
  words(`
    $schema $id id $anchor $dynamicAnchor $vocabulary $comment $defs definitions title description default deprecated
    example examples xml externalDocs contentEncoding contentMediaType contentSchema collectionFormat
  `),
);

/** What is read as schema words beside a lonely `$ref`, to say that it is not read. */
export const isEnforced = (word: string): boolean => ALL_ENFORCED.has(word) && word !== '$ref';

/** Words of older drafts, or of none, that would have to be enforced and are not: with what to write instead. */
export const UNSUPPORTED: ReadonlyMap<string, string> = new Map([
  ['$recursiveRef', 'Write $dynamicRef with a $dynamicAnchor (2020-12).'],
  ['divisibleBy', 'Write multipleOf.'],
  ['extends', 'Write allOf.'],
  ['disallow', 'Write not.'],
  ['optional', 'List required properties in `required` of the object.'],
]);
