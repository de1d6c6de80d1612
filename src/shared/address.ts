/**
 * IP addresses: one parser and one classification for the gateway (trusted proxies), throttling and outbound requests.
 * Pure functions; strict spellings only, since a second reading of an address is a way past every check on it.
 */

/** An address as numbers: for IPv4 only `d` is used; for IPv6 the four 32-bit words from the left. */
export interface Address {
  readonly version: 4 | 6;
  readonly a: number;
  readonly b: number;
  readonly c: number;
  readonly d: number;
}

/** A block of addresses. The words are already masked to `bits`. */
export interface AddressRange extends Address {
  readonly bits: number;
}

/**
 * Reads an address. IPv4 as four decimal numbers without leading zeros; IPv6 as RFC 4291, section 2.2, with or
 * without `[]`, zone id (`%eth0`) dropped. IPv4-mapped IPv6 (`::ffff:1.2.3.4`) becomes the IPv4 address it is.
 *
 * @returns undefined for anything else (`127.1`, `0x7f.0.0.1`, `010.0.0.1`).
 */
export function parseAddress(text: string): Address | undefined {
  if (text.length > 80) return undefined;
  if (!text.includes(':')) {
    const value = parseIPv4(text, 0, text.length);
    return value === -1 ? undefined : { version: 4, a: 0, b: 0, c: 0, d: value };
  }
  return parseIPv6(text);
}

/**
 * One spelling for one address: IPv4 dotted, IPv6 as RFC 5952; `::ffff:1.2.3.4` becomes `1.2.3.4`, zone ids go.
 * Use it for keys of counters and for records. @returns undefined where the text is no address.
 */
export function canonicalAddress(text: string): string | undefined {
  const address = parseAddress(text);
  return address && formatAddress(address);
}

/** Writes an address in its one canonical form (RFC 5952, without the dotted tail). */
export function formatAddress(address: Address): string {
  const { d } = address;
  if (address.version === 4) return `${d >>> 24}.${(d >>> 16) & 255}.${(d >>> 8) & 255}.${d & 255}`;
  const groups: number[] = [];
  for (const word of [address.a, address.b, address.c, d]) groups.push(word >>> 16, word & 0xffff);
  let start = -1;
  let length = 1;
  for (let i = 0; i < 8; i++) {
    let end = i;
    while (end < 8 && groups[end] === 0) end++;
    if (end - i > length) {
      start = i;
      length = end - i;
    }
    if (end > i) i = end;
  }
  const hex = groups.map((group) => group.toString(16));
  if (start < 0) return hex.join(':');
  return `${hex.slice(0, start).join(':')}::${hex.slice(start + length).join(':')}`;
}

/**
 * Reads a block: `10.0.0.0/8`, `2001:db8::/32`, or a single address. Bits beyond the prefix are cleared.
 * A block of IPv4-mapped addresses becomes the IPv4 block it is.
 *
 * @returns undefined where the text is none.
 */
export function parseRange(text: string): AddressRange | undefined {
  const slash = text.indexOf('/');
  const address = parseAddress(slash < 0 ? text : text.slice(0, slash));
  if (!address) return undefined;
  const full = address.version === 4 ? 32 : 128;
  if (slash < 0) return { ...address, bits: full };
  const digits = text.slice(slash + 1);
  if (!/^(0|[1-9]\d{0,2})$/.test(digits)) return undefined;
  let bits = Number(digits);
  if (address.version === 4 && text.includes(':')) {
    // Written as mapped IPv6: the prefix counts from the left of 128 bits; shorter ones would reach beyond IPv4.
    if (bits < 96 || bits > 128) return undefined;
    bits -= 96;
  }
  if (bits > full) return undefined;
  if (full === 32) return { version: 4, a: 0, b: 0, c: 0, d: mask(address.d, bits), bits };
  return {
    version: 6,
    a: mask(address.a, bits),
    b: mask(address.b, bits - 32),
    c: mask(address.c, bits - 64),
    d: mask(address.d, bits - 96),
    bits,
  };
}

/** Whether an address is inside a block. Text that is no address or no block is inside nothing. */
export function inRange(address: Address | string, range: AddressRange | string): boolean {
  const one = typeof address === 'string' ? parseAddress(address) : address;
  const block = typeof range === 'string' ? parseRange(range) : range;
  if (one === undefined || block === undefined || one.version !== block.version) return false;
  const { bits } = block;
  if (block.version === 4) return mask(one.d, bits) === block.d;
  return (
    mask(one.a, bits) === block.a &&
    mask(one.b, bits - 32) === block.b &&
    mask(one.c, bits - 64) === block.c &&
    mask(one.d, bits - 96) === block.d
  );
}

/**
 * Whether the address belongs to the public Internet: not private, loopback, link-local, shared (CGNAT), multicast,
 * documentation, benchmarking or otherwise reserved (IANA special-purpose registries), and no cloud platform's
 * internal service. IPv6 is public only inside 2000::/3; what carries an IPv4 address is judged by that (NAT64) or
 * refused (6to4, Teredo: both are obsolete and lead to whatever they name).
 */
