import { F_CALL, F_COLON, F_SHELL, F_SQL_COMPARE, F_TAG } from '../features.ts';
import { searchHtml } from '../html/search.ts';
import type { DetectionClass } from './class.ts';

/**
 * Set into a page, as content, in an attribute, in a string of a script, as a URL or in a style, would the value run
 * script? Tags are read as browsers read them, and what they hold is read as script, URL or style.
 */
export const crossSiteScripting: DetectionClass = {
  name: 'cross-site-scripting',
  title: 'cross-site scripting',
  features: F_TAG | F_CALL | F_COLON | F_SQL_COMPARE | F_SHELL,
  search: (form, _place, sensitivity) => searchHtml(form, sensitivity),
};
