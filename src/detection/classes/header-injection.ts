import { F_BACKSLASH, F_COLON, F_LINE, F_WIDE } from '../features.ts';
import { searchHeader } from '../header/search.ts';
import type { DetectionClass } from './class.ts';

/**
 * Put into the header of an answer, a request or a mail, would the value end its line and go on as a field, a message
 * or a command of its own? By place: where no value has lines (paths, headers, cookies, names) any field counts, in
 * queries what no text begins a line with, in bodies only what begins as a single value.
 */
export const headerInjection: DetectionClass = {
  name: 'header-injection',
  title: 'header and mail injection',
  features: F_LINE | F_BACKSLASH | F_WIDE | F_COLON,
  search: searchHeader,
};
