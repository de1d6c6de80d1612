import { searchExpression } from '../expression/search.ts';
import { F_CALL, F_DOLLAR, F_KEY, F_SPACELESS, F_TEMPLATE, F_UNDERSCORE } from '../features.ts';
import type { DetectionClass } from './class.ts';

/**
 * Met by one of Java's expression languages or by a logger that resolves lookups, would the value run or fetch
 * something? Lookups are resolved as those do, however they are nested; expressions are read as templates' are.
 */
export const expressionInjection: DetectionClass = {
  name: 'expression-injection',
  title: 'expression and JNDI injection',
  features: F_TEMPLATE | F_DOLLAR | F_CALL | F_UNDERSCORE | F_KEY | F_SPACELESS,
  search: (form, place, sensitivity) => searchExpression(form, place, sensitivity),
};
