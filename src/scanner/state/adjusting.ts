import { placesOf } from '../calls/places.ts';
import { put, valueAt } from '../calls/put.ts';
import { validValue } from '../generate/valid.ts';
import type { Call, ValuePlace } from '../model/call.ts';
import { freshValue } from './fresh.ts';
import type { Turn } from './turn.ts';

/** What errors asked for and did not want. */
export function adjusted(call: Call, turn: Turn, source: (place: ValuePlace) => unknown, random: () => number): Call {
  let changed = call;
  for (const name of turn.headers) {
    changed = put(changed, { in: 'header', name }, freshValue({ word: 'nonce', schema: undefined }, random));
  }
  if (turn.wanted.size === 0 && turn.unwanted.size === 0 && turn.disliked.size === 0) return changed;
  for (const place of placesOf(call)) {
    const key = `${place.in}:${place.name}`;
    if (turn.unwanted.has(key) && !place.required) changed = put(changed, place, undefined);
    else if (place.value === undefined && turn.wanted.has(key)) {
      const value = source(place) ?? (place.schema && validValue(place.schema, random, { word: place.word }));
      if (value !== undefined) changed = put(changed, place, value);
    } else if (turn.pattern && turn.disliked.has(key) && isValue(place.value)) {
      const value = source(place);
      if (value !== undefined && valueAt(changed, place) === place.value) changed = put(changed, place, value);
    }
  }
  return changed;
}

const isValue = (value: unknown): value is string | number => typeof value === 'string' || typeof value === 'number';
