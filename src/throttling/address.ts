import { parseAddress } from '../shared/address.ts';

/**
 * What a client address counts as. One IPv4 address is one caller; of IPv6 a /64 is one link and one customer can use
 * all 2^64 addresses of it, so the /64 is the caller, and the /48 a site that may hold 65,536 of them.
 */
export interface Network {
  /** The IPv4 address, or the IPv6 /64 as two words in hexadecimal. */
  readonly near: string;
  /** The IPv6 /48; undefined for IPv4. */
  readonly wide: string | undefined;
}

const MAX_ADDRESS = 64;
/** Networks of addresses read lately: a connection's address comes with each of its requests. */
const recent = new Map<string, Network>();
const MAX_RECENT = 1_024;

/**
 * Reads the network out of a client address; IPv4-mapped IPv6 is the IPv4 address it stands for. Never throws: what is
 * no address is its own network, so a listener without addresses (a Unix socket) is one caller.
 */
export function networkOf(address: string): Network {
  let network = recent.get(address);
  if (network === undefined) {
    network = read(address);
    if (recent.size >= MAX_RECENT) recent.clear();
    if (address.length <= MAX_ADDRESS) recent.set(address, network);
  }
  return network;
}

function read(text: string): Network {
  const address = parseAddress(text);
  if (address === undefined) return { near: text.slice(0, MAX_ADDRESS), wide: undefined };
  const { version, a, b, d } = address;
  if (version === 4) return { near: `${d >>> 24}.${(d >>> 16) & 255}.${(d >>> 8) & 255}.${d & 255}`, wide: undefined };
  return { near: `${a.toString(16)}:${b.toString(16)}`, wide: `${a.toString(16)}:${(b >>> 16).toString(16)}` };
}
