import type { Operation } from '../../contract/model.ts';
import type { KnownObject } from '../model/check.ts';
import type { Book } from './book.ts';
import { fits, fitting } from './fitting.ts';
import { type Entry, keyOf } from './pool.ts';

/** Things told of for one place. */
const MOST = 200;

/** The things that the places of an operation can name: of the path, the query and the body's first level. */
export function knownObjects(operation: Operation, book: Book): KnownObject[] {
  const found: KnownObject[] = [];
  const path = book.resources.path(operation);
  for (const place of path) {
    let count = 0;
    for (const entry of book.pool.of(place)) {
      if (entry.gone || !fits(entry.value, place.schema) || ++count > MOST) continue;
      const beside = new Map<string, string | number>();
      for (const other of path) {
        const value = other === place ? undefined : entry.context.get(keyOf(other.kind, other.property));
        if (value !== undefined) beside.set(other.place, fitting(value, other.schema));
      }
      found.push(object(operation, place.place, fitting(entry.value, place.schema), entry, beside));
    }
  }
  for (const { place, reference, schema } of book.references(operation)) {
    let count = 0;
    for (const entry of book.pool.of(reference)) {
      if (entry.gone || !fits(entry.value, schema) || ++count > MOST) continue;
      found.push(object(operation, place, fitting(entry.value, schema), entry, NONE));
    }
  }
  return found;
}

const NONE: ReadonlyMap<string, string | number> = new Map();

const object = (
  operation: Operation,
  place: string,
  value: string | number,
  { seenBy, made, owner }: Entry,
  beside: ReadonlyMap<string, string | number>,
): KnownObject => ({
  operation,
  place,
  value,
  seenBy,
  madeBy: made?.by,
  owner,
  beside,
});
