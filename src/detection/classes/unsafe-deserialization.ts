import { searchObjects } from '../deserialization/search.ts';
import { F_SPACE, F_SPACELESS, F_STRUCTURE } from '../features.ts';
import type { DetectionClass } from './class.ts';

/**
 * Taken for objects, would the value make some that act? Streams are read in the formats of the languages that load
 * them, as far as it takes to see whether they name a class or a function; plain data in them is left alone.
 */
export const unsafeDeserialization: DetectionClass = {
  name: 'unsafe-deserialization',
  title: 'unsafe deserialization',
  // The name of a class has no sign that other text lacks.
  features: F_SPACELESS | F_SPACE | F_STRUCTURE,
  documents: true,
  search: (form, place, sensitivity) => searchObjects(form, place, sensitivity),
};
