import { Refusal } from './market.ts';

/** Where the market's suppliers keep their feeds. Made up: it is answered from the table below, and no name is looked up. */
const HOST = 'feeds.market.example';

/** The second entry of each is one that no shop should take: suppliers make mistakes too. */
const FEEDS: ReadonlyMap<string, readonly unknown[]> = new Map([
  [
    '/garden.json',
    [
      { name: 'Seed tray', description: 'Forty cells', category: 'garden', price_cents: 720, stock: 50 },
      {
        name: 'Slug fence <b>sale</b>',
        description: 'Copper',
        category: 'Garden & Yard',
        price_cents: -400,
        stock: 'plenty',
      },
    ],
  ],
  [
    '/lamps.json',
    [
      { name: 'Reading lamp', description: 'With a clamp', category: 'lamps', price_cents: 3_900, stock: 20 },
      { name: '', description: null, category: 'lamps', price_cents: 0.5, stock: -3 },
    ],
  ],
]);

const ENTRIES = 100;
const FEED_BYTES = 256 * 1024;
const FETCH_MILLISECONDS = 3_000;

/**
 * Careful: the feed of a supplier, by the list of those there are.
 * @throws Refusal invalid for any other URL
 */
export function knownFeed(url: string): readonly unknown[] {
  const { protocol, host, pathname, username, password, search } = new URL(url);
  const plain = protocol === 'https:' && host === HOST && username === '' && password === '' && search === '';
  const feed = plain ? FEEDS.get(pathname) : undefined;
  if (feed === undefined) {
    throw new Refusal('invalid', 'This is not the feed of a supplier.', {
      fields: [{ at: '/url', problem: 'must be the feed of a supplier' }],
    });
  }
  return feed;
}

/**
 * Careless: whatever is at a URL. This runs on somebody's machine, so only its own loopback is really called; other
 * hosts behave as if they were down, without a look-up of their names.
 * @throws Refusal invalid with the beginning of what was there instead of a feed
 */
export async function anyFeed(url: string): Promise<readonly unknown[]> {
  let address: URL;
  try {
    address = new URL(url);
  } catch {
    throw bad('The feed cannot be reached.');
  }
  if (address.hostname === HOST) return FEEDS.get(address.pathname) ?? [];
  if (!isLoopback(address)) throw bad('The feed cannot be reached.');
  let text: string;
  try {
    const answer = await fetch(address, { redirect: 'manual', signal: AbortSignal.timeout(FETCH_MILLISECONDS) });
    text = await head(answer);
  } catch {
    throw bad('The feed cannot be reached.');
  }
  try {
    const feed: unknown = JSON.parse(text);
    if (Array.isArray(feed)) return feed.slice(0, ENTRIES);
  } catch {}
  throw bad(`This is not a list of products: ${text.slice(0, 200)}`);
}

const bad = (message: string): Refusal => new Refusal('invalid', message);

const isLoopback = ({ protocol, hostname }: URL): boolean =>
  protocol === 'http:' && (/^127\.\d+\.\d+\.\d+$/.test(hostname) || hostname === 'localhost' || hostname === '[::1]');

async function head(answer: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of answer.body ?? []) {
    size += chunk.length;
    if (size > FEED_BYTES) break;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
