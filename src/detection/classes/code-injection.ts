import { searchCode } from '../code/search.ts';
import { F_BRACE, F_CALL, F_DOLLAR, F_QUOTE, F_SHELL, F_SLASH, F_TAG, F_UNDERSCORE } from '../features.ts';
import type { DetectionClass } from './class.ts';

/**
 * Set into code of a server (PHP, JavaScript, Python, Ruby, Perl, Java, ASP, JSP), or evaluated as such, would the value
 * call what reaches out of the process? Code that somebody writes about stands behind words or other code, and is none.
 */
export const codeInjection: DetectionClass = {
  name: 'code-injection',
  title: 'code injection',
  features: F_CALL | F_TAG | F_UNDERSCORE | F_DOLLAR | F_QUOTE | F_SHELL | F_BRACE | F_SLASH,
  search: searchCode,
};
