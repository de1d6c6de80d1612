import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { canonicalAddress, inRange, parseRange } from '../shared/address.ts';
import type { Peer } from './exchange.ts';

const MAX_HOPS = 32;
const peers = new WeakMap<Socket, Peer>();

/** The other end of a connection, looked at once. */
export function peerOf(socket: Socket): Peer {
  let peer = peers.get(socket);
  if (peer === undefined) {
    const address = canonicalAddress(socket.remoteAddress ?? '') ?? 'unknown';
    const tls =
      (socket as TLSSocket).encrypted === true ? ((socket as TLSSocket).getProtocol() ?? undefined) : undefined;
    peer = { address, socket: address, secure: tls !== undefined, tls };
    peers.set(socket, peer);
  }
  return peer;
}

/** Says for a peer and an X-Forwarded-For chain who the client is. */
export type ClientFinder = (peer: Peer, forwardedFor: string | undefined) => Peer;

/**
 * Believes X-Forwarded-For only from trusted ranges, and reads it from the right: the first address that is not a
 * trusted proxy is the client; what stands left of it was written by strangers.
 * @param ranges CIDR ranges; throws a RangeError for one that is none
 */
export function clientFinder(ranges: readonly string[]): ClientFinder {
  if (ranges.length === 0) return (peer) => peer;
  const trusted = ranges.map((text) => {
    const range = parseRange(text);
    if (range === undefined) throw new RangeError(`"${text}" is not an address range`);
    return range;
  });
  const isTrusted = (address: string): boolean => trusted.some((range) => inRange(address, range));
  return (peer, forwardedFor) => {
    if (forwardedFor === undefined || !isTrusted(peer.socket)) return peer;
    const hops = forwardedFor.split(',', MAX_HOPS + 1);
    if (hops.length > MAX_HOPS) return peer;
    let client = peer.socket;
    for (let i = hops.length - 1; i >= 0; i--) {
      const address = canonicalAddress(withoutPort((hops[i] as string).trim()));
      if (address === undefined) break;
      client = address;
      if (!isTrusted(address)) break;
    }
    return client === peer.address ? peer : { ...peer, address: client };
  };
}

const withoutPort = (hop: string): string =>
  /^\[(.+)\](?::\d+)?$/.exec(hop)?.[1] ?? /^([\d.]+):\d+$/.exec(hop)?.[1] ?? hop;
