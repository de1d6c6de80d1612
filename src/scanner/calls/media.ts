import type { MediaType, Operation } from '../../contract/model.ts';

/** What a body of a media type is made of. */
export type Kind = 'json' | 'form' | 'multipart' | 'ndjson' | 'xml' | 'text' | 'bytes';

/** How a media type (lower case, parameters ignored) is written. */
export function kindOf(type: string): Kind {
  const bare = bareType(type);
  if (bare === 'application/x-www-form-urlencoded') return 'form';
  if (bare.startsWith('multipart/')) return 'multipart';
  if (/^application\/(x-)?(ndjson|jsonl|jsonlines)$/.test(bare)) return 'ndjson';
  if (/[/+]json$/.test(bare) || bare === 'application/csp-report' || bare === 'application/graphql+json') return 'json';
  if (/[/+]xml$/.test(bare)) return 'xml';
  if (bare.startsWith('text/') || /[/+](yaml|x-yaml|graphql|javascript|sql|toml|jwt|csv)$/.test(bare)) return 'text';
  return 'bytes';
}

export const bareType = (type: string): string => (type.split(';', 1)[0] as string).trim().toLowerCase();

const ORDER: readonly Kind[] = ['json', 'form', 'multipart', 'ndjson', 'text', 'xml', 'bytes'];

/** A type that can be sent, for one that may be a range: `application/*` is `application/json`. */
export function concreteType(range: string): string {
  if (!range.includes('*')) return range;
  const suffix = /\*\+([a-z]+)$/.exec(range)?.[1];
  if (suffix !== undefined) return `application/${suffix}`;
  const top = range.slice(0, range.indexOf('/'));
  const known: Readonly<Record<string, string>> = {
    '*': 'application/json',
    application: 'application/json',
    text: 'text/plain',
    image: 'image/png',
    audio: 'audio/wav',
    video: 'video/mp4',
    multipart: 'multipart/form-data',
  };
  return (Object.hasOwn(known, top) ? known[top] : undefined) ?? 'application/octet-stream';
}

/** The media type that a body is best sent as: JSON, forms, multipart, then others; in the contract's order. */
export function preferredMedia(operation: Operation): MediaType | undefined {
  let best: MediaType | undefined;
  let rank = ORDER.length;
  for (const media of operation.body?.content ?? []) {
    const here = ORDER.indexOf(kindOf(concreteType(media.type)));
    if (here >= rank) continue;
    best = media;
    rank = here;
  }
  return best;
}

/** The declared media type that a body's type falls under: exact, then by suffix, by family, any. */
export function mediaOf(operation: Operation, type: string): MediaType | undefined {
  const bare = bareType(type);
  const content = operation.body?.content ?? [];
  const top = bare.slice(0, bare.indexOf('/') + 1);
  const plus = bare.lastIndexOf('+');
  const ranges = [bare, ...(plus < 0 ? [] : [`${top}*${bare.slice(plus)}`]), `${top}*`, '*/*'];
  for (const range of ranges) {
    const found = content.find((media) => media.type === range);
    if (found) return found;
  }
  return undefined;
}
