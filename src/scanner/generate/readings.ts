import { isPlain } from './own.ts';

/**
 * How a value goes over the wire: `json` keeps its type; `text` is read by whoever gets it (queries, paths, headers,
 * cookies, forms, XML); of `opaque` nobody knows what becomes.
 */
export type Carried = 'json' | 'text' | 'opaque';

const TRUE = new Set(['true', '1', 'yes', 'on', 't', 'y']);
const FALSE = new Set(['false', '0', 'no', 'off', 'f', 'n']);
const NOTHINGS = new Set(['null', 'nil', 'none', 'undefined', '']);
const DELIMITERS = [',', ' ', '|', '\t', ';'];
/** Longer texts are not taken apart. */
const MAX_TEXT = 20_000;

/**
 * Everything that a reader of good will may take a value for that came as text: `12` is a text and a number, `a,b` is a
 * text and a list. A value is surely forbidden only where the contract allows none of them.
 */
export function readingsOf(value: unknown): unknown[] {
  if (Array.isArray(value)) return readingsOfList(value);
  if (isPlain(value)) return readingsOfObject(value);
  const text = typeof value === 'string' ? value : String(value);
  const readings: unknown[] = [...scalars(text)];
  if (text.length > MAX_TEXT) return [...readings, [text]];
  for (const delimiter of DELIMITERS) if (text.includes(delimiter)) readings.push(...lists(text.split(delimiter)));
  readings.push(...lists([text]));
  const json = parsed(text);
  if (json !== undefined) readings.push(json);
  return readings;
}

function scalars(text: string): unknown[] {
  const trimmed = text.trim();
  const lower = trimmed.toLowerCase();
  const readings: unknown[] = text === trimmed ? [text] : [text, trimmed];
  const number = trimmed === '' ? Number.NaN : Number(trimmed.replace(/^\+/, ''));
  if (Number.isFinite(number)) readings.push(number);
  if (TRUE.has(lower)) readings.push(true);
  if (FALSE.has(lower)) readings.push(false);
  if (NOTHINGS.has(lower)) readings.push(null, '');
  return readings;
}

/** Items as texts, and as what they all look like. */
function lists(texts: readonly string[]): unknown[][] {
  const readings: unknown[][] = [[...texts]];
  const trimmed = texts.map((text) => text.trim());
  const numbers = trimmed.map((text) => (text === '' ? Number.NaN : Number(text)));
  if (numbers.every(Number.isFinite)) readings.push(numbers);
  if (trimmed.every((text) => TRUE.has(text) || FALSE.has(text))) readings.push(trimmed.map((text) => TRUE.has(text)));
  return readings;
}

function readingsOfList(list: readonly unknown[]): unknown[] {
  if (list.length === 0) return [undefined, [], '', null];
  const texts = list.map((each) => (typeof each === 'object' && each !== null ? JSON.stringify(each) : String(each)));
  const readings: unknown[] = [[...list], ...lists(texts), texts.join(',')];
  // Readers that expect one take the first or the last.
  readings.push(...scalars(texts[0] as string), ...scalars(texts.at(-1) as string));
  return readings;
}

function readingsOfObject(object: Record<string, unknown>): unknown[] {
  const readings: unknown[] = [object, JSON.stringify(object)];
  const texts = Object.entries(object).map(([name, each]) => [
    name,
    typeof each === 'object' ? JSON.stringify(each) : String(each),
  ]);
  readings.push(Object.fromEntries(texts), texts.flat().join(','), texts.flat());
  if (texts.length === 0) readings.push(undefined, '', null);
  return readings;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
