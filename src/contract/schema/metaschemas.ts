type Raw = Record<string, unknown>;

const POSITIVE = { type: 'integer', minimum: 0 };
const strings = (more: Raw = {}): Raw => ({ type: 'array', items: { type: 'string' }, uniqueItems: true, ...more });
const typesOf = (names: string[]): Raw => ({
  anyOf: [{ enum: names }, { type: 'array', items: { enum: names }, minItems: 1, uniqueItems: true }],
});
const TYPES = ['array', 'boolean', 'integer', 'null', 'number', 'object', 'string'];

const each = (names: string, value: () => unknown): Raw =>
  Object.fromEntries(names.split(' ').map((name) => [name, value()]));

function draft4(): Raw {
  const self = { $ref: '#' };
  const list = { type: 'array', minItems: 1, items: self };
  const map = { type: 'object', additionalProperties: self };
  return {
    id: 'http://json-schema.org/draft-04/schema#',
    $schema: 'http://json-schema.org/draft-04/schema#',
    type: 'object',
    properties: {
      ...each('id $schema title description format', () => ({ type: 'string' })),
      pattern: { type: 'string', format: 'regex' },
      multipleOf: { type: 'number', minimum: 0, exclusiveMinimum: true },
      ...each('maximum minimum', () => ({ type: 'number' })),
      ...each('exclusiveMaximum exclusiveMinimum uniqueItems', () => ({ type: 'boolean' })),
      ...each('maxLength minLength maxItems minItems maxProperties minProperties', () => POSITIVE),
      ...each('additionalItems additionalProperties', () => ({ anyOf: [{ type: 'boolean' }, self] })),
      items: { anyOf: [self, list] },
      required: strings({ minItems: 1 }),
      ...each('definitions properties patternProperties', () => map),
      dependencies: { type: 'object', additionalProperties: { anyOf: [self, strings({ minItems: 1 })] } },
      enum: { type: 'array', minItems: 1, uniqueItems: true },
      type: typesOf(TYPES),
      ...each('allOf anyOf oneOf', () => list),
      not: self,
    },
    dependencies: { exclusiveMaximum: ['maximum'], exclusiveMinimum: ['minimum'] },
  };
}

function draft7(): Raw {
  const self = { $ref: '#' };
  const list = { type: 'array', minItems: 1, items: self };
  const map = { type: 'object', additionalProperties: self };
  return {
    $id: 'http://json-schema.org/draft-07/schema#',
    $schema: 'http://json-schema.org/draft-07/schema#',
    type: ['object', 'boolean'],
    properties: {
      ...each('$comment title description format contentMediaType contentEncoding', () => ({ type: 'string' })),
      ...each('$id $ref', () => ({ type: 'string', format: 'uri-reference' })),
      $schema: { type: 'string', format: 'uri' },
      ...each('readOnly writeOnly uniqueItems', () => ({ type: 'boolean' })),
      examples: { type: 'array' },
      pattern: { type: 'string', format: 'regex' },
      multipleOf: { type: 'number', exclusiveMinimum: 0 },
      ...each('maximum exclusiveMaximum minimum exclusiveMinimum', () => ({ type: 'number' })),
      ...each('maxLength minLength maxItems minItems maxProperties minProperties', () => POSITIVE),
      ...each('additionalItems contains additionalProperties propertyNames if then else not', () => self),
      items: { anyOf: [self, list] },
      required: strings(),
      ...each('definitions properties', () => map),
      patternProperties: { ...map, propertyNames: { format: 'regex' } },
      dependencies: { type: 'object', additionalProperties: { anyOf: [self, strings()] } },
      enum: { type: 'array' },
      type: typesOf(TYPES),
      ...each('allOf anyOf oneOf', () => list),
    },
  };
}

const HOME_2020 = 'https://json-schema.org/draft/2020-12/';

function vocabulary2020(name: string, properties: Raw, defs: Raw = {}): Raw {
  return {
    $schema: `${HOME_2020}schema`,
    $id: `${HOME_2020}meta/${name}`,
    $dynamicAnchor: 'meta',
    type: ['object', 'boolean'],
    properties,
    ...(Object.keys(defs).length > 0 ? { $defs: defs } : {}),
  };
}

