import { searchXPath, XPATH_FEATURES } from '../xpath/search.ts';
import type { DetectionClass } from './class.ts';

/** Set into a literal or a predicate of XPath, does the value leave it and go on as XPath or XQuery? */
export const xpathInjection: DetectionClass = {
  name: 'xpath-injection',
  title: 'XPath injection',
  features: XPATH_FEATURES,
  search: ({ text, features }, _place, sensitivity) => searchXPath(text, features, sensitivity),
};
