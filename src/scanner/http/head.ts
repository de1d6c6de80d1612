/** Bytes of status line and headers that are read at most. */
export const MAX_HEAD = 256 * 1024;

/** Status line and headers of an answer. */
export interface Head {
  readonly status: number;
  /** `1.0` or `1.1`. */
  readonly version: string;
  /** Names lower case; repeated ones joined with `, ` (Set-Cookie with a line feed). */
  readonly headers: ReadonlyMap<string, string>;
}

const STATUS_LINE = /^HTTP\/(1\.[01]) ([1-9]\d\d)(?: |$)/;
const FIRST = Buffer.from('HTTP/1.');
const LF = 10;
const CR = 13;

/** Whether the bytes can be the beginning of an answer in HTTP/1.x: false as soon as they cannot. */
export function beginsAnswer(bytes: Uint8Array): boolean {
  const length = Math.min(bytes.length, FIRST.length);
  for (let i = 0; i < length; i++) if (bytes[i] !== FIRST[i]) return false;
  return true;
}

/**
 * Where the body begins: after the first empty line. A lone LF ends a line too (RFC 9112, section 2.2).
 *
 * @param from nothing before this index was left to look at
 * @returns -1 where there is no empty line yet
 */
export function endOfHead(bytes: Buffer, from: number): number {
  for (let at = bytes.indexOf(LF, from); at !== -1; at = bytes.indexOf(LF, at + 1)) {
    if (bytes[at + 1] === LF) return at + 2;
    if (bytes[at + 1] === CR && bytes[at + 2] === LF) return at + 3;
  }
  return -1;
}

/**
 * Reads status line and headers, as lenient as clients are: lines without a colon are passed over, continued lines
 * joined (RFC 9112, section 5.2), values read as UTF-8.
 *
 * @returns undefined where the first line is no status line
 */
export function readHead(bytes: Buffer): Head | undefined {
  // Latin-1 is a plain copy; the slower reading is for the few heads that need it.
  let text = bytes.toString('latin1');
  if (/[\x80-\xff]/.test(text)) text = bytes.toString();
  const lines = text.split('\n');
  const status = STATUS_LINE.exec((lines[0] as string).trimEnd());
  if (!status) return undefined;
  const headers = new Map<string, string>();
  let last: string | undefined;
  for (let i = 1; i < lines.length; i++) {
    const line = lines[i] as string;
    if ((line[0] === ' ' || line[0] === '\t') && last !== undefined) {
      headers.set(last, `${headers.get(last) ?? ''} ${line.trim()}`.trim());
      continue;
    }
    const colon = line.indexOf(':');
    if (colon < 1) continue;
    last = line.slice(0, colon).trim().toLowerCase();
    const value = line.slice(colon + 1).trim();
    const before = headers.get(last);
    headers.set(last, before === undefined ? value : `${before}${last === 'set-cookie' ? '\n' : ', '}${value}`);
  }
  return { status: Number(status[2]), version: status[1] as string, headers };
}
