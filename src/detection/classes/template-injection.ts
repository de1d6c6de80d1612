import { F_BRACE, F_CALL, F_DOLLAR, F_SPACELESS, F_SQL_COMPARE, F_TAG, F_TEMPLATE } from '../features.ts';
import { searchTemplate } from '../template/search.ts';
import type { DetectionClass } from './class.ts';

/**
 * Met by a template engine, would the value run something? What stands between delimiters is read as an expression: the
 * use of a name is what honest templates have; a calculation, a call that reaches code or a way to the internals of the
 * language is not.
 */
export const templateInjection: DetectionClass = {
  name: 'template-injection',
  title: 'template injection',
  // A comparison: `<#assign x = y>`.
  features: F_TEMPLATE | F_BRACE | F_DOLLAR | F_TAG | F_CALL | F_SPACELESS | F_SQL_COMPARE,
  search: ({ text }, _place, sensitivity) => searchTemplate(text, sensitivity),
};
