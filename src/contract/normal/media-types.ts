import type { Encoding, MediaType, Parameter, Style } from '../model.ts';
import type { Context, Node } from './context.ts';
import { readHeader, readStyle } from './parameters.ts';

const MEDIA_TYPE = /^(\*|[a-z0-9!#$&^_.+-]{1,127})\/(\*|[a-z0-9!#$&^_.+-]{1,127}|\*\+[a-z]{1,20})$/;

/** Normal form of a media type: lower case, no parameters. @returns undefined where it is none (RFC 6838, 4.2). */
export function mediaTypeName(text: string): string | undefined {
  const type = text.split(';', 1)[0]!.trim().toLowerCase();
  return MEDIA_TYPE.test(type) ? type : undefined;
}

const FORM_STYLES: readonly Style[] = ['form', 'spaceDelimited', 'pipeDelimited', 'deepObject'];

/** Media types whose schema the gate judges: others pass by type and size only. */
export function isJudged(type: string): boolean {
  return (
    /^application\/(.+\+)?json$/.test(type) ||
    type === 'application/x-www-form-urlencoded' ||
    type.startsWith('multipart/') ||
    (type.startsWith('text/') && type !== 'text/xml') ||
    type.includes('*')
  );
}

/** Most media types have none: they share one. */
export const NO_ENCODING: ReadonlyMap<string, Encoding> = new Map();

/** Reads a `content` map. Two spellings of one media type: the first counts. */
export function readContent(context: Context, content: Node | undefined): readonly MediaType[] {
  const found = new Map<string, MediaType>();
  for (const [name, given] of content?.entries("'content'") ?? []) {
    const type = mediaTypeName(name);
    if (!type) {
      context.findings.warn(
        'bad-media-type',
        `'${name.slice(0, 100)}' is no media type; bodies of it are refused`,
        'write it as type/subtype, e.g. application/json',
        given.place,
      );
      continue;
    }
    if (found.has(type)) {
      context.findings.warnOnce(
        'duplicate-media-type',
        `'${type}' stands there twice, with other parameters; the first counts`,
        'keep one',
        given.place,
      );
      continue;
    }
    const media = readMediaType(context, type, given);
    if (media) found.set(type, media);
  }
  return Object.freeze([...found.values()]);
}

function readMediaType(context: Context, type: string, given: Node): MediaType | undefined {
  const node = context.follow(given);
  if (!node?.isObject('a media type')) return undefined;
  context.checkFields(node, 'a media type');
  const schema = node.child('schema');
  warnOfUnenforced(context, type, node);
  const encoding = new Map<string, Encoding>();
  const encodings = node.child('encoding');
  if (type === 'application/x-www-form-urlencoded' || type.startsWith('multipart/') || type === '*/*') {
    for (const [property, entry] of encodings?.entries("'encoding'") ?? []) {
      if (entry.isObject('an encoding')) encoding.set(property, readEncoding(context, entry));
    }
  } else if (encodings) {
    context.findings.warnOnce(
      'ignored-encoding',
      `'encoding' has no meaning for '${type}'`,
      'take it out',
      encodings.place,
    );
  }
  return Object.freeze({
    type,
    schema: schema && context.schemaAt(schema),
    encoding: encoding.size > 0 ? encoding : NO_ENCODING,
    place: node.place,
  });
}

function warnOfUnenforced(context: Context, type: string, node: Node): void {
  const { findings } = context;
  for (const key of ['itemSchema', 'prefixEncoding', 'itemEncoding']) {
    const child = node.child(key);
    if (!child) continue;
    findings.warn(
      'unenforced',
      `'${key}' is not enforced: items of the stream pass unread`,
      'describe the whole body by schema',
      child.place,
    );
  }
  const schema = node.child('schema');
  if (schema && !isJudged(type) && !isBinary(schema.value)) {
    findings.warnOnce(
      'unenforced-media-type',
      `bodies of '${type}' are judged by type and size only, not by their schema`,
      'offer application/json, or accept that these bodies pass unread',
      schema.place,
      familyOf(type),
    );
  }
}

/** Media types that are told of together: all images, everything in XML. */
export const familyOf = (type: string): string =>
  /[/+]xml$/.test(type) ? 'xml' : type.startsWith('application/') ? type : type.slice(0, type.indexOf('/'));

/** A schema that says nothing but 'bytes' has nothing to enforce. */
const isBinary = (schema: unknown): boolean => {
  const { type, format } = (schema ?? {}) as { type?: unknown; format?: unknown };
  return type === 'string' && (format === 'binary' || format === undefined);
};

function readEncoding(context: Context, node: Node): Encoding {
  context.checkFields(node, 'an encoding');
  const headers: Parameter[] = [];
  for (const [name, given] of node.child('headers')?.entries("'headers'") ?? []) {
    if (name.toLowerCase() === 'content-type') continue;
    const header = readHeader(context, name, given);
    if (header) headers.push(header);
  }
  return Object.freeze({
    contentType: node.text('contentType')?.toLowerCase(),
    style: node.child('style') && readStyle(context, node, FORM_STYLES),
    explode: node.flag('explode'),
    allowReserved: node.flag('allowReserved') ?? false,
    headers,
  });
}
