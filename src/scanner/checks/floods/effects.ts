import type { Exchange } from '../../model/exchange.ts';

const DEPTH = 8;
const SCALARS = 2_000;
/** Names of what differs from one answer to the next by itself. */
const RESTLESS =
  /(?:time|timestamp|date|at|on|trace|span|request_?id|requestid|correlation\w*|nonce|etag|took|duration|expires\w*|ttl|served\w*|hit|cached|replayed|duplicate)$/i;

/**
 * Whether two answers to the same request show that it had its effect twice: another id was given, or a number (a
 * balance, a sum that was paid) has moved on. Times, and a flag that says "seen before", show nothing.
 */
export function actedTwice(first: Exchange, second: Exchange): boolean {
  const one = scalarsOf(first.answer.json);
  const other = scalarsOf(second.answer.json);
  for (const [pointer, value] of one) {
    const name = pointer.slice(pointer.lastIndexOf('/') + 1);
    const now = other.get(pointer);
    if (now === undefined || now === value || typeof now === 'boolean' || RESTLESS.test(name)) continue;
    if (typeof value === 'number' && typeof now === 'number') return true;
    if (/(?:^|_|[a-z])(?:id|uuid|number|no|key|ref|reference|code)$/i.test(name) && typeof now === 'string')
      return true;
  }
  const location = first.answer.headers.get('location');
  return (
    location !== undefined &&
    second.answer.headers.has('location') &&
    second.answer.headers.get('location') !== location
  );
}

function scalarsOf(json: unknown): Map<string, unknown> {
  const found = new Map<string, unknown>();
  const walk = (at: unknown, pointer: string, depth: number): void => {
    if (found.size >= SCALARS || depth > DEPTH) return;
    if (typeof at === 'object' && at !== null)
      for (const [name, item] of Object.entries(at)) walk(item, `${pointer}/${name}`, depth + 1);
    else found.set(pointer, at);
  };
  walk(json, '', 0);
  return found;
}
