import type { Parameter } from '../contract/model.ts';
import { Malformed, token } from './fault.ts';
import type { ValidationOptions } from './options.ts';
import { decodePercents } from './pairs.ts';
import type { JudgeQuery } from './parameters.ts';
import { compileForm } from './readers/form.ts';
import { readJsonText } from './readers/json.ts';
import { isJson } from './readers/names.ts';

/**
 * A query that is one value (OpenAPI 3.2, `in: querystring`): a form or a JSON text. The properties of an object stand in
 * `parameters.query` under their names, anything else under the parameter's.
 */
export function compileQueryString(parameter: Parameter, options: ValidationOptions): JudgeQuery {
  const { settings } = options;
  const undeclared = settings.undeclaredProperties === 'allow' ? 'allow' : 'refuse';
  const schema = parameter.schema && options.compile(parameter.schema, undeclared);
  const limits = { depth: settings.maxDepth, values: settings.maxValues };
  const json = isJson(parameter.contentType ?? '');
  const form = compileForm(parameter.schema, new Map(), 'query', options);

  return (query, into, violations) => {
    if (query === '') {
      if (parameter.required) violations.add('query', '', 'is required');
      return undefined;
    }
    const before = violations.list.length;
    let value: unknown;
    let rebuilt: string | undefined;
    if (json) {
      const text = decodePercents(query);
      value =
        text === undefined ? new Malformed('', 'is not valid percent-encoding of UTF-8') : readJsonText(text, limits);
      if (value instanceof Malformed) return value;
    } else {
      const reading = form(query, violations);
      if (reading instanceof Malformed) return reading;
      value = reading.value;
      rebuilt = reading.rebuilt;
    }
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      for (const [name, each] of Object.entries(value)) into[name] = each;
    } else into[parameter.name] = value;
    if (violations.list.length === before) {
      for (const each of schema?.validate(value) ?? [])
        violations.add('query', each.pointer || token(parameter.name), each.detail);
    }
    return rebuilt;
  };
}
