import type { Encoding, MediaType, SchemaAt } from '../../contract/model.ts';
import { ARRAY, FILE, type Node } from '../../contract/schema/node.ts';
import { facetsOf } from '../generate/facets.ts';
import { isReadOnly, namesOf, ofItem, ofProperty } from '../generate/members.ts';
import { nodeOf, rawOf } from '../generate/nodes.ts';
import { copyOf, isPlain, setOwn } from '../generate/own.ts';
import { bestValue } from '../generate/valid.ts';
import type { FileValue } from '../model/call.ts';

/** Whole, tiny and harmless contents, by media type: what an API that looks inside would take. */
const PNG = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
const GIF = 'R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7';
const EMPTY_ZIP = 'UEsFBgAAAAAAAAAAAAAAAAAAAAAAAA==';
const PDF =
  '%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n' +
  '3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 72 72]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n';

interface Sample {
  readonly extension: string;
  readonly content: () => string | Uint8Array;
}

const SAMPLES: ReadonlyMap<string, Sample> = new Map<string, Sample>([
  ['image/png', { extension: 'png', content: () => Buffer.from(PNG, 'base64') }],
  ['image/gif', { extension: 'gif', content: () => Buffer.from(GIF, 'base64') }],
  [
    'image/svg+xml',
    { extension: 'svg', content: () => '<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"/>' },
  ],
  ['application/pdf', { extension: 'pdf', content: () => PDF }],
  ['application/zip', { extension: 'zip', content: () => Buffer.from(EMPTY_ZIP, 'base64') }],
  ['text/csv', { extension: 'csv', content: () => 'name,value\nsample,1\n' }],
  ['application/json', { extension: 'json', content: () => '{"name":"sample"}' }],
  ['text/plain', { extension: 'txt', content: () => 'A short text for trying things out.\n' }],
  ['application/xml', { extension: 'xml', content: () => '<sample>1</sample>' }],
  ['text/xml', { extension: 'xml', content: () => '<sample>1</sample>' }],
  ['text/html', { extension: 'html', content: () => '<p>sample</p>' }],
]);

/** A harmless file of a media type; of an unknown one, a short text under its name. */
export function sampleFile(type: string): FileValue {
  const known = SAMPLES.get(type);
  if (known) return { file: `sample.${known.extension}`, type, content: known.content() };
  if (type.startsWith('image/')) return { ...sampleFile('image/png'), type };
  const text = 'A short text for trying things out.\n';
  if (type === '' || type === 'application/octet-stream')
    return { file: 'sample.txt', type: 'text/plain', content: text };
  return { file: `sample.${/[/.+-]([a-z0-9]{1,5})$/.exec(type)?.[1] ?? 'bin'}`, type, content: text };
}

/** A whole body of bytes. A schema that says how long it must be is heard. */
export function wholeBody(type: string, schema: SchemaAt | undefined, random: () => number): unknown {
  const sample = sampleFile(type).content;
  if (schema === undefined) return sample;
  const { minLength, maxLength, types, formats } = facetsOf([nodeOf(schema)], schema.documents, () => 0);
  const binary = (types & FILE) !== 0 || formats.includes('binary') || formats.length === 0;
  if (binary && sample.length >= minLength && sample.length <= maxLength) return sample;
  const { value } = bestValue(schema, random);
  return typeof value === 'string' ? value : value === undefined ? sample : JSON.stringify(value);
}

/** Puts files into a multipart value where the contract says bytes. */
export function filesWithin(
  value: unknown,
  media: MediaType,
  _random: () => number,
  fill: 'required' | 'all',
): unknown {
  const { schema } = media;
  if (schema === undefined) return { file: sampleFile('text/plain') };
  const { documents } = schema;
  const { members, required } = facetsOf([nodeOf(schema)], documents, () => 0);
  const fields = isPlain(value) ? copyOf(value) : {};
  for (const name of namesOf(members)) {
    const nodes = ofProperty(members, name, documents);
    if (nodes === undefined || isReadOnly(nodes, documents)) continue;
    const encoding = media.encoding.get(name);
    const facets = facetsOf(nodes, documents, () => 0);
    const several = facets.stated && (facets.types & ARRAY) !== 0;
    const inner = several ? (ofItem(facets.members, 0, documents) ?? []) : nodes;
    const wanted = required.has(name) || required.size === 0 || fill === 'all' || Object.hasOwn(fields, name);
    if (!wanted || !isFile(facetsOf(inner, documents, () => 0).members, encoding)) continue;
    const file = sampleFile(fileType(inner, encoding));
    setOwn(fields, name, several ? [file] : file);
  }
  return fields;
}

/** Whether a property is sent as a file: bytes by its schema, or by the media type it is encoded in. */
export function isFile(members: readonly Node[], encoding: Encoding | undefined): boolean {
  const types = (encoding?.contentType ?? '').split(',').map((each) => each.trim());
  if (types.some((type) => type !== '' && !type.startsWith('text/') && !/[/+]json/.test(type))) return true;
  return members.some((node) => {
    const raw = rawOf(node);
    const bytes = typeof raw['contentMediaType'] === 'string' && raw['contentEncoding'] === undefined;
    return (node.types & FILE) !== 0 || node.format === 'binary' || (bytes && raw['type'] === undefined);
  });
}

function fileType(nodes: readonly Node[], encoding: Encoding | undefined): string {
  const said = (encoding?.contentType ?? '').split(',', 1)[0]?.split(';', 1)[0]?.trim() ?? '';
  if (said !== '' && !said.includes('*')) return said;
  if (said.startsWith('image/')) return 'image/png';
  for (const node of nodes) {
    const media = rawOf(node)['contentMediaType'];
    if (typeof media === 'string') return media.toLowerCase();
  }
  return 'text/plain';
}
