import { isUtf8 } from 'node:buffer';
import type { Answer, Exchange } from '../gateway/exchange.ts';
import { type Refusal, refuse } from '../gateway/refusal.ts';

/**
 * Numbers that a double cannot hold, by the double that stands for them in a parsed answer. Kept beside the answer, so
 * that an id of 64 bits leaves with the digits it came with.
 */
const exactNumbers = new WeakMap<Answer, ReadonlyMap<number, string>>();

/** Digits from which on a number may not fit a double (2^53 has sixteen). */
const SUSPICIOUS_DIGITS = 16;

/**
 * Parses the JSON body of a buffered answer into `answer.value`, once: whoever needs the value first calls this, and
 * whoever changes it changes it in place or replaces it. RFC 8259: UTF-8 only; a byte order mark is ignored (8.1). The
 * last of duplicate keys is the one that is judged and, as the answer is serialized anew, the one that leaves.
 *
 * @returns undefined where `answer.value` is there; else the refusal `upstream-malformed`, which tells nothing of the body.
 */
export function parseAnswer(exchange: Exchange): Refusal | undefined {
  const { answer } = exchange;
  if (answer === undefined) return refuse('internal', { evidence: { reason: 'no answer to parse' } });
  if (answer.value !== undefined) return undefined;
  const { bytes } = answer;
  if (bytes === undefined || bytes.length === 0) return malformed('the body is empty');
  if (typeof bytes === 'string') return malformed('the body was written already');
  if (!isUtf8(bytes)) return malformed('the body is not UTF-8');
  const mark = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
  const text = bytes.toString('utf8', mark);
  try {
    answer.value = hasLongNumber(bytes) ? parseExactly(answer, text) : JSON.parse(text);
    return undefined;
  } catch {
    // The message of the parser quotes the body: it stays here.
    return malformed('the body is not JSON');
  }
}

/**
 * Serializes `answer.value` into `answer.bytes`. Always done before a judged answer leaves: the bytes that came may
 * hold what the parser did not show (duplicate keys).
 * @returns the refusal `upstream-malformed` where the value cannot be written (nested too deeply).
 */
export function serializeAnswer(answer: Answer): Refusal | undefined {
  try {
    const exact = exactNumbers.get(answer);
    const text = exact === undefined ? JSON.stringify(answer.value) : JSON.stringify(answer.value, restorer(exact));
    answer.bytes = text;
    return undefined;
  } catch {
    return malformed('the body cannot be written, it may be nested too deeply');
  }
}

const malformed = (reason: string): Refusal => refuse('upstream-malformed', { evidence: { reason } });

/**
 * Whether sixteen digits or dots stand in a row. Looks at every sixteenth byte, and around it only where that is one:
 * a run of sixteen cannot lie between two of them.
 */
export function hasLongNumber(bytes: Uint8Array): boolean {
  let at = SUSPICIOUS_DIGITS - 1;
  while (at < bytes.length) {
    let back = at;
    while (back > at - SUSPICIOUS_DIGITS && isDigit(bytes[back] as number)) back--;
    if (back === at - SUSPICIOUS_DIGITS) return true;
    at = back + SUSPICIOUS_DIGITS;
  }
  return false;
}

const isDigit = (byte: number): boolean => (byte >= 48 && byte <= 57) || byte === 46;

/**
 * Parses with the source of each number at hand (`JSON.parse` source text access). A number that does not survive as a
 * double is stood for by the nearest double that stands for no other one of this answer: judged as a number of
 * about that size, written with its own digits.
 */
function parseExactly(answer: Answer, text: string): unknown {
  const sources = new Map<number, string>();
  const standIns = new Map<string, number>();
  const next = new Map<number, number>();
  const revive = (_key: string, value: unknown, context?: { source?: string }): unknown => {
    const source = context?.source;
    if (typeof value !== 'number' || source === undefined || survives(source, value)) return value;
    let standIn = standIns.get(source);
    if (standIn !== undefined) return standIn;
    standIn = next.get(value) ?? value;
    while (sources.has(standIn)) standIn = doubleAfter(standIn);
    next.set(value, doubleAfter(standIn));
    sources.set(standIn, source);
    standIns.set(source, standIn);
    return standIn;
  };
  const value: unknown = (JSON.parse as (text: string, reviver: typeof revive) => unknown)(text, revive);
  if (sources.size > 0) exactNumbers.set(answer, sources);
  return value;
}

/**
 * Whether the double says the same as its source. Beyond 2^53 none does: there it could be another number's stand-in.
 * Below, fifteen digits always survive; of more the text decides (zeros at the end of a fraction say nothing).
 */
function survives(source: string, value: number): boolean {
  if (Math.abs(value) > Number.MAX_SAFE_INTEGER) return false;
  if (source.length < SUSPICIOUS_DIGITS || Number.isInteger(value)) return true;
  return String(value) === source.replace(/0+$/, '');
}

const bits = new DataView(new ArrayBuffer(8));

/** The next double away from zero; beyond the largest, the smallest again (nothing stands for anything there). */
function doubleAfter(value: number): number {
  if (!Number.isFinite(value)) return Number.MIN_VALUE;
  bits.setFloat64(0, value);
  bits.setBigUint64(0, bits.getBigUint64(0) + 1n);
  return bits.getFloat64(0);
}

const restorer =
  (exact: ReadonlyMap<number, string>) =>
  (_key: string, value: unknown): unknown => {
    if (typeof value !== 'number') return value;
    const source = exact.get(value);
    return source === undefined ? value : (JSON as unknown as { rawJSON(text: string): unknown }).rawJSON(source);
  };
