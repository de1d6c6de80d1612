import { kindOf, mediaOf } from '../../calls/media.ts';
import { isFileValue } from '../../calls/multipart.ts';
import type { Call, FileValue } from '../../model/call.ts';
import type { CheckContext, Sample } from '../../model/check.ts';

/** Where an operation takes a file. */
export interface Slot {
  readonly sample: Sample;
  /** Property of the form; undefined: the whole body. */
  readonly property: string | undefined;
  /** Media types that the contract allows there, lower case, ranges too; empty where it does not say. */
  readonly allowed: readonly string[];
}

/** The places of all operations that take files, by the calls that worked. */
export function slotsOf(context: CheckContext): Slot[] {
  return context.operations.flatMap((operation): Slot[] => {
    const sample = context.samples(operation)[0];
    const body = sample?.call.body;
    if (!sample || !body) return [];
    const kind = kindOf(body.type);
    if (kind === 'bytes') {
      const allowed = (operation.body?.content ?? [])
        .map(({ type }) => type)
        .filter((type) => type !== '*/*' && type !== 'application/octet-stream');
      return [{ sample, property: undefined, allowed }];
    }
    if (kind !== 'multipart' || typeof body.value !== 'object' || body.value === null) return [];
    const media = mediaOf(operation, body.type);
    return Object.entries(body.value).flatMap(([property, value]) => {
      const one: unknown = Array.isArray(value) ? value[0] : value;
      if (!isFileValue(one)) return [];
      const said = media?.encoding.get(property)?.contentType ?? '';
      const allowed = said
        .split(',')
        .map((type) => type.trim().toLowerCase())
        .filter((type) => type !== '' && type !== '*/*' && type !== 'application/octet-stream');
      return [{ sample, property, allowed }];
    });
  });
}

/** A call that should work, with another file in the slot; undefined where none may be sent. */
export async function callWith(
  context: CheckContext,
  { sample, property }: Slot,
  file: FileValue,
): Promise<Call | undefined> {
  const call = sample.as ? await context.prepare(sample.call.operation, sample.as) : sample.call;
  if (!call?.body || !context.mayTry(call)) return undefined;
  if (property === undefined) return { ...call, body: { type: file.type, value: file.content } };
  const fields = call.body.value as Readonly<Record<string, unknown>>;
  const value = Array.isArray(fields[property]) ? [file] : file;
  return { ...call, body: { type: call.body.type, value: { ...fields, [property]: value } } };
}

/** Whether the contract allows a media type in a slot. */
export const isAllowed = ({ allowed }: Slot, type: string): boolean =>
  allowed.length === 0 ||
  allowed.some((one) => one === type || (one.endsWith('/*') && type.startsWith(one.slice(0, -1))));

/** The place in words. */
export const placeName = ({ property }: Slot): string => (property === undefined ? 'body' : `body /${property}`);
