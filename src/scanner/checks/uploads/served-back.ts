import type { Call } from '../../model/call.ts';
import type { CheckContext } from '../../model/check.ts';
import type { Exchange } from '../../model/exchange.ts';

/** Reads that are tried to get an uploaded file back. */
const TRIED = 8;

/** Finds the read that hands an uploaded file back, by a marker in its content. */
export async function servedBack(
  context: CheckContext,
  upload: Exchange,
  call: Call,
  marker: string,
): Promise<Exchange | undefined> {
  const as = context.identities.find(({ name }) => name === upload.as) ?? null;
  const ids = idsIn(upload);
  const origin = { as: as?.name };
  const seen = new Set<string>();
  const look = async (target: string): Promise<Exchange | undefined> => {
    if (seen.has(target) || seen.size >= TRIED) return undefined;
    seen.add(target);
    const plain = context.render(call, as);
    const headers = plain.headers.filter(([name]) => !/^content-/i.test(name));
    const shown = await context.request({ method: 'GET', target, headers }, origin);
    return context.outcome(shown) === 'success' && shown.answer.text.includes(marker) ? shown : undefined;
  };
  // Where the answer says it is.
  for (const target of targetsIn(context, upload)) {
    const found = await look(target);
    if (found) return found;
  }
  // Under the same path, and in reads with an id as their last value.
  const own = await look(upload.request.target.split('?', 1)[0] as string);
  if (own) return own;
  for (const operation of context.operations) {
    if (operation.method !== 'GET') continue;
    const sample =
      context.samples(operation).find((one) => one.as?.name === upload.as) ?? context.samples(operation)[0];
    const last = [...operation.template.matchAll(/\{([^}]+)\}/g)].at(-1)?.[1];
    if (!sample || last === undefined || sample.exchange.answer.mediaType.includes('json')) {
      if (!sample || last === undefined || !/content|download|file|raw|image|avatar|view|media/i.test(operation.key))
        continue;
    }
    for (const id of ids) {
      const values = new Map(sample.call.values).set(`path:${last}`, id);
      const found = await look(context.render({ ...sample.call, values }, null).target);
      if (found) return found;
    }
  }
  return undefined;
}

function idsIn({ answer }: Exchange): (string | number)[] {
  const ids: (string | number)[] = [];
  const walk = (value: unknown, depth: number): void => {
    if (typeof value !== 'object' || value === null || depth > 4) return;
    for (const [key, item] of Object.entries(value)) {
      if (
        (typeof item === 'string' || typeof item === 'number') &&
        /id$|^(?:name|key|file|slug|uuid)|file_?name$/i.test(key)
      )
        ids.push(item);
      else walk(item, depth + 1);
    }
  };
  walk(answer.json, 0);
  return ids.slice(0, 6);
}

/** Addresses on this host that the answer names. */
function targetsIn({ base }: CheckContext, { answer }: Exchange): string[] {
  const found: string[] = [];
  const add = (text: string): void => {
    if (!/^(?:https?:\/\/|\/)/.test(text) || text.length > 2_000) return;
    const url = URL.parse(text, base);
    if (url?.host === base.host) found.push(url.pathname + url.search);
  };
  add(answer.headers.get('location') ?? '');
  const walk = (value: unknown, depth: number): void => {
    if (typeof value === 'string') add(value);
    else if (typeof value === 'object' && value !== null && depth < 4)
      for (const item of Object.values(value)) walk(item, depth + 1);
  };
  walk(answer.json, 0);
  return found.slice(0, 4);
}
