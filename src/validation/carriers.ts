import type { Parameter } from '../contract/model.ts';
import { Malformed, token, type Violations } from './fault.ts';
import type { Field } from './fields.ts';
import type { Pair } from './pairs.ts';
import { type JsonLimits, readJsonText } from './readers/json.ts';
import { isJson } from './readers/names.ts';
import { shapeOf } from './shape.ts';
import { styleFor } from './styles/index.ts';
import { type Carrier, type Read, single } from './styles/style.ts';

/** A parameter as a field: read by its style, or by its media type. */
export function parameterField(parameter: Parameter, limits: JsonLimits): Field {
  const carrier: Carrier = {
    name: parameter.name,
    in: parameter.in,
    explode: parameter.explode,
    allowEmptyValue: parameter.allowEmptyValue && parameter.in === 'query',
    shape: shapeOf(parameter.schema),
  };
  if (parameter.contentType !== undefined)
    return contentField(carrier, parameter.contentType, parameter.allowReserved, limits);
  return styleField(carrier, parameter.style, parameter.allowReserved);
}

export function styleField(carrier: Carrier, name: Parameter['style'], allowReserved: boolean): Field {
  const style = styleFor(name, carrier.in);
  const { rewrite } = style;
  return {
    carrier,
    allowReserved,
    claim: style.claim(carrier),
    read: style.compile(carrier),
    rewrite: rewrite === undefined || carrier.in === 'cookie' ? undefined : (pair) => rewrite(carrier, pair),
  };
}

/** A value that is a document of its own: JSON is parsed as strictly as a body, anything else stays text. */
export function contentField(carrier: Carrier, type: string, allowReserved: boolean, limits: JsonLimits): Field {
  const read: Read = isJson(type)
    ? readJsonPair(carrier, limits)
    : (given, violations) => single(carrier, given, violations).value;
  return { carrier, allowReserved, claim: 'name', read, rewrite: undefined };
}

function readJsonPair(carrier: Carrier, limits: JsonLimits): Read {
  const pointer = token(carrier.name);
  return (given: readonly Pair[], violations: Violations) => {
    const pair = single(carrier, given, violations);
    const value = readJsonText(pair.value, limits);
    if (!(value instanceof Malformed)) return value;
    violations.add(carrier.in, pointer + value.pointer, `is not readable as JSON: ${value.detail}`);
    return pair.value;
  };
}

/** Each given pair a JSON document: an array of objects in a form. */
export function jsonItemsField(carrier: Carrier, limits: JsonLimits): Field {
  const pointer = token(carrier.name);
  const read: Read = (given, violations) =>
    given.map((pair, index) => {
      const value = readJsonText(pair.value, limits);
      if (!(value instanceof Malformed)) return value;
      violations.add(carrier.in, `${pointer}/${index}${value.pointer}`, `is not readable as JSON: ${value.detail}`);
      return pair.value;
    });
  return { carrier, allowReserved: false, claim: 'name', read, rewrite: undefined };
}
