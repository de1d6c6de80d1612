import { judgeOf } from '../generate/judge.ts';
import { validValue } from '../generate/valid.ts';
import type { ValuePlace } from '../model/call.ts';
import { keywordOf } from './shapes.ts';
import type { Turn } from './turn.ts';

/** Another value for a place that points at nothing, where the plain one did not do; undefined: as it is made. */
export function otherwise(place: ValuePlace, turn: Turn, random: () => number): unknown {
  const disliked = turn.disliked.get(`${place.in}:${place.name}`) ?? 0;
  const late = Math.max(disliked, turn.number - 1);
  if (late <= 0) return undefined;
  const format = keywordOf(place.schema, 'format');
  if (format === 'date' || format === 'date-time' || /(date|time|at|on|until|from|start|end)$/i.test(place.word)) {
    const value = typeof place.value === 'string' ? place.value : '';
    if (format === 'date' || format === 'date-time' || /^\d{4}-\d\d-\d\d/.test(value))
      return someDay(late, format === 'date' || value.length === 10, place, random);
  }
  if (typeof place.value === 'number' && late % 2 === 1) {
    const least = keywordOf(place.schema, 'minimum');
    const small = typeof least === 'number' ? least : 1;
    return judgeOf(place.schema).accepts(small) ? small : undefined;
  }
  if (disliked > 0 && place.schema) {
    return validValue(place.schema, random, {
      word: place.word,
      examples: false,
      variety: disliked > 3 ? 'edge' : 'plain',
    });
  }
  return undefined;
}

/** The example that the contract gives for a place, as it is. */
export function exampleFor({ schema }: ValuePlace): unknown {
  if (!schema) return undefined;
  const several = keywordOf(schema, 'examples');
  for (const example of [keywordOf(schema, 'example'), Array.isArray(several) ? several[0] : undefined]) {
    if (
      (typeof example === 'string' || typeof example === 'number') &&
      example !== '' &&
      example !== 'string' &&
      judgeOf(schema).accepts(example)
    )
      return example;
  }
  return undefined;
}

/** In a month at ten, last month, tomorrow, long ago: in turns. */
function someDay(turn: number, dateOnly: boolean, place: ValuePlace, random: () => number): string | undefined {
  const days = [30, -30, 1, -9_000][turn % 4]! + Math.floor(random() * 20) * (turn % 4 === 2 ? 0 : 1);
  const day = new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);
  for (const text of dateOnly
    ? [day]
    : [`${day}T10:00:00Z`, `${day}T10:00:00.000Z`, `${day}T10:00:00+00:00`, `${day}T10:00:00`]) {
    if (judgeOf(place.schema).accepts(text)) return text;
  }
  return undefined;
}
