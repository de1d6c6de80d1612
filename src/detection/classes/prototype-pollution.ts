import { F_KEY, F_SPACELESS, F_UNDERSCORE } from '../features.ts';
import { searchPrototype } from '../prototype/search.ts';
import type { DetectionClass } from './class.ts';

/**
 * Merged into an object or taken for a path in one, would the name set members of what all objects have in common? In
 * values only a path that sets something counts: prose and code speak of prototypes.
 */
export const prototypePollution: DetectionClass = {
  name: 'prototype-pollution',
  title: 'prototype pollution',
  features: F_UNDERSCORE | F_KEY | F_SPACELESS,
  search: ({ text }, place, sensitivity) => searchPrototype(text, place, sensitivity),
};
