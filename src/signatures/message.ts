/** The value of a field: all its lines in order, or one text where they are already joined; undefined where it is absent. */
export type FieldReader = (name: string) => string | readonly string[] | undefined;

/** What a signature can cover of a request. Everything as it was sent, not as somebody would have written it. */
export interface RequestMessage {
  readonly method: string;
  readonly scheme: 'https' | 'http';
  /** Host, with the port where one was sent. */
  readonly authority: string;
  /** Encoded path, starting with `/`. */
  readonly path: string;
  /** Without the `?`; undefined where there is none. */
  readonly query: string | undefined;
  /** Takes lower-case names. */
  readonly field: FieldReader;
}

/** What a signature can cover of a response; `request` is the one it answers, where that is known. */
export interface ResponseMessage {
  readonly status: number;
  readonly field: FieldReader;
  readonly request?: RequestMessage;
}

export type Message = RequestMessage | ResponseMessage;

export const isResponse = (message: Message): message is ResponseMessage => 'status' in message;

/** A request to a URL, as `fetch` would send it. The URL is taken in its WHATWG form, which is what goes on the wire. */
export function requestTo(url: URL, method: string, field: FieldReader): RequestMessage {
  return {
    method,
    scheme: url.protocol === 'http:' ? 'http' : 'https',
    authority: url.host,
    path: url.pathname,
    query: url.search === '' ? undefined : url.search.slice(1),
    field,
  };
}

/** Reads fields from names and values as they stand in a list; names in any case. */
export function fieldsOf(list: Iterable<readonly [string, string]>): FieldReader {
  const fields = new Map<string, string[]>();
  for (const [name, value] of list) {
    const lower = name.toLowerCase();
    const lines = fields.get(lower);
    if (lines === undefined) fields.set(lower, [value]);
    else lines.push(value);
  }
  return (name) => fields.get(name);
}

/** The combined value of a field (RFC 9421, section 2.1): lines trimmed, folds undone, joined with a comma. */
export function combined(value: string | readonly string[]): string {
  return typeof value === 'string' ? trimmed(value) : value.map(trimmed).join(', ');
}

/** One line without the spaces around it; a line that was folded over several becomes one (RFC 9112, section 5.2). */
export function trimmed(line: string): string {
  const text = line.includes('\n') ? unfolded(line) : line;
  let start = 0;
  let end = text.length;
  while (start < end && isSpace(text.charCodeAt(start))) start++;
  while (end > start && isSpace(text.charCodeAt(end - 1))) end--;
  return start === 0 && end === text.length ? text : text.slice(start, end);
}

/** What is broken without a space after it is no fold: it stays, and the base refuses it. */
function unfolded(line: string): string {
  const parts = line.split('\r\n');
  if (parts.some((part, i) => i > 0 && !isSpace(part.charCodeAt(0)))) return line;
  return parts.map((part) => trimmed(part.replaceAll('\n', '\u0000'))).join(' ');
}

const isSpace = (code: number): boolean => code === 0x20 || code === 0x09;
