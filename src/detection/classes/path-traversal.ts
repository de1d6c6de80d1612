import { F_BACKSLASH, F_COLON, F_CONTROL, F_DOTS, F_FILENAME, F_SPACELESS } from '../features.ts';
import { searchPath } from '../path/search.ts';
import type { DetectionClass } from './class.ts';

/**
 * Given to something that opens files, would the value leave its directory or name a file nobody meant? A whole value
 * that is a path is resolved; in prose only a climb to a file worth stealing counts.
 */
export const pathTraversal: DetectionClass = {
  name: 'path-traversal',
  title: 'path traversal',
  features: F_DOTS | F_CONTROL | F_BACKSLASH | F_SPACELESS | F_FILENAME | F_COLON,
  search: searchPath,
};
