import type { Target } from './targets.ts';
import { named, schemaField } from './words.ts';

/** Places whose values are often fetched. */
const LIKELY: ReadonlySet<string> = new Set([
  ...[
    'url',
    'uri',
    'href',
    'link',
    'src',
    'source',
    'callback',
    'webhook',
    'hook',
    'avatar',
    'image',
    'photo',
    'picture',
    'logo',
  ],
  ...[
    'import',
    'feed',
    'endpoint',
    'host',
    'domain',
    'server',
    'proxy',
    'site',
    'website',
    'fetch',
    'remote',
    'target',
    'notify',
  ],
  ...[
    'dest',
    'destination',
    'redirect',
    'return',
    'api',
    'address',
    'origin',
    'path',
    'file',
    'document',
    'template',
    'xml',
    'wsdl',
    'jwks',
    'icon',
  ],
]);

/** Whether a place looks like the address of something that the API fetches. */
export function isFetched({ place, text }: Target): boolean {
  const format = schemaField(place, 'format');
  return (
    named(place, LIKELY) ||
    format === 'uri' ||
    format === 'url' ||
    format === 'uri-reference' ||
    /^(https?:)?\/\//i.test(text)
  );
}
