import { F_AUTHORITY, F_CALL, F_HEADER, F_SPACELESS } from '../features.ts';
import { searchMarks } from '../scanner-marks/search.ts';
import type { DetectionClass } from './class.ts';

/**
 * Does the request say of itself that an attack tool sent it? By User-Agent, by headers and by marks in values that no
 * ordinary client has. Whoever hides them is not found by this: it keeps noise out, no more.
 */
export const scanner: DetectionClass = {
  name: 'scanner',
  title: 'attack tools',
  features: F_HEADER | F_CALL | F_AUTHORITY | F_SPACELESS,
  search: searchMarks,
};
