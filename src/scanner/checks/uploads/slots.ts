import type { Operation } from '../../../contract/model.ts';
import { kindOf, mediaOf } from '../../calls/media.ts';
import { isFileValue } from '../../calls/multipart.ts';
import { facetsOf } from '../../generate/facets.ts';
import { nodeOf, rawOf } from '../../generate/nodes.ts';
import type { Call, FileValue, ValuePlace } from '../../model/call.ts';
import type { CheckContext, Sample } from '../../model/check.ts';
import type { Exchange, ScanRequest, SendOptions } from '../../model/exchange.ts';

/** Where an operation takes a file. */
export interface Slot {
  readonly operation: Operation;
  readonly sample: Sample;
  /** As a part of a form, as the whole body, or as base64 in JSON. */
  readonly kind: 'part' | 'bytes' | 'base64';
  /** Property of the form, or pointer into the JSON; undefined: the whole body. */
  readonly property: string | undefined;
  /** Media types that the contract allows there, lower case, ranges too; empty where it does not say. */
  readonly allowed: readonly string[];
  /** What worked: its name, type and content. */
  readonly given: FileValue;
}

const LIKE_FILE =
  /^(?:file|content|contents|data|image|photo|picture|avatar|attachment|document|upload|payload|blob|bytes|logo|icon|scan)(?:content|data|bytes|base64|b64|file)?$/i;

/** The places of all operations that take files, by the calls that worked. */
export function slotsOf(context: CheckContext): Slot[] {
  return context.operations.flatMap((operation): Slot[] => {
    const sample = context.samples(operation)[0];
    const body = sample?.call.body;
    if (!sample || !body) return [];
    const kind = kindOf(body.type);
    if (kind === 'bytes') {
      const declared = operation.body?.content ?? [];
      const allowed = said(declared.map(({ type }) => type));
      const given = { file: '', type: body.type, content: contentOf(body.value) };
      return [{ operation, sample, kind: 'bytes', property: undefined, allowed, given }];
    }
    if (kind === 'json') return encoded(context, operation, sample);
    if (kind !== 'multipart' || typeof body.value !== 'object' || body.value === null) return [];
    const media = mediaOf(operation, body.type);
    return Object.entries(body.value).flatMap(([property, value]) => {
      const one: unknown = Array.isArray(value) ? value[0] : value;
      if (!isFileValue(one)) return [];
      const allowed = said((media?.encoding.get(property)?.contentType ?? '').split(','));
      return [{ operation, sample, kind: 'part' as const, property, allowed, given: one }];
    });
  });
}

const said = (types: readonly string[]): string[] =>
  types
    .map((type) => type.trim().toLowerCase())
    .filter((type) => type !== '' && type !== '*/*' && type !== 'application/octet-stream');

const contentOf = (value: unknown): string | Uint8Array =>
  value instanceof Uint8Array || typeof value === 'string' ? value : JSON.stringify(value ?? '');

/** Texts in JSON that hold files: by the contract's words, or by a name and a value that both say so. */
function encoded({ places, mayTry }: CheckContext, operation: Operation, sample: Sample): Slot[] {
  if (!mayTry(sample.call)) return [];
  return places(sample.call).flatMap((place): Slot[] => {
    const { value, word, name } = place;
    if (place.in !== 'body' || typeof value !== 'string') return [];
    const data = /^data:([\w.+/-]{0,100})(?:;[\w=-]{1,40}){0,3};base64,/.exec(value);
    const plain = /^(?:[\w+/]{4}){4,}(?:[\w+/]{2}==|[\w+/]{3}=)?$/.test(value) && value.length < 1_000_000;
    if (!declares(place) && !data && !(plain && LIKE_FILE.test(word))) return [];
    const content = Buffer.from(data ? value.slice(data[0].length) : value, 'base64');
    return [
      {
        operation,
        sample,
        kind: 'base64',
        property: name,
        allowed: [],
        given: { file: '', type: data?.[1] ?? '', content },
      },
    ];
  });
}

function declares({ schema }: ValuePlace): boolean {
  if (!schema) return false;
  const { members, formats } = facetsOf([nodeOf(schema)], schema.documents, () => 0);
  if (formats.includes('byte')) return true;
  return members.some((node) => rawOf(node)['contentEncoding'] === 'base64');
}

/** A request that should work, and what it is made of. */
export interface Upload {
  readonly call: Call;
  readonly request: ScanRequest;
}

/** A request that should work, with another file in the slot; undefined where none may be sent. */
export async function uploadOf(context: CheckContext, slot: Slot, file: FileValue): Promise<Upload | undefined> {
  const { sample, operation, property, kind } = slot;
  const call = sample.as ? await context.prepare(operation, sample.as) : sample.call;
  if (!call?.body || !context.mayTry(call)) {
    context.skip('no upload could be prepared that may be sent', operation);
    return undefined;
  }
  const as = sample.as ?? null;
  if (kind === 'bytes') {
    const plain = context.render(call, as);
    const headers = plain.headers.filter(([name]) => !/^content-(?:type|length)$/i.test(name));
    return { call, request: { ...plain, headers: [...headers, ['Content-Type', file.type]], body: file.content } };
  }
  if (kind === 'base64') {
    const changed = inJson(context, call, property as string, file);
    return { call: changed, request: context.render(changed, as) };
  }
  const fields = call.body.value as Readonly<Record<string, unknown>>;
  const value = Array.isArray(fields[property as string]) ? [file] : file;
  const changed = { ...call, body: { type: call.body.type, value: { ...fields, [property as string]: value } } };
  return { call: changed, request: context.render(changed, as) };
}

/** The file in a property, and its name and type in those beside it that say them. */
function inJson(context: CheckContext, call: Call, pointer: string, file: FileValue): Call {
  const folder = pointer.slice(0, pointer.lastIndexOf('/') + 1);
  let changed = call;
  for (const place of context.places(call)) {
    if (place.in !== 'body' || typeof place.value !== 'string') continue;
    if (place.name === pointer) {
      const text = Buffer.from(file.content as string).toString('base64');
      const prefix = place.value.startsWith('data:') ? `data:${file.type};base64,` : '';
      changed = context.put(changed, place, prefix + text);
    } else if (place.name.startsWith(folder) && place.name.indexOf('/', folder.length) < 0) {
      if (/^(?:file|original)?_?name$/i.test(place.word)) changed = context.put(changed, place, file.file);
      else if (/^(?:content|mime|media|file)_?-?type$/i.test(place.word))
        changed = context.put(changed, place, file.type);
    }
  }
  return changed;
}

/** Sends it in the name of who it was made for. */
export async function send(
  context: CheckContext,
  slot: Slot,
  { request }: Upload,
  options?: SendOptions,
): Promise<Exchange> {
  return await context.request(request, { operation: slot.operation, as: slot.sample.as?.name }, options);
}

/** Puts back what stood there before, where the upload replaced something: a picture of an account. */
export async function putBack(context: CheckContext, slot: Slot): Promise<void> {
  if (slot.operation.method !== 'POST') await context.restore(slot.sample);
}

/** Whether the contract allows a media type in a slot. */
export const isAllowed = ({ allowed }: Slot, type: string): boolean =>
  allowed.length === 0 ||
  allowed.some((one) => one === type || (one.endsWith('/*') && type.startsWith(one.slice(0, -1))));

/** The place in words. */
export const placeName = ({ property, kind }: Slot): string =>
  property === undefined ? 'body' : kind === 'base64' ? `body ${property}` : `body /${property}`;
