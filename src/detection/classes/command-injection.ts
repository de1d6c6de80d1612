import { F_BACKSLASH, F_HEAD, F_OPTION, F_SHELL, F_TAG } from '../features.ts';
import { searchShell } from '../shell/search.ts';
import type { DetectionClass } from './class.ts';

/**
 * Set into the command line of a shell, bare or in quotes, would the value end the command and start another, or put
 * the output of one in its place? A lexer of what POSIX shells and cmd.exe make of words undoes disguises, and a table
 * of programs says which arguments make a name a command.
 */
export const commandInjection: DetectionClass = {
  name: 'command-injection',
  title: 'OS command injection',
  features: F_SHELL | F_BACKSLASH | F_TAG | F_HEAD | F_OPTION,
  search: searchShell,
};
