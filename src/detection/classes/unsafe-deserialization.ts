import { searchObjects } from '../deserialization/search.ts';
import {
  F_AUTHORITY,
  F_BRACE,
  F_COLON,
  F_CONTROL,
  F_DOLLAR,
  F_HEAD,
  F_KEY,
  F_LINE,
  F_STRUCTURE,
  F_TAG,
  F_UNDERSCORE,
} from '../features.ts';
import type { DetectionClass } from './class.ts';

/**
 * Taken for objects, would the value make some that act? Streams are read in the formats of the languages that load
 * them, as far as it takes to see whether they name a class or a function; plain data in them is left alone.
 */
export const unsafeDeserialization: DetectionClass = {
  name: 'unsafe-deserialization',
  title: 'unsafe deserialization',
  features:
    F_HEAD |
    F_KEY |
    F_COLON |
    F_BRACE |
    F_TAG |
    F_LINE |
    F_CONTROL |
    F_DOLLAR |
    F_UNDERSCORE |
    F_AUTHORITY |
    F_STRUCTURE,
  documents: true,
  search: (form, place, sensitivity) => searchObjects(form, place, sensitivity),
};
