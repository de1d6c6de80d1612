import { posix } from 'node:path';

/** Where the texts for visitors lie. */
const SHARED = '/srv/market/files';

/**
 * The market's disk: made up, and in memory. Careless handlers may read all of it; it holds nothing of the machine that
 * the market runs on.
 */
const FILES: ReadonlyMap<string, string> = new Map([
  [`${SHARED}/terms.txt`, 'Terms\n\nBuy what you like, send back what you do not, within thirty days.\n'],
  [`${SHARED}/sizes.txt`, 'Sizes\n\nA pot of twelve centimetres is measured across the top.\n'],
  [`${SHARED}/shipping.txt`, 'Shipping\n\nTwo days in the country, a week elsewhere.\n'],
  ['/srv/market/market.env', 'DATABASE_PASSWORD=made-up-for-the-market-example\nPAYMENT_SECRET=also-made-up\n'],
  [
    '/etc/passwd',
    `${[
      'root:x:0:0:root:/root:/bin/bash',
      'daemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin',
      'market:x:1000:1000:made up for the market example:/srv/market:/bin/sh',
    ].join('\n')}\n`,
  ],
  ['/etc/hosts', '127.0.0.1 localhost\n::1 localhost\n'],
]);

/** A text for visitors, by a name that holds no path. */
export const sharedFile = (name: string): string | undefined =>
  name.includes('/') ? undefined : FILES.get(`${SHARED}/${name}`);

/** Whatever a path leads to from the folder of the texts. */
export const anyFile = (path: string): string | undefined =>
  FILES.get(posix.resolve(SHARED, path.replaceAll('\\', '/')));
