import type { Encoding, MediaType } from '../../contract/model.ts';
import { Malformed, token, type Violations } from '../fault.ts';
import { type Field, FieldSet } from '../fields.ts';
import type { ParsedMediaType } from '../media-type.ts';
import type { ValidationOptions } from '../options.ts';
import type { Pair } from '../pairs.ts';
import { INVALID, type ToScalar, toScalar } from '../scalar.ts';
import { ARRAY, allows, type Shape, shapeOf } from '../shape.ts';
import { kindOf } from '../styles/style.ts';
import { CHARSET_FIELD, keep } from './form.ts';
import { type JsonLimits, readJson } from './json.ts';
import { goodBoundary, type Part, splitParts } from './multipart-parts.ts';
import { isJson } from './names.ts';
import { propertyField } from './properties.ts';
import type { BodyReader, Reading } from './reader.ts';
import { readText } from './text.ts';

/** A file as the exchange carries it. */
export interface UploadedFile {
  readonly name: string;
  readonly filename: string | undefined;
  readonly mediaType: string;
  readonly bytes: Buffer;
}

/** How the parts of one property are read. */
interface Property {
  readonly kind: 'file' | 'json' | 'text';
  readonly many: boolean;
  readonly field: Field;
  /** Media types that a part may say, exact or as `type/*`; empty: any for a file, the usual for the rest. */
  readonly types: readonly string[];
  readonly minLength: number;
  readonly maxLength: number;
}

/** `multipart/form-data`, and `multipart/mixed` as OpenAPI uses it: parts with names. */
export const multipart: BodyReader = {
  name: 'multipart',
  accepts: (type) => type === 'multipart/form-data' || type === 'multipart/mixed',
  large: true,
  judges: 'whole',
  rewritable: false,
  check: ({ boundary }) =>
    goodBoundary(boundary)
      ? undefined
      : new Malformed('', 'the boundary must be 1 to 70 of the characters of RFC 2046, without spaces'),
  compile: compileMultipart,
  contentType: ({ type, boundary }) =>
    // Quoted where it is no token (RFC 2045, section 5.1).
    `${type}; boundary=${/[^0-9A-Za-z'+_\-.]/.test(boundary ?? '') ? `"${boundary}"` : boundary}`,
};

function compileMultipart(media: MediaType, options: ValidationOptions) {
  const { settings, free } = options;
  const shape = shapeOf(media.schema);
  const limits: JsonLimits = { depth: settings.maxDepth, values: settings.maxValues };
  const properties: Property[] = [];
  for (const [name, at] of shape.properties) {
    const encoding = media.encoding.get(name);
    properties.push(compileProperty(propertyField(name, at, encoding, 'body', limits), shapeOf(at), encoding));
  }
  const fields = FieldSet.of(properties.map((each) => each.field));
  const additional = shapeOf(shape.additional);
  const plain = toScalar(additional);
  const onlyFields = additional.stated && !additional.binary;
  const policy = free || media.schema === undefined || shape.open ? 'allow' : settings.undeclaredProperties;
  const enforced = settings.enforce === 'enforce';

  return (bytes: Buffer, type: ParsedMediaType, violations: Violations): Reading | Malformed => {
    const { boundary } = type;
    if (!goodBoundary(boundary)) return new Malformed('', 'the boundary is missing or malformed');
    const parts = splitParts(bytes, boundary, { parts: settings.maxParts });
    if (parts instanceof Malformed) return parts;
    const { given, undeclared } = fields.sort(parts);
    const state: State = {
      value: Object.create(null),
      judged: Object.create(null),
      files: new Set(),
      limits,
      violations,
    };
    for (let i = 0; i < properties.length; i++) {
      const mine = given[i];
      if (mine === undefined) continue;
      const fault = readProperty(properties[i] as Property, mine, state);
      if (fault !== undefined) return fault;
    }
    const dropped: Part[] = [];
    for (const part of undeclared) {
      if (policy === 'strip') {
        dropped.push(part);
        continue;
      }
      if (policy === 'refuse') violations.add('body', token(part.name), 'is not declared');
      else if (part.name === CHARSET_FIELD) violations.add('body', token(part.name), 'must not choose the charset');
      else if (properties.length > 0 && fields.resembles(part.name))
        violations.add('body', token(part.name), 'can be read as a declared property');
      if (onlyFields && part.filename !== undefined)
        violations.add('body', token(part.name), 'must be a field, but is sent as a file');
      const fault = readUndeclared(part, plain, state);
      if (fault !== undefined) return fault;
    }
    return {
      value: state.value,
      judged: state.judged,
      bytes: dropped.length > 0 && enforced ? rebuild(parts, new Set(dropped), boundary) : bytes,
      dropped: dropped.map((part) => part.name),
      files: state.files,
    };
  };
}

