import type { SchemaViolation } from '../../contract/schema/compiled.ts';
import { Verbatim } from '../model/call.ts';
import type { Judge } from './judge.ts';
import { type Carried, readingsOf } from './readings.ts';

/** Violations that do not count, by pointer and keyword. */
export type Excuses = ReadonlySet<string>;

/** What the contract holds against the value that works: it is not held against others. */
export function excusesOf(judge: Judge, value: unknown, carried: Carried): Excuses {
  const readings = value === undefined ? [] : carried === 'text' ? readingsOf(value) : [value];
  if (readings.some((reading) => judge.accepts(reading))) return new Set();
  return new Set(readings.flatMap((reading) => judge.violations(reading).map(nameOf)));
}

const nameOf = ({ pointer, keyword }: SchemaViolation): string => `${pointer} ${keyword}`;

/**
 * The keyword by which the contract surely forbids a value as it arrives, whatever a reader of good will takes it for.
 * @param around makes of a reading what is judged: the whole in which it stands
 * @returns undefined where it may be allowed, or nothing is known
 */
export function brokenBy(
  judge: Judge,
  value: unknown,
  carried: Carried,
  excused: Excuses,
  around: (reading: unknown) => unknown = (reading) => reading,
): string | undefined {
  if (!judge.knows || carried === 'opaque') return undefined;
  const readings = readingsFor(value, carried);
  if (readings.length === 0) return undefined;
  let keyword: string | undefined;
  for (const reading of readings) {
    const whole = around(reading);
    // A property that is for answers only and is ignored breaks nothing.
    const found = judge.violations(whole).find((each) => each.keyword !== 'readOnly' && !excused.has(nameOf(each)));
    if (found === undefined) return undefined;
    if (keyword === undefined || keyword === 'type') keyword = found.keyword;
  }
  return keyword;
}

/** What a value may be taken for; none where it may be taken for nothing at all. */
function readingsFor(value: unknown, carried: Carried): readonly unknown[] {
  if (value instanceof Verbatim) {
    const read = carried === 'json' ? parsed(value.text) : undefined;
    return read === undefined || (typeof read === 'number' && !Number.isFinite(read)) ? [] : [read];
  }
  if (carried === 'json') return [value];
  // Nothing after the name: many readers take that for not sent at all.
  if (value === '' || (Array.isArray(value) && value.length === 0)) return [];
  const readings = readingsOf(value);
  return readings.includes(undefined) ? [] : readings;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
