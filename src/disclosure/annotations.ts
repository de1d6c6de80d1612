import { compileMask, type Mask } from './mask.ts';

/** What the contract's `x-portcullis-*` say of the values of one schema. */
export interface FieldRule {
  /** Index among the rules of one compiled schema. */
  readonly index: number;
  /** Name for the record, where the field is sensitive. */
  readonly sensitive: string | undefined;
  /** Who sees it; undefined: everyone. */
  readonly roles: ReadonlySet<string> | undefined;
  /** How it leaves for everyone else (for everyone, where there are no roles). */
  readonly mask: Mask | undefined;
  /** Kind of the object whose id the value is. */
  readonly object: string | undefined;
}

export const FIELD_EXTENSIONS = [
  'x-portcullis-sensitive',
  'x-portcullis-roles',
  'x-portcullis-mask',
  'x-portcullis-object',
] as const;

const MAX_NAME = 100;

/**
 * Reads the annotations of one schema. What is malformed is reported and read in its strictest sense: roles that
 * nobody has, a mask that hides all.
 * @returns undefined where there are none.
 */
export function readAnnotations(
  schema: Readonly<Record<string, unknown>>,
  uri: string,
  index: number,
  problem: (text: string, mend: string) => void,
): FieldRule | undefined {
  if (!FIELD_EXTENSIONS.some((name) => Object.hasOwn(schema, name))) return undefined;
  const read = (name: (typeof FIELD_EXTENSIONS)[number]): unknown =>
    Object.hasOwn(schema, name) ? schema[name] : undefined;

  const sensitive = read('x-portcullis-sensitive');
  let name: string | undefined;
  if (sensitive === true || (isName(sensitive) && sensitive.trim() !== ''))
    name = sensitive === true ? nameOf(uri) : sensitive;
  else if (sensitive !== undefined && sensitive !== false) {
    name = nameOf(uri);
    problem(
      'x-portcullis-sensitive is neither true nor a name',
      `Write true, or a name of at most ${MAX_NAME} characters.`,
    );
  }

  const listed = read('x-portcullis-roles');
  let roles: Set<string> | undefined;
  if (listed !== undefined) {
    const sound = Array.isArray(listed) && listed.length > 0 && listed.every(isName);
    roles = new Set(sound ? (listed as string[]) : []);
    if (!sound) problem('x-portcullis-roles is not a list of role names', 'Write a list such as [nurse, doctor].');
  }

  const how = read('x-portcullis-mask');
  let mask: Mask | undefined;
  if (how !== undefined) {
    mask = compileMask(how);
    if (mask === undefined) {
      mask = compileMask('all');
      problem('x-portcullis-mask is no mask', 'Write last4, first1, email, all, or {keep: 4, from: end} (1 to 16).');
    }
  }

  const kind = read('x-portcullis-object');
  const object = objectKind(kind);
  if (kind !== undefined && object === undefined)
    problem(
      'x-portcullis-object is no kind of object',
      'Write a word of letters, digits, `-`, `_` and `.`, such as patient.',
    );

  return { index, sensitive: name, roles, mask, object };
}

/** The kind that `x-portcullis-object` names; undefined where it is malformed or absent. */
export const objectKind = (value: unknown): string | undefined =>
  typeof value === 'string' && /^[A-Za-z][\w.-]{0,63}$/.test(value) ? value : undefined;

const isName = (value: unknown): value is string =>
  typeof value === 'string' && value.length > 0 && value.length <= MAX_NAME;

/** A name from where the schema stands: `Patient.nationalId` of `#/components/schemas/Patient/properties/nationalId`. */
export function nameOf(uri: string): string {
  const steps = uri
    .slice(uri.indexOf('#') + 1)
    .split('/')
    .slice(1)
    .map(decode);
  const property = steps.lastIndexOf('properties');
  const own = property >= 0 && property < steps.length - 1 ? steps[property + 1] : steps.at(-1);
  const home = steps.findIndex(
    (step, i) => (step === 'schemas' && steps[i - 1] === 'components') || (step === 'definitions' && i === 0),
  );
  const model = home >= 0 && property > home + 1 ? steps[home + 1] : undefined;
  return (model === undefined ? (own ?? 'field') : `${model}.${own}`).slice(0, MAX_NAME) || 'field';
}

const decode = (step: string): string => {
  try {
    return decodeURIComponent(step).replaceAll('~1', '/').replaceAll('~0', '~');
  } catch {
    return step;
  }
};
