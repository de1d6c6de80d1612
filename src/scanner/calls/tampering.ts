import { brokenBy, excusesOf } from '../generate/forbidden.ts';
import { judgeOf } from '../generate/judge.ts';
import { nodeOf, rawOf, settled } from '../generate/nodes.ts';
import { isPlain } from '../generate/own.ts';
import type { Carried } from '../generate/readings.ts';
import { readingsOf } from '../generate/readings.ts';
import { type Tampered, tamperedValues } from '../generate/tampered.ts';
import { type Call, type ValuePlace, Verbatim } from '../model/call.ts';
import { percent } from './encode.ts';
import { kindOf, mediaOf } from './media.ts';
import { isFileValue } from './multipart.ts';
import { put } from './put.ts';
import { pairsOf, scalarText } from './styles.ts';

/** How values arrive at a place of a call: typed as JSON, as text, or as nobody knows what. */
export function carriedAt(call: Call, place: ValuePlace): Carried {
  if (place.in !== 'body') {
    const parameter = parameterOf(call, place);
    return parameter?.contentType !== undefined
      ? kindOf(parameter.contentType) === 'json'
        ? 'json'
        : 'opaque'
      : 'text';
  }
  switch (kindOf(call.body?.type ?? 'application/json')) {
    case 'json':
    case 'ndjson':
      return 'json';
    case 'form':
    case 'multipart':
    case 'text':
      return 'text';
    default:
      return 'opaque';
  }
}

const parameterOf = (call: Call, place: ValuePlace) =>
  call.operation.parameters.find(
    (each) => each.name === place.name && (each.in === place.in || (each.in === 'querystring' && place.in === 'query')),
  );

/**
 * Near-valid values for one place of a call, those that the contract surely forbids first. Knows how values arrive
 * there; beside what `tamperedValues` has, what is required is left out, parameters are repeated, and texts are encoded
 * twice. Files are left to those who know them: none is made for them.
 */
export function tamperedAt(call: Call, place: ValuePlace, random: () => number): Tampered[] {
  const { value, schema, word } = place;
  if (isFileValue(value) || value instanceof Verbatim || value instanceof Uint8Array) return [];
  const carried = carriedAt(call, place);
  if (place.in === 'body' && place.name === '' && carried === 'text' && isPlain(value)) {
    // A form: its fields are typed by the contract, so that only what is there and what is not can be judged.
    return tamperedValues(schema, value, random, word)
      .filter((each) => isPlain(each.value))
      .map((each) => (OF_FORMS.test(each.breaks) ? each : { ...each, strict: false }));
  }
  let values = [...missing(place), ...tamperedValues(schema, value, random, word, carried), ...asText(place, carried)];
  if (place.in === 'path') values = values.filter((each) => canStand(each.value));
  if (place.in === 'body') values = inWhole(call, place, values, carried);
  // Null and nothing, for what may be left out as well, are read as left out.
  if (!place.required) values = values.map((each) => (isBlank(each) ? { ...each, strict: false } : each));
  return values.sort((a, b) => Number(b.strict) - Number(a.strict));
}

const isBlank = ({ value, breaks }: Tampered): boolean =>
  value === null || breaks === 'type null' || (value === '' && !breaks.startsWith('minLength'));

/**
 * Within a body the whole schema has the last word: a value that one branch forbids may stand in another.
 */
function inWhole(call: Call, place: ValuePlace, values: readonly Tampered[], carried: Carried): Tampered[] {
  const media = mediaOf(call.operation, call.body?.type ?? '');
  const judge = judgeOf(media?.schema);
  const excused = excusesOf(judge, call.body?.value, 'json');
  const around = (reading: unknown): unknown => put(call, place, reading).body?.value;
  return values.map((each) => {
    if (!each.strict) return each;
    // No body at all is no value that a schema could speak of.
    const sure = place.name === '' && each.value === undefined ? call.operation.body?.required : undefined;
    return (sure ?? brokenBy(judge, each.value, carried, excused, around) !== undefined)
      ? each
      : { ...each, strict: false };
  });
}

const OF_FORMS = /^(required|additionalProperties|maxProperties)\b/;

/** An empty segment, or one of dots, is another path. */
function canStand(value: unknown): boolean {
  if (typeof value === 'object' && value !== null && !(value instanceof Verbatim) && Object.keys(value).length === 0)
    return false;
  const text = value instanceof Verbatim ? value.text : scalarText(value);
  return text !== '' && text !== '.' && text !== '..';
}

function missing({ value, required, schema, in: where }: ValuePlace): Tampered[] {
  if (value === undefined || !required || where === 'path') return [];
  return [{ value: undefined, breaks: 'required', strict: schema === undefined || !hasDefault(schema) }];
}

function hasDefault(schema: NonNullable<ValuePlace['schema']>): boolean {
  const node = nodeOf(schema);
  return [node, settled(node, schema.documents)].some((one) => Object.hasOwn(rawOf(one), 'default'));
}

/** What only text can suffer: to be given twice, and to be encoded twice. */
function asText({ value, schema, name, in: where }: ValuePlace, carried: Carried): Tampered[] {
  if (carried !== 'text' || value === undefined || (typeof value === 'object' && value !== null)) return [];
  const text = scalarText(value);
  const found: Tampered[] = [];
  const judge = judgeOf(schema);
  const forbidden = (one: string): boolean =>
    judge.knows && one !== '' && readingsOf(one).every((reading) => !judge.accepts(reading));
  if (where === 'query') {
    const [[key = '', first = ''] = []] = pairsOf({ name, style: 'form', explode: true, encode: percent }, value);
    found.push({ value: new Verbatim(`${first}&${key}=${first}`), breaks: 'repeated', strict: false });
    found.push({ value: new Verbatim(`${first}&${key}=0`), breaks: 'repeated', strict: false });
    found.push({ value: new Verbatim(`&${key}`), breaks: 'empty', strict: false });
  }
  if (where === 'query' || where === 'path') {
    const every = Array.from(text, (char) => (char.charCodeAt(0) < 0x80 ? hexed(char) : percent(char))).join('');
    // Decoded once it is a text with percent signs; who decodes twice gets the valid value again.
    const twice = percent(every);
    found.push({ value: new Verbatim(twice), breaks: 'encoded twice', strict: forbidden(every) && forbidden(text) });
    found.push({ value: new Verbatim('%'), breaks: 'broken encoding', strict: false });
    found.push({ value: new Verbatim('%zz'), breaks: 'broken encoding', strict: false });
  }
  return found;
}

const hexed = (char: string): string => `%${char.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`;
