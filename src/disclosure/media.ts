import type { MediaType } from '../contract/model.ts';

/** JSON that is one value: streams of values (ndjson, json-seq, event streams) are none. */
export const isJson = (mediaType: string): boolean =>
  mediaType === 'application/json' ||
  mediaType === 'text/json' ||
  /^[\w!#$&^.-]+\/[\w!#$&^.+-]+\+json$/.test(mediaType);

/** Types that a browser may execute or render as a page: never taken for harmless because a range declares them. */
const ACTIVE = new Set(['text/html', 'application/xhtml+xml', 'image/svg+xml', 'text/xml', 'application/xml']);
export const isActive = (mediaType: string): boolean => ACTIVE.has(mediaType) || mediaType.endsWith('+xml');

export const isRange = (mediaType: string): boolean => mediaType.includes('*');

/** The declared entry for a media type: itself first, then `type/*`, then any. */
export function declaredEntry(content: readonly MediaType[], mediaType: string): MediaType | undefined {
  const family = `${mediaType.slice(0, mediaType.indexOf('/'))}/*`;
  return (
    content.find((entry) => entry.type === mediaType) ??
    content.find((entry) => entry.type === family) ??
    content.find((entry) => entry.type === '*/*' || entry.type === '*')
  );
}

/** A media type in the form of RFC 9110, 8.3.1, of a length that a person could have written. */
export const isMediaType = (text: string): boolean => text.length <= 127 && /^[\w!#$&^.+-]+\/[\w!#$&^.+-]+$/.test(text);
