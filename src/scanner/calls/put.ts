import { escapeToken, splitPointer } from '../../contract/references.ts';
import { copyOf, getOwn, isPlain, setOwn } from '../generate/own.ts';
import { type Call, Verbatim } from '../model/call.ts';
import { concreteType, preferredMedia } from './media.ts';

/** Steps of a pointer at most: deeper places are not made. */
const MAX_STEPS = 200;

/**
 * A new call with a value at a place; `undefined` takes out what stands there. Shares what it does not change. In a
 * body, parents that are missing are made (an array where the pointer says `0`), and scalars in the way give way.
 * @param place where: `in` and `name` of a place, declared or not
 */
export function put(call: Call, place: { readonly in: string; readonly name: string }, value: unknown): Call {
  if (place.in !== 'body') {
    const key = `${place.in}:${place.name}`;
    const values = new Map(call.values);
    if (value === undefined) values.delete(key);
    else values.set(key, value);
    return { ...call, values };
  }
  const path = splitPointer(place.name);
  if (path.length > MAX_STEPS) return call;
  const before = call.body;
  if (before === undefined && value === undefined) return call;
  const changed = changedAt(before?.value, path, 0, value);
  if (changed === undefined) return { ...call, body: undefined };
  const media = before ? undefined : preferredMedia(call.operation);
  const type = before?.type ?? (media ? concreteType(media.type) : 'application/json');
  return { ...call, body: { type, value: changed } };
}

function changedAt(here: unknown, path: readonly string[], at: number, value: unknown): unknown {
  const name = path[at];
  if (name === undefined) return value;
  const container = Array.isArray(here) || isPlain(here) ? here : undefined;
  if (container === undefined && value === undefined) return here;
  const child = changedAt(getOwn(container, name), path, at + 1, value);
  if (Array.isArray(container) || (container === undefined && name === '0')) {
    const items: unknown[] = Array.isArray(container) ? [...container] : [];
    const index = name === '-' ? items.length : Number(name);
    if (!Number.isInteger(index) || index < 0 || index > items.length) return items;
    if (child === undefined) items.splice(index, 1);
    else items[index] = child;
    return items;
  }
  const object = container === undefined ? {} : copyOf(container);
  if (child === undefined) delete object[name];
  else setOwn(object, name, child);
  return object;
}

/** What a call has at a place; undefined where nothing stands there. */
export function valueAt(call: Call, place: { readonly in: string; readonly name: string }): unknown {
  if (place.in !== 'body') return call.values.get(`${place.in}:${place.name}`);
  let here = call.body?.value;
  if (here instanceof Verbatim) return place.name === '' ? here : undefined;
  for (const name of splitPointer(place.name)) {
    if (!Array.isArray(here) && !isPlain(here)) return undefined;
    here = getOwn(here, name);
  }
  return here;
}

/** A pointer one step deeper. */
export const below = (pointer: string, name: string | number): string => `${pointer}/${escapeToken(String(name))}`;
