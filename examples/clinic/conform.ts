import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

type Schema = Record<string, unknown>;

/** The clinic's own contract, as far as its tests need to read it: one validator, small enough to be checked by eye. */
export const contract: Schema = parse(readFileSync(join(import.meta.dirname, 'openapi.yaml'), 'utf8'));

export interface ContractOperation {
  readonly id: string;
  readonly method: string;
  readonly template: string;
  readonly value: Schema;
}

export const operations: readonly ContractOperation[] = Object.entries(
  contract.paths as Record<string, Schema>,
).flatMap(([template, item]) =>
  Object.entries(item)
    .filter(([method]) => /^(?:get|post|patch|delete)$/.test(method))
    .map(([method, value]) => ({
      id: String((value as Schema).operationId),
      method: method.toUpperCase(),
      template,
      value: value as Schema,
    })),
);

export function resolve(value: unknown): Schema {
  let at = value as Schema;
  while (typeof at.$ref === 'string') {
    const { $ref, ...beside } = at;
    let found: unknown = contract;
    for (const step of $ref.slice(2).split('/')) found = (found as Schema)[step];
    if (found === undefined) throw new Error(`${$ref} leads nowhere`);
    at = { ...(found as Schema), ...beside };
  }
  return at;
}

const FORMATS: Readonly<Record<string, RegExp>> = {
  date: /^\d{4}-\d{2}-\d{2}$/,
  'date-time': /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$/,
  uuid: /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/,
  email: /^[^@\s]+@[^@\s]+$/,
  'uri-reference': /^\S+$/,
  binary: /^/,
};

/**
 * What is wrong with a value, by place. `closed`: properties that the schema does not name are wrong too.
 * @throws Error on a keyword it does not know, so that nothing goes unchecked.
 */
export function violations(given: unknown, value: unknown, closed: boolean, at = ''): string[] {
  const wrong: string[] = [];
  const schema = resolve(given);
  const say = (holds: boolean, keyword: string) => {
    if (!holds) wrong.push(`${at || '/'}: ${keyword} (${JSON.stringify(value)?.slice(0, 80)})`);
  };
  const kind = value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value;
  const text = kind === 'string' ? (value as string) : undefined;
  const number = kind === 'number' ? (value as number) : undefined;
  const list = kind === 'array' ? (value as unknown[]) : undefined;
  const record = kind === 'object' ? (value as Schema) : undefined;
  for (const [keyword, rule] of Object.entries(schema)) {
    if (
      keyword.startsWith('x-portcullis-') ||
      /^(?:description|readOnly|default|required|properties|examples)$/.test(keyword)
    )
      continue;
    if (keyword === 'type')
      say(
        [rule].flat().some((name) => isType(name, value, kind)),
        `type ${rule}`,
      );
    else if (keyword === 'enum') say((rule as unknown[]).includes(value), 'enum');
    else if (keyword === 'format')
      say(text === undefined || FORMATS[String(rule)]?.test(text) === true, `format ${rule}`);
    else if (keyword === 'pattern') say(text === undefined || new RegExp(String(rule), 'u').test(text), 'pattern');
    else if (keyword === 'minLength') say(text === undefined || [...text].length >= Number(rule), 'minLength');
    else if (keyword === 'maxLength') say(text === undefined || [...text].length <= Number(rule), 'maxLength');
    else if (keyword === 'minimum') say(number === undefined || number >= Number(rule), 'minimum');
    else if (keyword === 'maximum') say(number === undefined || number <= Number(rule), 'maximum');
    else if (keyword === 'maxItems') say(list === undefined || list.length <= Number(rule), 'maxItems');
    else if (keyword === 'items')
      for (const [i, item] of (list ?? []).entries()) wrong.push(...violations(rule, item, closed, `${at}/${i}`));
    else throw new Error(`conform.ts does not know the keyword ${keyword}`);
  }
  if (record !== undefined) {
    const properties = (schema.properties ?? {}) as Schema;
    for (const name of (schema.required as string[] | undefined) ?? [])
      say(Object.hasOwn(record, name), `lacks ${name}`);
    for (const [name, item] of Object.entries(record)) {
      if (Object.hasOwn(properties, name)) wrong.push(...violations(properties[name], item, closed, `${at}/${name}`));
      else if (closed) wrong.push(`${at}/${name}: is not declared`);
    }
  }
  return wrong;
}

const isType = (name: unknown, value: unknown, kind: string): boolean =>
  name === 'integer' ? Number.isInteger(value) : name === kind;

/** The operation that a request addresses. */
export function operationOf(method: string, path: string): ContractOperation {
  const segments = path.replace(/\?.*/, '').split('/');
  const fixed = (template: string) => template.split('/').filter((part) => !part.startsWith('{')).length;
  const [found] = operations
    .filter((each) => each.method === method && each.template.split('/').length === segments.length)
    .filter((each) => each.template.split('/').every((part, i) => part.startsWith('{') || part === segments[i]))
    .toSorted((one, two) => fixed(two.template) - fixed(one.template));
  if (found === undefined) throw new Error(`the contract has no ${method} ${path}`);
  return found;
}

/** What is wrong with an answer: status, media type and body against the contract. */
export function answerViolations(
  operation: ContractOperation,
  answer: { status: number; headers: Headers; text: string; json: unknown },
  closed: boolean,
): string[] {
  const declared = (operation.value.responses as Schema)[answer.status];
  if (declared === undefined) return [`${operation.id} does not declare ${answer.status}`];
  const content = resolve(declared).content as Record<string, Schema> | undefined;
  const type = answer.headers.get('content-type')?.replace(/;.*/, '') ?? '';
  if (content === undefined) return answer.text === '' ? [] : [`${operation.id}: a body that is not declared`];
  const media = content[type];
  if (media === undefined) return [`${operation.id} ${answer.status} does not declare ${type || 'no type'}`];
  if (media.schema === undefined) return [];
  return violations(media.schema, /json/.test(type) ? answer.json : answer.text, closed);
}
