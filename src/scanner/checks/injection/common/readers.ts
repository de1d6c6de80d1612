import type { Operation } from '../../../../contract/model.ts';
import type { Call } from '../../../model/call.ts';
import type { CheckContext } from '../../../model/check.ts';
import type { Exchange } from '../../../model/exchange.ts';
import type { Ground } from './ground.ts';
import { isScalar } from './words.ts';

/** Calls of a reading operation that may show what was stored: of the object that was written, and as it is. */
export function readersOf(context: CheckContext, page: Ground, written: Call, put: Exchange): Call[] {
  const calls: Call[] = [];
  const last = context
    .places(page.sample.call)
    .filter((place) => place.in === 'path')
    .at(-1);
  if (last) {
    let call = page.sample.call;
    for (const place of context.places(call)) {
      const same = place.in === 'path' ? written.values.get(`path:${place.name}`) : undefined;
      if (same !== undefined) call = context.put(call, place, same);
    }
    if (shares(page.operation, written.operation)) for (const id of idsOf(put)) calls.push(context.put(call, last, id));
    calls.push(call);
  }
  calls.push(page.sample.call);
  return calls;
}

/** Whether two operations speak of the same kind of object: their paths begin alike. */
function shares(a: Operation, b: Operation): boolean {
  const fixed = (template: string): string[] =>
    template.split('/').filter((part) => part !== '' && !part.startsWith('{'));
  const other = new Set(fixed(b.template));
  return fixed(a.template).some((part) => other.has(part));
}

/** What may be the id of what was made. */
function idsOf({ answer }: Exchange): (string | number)[] {
  const ids: (string | number)[] = [];
  const location = answer.headers.get('location')?.split(/[?#]/)[0]?.split('/').at(-1);
  if (location) ids.push(decode(location));
  const take = (value: unknown, depth: number): void => {
    if (typeof value !== 'object' || value === null || depth > 2) return;
    for (const [name, inner] of Object.entries(value).slice(0, 60)) {
      if (isScalar(inner) && typeof inner !== 'boolean' && /^(id|uuid|key|number|slug|code)$|(Id|_id)$/.test(name))
        ids.push(inner);
      else take(inner, depth + 1);
    }
  };
  take(answer.json, 0);
  return [...new Set(ids)].slice(0, 3);
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
