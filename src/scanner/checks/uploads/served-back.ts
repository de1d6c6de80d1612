import type { CheckContext } from '../../model/check.ts';
import type { Exchange } from '../../model/exchange.ts';
import type { Slot, Upload } from './slots.ts';

/** Reads that are tried to get an uploaded file back. */
const TRIED = 10;
/** Reads that hand out files, by their names. */
const FILES = /content|download|file|raw|image|avatar|photo|picture|view|media|attachment|upload|asset|static/i;

/** Finds the read that hands an uploaded file back, by a marker in its content. */
export async function servedBack(
  context: CheckContext,
  { operation: uploading, sample: { as } }: Slot,
  { call }: Upload,
  upload: Exchange,
  marker: string,
): Promise<Exchange | undefined> {
  const seen = new Set<string>();
  const look = async (target: string, accept = '*/*'): Promise<Exchange | undefined> => {
    if (seen.has(target) || seen.size >= TRIED) return undefined;
    seen.add(target);
    const plain = context.render(call, as ?? null);
    const headers = plain.headers.filter(([name]) => !/^(?:content-|accept$)/i.test(name));
    const shown = await context.request(
      { method: 'GET', target, headers: [['Accept', accept], ...headers] },
      { as: as?.name },
    );
    return context.outcome(shown) === 'success' && holds(shown, marker) ? shown : undefined;
  };
  // Where the answer says it is; then under the same path.
  const own = upload.request.target.split('?', 1)[0] as string;
  for (const target of [...targetsIn(context, upload), own]) {
    const found = await look(target);
    if (found) return found;
  }
  const ids = idsIn(upload);
  const reads = context.operations
    .filter((operation) => operation.method === 'GET' && operation.template.includes('{'))
    .map((operation) => {
      const samples = context.samples(operation);
      const sample = samples.find((one) => one.as?.name === as?.name) ?? samples[0];
      const bytes = sample !== undefined && !sample.exchange.answer.mediaType.includes('json');
      const near = operation.template.startsWith(uploading.template.split('{', 1)[0] as string);
      return { operation, sample, rank: Number(bytes) * 2 + Number(FILES.test(operation.key)) + Number(near) };
    })
    .filter(({ sample, rank }) => sample !== undefined && rank > 0)
    .sort((a, b) => b.rank - a.rank);
  for (const { operation, sample } of reads) {
    const last = [...operation.template.matchAll(/\{([^}]+)\}/g)].at(-1)?.[1] as string;
    for (const id of ids) {
      const values = new Map(sample?.call.values).set(`path:${last}`, id);
      const found = await look(context.render({ operation, values, body: undefined }, null).target);
      if (found) return found;
    }
  }
  return undefined;
}

/** The file itself, not an answer that quotes it: then it stands in a text of JSON. */
const holds = ({ answer }: Exchange, marker: string): boolean =>
  answer.text.includes(marker) && (answer.json === undefined || !answer.mediaType.includes('json'));

function idsIn({ answer }: Exchange): (string | number)[] {
  const ids: (string | number)[] = [];
  const walk = (value: unknown, depth: number): void => {
    if (typeof value !== 'object' || value === null || depth > 4) return;
    for (const [key, item] of Object.entries(value)) {
      if (
        (typeof item === 'string' || typeof item === 'number') &&
        /id$|^(?:name|key|file|slug|uuid|hash)|file_?name$/i.test(key)
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
  const add = (text: string, key: string): void => {
    const path = /^(?:https?:\/\/|\/)/.test(text);
    // `uploads/abc.png` under a name that says so is a path too.
    const relative =
      !path && /url|uri|path|href|link|location|src|file/i.test(key) && /^[\w-]{1,80}\/[\w./-]{1,300}$/.test(text);
    if ((!path && !relative) || text.length > 2_000) return;
    const url = URL.parse(relative ? `/${text}` : text, base);
    if (url?.host === base.host) found.push(url.pathname + url.search);
  };
  add(answer.headers.get('location') ?? '', 'location');
  const walk = (value: unknown, key: string, depth: number): void => {
    if (typeof value === 'string') add(value, key);
    else if (typeof value === 'object' && value !== null && depth < 4)
      for (const [name, item] of Object.entries(value)) walk(item, name, depth + 1);
  };
  walk(answer.json, '', 0);
  return found.slice(0, 4);
}
