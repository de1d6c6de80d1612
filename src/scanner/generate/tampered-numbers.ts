import { NUMBER, STRING } from '../../contract/schema/node.ts';
import { Verbatim } from '../model/call.ts';
import type { Idea, Target } from './tampered.ts';

/** Beyond what a float of 64 bits, an integer of 64 and one of 32 bits can hold. */
const BEYOND_DOUBLE = '9007199254740993';
const BEYOND_64 = '9223372036854775808';
const BEYOND_32 = 2_147_483_648;

/** Numbers out of bounds, and texts that are nearly numbers. */
export function* brokenNumbers({ facets, value, carried }: Target): Generator<Idea> {
  const { low, lowOpen, high, highOpen, steps, types } = facets;
  const whole = (types & NUMBER) === 0;
  const json = carried === 'json';
  if (Number.isFinite(low)) {
    const step = unitOf(low, whole);
    yield { value: lowOpen ? low : low - step, breaks: lowOpen ? 'exclusiveMinimum' : 'minimum' };
    yield { value: low - 1_000_000, breaks: 'minimum' };
  }
  if (Number.isFinite(high)) {
    const step = unitOf(high, whole);
    yield { value: highOpen ? high : high + step, breaks: highOpen ? 'exclusiveMaximum' : 'maximum' };
    yield { value: high + 1_000_000, breaks: 'maximum' };
  }
  for (const step of steps)
    yield { value: Number(((typeof value === 'number' ? value : 0) + step / 2).toPrecision(15)), breaks: 'multipleOf' };
  if (whole) yield { value: Math.trunc(typeof value === 'number' ? value : 1) + 0.5, breaks: 'type fraction' };
  yield { value: -1, breaks: 'negative' };
  yield { value: 0, breaks: 'zero' };
  yield { value: BEYOND_32, breaks: facets.formats.includes('int32') ? 'format int32' : 'huge number' };
  yield { value: new Verbatim(BEYOND_DOUBLE), breaks: 'huge number', lenient: true };
  yield { value: new Verbatim(BEYOND_64), breaks: facets.formats.includes('int64') ? 'format int64' : 'huge number' };
  yield { value: new Verbatim(`-${BEYOND_64}9`), breaks: 'huge number' };
  yield { value: new Verbatim('9'.repeat(400)), breaks: 'huge number', lenient: true };
  yield { value: new Verbatim('1e400'), breaks: 'exponent', lenient: true };
  yield { value: new Verbatim('1e2'), breaks: 'exponent', lenient: !json };
  yield { value: new Verbatim('-0'), breaks: 'negative zero', lenient: true };
  yield { value: new Verbatim('0.30000000000000000000000000000000001'), breaks: 'digits', lenient: true };
  if (types & STRING) return;
  for (const text of ['NaN', 'Infinity', '-Infinity']) {
    yield { value: text, breaks: 'not a number' };
    // Not even JSON: what becomes of it is the parser's to say.
    if (json) yield { value: new Verbatim(text), breaks: 'not JSON', lenient: true };
  }
  yield { value: '12abc', breaks: 'type text' };
  yield { value: '1,000', breaks: 'spelling', lenient: true };
  yield { value: '0x1F', breaks: 'spelling', lenient: true };
  yield { value: '1_000', breaks: 'spelling', lenient: true };
}

/** A step that is surely outside: near the bound, and not lost in rounding. */
function unitOf(bound: number, whole: boolean): number {
  const least = Math.abs(bound) * Number.EPSILON * 4;
  return whole || Number.isInteger(bound) ? Math.max(1, least) : Math.max(0.01, least);
}
