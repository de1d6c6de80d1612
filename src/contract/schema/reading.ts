import type { Dialect } from '../model.ts';

/** By which rules one schema is read: its dialect, and what its `$schema` and `$vocabulary` change of it. */
export interface Reading {
  readonly dialect: Dialect;
  /** OpenAPI 3.0 and Swagger 2.0: their own dialects of draft 4. */
  readonly openapi: boolean;
  /** `$ref` hides everything beside it (all but 2020-12). */
  readonly lonelyReference: boolean;
  /** The keyword that names a resource. */
  readonly id: '$id' | 'id' | undefined;
  /** 2019-09: tuples are written `items: [...]`. */
  readonly tuples: boolean;
  /** `false`: the validation vocabulary is not in use (2020-12, section 8.1.2). */
  readonly validation: boolean;
  /** The format-assertion vocabulary is in use: formats are enforced whatever the options say. */
  readonly formats: boolean;
  /** What is wrong with the `$schema` that led here. */
  readonly defect: string | undefined;
}

const make = (dialect: Dialect, more: Partial<Reading> = {}): Reading => ({
  dialect,
  openapi: dialect === 'openapi-3.0' || dialect === 'swagger-2.0',
  lonelyReference: dialect !== '2020-12',
  id: dialect === '2020-12' || dialect === 'draft-07' ? '$id' : dialect === 'draft-04' ? 'id' : undefined,
  tuples: dialect === 'draft-07' || dialect === 'draft-04',
  validation: true,
  formats: false,
  defect: undefined,
  ...more,
});

/** The plain reading of each dialect. */
export const READINGS: Readonly<Record<Dialect, Reading>> = {
  '2020-12': make('2020-12'),
  'draft-07': make('draft-07'),
  'draft-04': make('draft-04'),
  'openapi-3.0': make('openapi-3.0'),
  'swagger-2.0': make('swagger-2.0'),
};

const DRAFT_2019 = make('2020-12', { tuples: true });

const KNOWN: ReadonlyMap<string, Reading> = new Map([
  ['json-schema.org/draft/2020-12/schema', READINGS['2020-12']],
  ['json-schema.org/draft/2019-09/schema', DRAFT_2019],
  ['json-schema.org/draft-07/schema', READINGS['draft-07']],
  // Draft 6 is draft 7 without `if`, which it would not have.
  ['json-schema.org/draft-06/schema', READINGS['draft-07']],
  ['json-schema.org/draft-04/schema', READINGS['draft-04']],
]);

const VOCABULARY = /^https:\/\/json-schema\.org\/draft\/20(?:19-09|20-12)\/vocab\/([\w-]+)$/;
const SUPPORTED = new Set([
  'core',
  'applicator',
  'unevaluated',
  'validation',
  'meta-data',
  'format',
  'format-annotation',
  'format-assertion',
  'content',
]);
/** Metaschemas that describe each other by `$schema`, at most. */
const MAX_HOPS = 5;

/**
 * The reading that a `$schema` asks for.
 *
 * @param fetch gives the metaschema at a URI, where it is among the documents.
 * @param fallback the reading of what stands around; a `$schema` that cannot be followed gives it back with a defect.
 */
export function readingOf(name: string, fetch: (uri: string) => unknown, fallback: Reading): Reading {
  let uri = name;
  let vocabularies: Record<string, unknown> | undefined;
  for (let hop = 0; hop < MAX_HOPS; hop++) {
    const known = knownReading(uri);
    if (known) return vocabularies ? limited(known, vocabularies, name) : known;
    const metaschema = fetch(uri);
    if (typeof metaschema !== 'object' || metaschema === null) break;
    const { $schema, $vocabulary } = metaschema as Record<string, unknown>;
    if (!vocabularies && typeof $vocabulary === 'object' && $vocabulary !== null)
      vocabularies = $vocabulary as Record<string, unknown>;
    if (typeof $schema !== 'string') break;
    uri = $schema;
  }
  return { ...fallback, defect: `$schema names a dialect that is not known: ${name.slice(0, 200)}` };
}

function knownReading(name: string): Reading | undefined {
  const plain = name.replace(/^https?:\/\//, '').replace(/#$/, '');
  if (/^spec\.openapis\.org\/oas\/3\.[12]\//.test(plain)) return READINGS['2020-12'];
  return KNOWN.get(plain);
}

function limited(reading: Reading, vocabularies: Record<string, unknown>, name: string): Reading {
  const used = new Set<string>();
  let defect: string | undefined;
  for (const [uri, required] of Object.entries(vocabularies)) {
    const short = VOCABULARY.exec(uri)?.[1];
    if (short !== undefined && SUPPORTED.has(short)) used.add(short);
    else if (required === true)
      defect = `the metaschema ${name.slice(0, 200)} requires a vocabulary that is not known: ${uri.slice(0, 200)}`;
  }
  return { ...reading, validation: used.has('validation'), formats: used.has('format-assertion'), defect };
}
