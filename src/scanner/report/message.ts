import type { Exchange, Failure } from '../model/exchange.ts';
import { type ShownBody, shownBody } from './body.ts';
import { type Piece, piecesOf, rangesOf } from './marks.ts';
import { cut } from './visible.ts';

/** Headers of one message that are shown, and characters of each. */
const HEADERS = 60;
const HEADER_LENGTH = 600;
const TARGET_LENGTH = 2_000;

/** One message of an exchange, as a report shows it. */
export interface ShownMessage {
  /** Request line or status line, and header lines. */
  readonly head: readonly Piece[];
  readonly body: ShownBody;
}

export function shownRequest({ request }: Exchange, marks: readonly string[]): ShownMessage {
  const { method, target, headers, body } = request;
  const lines = [`${cut(method, 200)} ${cut(target, TARGET_LENGTH)} HTTP/1.1`, ...headerLines(headers)];
  return { head: marked(lines, marks), body: shownBody(body, marks) };
}

export function shownAnswer({ answer }: Exchange, marks: readonly string[]): ShownMessage {
  const lines: string[] = [];
  if (answer.failure !== undefined) lines.push(failureText(answer.failure));
  if (answer.status !== 0) lines.push(`HTTP/1.1 ${answer.status}`);
  const headers: (readonly [string, string])[] = [];
  for (const [name, value] of answer.headers) for (const one of value.split('\n')) headers.push([name, one]);
  lines.push(...headerLines(headers));
  return { head: marked(lines, marks), body: shownBody(answer.body, marks) };
}

/** `GET /patients/1 → 200`: an exchange on one line. */
export function exchangeLine({ request, answer, as }: Exchange): string {
  const who = as === undefined ? 'without a credential' : `as ${as}`;
  const what = answer.status === 0 ? failureText(answer.failure ?? 'reset') : String(answer.status);
  return `${cut(request.method, 40)} ${cut(request.target, 160)} ${who} → ${what}`;
}

const FAILURES: Readonly<Record<Failure, string>> = {
  refused: 'no connection',
  reset: 'the connection was closed before the answer was whole',
  timeout: 'no whole answer before the deadline',
  malformed: 'what came is no HTTP/1.1',
  endless: 'the body went on beyond the cap',
  tls: 'the TLS handshake failed',
  stopped: 'the scan ended before the answer came',
};

const failureText = (failure: Failure): string => `(${FAILURES[failure]})`;

function headerLines(headers: readonly (readonly [string, string])[]): string[] {
  const lines = headers.slice(0, HEADERS).map(([name, value]) => cut(`${name}: ${value}`, HEADER_LENGTH));
  if (headers.length > HEADERS) lines.push(`(${headers.length - HEADERS} more headers)`);
  return lines;
}

function marked(lines: readonly string[], marks: readonly string[]): readonly Piece[] {
  const text = lines.join('\n');
  return piecesOf(text, rangesOf(text, marks));
}
