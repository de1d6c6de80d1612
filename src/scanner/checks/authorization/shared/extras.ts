import type { Operation } from '../../../../contract/model.ts';
import type { Call, ValuePlace } from '../../../model/call.ts';
import type { CheckContext } from '../../../model/check.ts';
import { plain } from '../../authentication/shared/answers.ts';

/** A property that a request should not be able to set, with the value the attack gives it. */
export interface Extra {
  /** Where it goes in the body: `/role`, `/items/0/price`. */
  readonly pointer: string;
  readonly name: string;
  readonly value: unknown;
  readonly declaredReadOnly: boolean;
  readonly privileged: boolean;
}

/** What gives rights, money or standing. */
const PRIVILEGED =
  /^(is)?_?(role|roles|admin|administrator|isadmin|superuser|issuperuser|isstaff|staff|permissions?|scopes?|groups?|authorities|verified|isverified|emailverified|approved|isapproved|active|isactive|enabled|locked|banned|suspended|balance|credit|credits|points|wallet|price|unitprice|total|totalprice|amount|discount|cost|fee|paid|ispaid|status|state|plan|tier|level|subscription|quota|limit|premium|(kyc|trust|access|security|credit|clearance|verification)_?(level|tier|status)|ispremium|vip|kyc|salary|rank|usertype|accounttype|type)$|(role|balance|price|amount|discount|credit|salary|paid|fee|total|status|verified|approved)(s|cents|usd|eur|amount)?$/;
/** Identifiers, times and the like: setting them is no gain, or breaks the object. */
const LEFT_ALONE =
  /^(id|_?id|uuid|guid|pk|oid|key|etag|version|revision|self|href|links?|_?links|type|kind|password.*|.*token|hash)$/;
const MAX_EXTRAS = 14;
/** Objects within a body that are looked into. */
const MAX_CONTAINERS = 8;

/** How things are worked on within: what no form has, and what commands are made from. */
const INTERNAL =
  /^_?(internal|private|system|hidden|server|backend|processing|conversion|debug)|(params|parameters|config|configuration|options|flags|command|cmd|script|rule|rules|handler|pipeline)$/i;
const MAX_NAMES = 5_000;

export const isInternal = (name: string): boolean => INTERNAL.test(name);

/** Whether requests or answers of an operation name a property anywhere, by the contract. */
function isNamed({ responses, body }: Operation, name: string): boolean {
  let left = MAX_NAMES;
  for (const { schema: at } of [...responses.flatMap(({ content }) => content), ...(body?.content ?? [])]) {
    if (at === undefined) continue;
    const queue: unknown[] = [at.schema];
    const seen = new Set<unknown>();
    for (let next = queue.pop(); next !== undefined && left-- > 0; next = queue.pop()) {
      if (typeof next !== 'object' || next === null || seen.has(next)) continue;
      seen.add(next);
      const { properties, $ref } = next as { properties?: unknown; $ref?: unknown };
      if (typeof properties === 'object' && properties !== null && Object.hasOwn(properties, name)) return true;
      if (typeof $ref === 'string') queue.push(at.documents.resolve($ref, at.uri)?.value);
      queue.push(...Object.values(next));
    }
  }
  return false;
}

export const isPrivileged = (name: string): boolean => PRIVILEGED.test(plain(name));

/** The object within its envelope: `{data: {...}}`, `{user: {...}}`. */
export function thingIn(json: unknown): Readonly<Record<string, unknown>> | undefined {
  let at = json;
  for (let depth = 0; depth < 4; depth++) {
    if (typeof at !== 'object' || at === null || Array.isArray(at)) return undefined;
    const entries = Object.entries(at);
    const inner = entries.filter(([, value]) => typeof value === 'object' && value !== null && !Array.isArray(value));
    const scalars = entries.filter(
      ([name, value]) =>
        (typeof value !== 'object' || value === null) && !/^(ok|success|status|code|message|error)$/i.test(name),
    );
    if (inner.length !== 1 || scalars.length > 0) return at as Readonly<Record<string, unknown>>;
    at = inner[0]![1];
  }
  return undefined;
}

