import { hexOf } from './hex.ts';
import { layOut } from './layout.ts';
import { type Piece, piecesOf, type Range, rangesOf } from './marks.ts';

/** Characters of a body that a report shows. */
const SHOWN = 3_000;
/** Of them, those before the first mark. */
const BEFORE = 800;
/** Lines that are shown, and of them those before the first mark. */
const LINES = 40;
const LINES_BEFORE = 14;
/** Bytes that are shown of a binary body. */
const SHOWN_BYTES = 512;
/** Characters of a body that are laid out; longer ones stay as they came. */
const LAID_OUT = 64 * 1024;
/** Bytes that are looked at to tell whether a body is text. */
const SAMPLED = 4_096;
/** Share of characters that no text has, above which a body is binary. */
const ODD = 0.1;

/** A body as a report shows it. */
export interface ShownBody {
  readonly kind: 'none' | 'text' | 'binary';
  readonly pieces: readonly Piece[];
  /** What was left out before and behind; undefined for nothing. */
  readonly before: string | undefined;
  readonly behind: string | undefined;
  /** Bytes of the whole. */
  readonly size: number;
}

const NOTHING: ShownBody = { kind: 'none', pieces: [], before: undefined, behind: undefined, size: 0 };

/** The part of a body around its first mark; bytes in hexadecimal where it is no text. */
export function shownBody(body: string | Uint8Array | undefined, marks: readonly string[]): ShownBody {
  if (body === undefined || body.length === 0) return NOTHING;
  const size = typeof body === 'string' ? Buffer.byteLength(body) : body.byteLength;
  if (typeof body !== 'string' && isBinary(body)) {
    const left = size - SHOWN_BYTES;
    return {
      kind: 'binary',
      pieces: [{ text: hexOf(body.subarray(0, SHOWN_BYTES)), marked: false }],
      before: undefined,
      behind: left > 0 ? `${left} more bytes` : undefined,
      size,
    };
  }
  const whole = typeof body === 'string' ? body : new TextDecoder().decode(body);
  let ranges = rangesOf(whole, marks);
  // What stands far behind the first mark is never shown.
  let text = whole.slice(0, (ranges[0]?.[0] ?? 0) + SHOWN);
  const hidden = whole.length - text.length;
  ranges = ranges.filter(([, end]) => end <= text.length);
  if (text.length <= LAID_OUT && /^\s*[{[]/.test(text)) ({ text, ranges } = layOut(text, ranges));
  return { ...windowOf(text, ranges, hidden), kind: 'text', size };
}

/** @param hidden characters that stand behind the text */
function windowOf(
  text: string,
  ranges: readonly Range[],
  hidden: number,
): Pick<ShownBody, 'pieces' | 'before' | 'behind'> {
  const first = ranges[0]?.[0] ?? 0;
  let start = text.length <= SHOWN ? 0 : Math.min(Math.max(0, first - BEFORE), text.length - SHOWN);
  let end = Math.min(text.length, start + SHOWN);
  // Short lines make a long page: whole lines are left out then.
  start = Math.max(start, backBy(text, first, LINES_BEFORE));
  end = Math.min(end, forwardBy(text, start, LINES));
  const within = ranges
    .filter(([from, to]) => to > start && from < end)
    .map(([from, to]) => [Math.max(from, start) - start, Math.min(to, end) - start] as const);
  return {
    pieces: piecesOf(text.slice(start, end), within),
    before: start > 0 ? `${start} characters before` : undefined,
    behind: end < text.length + hidden ? `${text.length + hidden - end} more characters` : undefined,
  };
}

/** The beginning of the line that stands so many lines before a position. */
function backBy(text: string, from: number, lines: number): number {
  let at = from;
  for (let count = 0; count <= lines; count++) {
    at = text.lastIndexOf('\n', at - 1);
    if (at <= 0) return 0;
  }
  return at + 1;
}

/** The end of the line that stands so many lines behind a position. */
function forwardBy(text: string, from: number, lines: number): number {
  let at = from - 1;
  for (let count = 0; count < lines; count++) {
    at = text.indexOf('\n', at + 1);
    if (at < 0) return text.length;
  }
  return at;
}

/** Whether bytes are no UTF-8 text, by their beginning. */
function isBinary(bytes: Uint8Array): boolean {
  const sample = new TextDecoder().decode(bytes.subarray(0, SAMPLED));
  let odd = 0;
  for (let i = 0; i < sample.length; i++) {
    const code = sample.charCodeAt(i);
    if (code === 0) return true;
    if (code === 0xfffd || (code < 0x20 && code !== 9 && code !== 10 && code !== 13 && code !== 27)) odd++;
  }
  return odd > Math.max(1, sample.length * ODD);
}
