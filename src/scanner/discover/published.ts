import { guessFormat, parseText } from '../../contract/parse.ts';
import type { ScanAnswer } from '../model/exchange.ts';
import type { Asking } from './asking.ts';
import { linksOfHeader, within } from './links.ts';
import { PUBLISHED } from './words.ts';

/** Documents that pages name, which are looked at. */
const NAMED = 20;
const DESCRIBES = /^(?:service-desc|describedby|openapi|api-definition)$/i;

export interface Published {
  readonly document: Record<string, unknown>;
  /** Where it stands. */
  readonly target: string;
}

/**
 * The contract that an API publishes: under the usual names, or named by its index page, by the page of a documentation
 * tool, by an API catalog (RFC 9727) or by a Link header (RFC 8631).
 */
export async function publishedContract(
  asking: Asking,
  base: URL,
  prefix: string,
  index: ScanAnswer | undefined,
): Promise<Published | undefined> {
  const seen = new Set<string>();
  const queue: string[] = index === undefined ? [] : namedIn(index, new URL(`${prefix}/`, base));
  const usual = prefix === '' ? PUBLISHED : [...PUBLISHED.slice(0, 10).map((path) => `${prefix}${path}`), ...PUBLISHED];
  let named = 0;
  while (queue.length > 0 || seen.size === 0 || usual.some((path) => !seen.has(path))) {
    const target = queue.shift() ?? usual.find((path) => !seen.has(path));
    if (target === undefined) break;
    if (seen.has(target)) continue;
    seen.add(target);
    const exchange = await asking.ask('GET', target);
    if (exchange === undefined) return undefined;
    const { answer } = exchange;
    if (answer.status < 200 || answer.status > 299) continue;
    const document = contractIn(answer, target);
    if (document !== undefined) return { document: withServers(document, new URL(target, base)), target };
    for (const one of namedIn(answer, new URL(target, base)))
      if (!seen.has(one) && ++named <= NAMED) queue.unshift(one);
  }
  return undefined;
}

/** The answer as a contract: an object that says `openapi` or `swagger` and has paths. */
function contractIn(answer: ScanAnswer, target: string): Record<string, unknown> | undefined {
  if (answer.mediaType === 'text/html' || answer.cut === true) return undefined;
  const { text } = answer;
  if (!/["']?(?:openapi|swagger)["']?\s*:/.test(text.slice(0, 200_000))) return undefined;
  const { value, problems } = parseText(text, guessFormat(target, answer.mediaType, text));
  if (problems.length > 0 || typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const fields = value as Record<string, unknown>;
  const says = typeof fields['openapi'] === 'string' || fields['swagger'] === '2.0' || fields['swagger'] === 2;
  return says && typeof fields['paths'] === 'object' && fields['paths'] !== null ? fields : undefined;
}

/** What an answer names as the document of the contract. */
function namedIn(answer: ScanAnswer, at: URL): string[] {
  const found = linksOfHeader(answer.headers.get('link'), at)
    .filter(({ rel }) => rel.split(/\s+/).some((one) => DESCRIBES.test(one)))
    .map(({ target }) => target);
  const text = answer.text.slice(0, 200_000);
  for (const [, href = ''] of text.matchAll(
    /["'(]([^"'()\s<>]{0,300}(?:openapi|swagger|api-docs)[^"'()\s<>]{0,200})["')]/gi,
  )) {
    if (found.length >= NAMED) break;
    if (/\.(?:css|png|map)$|bundle|preset|-ui(?:-|\.)/i.test(href)) continue;
    const target = within(href, at);
    if (target !== undefined && !found.includes(target)) found.push(target);
  }
  return found;
}

/** Relative servers stand for the place of the document (OpenAPI 3.1, 4.6.5): written out, since the document is moved. */
function withServers(document: Record<string, unknown>, at: URL): Record<string, unknown> {
  const { servers } = document;
  if (!Array.isArray(servers)) return document;
  return {
    ...document,
    servers: servers.map((one: unknown) => {
      const url = typeof one === 'object' && one !== null ? (one as Record<string, unknown>)['url'] : undefined;
      if (typeof url !== 'string' || /^[a-z]+:|^\/|\{/i.test(url) || !URL.canParse(url, at)) return one;
      return { ...(one as object), url: new URL(url, at).pathname };
    }),
  };
}

/** Whether a document refers to others, which are not at hand once it is moved. */
export function refersElsewhere(value: unknown): boolean {
  const stack: unknown[] = [value];
  for (let count = 0; stack.length > 0 && count < 1_000_000; count++) {
    const one = stack.pop();
    if (typeof one !== 'object' || one === null) continue;
    for (const [name, inner] of Object.entries(one)) {
      if (name === '$ref' && typeof inner === 'string' && !inner.startsWith('#')) return true;
      if (typeof inner === 'object') stack.push(inner);
    }
  }
  return false;
}
