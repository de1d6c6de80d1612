import { FORMATS } from '../../contract/schema/formats/formats.ts';
import { Verbatim } from '../model/call.ts';
import { fits } from './fits.ts';
import { letters, oneOf } from './random.ts';
import type { Idea, Target } from './tampered.ts';

/** Length of a text that is too long for anything, by how it is carried: heads of requests are short. */
const HUGE = { json: 50_000, text: 3_000, opaque: 50_000 } as const;
/** Longest text made to go over a bound. */
const MAX_OVER = { json: 200_000, text: 6_000, opaque: 200_000 } as const;

/** Texts in no way in a format, though near to it. */
const UNFORMATTED: ReadonlyMap<string, readonly string[]> = new Map([
  ['date', ['2024-13-45', 'someday']],
  ['date-time', ['2024-13-45T99:99:99Z', 'someday']],
  ['time', ['99:99:99Z', 'noonish']],
  ['email', ['no.at.sign.example', '@@']],
  ['uuid', ['00000000-0000-0000-0000-00000000000g', 'no-uuid']],
  ['ipv4', ['999.1.1.1', '1.2.3']],
  ['ipv6', ['12345::xyz', ':::']],
  ['uri', ['no uri at all', '::']],
  ['hostname', ['-a-.b_c', 'no host']],
  ['byte', ['%%%%']],
  ['duration', ['five minutes']],
]);

/** Texts that break a demand of the contract, and texts that break readers. */
export function* brokenTexts(target: Target): Generator<Idea> {
  const { facets, value, carried, random } = target;
  const { minLength, maxLength } = facets;
  const base = typeof value === 'string' && value !== '' ? value : 'sample';
  if (facets.enumeration) yield* notListed(target);
  if (minLength > 1) yield { value: [...base].slice(0, minLength - 1).join(''), breaks: 'minLength' };
  if (minLength > 0) yield { value: '', breaks: 'minLength' };
  if (maxLength < MAX_OVER[carried]) yield { value: over(base, maxLength + 1), breaks: 'maxLength' };
  for (const { source } of facets.patterns) {
    const text = unmatched(target, base);
    if (text !== undefined) yield { value: text, breaks: `pattern ${source.slice(0, 80)}` };
  }
  for (const format of facets.formats) {
    if (!FORMATS.has(format)) continue;
    for (const text of UNFORMATTED.get(format) ?? ['\u00a7 no such format'])
      yield { value: text, breaks: `format ${format}` };
  }
  yield { value: over(base, HUGE[carried]), breaks: 'huge text' };
  yield { value: '', breaks: 'empty' };
  yield { value: `${base} `, breaks: 'trailing space', lenient: true };
  for (const word of ['null', 'undefined', 'NaN']) yield { value: word, breaks: 'a word for nothing', lenient: true };
  yield { value: '-1', breaks: 'negative', lenient: true };
  yield* oddities(base, target);
  yield { value: `${base}${letters(random, 1)}%00`, breaks: 'encoding', lenient: true };
}

function* notListed({ facets, random }: Target): Generator<Idea> {
  const texts = (facets.enumeration ?? []).filter((each) => typeof each === 'string');
  yield { value: `no-${letters(random, 6)}`, breaks: 'enum' };
  const one = texts.length > 0 ? oneOf(random, texts) : undefined;
  if (one === undefined) return;
  const flipped = one === one.toUpperCase() ? one.toLowerCase() : one.toUpperCase();
  // Readers that look away from case are common, and do no harm.
  if (!texts.includes(flipped)) yield { value: flipped, breaks: 'enum by case', lenient: true };
}

/** A text of the right length that breaks a pattern. */
function unmatched({ facets, random }: Target, base: string): string | undefined {
  const { minLength, maxLength } = facets;
  const size = Math.min(Math.max(minLength, Math.min([...base].length, maxLength)), 1_000);
  const sized = (text: string): string => over(text, Math.max(1, size));
  const without = { ...facets, patterns: [], formats: [] };
  for (const text of ['\u00a7', '!', ' ', '<', 'a', '0', 'Z', `${base}\u00a7`, letters(random, 3), '']) {
    const tried = text === '' ? '' : sized(text);
    if (fits(without, tried) && facets.patterns.some((pattern) => !pattern.test(tried))) return tried;
  }
  return undefined;
}

/** What readers stumble over; the contract seldom speaks of it. */
function* oddities(base: string, { carried }: Target): Generator<Idea> {
  yield { value: `${base}\u0000`, breaks: 'unicode NUL', lenient: true };
  yield { value: `${base}\ud800`, breaks: 'unicode lone surrogate', lenient: true };
  yield { value: `${base}\u202e\u2066`, breaks: 'unicode direction', lenient: true };
  yield { value: `${base}\ufeff\u200b`, breaks: 'unicode invisible', lenient: true };
  yield { value: `${base}${'\u0301'.repeat(64)}`, breaks: 'unicode combining', lenient: true };
  yield { value: `${base}\u{1f600}\u{10ffff}`, breaks: 'unicode beyond 16 bits', lenient: true };
  yield { value: `${base}\r\n\t\b`, breaks: 'control characters', lenient: true };
  if (carried === 'text') yield { value: new Verbatim('%C0%AF%FF'), breaks: 'unicode overlong', lenient: true };
  else if (carried === 'json') {
    yield { value: new Verbatim('"\\uD800\\uD800"'), breaks: 'unicode lone surrogate', lenient: true };
    yield { value: new Verbatim('"\\u0000"'), breaks: 'unicode NUL', lenient: true };
  }
}

/** A text of so many characters, from repetitions of another. */
function over(base: string, count: number): string {
  const chars = [...base];
  let text = '';
  for (let i = 0; i < count; i += chars.length) text += chars.slice(0, count - i).join('');
  return text;
}