/** The place of a property in a body, declared or not. */
export const bodyPlace = (pointer: string): ValuePlace => ({
  in: 'body',
  name: pointer,
  word: stepsOf(pointer).at(-1) ?? '',
  schema: undefined,
  required: false,
  value: undefined,
});

const stepsOf = (pointer: string): string[] =>
  pointer
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));

/** The pointer of a property beneath another. */
export const beneath = (pointer: string, name: string): string =>
  `${pointer}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;

/** What stands at a pointer; undefined where nothing does. */
export function valueAt(value: unknown, pointer: string): unknown {
  let at = value;
  for (const step of stepsOf(pointer)) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, step)) return undefined;
    at = (at as Readonly<Record<string, unknown>>)[step];
  }
  return at;
}

/** What a call sends as an object; undefined where its body is none. */
export function objectBody(call: Call): Readonly<Record<string, unknown>> | undefined {
  const value = call.body?.value;
  return typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    Object.getPrototypeOf(value) !== Uint8Array.prototype
    ? (value as Readonly<Record<string, unknown>>)
    : undefined;
}

/**
 * Properties to try on a call: those that the contract calls read-only, and those that answers show and requests do not
 * name; each with a value that is of its kind and not what stands there.
 * @param shown the object as the API shows it
 */
export function extrasFor(context: CheckContext, call: Call, shown: Readonly<Record<string, unknown>>): Extra[] {
  const declared = new Map<string, ValuePlace>();
  const containers = [''];
  for (const place of context.places(call)) {
    if (place.in !== 'body') continue;
    declared.set(place.name, place);
    const isObject = typeof place.value === 'object' && place.value !== null && !Array.isArray(place.value);
    if (place.name !== '' && isObject && containers.length < MAX_CONTAINERS) containers.push(place.name);
  }
  const extras: Extra[] = [];
  for (const container of containers) {
    const there = valueAt(shown, container);
    if (typeof there !== 'object' || there === null || Array.isArray(there)) continue;
    for (const [name, value] of Object.entries(there).slice(0, 200)) {
      const pointer = beneath(container, name);
      const place = declared.get(pointer);
      const readOnly = place?.readOnly === true || (place === undefined && saysReadOnly(call.operation, name));
      if (place !== undefined && !readOnly) continue;
      if (LEFT_ALONE.test(plain(name)) || /(^|_)id$|Id$/.test(name)) continue;
      const privileged = isPrivileged(name);
      if (!privileged && !readOnly && !(INTERNAL.test(name) && !isNamed(call.operation, name))) continue;
      const other = otherValue(context, call.operation, name, value);
      if (other !== undefined) extras.push({ pointer, name, value: other, declaredReadOnly: readOnly, privileged });
    }
  }
  // What gives most goes first: where only some can be tried, those.
  return extras.sort((one, other) => Number(other.privileged) - Number(one.privileged)).slice(0, MAX_EXTRAS);
}

/** A value of the same kind as the one there, and another. */
function otherValue(context: CheckContext, operation: Operation, name: string, value: unknown): unknown {
  const choices = enumOf(operation, name);
  const word = plain(name);
  if (choices !== undefined) {
    const others = choices.filter((choice) => choice !== value && typeof choice === typeof value);
    return (
      others.find((choice) =>
        /admin|super|owner|paid|approved|active|verified|premium|done|complete/i.test(String(choice)),
      ) ?? others[0]
    );
  }
  if (typeof value === 'boolean') return !value;
  if (typeof value === 'number') {
    const step = 1 + Math.floor(context.random(`${operation.key}/${name}`)() * 900);
    return Number.isInteger(value) ? value + step : Math.round((value + step) * 100) / 100;
  }
  if (/^(roles|groups|permissions|scopes|authorities)$/.test(word)) return Array.isArray(value) ? ['admin'] : 'admin';
  if (Array.isArray(value) || (typeof value === 'object' && value !== null)) return undefined;
  if (/role|usertype|accounttype/.test(word)) return value === 'admin' ? undefined : 'admin';
  if (/^(is)?(admin|verified|approved|active|paid|premium|vip)/.test(word) && value === null) return true;
  if (/(balance|credit|points|price|amount|discount|total|salary|quota|limit)/.test(word) && value === null)
    return 1_000 + Math.floor(context.random(name)() * 900);
  if (typeof value !== 'string') return undefined;
  if (/^\d{4}-\d\d-\d\dT/.test(value)) return value.startsWith('2001') ? undefined : `2001${value.slice(4)}`;
  if (/^\d{4}-\d\d-\d\d$/.test(value)) return `2001${value.slice(4)}`;
  if (/^\d+(\.\d+)?$/.test(value)) return String(Number(value) + 111);
  if (INTERNAL.test(name) && value.length < 500) return `${value}1`;
  if (/(status|state)/.test(word)) {
    const known = ['approved', 'paid', 'active', 'completed', 'verified'];
    return known.find((one) => one !== value.toLowerCase());
  }
  if (/(plan|tier|level|subscription)/.test(word)) return value === 'premium' ? 'enterprise' : 'premium';
  return undefined;
}

const MAX_SCHEMAS = 60;

/** The values that answers of an operation may have at a property, by the contract. */
export function enumOf(operation: Operation, name: string): readonly unknown[] | undefined {
  return ofAnswers(operation, name, ({ enum: choices }) => (Array.isArray(choices) ? choices : undefined));
}

/** Whether the contract calls a property of the answers read-only. */
const saysReadOnly = (operation: Operation, name: string): boolean =>
  ofAnswers(operation, name, ({ readOnly }) => (readOnly === true ? true : undefined)) === true;

/** Reads something from the schemas of a property in the answers of an operation: the first that is there. */
function ofAnswers<T>(
  operation: Operation,
  name: string,
  read: (schema: Readonly<Record<string, unknown>>) => T | undefined,
): T | undefined {
  for (const { status, content } of operation.responses) {
    if (!status.startsWith('2')) continue;
    for (const { schema: at } of content) {
      if (at === undefined) continue;
      const queue: { schema: unknown; base: string }[] = [{ schema: at.schema, base: at.uri }];
      const seen = new Set<unknown>();
      const resolved = (schema: unknown, base: string): { schema: unknown; base: string } => {
        const reference =
          typeof schema === 'object' && schema !== null ? (schema as { $ref?: unknown }).$ref : undefined;
        const found = typeof reference === 'string' ? at.documents.resolve(reference, base) : undefined;
        return found === undefined ? { schema, base } : { schema: found.value, base: found.uri };
      };
      for (let next = queue.shift(); next !== undefined && seen.size < MAX_SCHEMAS; next = queue.shift()) {
        const { schema, base } = resolved(next.schema, next.base);
        if (typeof schema !== 'object' || schema === null || seen.has(schema)) continue;
        seen.add(schema);
        const { properties, allOf, oneOf, anyOf } = schema as Record<string, unknown>;
        if (typeof properties === 'object' && properties !== null) {
          for (const [key, inner] of Object.entries(properties)) {
            if (key !== name) {
              queue.push({ schema: inner, base });
              continue;
            }
            const there = resolved(inner, base).schema;
            const value =
              typeof there === 'object' && there !== null ? read(there as Record<string, unknown>) : undefined;
            if (value !== undefined) return value;
          }
        }
        for (const list of [allOf, oneOf, anyOf])
          if (Array.isArray(list)) for (const inner of list) queue.push({ schema: inner, base });
      }
    }
  }
  return undefined;
}