const VOCABULARIES_2020: Readonly<Record<string, () => Raw>> = {
  core: () => {
    const reference = { type: 'string', format: 'uri-reference' };
    const anchor = { type: 'string', pattern: '^[A-Za-z_][-A-Za-z0-9._]*$' };
    const uri = { type: 'string', format: 'uri' };
    return vocabulary2020('core', {
      $id: { ...reference, pattern: '^[^#]*#?$' },
      $schema: uri,
      ...each('$ref $dynamicRef', () => reference),
      ...each('$anchor $dynamicAnchor', () => anchor),
      $vocabulary: { type: 'object', propertyNames: uri, additionalProperties: { type: 'boolean' } },
      $comment: { type: 'string' },
      $defs: { type: 'object', additionalProperties: { $dynamicRef: '#meta' } },
    });
  },
  applicator: () => {
    const self = { $dynamicRef: '#meta' };
    const list = { type: 'array', minItems: 1, items: self };
    const map = { type: 'object', additionalProperties: self };
    return vocabulary2020('applicator', {
      ...each('prefixItems allOf anyOf oneOf', () => list),
      ...each('items contains additionalProperties propertyNames if then else not', () => self),
      ...each('properties dependentSchemas', () => map),
      patternProperties: { ...map, propertyNames: { format: 'regex' } },
    });
  },
  unevaluated: () =>
    vocabulary2020(
      'unevaluated',
      each('unevaluatedItems unevaluatedProperties', () => ({ $dynamicRef: '#meta' })),
    ),
  validation: () =>
    vocabulary2020('validation', {
      type: typesOf(TYPES),
      const: true,
      enum: { type: 'array', items: true },
      multipleOf: { type: 'number', exclusiveMinimum: 0 },
      ...each('maximum exclusiveMaximum minimum exclusiveMinimum', () => ({ type: 'number' })),
      ...each(
        'maxLength minLength maxItems minItems maxContains minContains maxProperties minProperties',
        () => POSITIVE,
      ),
      pattern: { type: 'string', format: 'regex' },
      uniqueItems: { type: 'boolean' },
      required: strings(),
      dependentRequired: { type: 'object', additionalProperties: strings() },
    }),
  'meta-data': () =>
    vocabulary2020('meta-data', {
      ...each('title description', () => ({ type: 'string' })),
      default: true,
      ...each('deprecated readOnly writeOnly', () => ({ type: 'boolean' })),
      examples: { type: 'array', items: true },
    }),
  'format-annotation': () => vocabulary2020('format-annotation', { format: { type: 'string' } }),
  content: () =>
    vocabulary2020('content', {
      ...each('contentEncoding contentMediaType', () => ({ type: 'string' })),
      contentSchema: { $dynamicRef: '#meta' },
    }),
};

function draft2020(): Raw {
  const names = Object.keys(VOCABULARIES_2020);
  return {
    $schema: `${HOME_2020}schema`,
    $id: `${HOME_2020}schema`,
    $vocabulary: Object.fromEntries(names.map((name) => [`${HOME_2020}vocab/${name}`, true])),
    $dynamicAnchor: 'meta',
    allOf: names.map((name) => ({ $ref: `meta/${name}` })),
    type: ['object', 'boolean'],
    properties: {
      definitions: { type: 'object', additionalProperties: { $dynamicRef: '#meta' } },
      dependencies: { type: 'object', additionalProperties: { anyOf: [{ $dynamicRef: '#meta' }, strings()] } },
    },
  };
}

/** The metaschema of a dialect by its URI without fragment, so that a `$ref` to one needs no network. */
export function metaschema(uri: string): unknown {
  if (uri === 'http://json-schema.org/draft-04/schema') return draft4();
  if (uri === 'http://json-schema.org/draft-07/schema') return draft7();
  if (uri === `${HOME_2020}schema`) return draft2020();
  if (!uri.startsWith(`${HOME_2020}meta/`)) return undefined;
  const name = uri.slice(HOME_2020.length + 5);
  return Object.hasOwn(VOCABULARIES_2020, name) ? VOCABULARIES_2020[name]!() : undefined;
}
