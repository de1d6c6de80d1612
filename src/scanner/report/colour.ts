import type { Severity } from '../model/finding.ts';

const CODES = {
  bold: '1',
  dim: '2',
  critical: '1;31',
  high: '31',
  medium: '33',
  low: '36',
  informational: '2',
  good: '32',
} as const;

/** Wraps text into an escape sequence, or leaves it as it is. */
export type Paint = (how: keyof typeof CODES | Severity, text: string) => string;

/** @param colours false: nothing is painted */
export const paintOf =
  (colours: boolean): Paint =>
  (how, text) =>
    colours && text !== '' ? `\x1b[${CODES[how]}m${text}\x1b[0m` : text;

/** Whether a stream takes colours: a terminal, and no word against it (NO_COLOR, TERM=dumb). */
export const takesColours = (
  stream: { readonly isTTY?: boolean },
  environment: Readonly<Record<string, string | undefined>>,
): boolean => stream.isTTY === true && !environment['NO_COLOR'] && environment['TERM'] !== 'dumb';
