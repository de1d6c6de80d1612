import { type Call, type ValuePlace, Verbatim } from '../../../model/call.ts';
import type { CheckContext } from '../../../model/check.ts';
import type { Exchange } from '../../../model/exchange.ts';
import type { Ground } from '../../injection/common/ground.ts';
import { isScalar } from '../../injection/common/words.ts';

/** Values of an answer that are looked at, at most. */
const MAX_VALUES = 5_000;

/** Whether an answer holds a value under a name (`patientId`, `patient_id`), at any depth. */
export function holds(json: unknown, word: string, value: unknown): boolean {
  const name = plain(word);
  let left = MAX_VALUES;
  const walk = (here: unknown): boolean => {
    if (typeof here !== 'object' || here === null || left-- <= 0) return false;
    if (Array.isArray(here)) return here.some(walk);
    return Object.entries(here).some(([key, inner]) => (plain(key) === name && equal(inner, value)) || walk(inner));
  };
  return walk(json);
}

const plain = (name: string): string => name.toLowerCase().replace(/[^a-z0-9]/g, '');

/** The same value; a number that came back as text is one, too. */
function equal(a: unknown, b: unknown): boolean {
  const value = b instanceof Verbatim ? parsed(b.text) : b;
  if (isScalar(a) && isScalar(value)) return String(a) === String(value);
  return JSON.stringify(a) === JSON.stringify(value);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/**
 * Whether a value that was sent in a body was taken: the answer holds it, or a reading of the same object does.
 * @returns the answer that shows it; undefined where none does
 */
export async function takenBy(
  context: CheckContext,
  ground: Ground,
  call: Call,
  exchange: Exchange,
  place: ValuePlace,
  value: unknown,
): Promise<Exchange | undefined> {
  if (value === undefined) return undefined;
  if (holds(exchange.answer.json, place.word, value)) return exchange;
  const reader = context.operations.find(
    ({ method, template }) => method === 'GET' && template === ground.operation.template,
  );
  if (!reader || !ground.operation.template.endsWith('}')) return undefined;
  const sample = await context.sample(reader, ground.as);
  if (!sample) return undefined;
  let reading = sample.call;
  for (const one of context.places(reading)) {
    if (one.in === 'path') reading = context.put(reading, one, call.values.get(`path:${one.name}`));
  }
  const read = await context.send(reading, ground.as);
  return context.outcome(read) === 'success' && holds(read.answer.json, place.word, value) ? read : undefined;
}
