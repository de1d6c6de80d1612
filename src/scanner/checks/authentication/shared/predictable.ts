import { createHash } from 'node:crypto';
import type { Severity } from '../../../model/finding.ts';
import { readJwt } from './jwt.ts';

/** How values that should be random can be guessed. */
export interface Guessable {
  readonly cause: string;
  /** Continues "tokens of ... ". */
  readonly says: string;
  readonly severity: Severity;
}

export interface Circumstances {
  readonly username?: string | undefined;
  /** Milliseconds since 1970 between which the values were made. */
  readonly began: number;
  readonly ended: number;
}

/** Bits of chance below which values can be tried out over the network. */
const FEW_BITS = 40;
/** Largest step between two values of a counter. */
const STEP = 10_000n;
const COUNTED = 5_000;

/**
 * Looks at values that were made one after the other: counters, clocks, digests of something known, too few characters
 * that change. JWTs are signed and are no matter of chance: they are left out.
 * @returns undefined where nothing shows
 */
export function guessable(values: readonly string[], circumstances: Circumstances): Guessable | undefined {
  if (values.length < 3 || values.some((value) => readJwt(value) !== undefined)) return undefined;
  const forms = [values, ...decodings(values)];
  for (const form of forms) {
    const derived = derivedFrom(form, circumstances);
    if (derived !== undefined) return derived;
    if (new Set(form).size < form.length) continue;
    const counted = countedUp(form, circumstances);
    if (counted !== undefined) return counted;
  }
  if (new Set(values).size < values.length) return undefined;
  const bits = chanceIn(values);
  return bits < FEW_BITS
    ? { cause: 'little chance', says: `hold only some ${Math.round(bits)} bits of chance`, severity: 'high' }
    : undefined;
}

/** What the values are where they are base64 of text. */
function decodings(values: readonly string[]): string[][] {
  const texts = values.map((value) => {
    const bare = decodeURIComponentSafely(value);
    if (!/^[A-Za-z0-9+/_-]{4,}={0,2}$/.test(bare)) return undefined;
    const text = Buffer.from(bare, 'base64').toString('latin1');
    return /^[\x20-\x7e]{3,}$/.test(text) ? text : undefined;
  });
  return texts.every((text) => text !== undefined) ? [texts] : [];
}

function decodeURIComponentSafely(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

const HEX_DIGEST = /^[0-9a-f]{32}$|^[0-9a-f]{40}$|^[0-9a-f]{64}$/i;

/** The name itself, or a digest of the name, the time, or a small number. */
function derivedFrom(values: readonly string[], { username, began, ended }: Circumstances): Guessable | undefined {
  if (username !== undefined && values.every((value) => value === username)) {
    return { cause: 'made of the user name', says: 'are the user name, at most encoded', severity: 'critical' };
  }
  if (!values.every((value) => HEX_DIGEST.test(value))) return undefined;
  const [first = ''] = values;
  const algorithm = first.length === 32 ? 'md5' : first.length === 40 ? 'sha1' : 'sha256';
  const wanted = new Set(values.map((value) => value.toLowerCase()));
  const found = new Set<string>();
  const says = new Set<string>();
  const test = (text: string, what: string): void => {
    const digest = createHash(algorithm).update(text).digest('hex');
    if (wanted.has(digest)) {
      found.add(digest);
      says.add(what);
    }
  };
  if (username !== undefined) test(username, 'the user name');
  for (let number = 0; number <= COUNTED; number++) test(String(number), 'a small number');
  const from = Math.floor(began / 1000) - 5;
  const to = Math.ceil(ended / 1000) + 5;
  for (let second = from; second <= to && second - from < 120; second++) {
    test(String(second), 'the time');
    for (const glue of ['', ':', '-', '_', '.']) {
      test(`${username}${glue}${second}`, 'the user name and the time');
      test(`${second}${glue}${username}`, 'the user name and the time');
    }
  }
  for (let at = began - 50; at <= ended + 50 && at - began < 20_000; at++) {
    test(String(at), 'the time');
    test(`${username}${at}`, 'the user name and the time');
    test(`${username}:${at}`, 'the user name and the time');
  }
  if (found.size !== wanted.size) return undefined;
  return {
    cause: 'digest of what is known',
    says: `are ${algorithm} of ${[...says].join(', ')}`,
    severity: 'critical',
  };
}

/** Numbers that grow by little, or with the clock; what stands around them is always the same. */
function countedUp(values: readonly string[], { began, ended }: Circumstances): Guessable | undefined {
  for (const radix of [10, 16] as const) {
    const middles = varying(values, radix);
    if (middles === undefined) continue;
    const numbers = middles.map((text) => BigInt(radix === 16 ? `0x${text}` : text));
    const steps = numbers.slice(1).map((number, at) => number - numbers[at]!);
    const clock = numbers.every((number) => [1n, 1_000n].some((unit) => near(number * unit, began, ended)));
    if (clock) return { cause: 'made of the time', says: 'are the time at which they were made', severity: 'critical' };
    if (steps.every((step) => step > 0n && step <= STEP)) {
      // Hexadecimal numbers that happen to grow by little are as good as impossible; decimal ones of few digits are not.
      return { cause: 'counted up', says: 'are counted up', severity: 'critical' };
    }
  }
  return undefined;
}

const near = (milliseconds: bigint, began: number, ended: number): boolean =>
  milliseconds >= BigInt(Math.floor(began) - 10_000) && milliseconds <= BigInt(Math.ceil(ended) + 10_000);

/** The part of each value that is not the same in all, widened to whole numbers; undefined where it is no number. */
function varying(values: readonly string[], radix: 10 | 16): string[] | undefined {
  const digit = radix === 10 ? /[0-9]/ : /[0-9a-fA-F]/;
  const [first = ''] = values;
  let start = 0;
  while (start < first.length && values.every((value) => value[start] === first[start])) start++;
  // Digits before the difference belong to the number: 1099, 1100.
  while (start > 0 && digit.test(first[start - 1] ?? '')) start--;
  let end = 0;
  while (
    end < first.length - start &&
    values.every((value) => value[value.length - 1 - end] === first[first.length - 1 - end])
  )
    end++;
  while (end > 0 && digit.test(first[first.length - end] ?? '')) end--;
  const middles = values.map((value) => value.slice(start, value.length - end));
  const shape = radix === 10 ? /^[0-9]{1,40}$/ : /^[0-9a-fA-F]{1,64}$/;
  return middles.every((text) => shape.test(text)) ? middles : undefined;
}

/** Bits of chance the values can hold: positions that differ, by the alphabet seen in all of them. */
export function chanceIn(values: readonly string[]): number {
  const length = Math.max(...values.map((value) => value.length));
  const alphabet = new Set(values.join(''));
  const letters = [...alphabet].join('');
  const size = /^[0-9]*$/.test(letters)
    ? 10
    : /^[0-9a-f-]*$/i.test(letters)
      ? 16
      : /^[0-9a-z_-]*$/.test(letters)
        ? 36
        : 64;
  let differing = 0;
  for (let at = 0; at < length; at++) if (new Set(values.map((value) => value[at])).size > 1) differing++;
  return differing * Math.log2(size);
}
