/** What is wrong with one value of a request. Never repeats what was sent. */
export interface Wrong {
  /** JSON pointer in a body, the name of a parameter elsewhere. */
  readonly at: string;
  readonly problem: string;
}

export type Schema = Readonly<Record<string, unknown>>;

/** Says nothing about values: for people and tools. */
const SILENT = new Set(['description', 'example', 'default']);
const SPOKEN = new Set([
  'type',
  'nullable',
  'enum',
  'minimum',
  'maximum',
  'minLength',
  'maxLength',
  'pattern',
  'format',
  'minItems',
  'maxItems',
  'items',
  'required',
  'properties',
  'additionalProperties',
]);

/** @throws Error on a keyword that `violations` would pass over in silence. */
export function assertKnown(schema: Schema): void {
  for (const [keyword, rule] of Object.entries(schema)) {
    if (!SILENT.has(keyword) && !SPOKEN.has(keyword)) throw new Error(`schema.ts does not know the keyword ${keyword}`);
    if (keyword === 'items') assertKnown(rule as Schema);
    if (keyword === 'properties') for (const inner of Object.values(rule as Record<string, Schema>)) assertKnown(inner);
  }
}

/**
 * Checks a value against a schema of the contract (OpenAPI 3.0, the keywords that the contract uses).
 * @param without keywords that are not asked for: how a careless handler forgets some.
 */
export function violations(schema: Schema, value: unknown, without: ReadonlySet<string>, at = ''): Wrong[] {
  if (value === null && schema.nullable === true) return [];
  const says = (keyword: string): boolean => schema[keyword] !== undefined && !without.has(keyword);
  if (says('type') && !isType(schema.type, value)) return [{ at, problem: `must be of type ${schema.type}` }];
  if (says('enum') && !(schema.enum as unknown[]).includes(value)) {
    return [{ at, problem: `must be one of ${(schema.enum as unknown[]).join(', ')}` }];
  }
  if (typeof value === 'string') return said(at, ofText(schema, value, says));
  if (typeof value === 'number') return said(at, ofNumber(schema, value, says));
  if (Array.isArray(value)) return ofList(schema, value, without, at);
  if (typeof value === 'object' && value !== null) return ofObject(schema, value, without, at);
  return [];
}

const said = (at: string, problem: string | undefined): Wrong[] => (problem === undefined ? [] : [{ at, problem }]);

const isType = (type: unknown, value: unknown): boolean =>
  type === 'integer'
    ? Number.isSafeInteger(value)
    : type === 'array'
      ? Array.isArray(value)
      : type === 'object'
        ? typeof value === 'object' && value !== null && !Array.isArray(value)
        : typeof value === type;

type Says = (keyword: string) => boolean;

function ofText(schema: Schema, value: string, says: Says): string | undefined {
  const length = [...value].length;
  if (says('minLength') && length < Number(schema.minLength)) return `must have ${schema.minLength} characters or more`;
  if (says('maxLength') && length > Number(schema.maxLength)) return `must have ${schema.maxLength} characters or less`;
  if (says('pattern') && !new RegExp(String(schema.pattern), 'u').test(value)) return 'has the wrong form';
  if (says('format') && FORMATS.get(String(schema.format))?.(value) === false) return `must be a ${schema.format}`;
  // SQLite reads text with NUL in more than one way.
  return value.includes('\0') ? 'must not hold U+0000' : undefined;
}

function ofNumber(schema: Schema, value: number, says: Says): string | undefined {
  if (says('minimum') && value < Number(schema.minimum)) return `must be ${schema.minimum} or more`;
  if (says('maximum') && value > Number(schema.maximum)) return `must be ${schema.maximum} or less`;
  return undefined;
}

function ofList(schema: Schema, value: unknown[], without: ReadonlySet<string>, at: string): Wrong[] {
  if (value.length < Number(schema.minItems ?? 0))
    return [{ at, problem: `must have ${schema.minItems} entries or more` }];
  if (value.length > Number(schema.maxItems ?? 0))
    return [{ at, problem: `must have ${schema.maxItems} entries or less` }];
  return value.flatMap((item, index) => violations((schema.items ?? {}) as Schema, item, without, `${at}/${index}`));
}

function ofObject(schema: Schema, value: object, without: ReadonlySet<string>, at: string): Wrong[] {
  const wrong: Wrong[] = [];
  const properties = (schema.properties ?? {}) as Record<string, Schema>;
  for (const name of (schema.required ?? []) as string[]) {
    if (!Object.hasOwn(value, name)) wrong.push({ at: `${at}/${name}`, problem: 'is required' });
  }
  let strange = false;
  for (const [name, item] of Object.entries(value)) {
    const inner = Object.hasOwn(properties, name) ? properties[name] : undefined;
    if (inner !== undefined) wrong.push(...violations(inner, item, without, `${at}/${name}`));
    else strange ||= schema.additionalProperties === false && !without.has('additionalProperties');
  }
  if (strange) wrong.push({ at, problem: 'has a property that is not known here' });
  return wrong;
}

/** RFC 3986, with an authority. */
const isUri = (text: string): boolean =>
  /^[a-z][a-z0-9+.-]{0,20}:\/\/[\w\-.~:/?#[\]@!$&'()*+,;=%]+$/i.test(text) &&
  !/%(?![0-9a-f]{2})/i.test(text) &&
  URL.canParse(text);

function isEmail(text: string): boolean {
  const [local = '', host = '', ...rest] = text.split('@');
  const labels = host.split('.');
  return (
    rest.length === 0 &&
    local.length <= 64 &&
    local.split('.').every((part) => /^[A-Za-z0-9_+-]+$/.test(part)) &&
    labels.length > 1 &&
    labels.every((label) => /^[A-Za-z0-9-]{1,63}$/.test(label) && !label.startsWith('-') && !label.endsWith('-'))
  );
}

/** Formats of requests. Text that is longer than the schema allows never comes here. */
const FORMATS: ReadonlyMap<string, (text: string) => boolean> = new Map([
  ['email', isEmail],
  ['uri', isUri],
]);

/** What text of a path, query, header or form stands for: integers where the schema says so. */
export function fromText(schema: Schema, text: string): unknown {
  if (schema.type === 'integer' && /^(?:0|-?[1-9]\d{0,15})$/.test(text)) return Number(text);
  return text;
}
