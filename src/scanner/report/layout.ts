import type { Range } from './marks.ts';

/** Spaces of one level; deeper levels than this stay where they are. */
const INDENT = 2;
const DEEPEST = 20;

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const BACKSLASH = 0x5c;
const isSpace = (code: number): boolean => code === 0x20 || (code >= 0x09 && code <= 0x0d);
const opens = (code: number): boolean => code === 0x7b || code === 0x5b;
const closes = (code: number): boolean => code === 0x7d || code === 0x5d;

/**
 * Lays JSON out over lines without reading it: nothing but white space outside of strings is changed, so that repeated
 * keys, odd numbers and cut ends are seen as they came.
 *
 * @returns the text, and the ranges moved to where their characters stand now
 */
export function layOut(text: string, ranges: readonly Range[]): { text: string; ranges: Range[] } {
  const positions = new Uint32Array(text.length + 1);
  let out = '';
  let depth = 0;
  let quoted = false;
  let empty = false;
  const line = (): string => `\n${' '.repeat(INDENT * Math.min(depth, DEEPEST))}`;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (quoted) {
      positions[i] = out.length;
      out += text[i];
      if (code === BACKSLASH && i + 1 < text.length) {
        positions[++i] = out.length;
        out += text[i];
      } else if (code === QUOTE) quoted = false;
      continue;
    }
    if (isSpace(code)) {
      positions[i] = out.length;
      continue;
    }
    // What a bracket opened gets a line of its own once it is known to hold something.
    if (closes(code)) {
      depth = Math.max(0, depth - 1);
      if (!empty) out += line();
    } else if (empty) out += line();
    empty = opens(code);
    positions[i] = out.length;
    out += text[i];
    if (code === QUOTE) quoted = true;
    else if (empty) depth++;
    else if (code === COMMA) out += line();
    else if (code === COLON) out += ' ';
  }
  positions[text.length] = out.length;
  // The end of a range is behind its last character, not before the next one: white space between is not marked.
  return {
    text: out,
    ranges: ranges.map(([start, end]) => [positions[start] as number, (positions[end - 1] as number) + 1] as const),
  };
}
