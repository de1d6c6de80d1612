import type { Operation, SchemaAt } from '../../contract/model.ts';
import { facetsOf } from '../generate/facets.ts';
import { nodeOf } from '../generate/nodes.ts';
import { isPlain } from '../generate/own.ts';
import { randomFrom } from '../generate/random.ts';
import { bestValue, type ValueHints } from '../generate/valid.ts';
import type { Call, ValuePlace } from '../model/call.ts';
import { filesWithin, wholeBody } from './files.ts';
import { concreteType, kindOf, mediaOf, preferredMedia } from './media.ts';
import { isFileValue } from './multipart.ts';
import { placeOf, placesOf } from './places.ts';
import { put } from './put.ts';

/** Asked for each value before one is made up: undefined where it knows none. */
export type ValueSource = (place: ValuePlace) => unknown;

export interface BuildOptions {
  /** Default: a stream of the operation's own, the same every time. */
  readonly random?: (() => number) | undefined;
  /** Which optional parameters and properties are sent. Default `required`: none that is not demanded. */
  readonly fill?: 'required' | 'all' | undefined;
  readonly variety?: ValueHints['variety'];
  /** Whether examples and defaults of the contract are used. Default true. */
  readonly examples?: boolean | undefined;
  /** The media type of the body, one of those declared. Default: JSON, forms, multipart, then others. */
  readonly type?: string | undefined;
}

/** Methods that read. */
const READS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'QUERY']);

const UNKNOWN: ValueSource = () => undefined;

/**
 * A call of an operation as the contract wants it. Parameters: of the source, else made. Bodies: made whole, so that
 * they are valid; then the source is asked for each value in them. Where the contract allows no value, what comes
 * closest is sent: an operation always gets a call.
 */
export function buildCall(operation: Operation, source: ValueSource, options: BuildOptions = {}): Call {
  const random = options.random ?? randomFrom(0, operation.key);
  const { fill = 'required', variety, examples } = options;
  const values = new Map<string, unknown>();
  for (const parameter of operation.parameters) {
    if (!parameter.required && fill !== 'all') continue;
    const place = placeOf(parameter);
    const given = source(place);
    // What a path or a read names is there already: a new name would be that of nothing.
    const exact = place.in === 'path' || READS.has(operation.method);
    const value = given ?? made(parameter.schema, random, { word: place.word, variety, fill, examples, exact });
    if (value !== undefined) values.set(`${place.in}:${place.name}`, value);
  }
  const call: Call = { operation, values, body: undefined };
  const body = bodyOf(operation, random, options);
  return body === undefined ? call : sourced({ ...call, body }, source);
}

/** The call with everything that the contract names: what could be reached at all. Made of the contract alone. */
export const fullestCall = (operation: Operation): Call => buildCall(operation, UNKNOWN, { fill: 'all' });

function bodyOf(operation: Operation, random: () => number, options: BuildOptions): Call['body'] {
  if (operation.body === undefined) return undefined;
  const media =
    (options.type === undefined ? undefined : mediaOf(operation, options.type)) ?? preferredMedia(operation);
  if (media === undefined) return undefined;
  const type = options.type ?? concreteType(media.type);
  const kind = kindOf(type);
  if (kind === 'bytes') return { type, value: wholeBody(type, media.schema, random) };
  const { fill = 'required', variety, examples } = options;
  let value = made(media.schema, random, { variety, fill, examples }, kind === 'text' ? 'text' : 'object');
  if (kind === 'multipart') value = filesWithin(value, media, random, fill);
  if (kind === 'ndjson' && !Array.isArray(value)) value = [value];
  return { type, value };
}

/** What is made of a schema; of one that says nothing, something plain. */
function made(
  schema: SchemaAt | undefined,
  random: () => number,
  hints: ValueHints,
  otherwise: 'text' | 'object' = 'text',
): unknown {
  if (schema !== undefined && !(otherwise === 'object' && saysNothing(schema))) {
    const { value } = bestValue(schema, random, hints);
    if (value !== undefined) return value;
  } else if (otherwise === 'text') {
    const { value } = bestValue(TEXT, random, hints);
    return value;
  }
  return otherwise === 'object' ? {} : 'sample';
}

const TEXT: SchemaAt = {
  schema: { type: 'string' },
  uri: 'scanner:text#',
  dialect: '2020-12',
  documents: { resolve: () => undefined, place: () => ({ file: '', line: 0, column: 0 }) },
};

function saysNothing(schema: SchemaAt): boolean {
  const { members, stated } = facetsOf([nodeOf(schema)], schema.documents, () => 0);
  if (stated) return false;
  return members.every((node) => node.enumeration === undefined && node.properties.size === 0 && !node.items);
}

/** Values of a body that the source knows better. */
function sourced(call: Call, source: ValueSource): Call {
  let changed = call;
  for (const place of placesOf(call)) {
    if (place.in !== 'body' || place.value === undefined) continue;
    if (Array.isArray(place.value) || (isPlain(place.value) && !isFileValue(place.value))) continue;
    const value = source(place);
    if (value !== undefined && value !== place.value) changed = put(changed, place, value);
  }
  return changed;
}
