import { SignatureError } from '../signatures/error.ts';

/** A message as `curl -i` prints it or a proxy saves it: first line, headers, an empty line, the body as it was sent. */
export interface SavedMessage {
  /** Undefined for a response. */
  readonly method: string | undefined;
  /** Path and query, or a whole URL, of a request. */
  readonly target: string | undefined;
  readonly status: number | undefined;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: Buffer;
}

const MAX_HEAD = 65_536;
const STATUS = /^HTTP\/[0-9.]{1,4} ([1-5][0-9]{2})(?: |$)/;
const REQUEST = /^([A-Z]{1,16}) (\S{1,8192}) HTTP\/[0-9.]{1,4}$/;

/**
 * Reads a saved message; interim answers (100 Continue) before it are skipped.
 * @throws SignatureError
 */
export function readSavedMessage(bytes: Buffer): SavedMessage {
  let rest = bytes;
  for (;;) {
    const { head, body } = split(rest);
    const [first = '', ...lines] = head.split(/\r?\n/);
    const status = STATUS.exec(first);
    if (status?.[1]?.startsWith('1') === true) {
      rest = body;
      continue;
    }
    const request = REQUEST.exec(first);
    if (status === null && request === null)
      throw new SignatureError('not a saved message: save it with `curl -i`, headers first');
    return {
      method: request?.[1],
      target: request?.[2],
      status: status === null ? undefined : Number(status[1]),
      headers: lines.map(headerOf),
      body,
    };
  }
}

/** Headers, one a line, as `portcullis sign` prints them. @throws SignatureError */
export const readHeaders = (bytes: Buffer): (readonly [string, string])[] =>
  bytes
    .subarray(0, MAX_HEAD)
    .toString('latin1')
    .split(/\r?\n/)
    .filter((line) => line !== '')
    .map(headerOf);

function split(bytes: Buffer): { head: string; body: Buffer } {
  for (const end of ['\r\n\r\n', '\n\n']) {
    const at = bytes.indexOf(end);
    if (at >= 0 && at <= MAX_HEAD)
      return { head: bytes.subarray(0, at).toString('latin1'), body: bytes.subarray(at + end.length) };
  }
  throw new SignatureError('not a saved message: there is no empty line after the headers');
}

function headerOf(line: string): readonly [string, string] {
  const colon = line.indexOf(':');
  const name = line.slice(0, colon);
  // A folded line could be read as part of the one before it, or as one of its own.
  if (colon < 1 || !/^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/.test(name))
    throw new SignatureError('not a saved message: a line of its head is no header');
  return [name, line.slice(colon + 1).trim()];
}
