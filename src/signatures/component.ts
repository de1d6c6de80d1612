import { type BareItem, type Item, parseItem, serializeItem } from 'structured-headers';
import { SignatureError } from './error.ts';

/** A part of a message that a signature covers (RFC 9421, section 2). */
export interface Component {
  readonly name: string;
  readonly parameters: ReadonlyMap<string, BareItem>;
  /** As it stands in the base: `"content-digest"`, `"@path";req`. */
  readonly id: string;
}

/** Derived components of a request; `@status` is the only one of a response. */
export const OF_REQUESTS: ReadonlySet<string> = new Set([
  '@method',
  '@target-uri',
  '@authority',
  '@scheme',
  '@request-target',
  '@path',
  '@query',
  '@query-param',
]);

/** Parameters a component may have; `bs` and `tr` of the RFC are refused with a reason of their own. */
const FLAGS = new Set(['sf', 'req', 'bs', 'tr']);
const NAMED = new Set(['key', 'name']);

// RFC 9110, section 5.6.2, in lower case.
const FIELD_NAME = /^[a-z0-9!#$%&'*+\-.^_`|~]{1,128}$/;

/**
 * Takes one member of a list of covered components.
 * @throws SignatureError
 */
export function componentOf(item: Item): Component {
  const [name, parameters] = item;
  if (typeof name !== 'string') throw new SignatureError('a covered component is not a string');
  if (name === '@signature-params') throw new SignatureError('@signature-params cannot be covered');
  const derived = name.startsWith('@');
  if (derived ? !(OF_REQUESTS.has(name) || name === '@status') : !FIELD_NAME.test(name))
    throw new SignatureError('a covered component is neither a field name in lower case nor a known derived component');
  for (const [parameter, value] of parameters) judgeParameter(name, derived, parameter, value);
  if (name === '@query-param' && !parameters.has('name')) throw new SignatureError('@query-param needs a name');
  if (parameters.has('sf') && parameters.has('key')) throw new SignatureError('sf and key cannot be used together');
  return { name, parameters, id: serializeItem(item) };
}

function judgeParameter(name: string, derived: boolean, parameter: string, value: BareItem): void {
  if (parameter === 'tr') throw new SignatureError('trailers (tr) are not supported');
  if (NAMED.has(parameter)) {
    if (typeof value !== 'string') throw new SignatureError(`${parameter} of a component is not a string`);
    if ((parameter === 'name') !== (name === '@query-param') || (parameter === 'key' && derived))
      throw new SignatureError(`${name} has no parameter ${parameter}`);
    return;
  }
  if (!FLAGS.has(parameter)) throw new SignatureError('a covered component has an unknown parameter');
  if (value !== true) throw new SignatureError(`${parameter} of a component takes no value`);
  if (derived && parameter !== 'req') throw new SignatureError(`${name} has no parameter ${parameter}`);
}

/** Whether two components are the same one: the order of parameters says nothing (RFC 9421, section 2). */
export function identityOf({ name, parameters }: Component): string {
  const sorted = [...parameters].sort(([a], [b]) => (a < b ? -1 : 1));
  return serializeItem([name, new Map(sorted)]);
}

/**
 * A component as people write it: `@method`, `content-digest`, `"@query-param";name="q"`, `@path;req`.
 * @throws SignatureError
 */
export function parseComponent(text: string): Component {
  const semicolon = text.indexOf(';');
  const quoted = text.startsWith('"')
    ? text
    : semicolon < 0
      ? `"${text}"`
      : `"${text.slice(0, semicolon)}"${text.slice(semicolon)}`;
  let item: Item;
  try {
    item = parseItem(quoted);
  } catch {
    throw new SignatureError(`"${text.slice(0, 100)}" is not a component`);
  }
  return componentOf(item);
}
