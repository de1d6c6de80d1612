import type { MediaType, Operation, Parameter, SchemaAt } from '../contract/model.ts';
import type { Finding } from '../shared/finding.ts';
import { enforceable } from './body.ts';
import { isIgnored } from './parameters.ts';
import { READERS, readerFor } from './readers/index.ts';
import { isJson } from './readers/names.ts';
import { xml } from './readers/xml.ts';
import { ARRAY, allows, OBJECT, shapeOf } from './shape.ts';

/** What of an operation's request cannot be enforced as written. `schemas` tells what of a schema cannot. */
export function inspectOperation(operation: Operation, schemas: (at: SchemaAt) => readonly Finding[]): Finding[] {
  const findings: Finding[] = [];
  const add = (found: Omit<Finding, 'operation'>): void => {
    findings.push({ ...found, operation: operation.key });
  };
  for (const parameter of operation.parameters) {
    if (isIgnored(parameter)) continue;
    inspectParameter(parameter, add);
    if (parameter.schema !== undefined) for (const each of schemas(parameter.schema)) add(each);
  }
  const content = operation.body?.content ?? [];
  inspectUnread(content, 'text', add);
  inspectUnread(content, 'bytes', add);
  for (const media of content) {
    inspectMedia(media, add);
    if (media.schema !== undefined) for (const each of schemas(media.schema)) add(each);
  }
  return findings;
}

type Add = (found: Omit<Finding, 'operation'>) => void;

function inspectParameter(parameter: Parameter, add: Add): void {
  const { name, place } = parameter;
  if (parameter.contentType !== undefined) {
    const form = parameter.in === 'querystring' && parameter.contentType === 'application/x-www-form-urlencoded';
    if (!isJson(parameter.contentType) && !form && allows(shapeOf(parameter.schema), OBJECT | ARRAY))
      add({
        rule: 'validation/parameter-content',
        severity: 'warning',
        message: `parameter "${name}" is ${parameter.contentType}, which is judged as text only`,
        mend: 'declare it as application/json, or by a schema and a style',
        place,
      });
    return;
  }
  const shape = shapeOf(parameter.schema);
  const nested = [shape.items, ...shape.properties.values()].some((at) => {
    if (at === undefined) return false;
    const inner = shapeOf(at);
    if (parameter.style === 'deepObject' && allows(inner, ARRAY)) return allows(shapeOf(inner.items), ARRAY | OBJECT);
    return inner.stated && (inner.types & ~(ARRAY | OBJECT)) === 0;
  });
  if (nested)
    add({
      rule: 'validation/style-undefined',
      severity: 'warning',
      message: `parameter "${name}" nests arrays or objects, for which style ${parameter.style} has no spelling: such values are refused`,
      mend: 'declare the parameter by content: application/json',
      place,
    });
}

function inspectMedia(media: MediaType, add: Add): void {
  const { type, place } = media;
  if (type.endsWith('*')) {
    const barred = READERS.filter((reader) => !enforceable(media, reader)).map((reader) => reader.name);
    if (barred.length > 0)
      add({
        rule: 'validation/range-not-enforced',
        severity: 'warning',
        message: `bodies of ${type} have a schema that can be judged in some media types only: others (${barred.join(', ')}) are refused`,
        mend: 'name the media types that the operation takes',
        place,
      });
    return;
  }
  const reader = readerFor(type);
  if (reader === undefined) {
    add({
      rule: 'validation/no-reader',
      severity: 'warning',
      message: `there is no reader for ${type}: bodies of it are refused`,
      mend: 'use multipart/form-data, JSON, a form, text or a binary type',
      place,
    });
    return;
  }
  for (const [name, encoding] of media.encoding) {
    if (!encoding.headers.some((header) => header.required)) continue;
    add({
      rule: 'validation/part-header',
      severity: 'warning',
      message: `property "${name}" requires part headers; parts with headers of their own are refused`,
      mend: 'carry the value in a property of its own',
      place,
    });
  }
}

/** One finding for all media types of an operation that pass unread: some contracts list every audio format there is. */
function inspectUnread(content: readonly MediaType[], reads: 'text' | 'bytes', add: Add): void {
  const unread = content.filter((media) => {
    const reader = media.type.endsWith('*') ? undefined : readerFor(media.type);
    if (reader === undefined || (reader === xml) !== (reads === 'text')) return false;
    return !enforceable(media, reader) && media.schema !== undefined && !saysNothing(media.schema);
  });
  const first = unread[0];
  if (first === undefined) return;
  const names = unread.slice(0, 3).map((media) => media.type);
  const more = unread.length > names.length ? ` and ${unread.length - names.length} more` : '';
  add({
    rule: reads === 'text' ? 'validation/xml-not-enforced' : 'validation/schema-not-enforced',
    severity: 'warning',
    message: `the schema of ${names.join(', ')}${more} is not enforced: such bodies pass as ${reads}`,
    mend: 'offer the operation in JSON, or declare the schema as type: string, format: binary if any bytes are fine',
    place: first.place,
  });
}

const SAYS_NOTHING = new Set([
  'type',
  'format',
  'title',
  'description',
  'example',
  'examples',
  'default',
  'deprecated',
]);

/** A string of which nothing more is said: any bytes are one, so that nothing stays unenforced. */
const saysNothing = ({ schema }: SchemaAt): boolean =>
  typeof schema === 'object' &&
  schema !== null &&
  (schema as { type?: unknown }).type === 'string' &&
  Object.keys(schema).every((key) => SAYS_NOTHING.has(key) || key.startsWith('x-'));