function compileProperty(field: Field, shape: Shape, encoding: Encoding | undefined): Property {
  const item = allows(shape, ARRAY) ? shapeOf(shape.items) : shape;
  const types = (encoding?.contentType ?? '')
    .split(',')
    .map((each) => each.split(';', 1)[0]?.trim().toLowerCase() ?? '')
    .filter((each) => each !== '');
  const json = types.length > 0 ? types.every(isJson) : encoding?.style === undefined && kindOf(item) === 'object';
  const file = !json && (item.binary || types.some((each) => !each.startsWith('text/') && !isJson(each)));
  return {
    kind: file ? 'file' : json ? 'json' : 'text',
    many: allows(shape, ARRAY),
    field,
    types,
    minLength: item.minLength,
    maxLength: item.maxLength,
  };
}

interface State {
  readonly value: Record<string, unknown>;
  readonly judged: Record<string, unknown>;
  readonly files: Set<string>;
  readonly limits: JsonLimits;
  readonly violations: Violations;
}

function readProperty(property: Property, all: readonly Part[], state: State): Malformed | undefined {
  const { kind, many } = property;
  const { violations } = state;
  const name = property.field.carrier.name;
  const pointer = token(name);
  // A file field of a form where none was chosen: sent all the same, with nothing in it.
  const parts = kind === 'file' ? all.filter((part) => part.filename !== '' || part.bytes.length > 0) : all;
  if (parts.length === 0) return undefined;
  for (const part of parts) {
    if (!goodType(property, part.mediaType))
      violations.add('body', pointer, 'has a media type that is not declared for it');
    if (kind !== 'file' && part.filename !== undefined)
      violations.add('body', pointer, 'must be a field, but is sent as a file');
    if (part.filename === '') violations.add('body', pointer, 'has an empty file name');
  }
  if (kind === 'text') return readTexts(property, parts, state);
  if (parts.length > 1 && !many) violations.add('body', pointer, 'is given more than once');

  const values: unknown[] = [];
  const judged: unknown[] = [];
  for (const part of parts) {
    if (kind === 'file') {
      const at = many ? `${pointer}/${values.length}` : pointer;
      state.files.add(at);
      if (part.bytes.length < property.minLength)
        violations.add('body', at, `must have at least ${property.minLength} bytes`);
      if (part.bytes.length > property.maxLength)
        violations.add('body', at, `must have at most ${property.maxLength} bytes`);
      values.push(asFile(part));
      judged.push('');
    } else {
      const value = readJson(part.bytes, state.limits);
      if (value instanceof Malformed) return new Malformed(pointer + value.pointer, value.detail);
      values.push(value);
      judged.push(value);
    }
  }
  // One JSON part may hold the whole array, or each its item.
  const whole = !many || (kind === 'json' && values.length === 1 && Array.isArray(values[0]));
  state.value[name] = whole ? values[0] : values;
  state.judged[name] = whole ? judged[0] : judged;
  return undefined;
}

function readTexts(property: Property, parts: readonly Part[], state: State): Malformed | undefined {
  const { carrier, read } = property.field;
  const pairs: Pair[] = [];
  for (const part of parts) {
    const text = readText(part.bytes);
    if (text instanceof Malformed) return new Malformed(token(carrier.name), text.detail);
    pairs.push({ name: part.name, value: text, raw: text, text, bare: false, semicolon: false });
  }
  const value = read(pairs, state.violations);
  state.value[carrier.name] = value;
  state.judged[carrier.name] = value;
  return undefined;
}

/** A part that the contract does not name goes by what it says of itself. */
function readUndeclared(part: Part, plain: ToScalar, state: State): Malformed | undefined {
  const { name, mediaType } = part;
  if (part.filename !== undefined || (mediaType !== undefined && mediaType !== 'text/plain' && !isJson(mediaType))) {
    keep(state.value, name, asFile(part));
    keep(state.judged, name, '');
    state.files.add(token(name));
    return undefined;
  }
  const read = mediaType !== undefined && isJson(mediaType) ? readJson(part.bytes, state.limits) : readText(part.bytes);
  if (read instanceof Malformed) return new Malformed(token(name) + read.pointer, read.detail);
  const scalar = typeof read === 'string' ? plain(read) : read;
  const value = scalar === INVALID ? read : scalar;
  keep(state.value, name, value);
  keep(state.judged, name, value);
  return undefined;
}

function goodType({ kind, types }: Property, type: string | undefined): boolean {
  if (types.length > 0) {
    if (type === undefined) return kind !== 'file';
    return types.some(
      (each) => each === type || each === '*/*' || (each.endsWith('/*') && type.startsWith(each.slice(0, -1))),
    );
  }
  if (kind === 'file' || type === undefined || type === 'text/plain') return true;
  return kind === 'json' && isJson(type);
}

const asFile = ({ name, filename, mediaType, bytes }: Part): UploadedFile => ({
  name,
  filename,
  mediaType: mediaType ?? 'application/octet-stream',
  bytes,
});

function rebuild(parts: readonly Part[], dropped: ReadonlySet<Part>, boundary: string): Buffer {
  const pieces: Buffer[] = [];
  const start = Buffer.from(`--${boundary}\r\n`, 'latin1');
  const end = Buffer.from('\r\n');
  for (const part of parts) if (!dropped.has(part)) pieces.push(start, part.source, end);
  pieces.push(Buffer.from(`--${boundary}--\r\n`, 'latin1'));
  return Buffer.concat(pieces);
}
