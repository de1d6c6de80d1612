import { F_AUTHORITY, F_COLON, F_SPACELESS } from '../features.ts';
import { searchUrl } from '../url/search.ts';
import type { DetectionClass } from './class.ts';

/**
 * Given to something that fetches URLs, would the value make it connect to the server itself, to its network, to a
 * cloud's metadata service, or speak a protocol nobody meant? A whole value is read as the most obliging clients read
 * it; in prose only what has no honest use there counts.
 */
export const serverSideRequestForgery: DetectionClass = {
  name: 'server-side-request-forgery',
  title: 'server-side request forgery',
  features: F_COLON | F_AUTHORITY | F_SPACELESS,
  search: searchUrl,
};
