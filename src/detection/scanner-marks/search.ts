import type { Match, Place, Sensitivity } from '../classes/class.ts';
import type { Form } from '../forms.ts';
import { AGENTS, CANARIES, HEADERS, NAMING_HEADERS, PHRASES, SURVEYS } from './tools.ts';

/** Characters of a User-Agent that are read: no program writes its name behind them. */
const MAX_AGENT = 1024;
/** Characters of a value with a canary in it; what is longer is a report about one. */
const MAX_CANARY = 512;

/** Whether the text names an attack tool where programs name themselves, or holds what only such a tool writes. */
export function searchMarks(form: Form, place: Place, sensitivity: Sensitivity): Match | undefined {
  const { text } = form;
  if (place.source !== 'header') return canary(text);
  if (HEADERS.has(place.name)) return { start: 0, end: text.length, why: 'is a header that only attack tools send' };
  return NAMING_HEADERS.has(place.name) ? agent(text, sensitivity) : canary(text);
}

function agent(text: string, sensitivity: Sensitivity): Match | undefined {
  const lower = text.slice(0, MAX_AGENT).toLowerCase();
  for (let at = 0; at < lower.length; at++) {
    if (!isWord(lower.charCodeAt(at))) continue;
    const start = at;
    while (at < lower.length && isWord(lower.charCodeAt(at))) at++;
    const word = lower.slice(start, at);
    if (!AGENTS.has(word)) {
      // A version may be stuck to the name: `dirbuster-1.0`.
      const hyphen = word.indexOf('-');
      if (hyphen < 1 || !AGENTS.has(word.slice(0, hyphen)) || !isDigit(word.charCodeAt(hyphen + 1))) continue;
    }
    return { start, end: at, why: 'names a tool made for attacks' };
  }
  return (
    among(PHRASES, lower, 'names a tool made for attacks') ??
    (sensitivity === 'high' ? among(SURVEYS, lower, 'names a survey of what answers on the Internet') : undefined) ??
    canary(text)
  );
}

function canary(text: string): Match | undefined {
  // Every one of them has a dot or an underscore.
  if (text.length > MAX_CANARY || !(text.includes('_') || text.includes('.'))) return undefined;
  return among(CANARIES, text.toLowerCase(), 'holds a mark by which a scanner knows its own values again');
}

function among(marks: readonly string[], text: string, why: string): Match | undefined {
  for (const mark of marks) {
    const start = text.indexOf(mark);
    if (start >= 0) return { start, end: start + mark.length, why };
  }
  return undefined;
}

const isDigit = (c: number): boolean => c >= 0x30 && c <= 0x39;
/** Letters, digits, `_`, `-`. */
const isWord = (c: number): boolean => (c >= 0x61 && c <= 0x7a) || isDigit(c) || c === 0x5f || c === 0x2d;