export function isPublicAddress(address: Address | string): boolean {
  const one = typeof address === 'string' ? parseAddress(address) : address;
  if (one === undefined) return false;
  if (one.version === 4) return !NOT_PUBLIC_4.some((range) => inRange(one, range));
  if (inRange(one, NAT64)) return isPublicAddress({ version: 4, a: 0, b: 0, c: 0, d: one.d });
  return inRange(one, GLOBAL_UNICAST) && !NOT_PUBLIC_6.some((range) => inRange(one, range));
}

const ranges = (...list: string[]): AddressRange[] =>
  list.map((text) => {
    const range = parseRange(text);
    if (!range) throw new TypeError(`not a range: ${text}`);
    return range;
  });

// Functions above are hoisted; the tables are read when the module has loaded.
const NOT_PUBLIC_4 = ranges(
  '0.0.0.0/8', // this network
  '10.0.0.0/8',
  '100.64.0.0/10', // CGNAT; a cloud's metadata service stands here too
  '127.0.0.0/8',
  '168.63.129.16', // a public-looking address that one cloud routes to its host agent
  '169.254.0.0/16', // link-local; metadata services
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24', // 6to4 relays, withdrawn by RFC 7526
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
);
const [NAT64, GLOBAL_UNICAST] = ranges('64:ff9b::/96', '2000::/3') as [AddressRange, AddressRange];
const NOT_PUBLIC_6 = ranges(
  '2001::/23', // IETF protocol assignments: Teredo, ORCHID, benchmarking
  '2001:db8::/32',
  '2002::/16', // 6to4
  '3fff::/20', // documentation, RFC 9637
);

function mask(word: number, bits: number): number {
  if (bits >= 32) return word >>> 0;
  if (bits <= 0) return 0;
  return (word & (-1 << (32 - bits))) >>> 0;
}

/** @returns the address as an unsigned number, -1 where the text is none. */
function parseIPv4(text: string, start: number, end: number): number {
  let value = 0;
  let parts = 0;
  let at = start;
  for (;;) {
    let part = 0;
    const first = at;
    while (at < end) {
      const digit = text.charCodeAt(at) - 48;
      if (digit < 0 || digit > 9) break;
      part = part * 10 + digit;
      at++;
      if (at - first > 3) return -1;
    }
    if (at === first || part > 255 || (at - first > 1 && text.charCodeAt(first) === 48)) return -1;
    value = value * 256 + part;
    parts++;
    if (at === end) return parts === 4 ? value : -1;
    if (parts === 4 || text.charCodeAt(at) !== 46) return -1;
    at++;
  }
}

function parseIPv6(given: string): Address | undefined {
  let text = given;
  if (text.startsWith('[') && text.endsWith(']')) text = text.slice(1, -1);
  const zone = text.indexOf('%');
  if (zone >= 0) {
    if (zone === text.length - 1) return undefined;
    text = text.slice(0, zone);
  }
  const groups: number[] = [];
  let gap = -1;
  let at = 0;
  if (text.startsWith('::')) {
    gap = 0;
    at = 2;
  }
  while (at < text.length) {
    if (groups.length === 8) return undefined;
    let end = text.indexOf(':', at);
    if (end < 0) end = text.length;
    if (end === text.length && text.includes('.')) {
      const tail = parseIPv4(text, at, end);
      if (tail === -1 || groups.length > 6) return undefined;
      groups.push(Math.floor(tail / 65536), tail % 65536);
      at = end;
      break;
    }
    if (end === at || end - at > 4) return undefined;
    let group = 0;
    for (let i = at; i < end; i++) {
      const digit = hexDigit(text.charCodeAt(i));
      if (digit < 0) return undefined;
      group = group * 16 + digit;
    }
    groups.push(group);
    at = end;
    if (at === text.length) break;
    at++;
    if (at === text.length) return undefined; // a single colon at the end
    if (text.charCodeAt(at) === 58) {
      if (gap >= 0) return undefined;
      gap = groups.length;
      at++;
    }
  }
  if (gap < 0 ? groups.length !== 8 : groups.length > 7) return undefined;
  if (gap >= 0) groups.splice(gap, 0, ...new Array<number>(8 - groups.length).fill(0));
  const word = (i: number): number => groups[i]! * 65536 + groups[i + 1]!;
  const [a, b, c, d] = [word(0), word(2), word(4), word(6)] as const;
  if (a === 0 && b === 0 && c === 0xffff) return { version: 4, a: 0, b: 0, c: 0, d };
  return { version: 6, a, b, c, d };
}

function hexDigit(code: number): number {
  if (code >= 48 && code <= 57) return code - 48;
  if (code >= 97 && code <= 102) return code - 87;
  if (code >= 65 && code <= 70) return code - 55;
  return -1;
}
