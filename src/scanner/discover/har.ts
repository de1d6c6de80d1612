import { OptionError } from '../options/as.ts';
import { valueOfText } from './infer.ts';
import {
  type Carrier,
  carrierName,
  carrierOfCookie,
  carrierOfHeader,
  carrierOfQuery,
  type Sighting,
  segmentsOf,
} from './sighting.ts';
import { STATIC } from './words.ts';

/** Entries of one file that are read, and characters of one body. */
const ENTRIES = 20_000;
const BODY = 2 * 1024 * 1024;
/** Stands for the content of a file that was sent. */
export const FILE = Symbol('file');

export interface HarReading {
  readonly sightings: readonly Sighting[];
  readonly notes: readonly string[];
}

type Fields = Readonly<Record<string, unknown>>;
const fields = (value: unknown): Fields => (typeof value === 'object' && value !== null ? (value as Fields) : {});
const list = (value: unknown): readonly Fields[] => (Array.isArray(value) ? value.map(fields) : []);
const text = (value: unknown): string => (typeof value === 'string' ? value : '');
const bare = (type: string): string => (type.split(';', 1)[0] as string).trim().toLowerCase();

/**
 * Reads a HAR file (HTTP Archive 1.2) that a browser or proxy saved: the requests to one host, without what is no part
 * of an API. What it holds is used to learn from, and is never sent.
 *
 * @param host `localhost:3000`: host and port as in URLs
 * @throws OptionError where it is no HAR file
 */
export function readHar(content: string, host: string, file: string): HarReading {
  let log: Fields;
  try {
    log = fields(fields(JSON.parse(content.replace(/^\uFEFF/, '')))['log']);
  } catch {
    throw new OptionError(
      `--har ${file}: not JSON; save it again with "Save all as HAR" in the network tools of a browser`,
    );
  }
  if (!Array.isArray(log['entries'])) throw new OptionError(`--har ${file}: no HAR file, log.entries is missing`);
  const entries = list(log['entries']);
  const notes: string[] = [];
  const others = new Set<string>();
  const sightings: Sighting[] = [];
  for (const entry of entries.slice(0, ENTRIES)) {
    const url = URL.canParse(text(fields(entry['request'])['url']))
      ? new URL(text(fields(entry['request'])['url']))
      : undefined;
    if (url === undefined || !/^https?:$/.test(url.protocol)) continue;
    if (url.host !== host) {
      if (others.size < 1_000) others.add(url.host);
      continue;
    }
    const sighting = sightingOf(entry, url);
    if (sighting !== undefined) sightings.push(sighting);
  }
  if (entries.length > ENTRIES) notes.push(`${file} has ${entries.length} entries: the first ${ENTRIES} were read`);
  if (sightings.length === 0)
    notes.push(
      `${file} has no request of an API at ${host}${others.size === 0 ? '' : ` (only of ${[...others].slice(0, 5).join(', ')}): was it recorded at another address?`}`,
    );
  return { sightings, notes };
}

function sightingOf(entry: Fields, url: URL): Sighting | undefined {
  const request = fields(entry['request']);
  const response = fields(entry['response']);
  const method = text(request['method']).toUpperCase();
  if (!/^(?:GET|POST|PUT|PATCH|DELETE)$/.test(method) || STATIC.test(url.pathname)) return undefined;
  const path = segmentsOf(url.pathname);
  const status = Number(response['status']) || 0;
  // Front ends write what they do not have into paths: no such thing is meant.
  if (path?.some((segment) => /^(?:undefined|null|NaN|\[object Object\])$/.test(segment))) return undefined;
  if (path === undefined || status === 404 || status === 405 || status === 501) return undefined;
  const content = fields(response['content']);
  const type = bare(text(content['mimeType']));
  // Pages, scripts and pictures of the site that uses the API.
  if (method === 'GET' && (/javascript|css|^image\/|^font\/|^video\/|^audio\//.test(type) || path.length === 0))
    return undefined;
  if (method === 'GET' && type === 'text/html' && /^(?:document|iframe)$/.test(text(entry['_resourceType'])))
    return undefined;

  const carriers = new Map<string, Carrier>();
  const carry = (carrier: Carrier | undefined): void => {
    if (carrier) carriers.set(carrierName(carrier), carrier);
  };
  for (const { name, value } of list(request['headers'])) {
    carry(carrierOfHeader(text(name), text(value)));
    if (/^cookie$/i.test(text(name)))
      for (const pair of text(value).split(';').slice(0, 100))
        carry(carrierOfCookie((pair.split('=', 1)[0] as string).trim()));
  }
  for (const { name } of list(request['cookies'])) carry(carrierOfCookie(text(name)));
  const query = [...url.searchParams].slice(0, 100);
  for (const [name] of query) carry(carrierOfQuery(name));
  const plainQuery = query.filter(([name]) => carrierOfQuery(name) === undefined);
  return {
    method,
    path,
    query: plainQuery,
    body: bodyOf(fields(request['postData'])),
    answer: { status, type, json: jsonOf(content) },
    carriers: [...carriers.values()],
    refused: status === 401,
  };
}

function bodyOf(post: Fields): Sighting['body'] {
  const type = bare(text(post['mimeType']));
  const content = text(post['text']);
  const params = list(post['params']);
  if (type === '' && content === '') return undefined;
  if (type.includes('json')) {
    try {
      return { type, value: content.length > BODY ? undefined : (JSON.parse(content) as unknown) };
    } catch {
      return { type, value: undefined };
    }
  }
  if (type === 'application/x-www-form-urlencoded') {
    const pairs =
      params.length > 0
        ? params.map(({ name, value }) => [decoded(text(name)), decoded(text(value))] as const)
        : [...new URLSearchParams(content.slice(0, BODY))];
    return { type, value: Object.fromEntries(pairs.slice(0, 500).map(([name, value]) => [name, valueOfText(value)])) };
  }
  if (type === 'multipart/form-data') {
    const parts =
      params.length > 0
        ? params.map(
            (one) =>
              [text(one['name']), one['fileName'] === undefined ? valueOfText(text(one['value'])) : FILE] as const,
          )
        : partsOf(content);
    return { type, value: Object.fromEntries(parts.slice(0, 500)) };
  }
  return { type: type === '' ? 'text/plain' : type, value: undefined };
}

/** Parts of a multipart body as browsers keep it: names, and whether they are files. */
function partsOf(content: string): (readonly [string, unknown])[] {
  const found: (readonly [string, unknown])[] = [];
  for (const match of content
    .slice(0, BODY)
    .matchAll(/content-disposition:\s*form-data;[^\r\n]{0,1000}?\bname="([^"\r\n]{1,200})"([^\r\n]{0,1000})/gi))
    found.push([match[1] as string, /filename/i.test(match[2] as string) ? FILE : 'text']);
  return found;
}

const decoded = (value: string): string => {
  try {
    return decodeURIComponent(value.replaceAll('+', ' '));
  } catch {
    return value;
  }
};

function jsonOf(content: Fields): unknown {
  const raw = text(content['text']);
  if (raw === '' || raw.length > BODY) return undefined;
  try {
    return JSON.parse(content['encoding'] === 'base64' ? Buffer.from(raw, 'base64').toString('utf8') : raw) as unknown;
  } catch {
    return undefined;
  }
}
