import { isIP, type Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { canonicalAddress, inRange, parseRange } from '../shared/address.ts';
import { certificateOf } from './certified-connections.ts';
import type { Peer } from './exchange.ts';

const MAX_HOPS = 32;
/** Kept on the socket itself: of HTTP/2 every stream has a stand-in of its own for it, which passes reads and writes on. */
const PEER = Symbol('peer');

interface Known extends Socket {
  [PEER]?: Peer;
}

/** The other end of a connection, looked at once. */
export function peerOf(socket: Socket): Peer {
  const known = (socket as Known)[PEER];
  if (known !== undefined) return known;
  const address = canonicalAddress(socket.remoteAddress ?? '') ?? 'unknown';
  const tls = (socket as TLSSocket).encrypted === true ? ((socket as TLSSocket).getProtocol() ?? undefined) : undefined;
  const peer: Peer =
    tls === undefined
      ? { address, socket: address, secure: false, tls, certificate: undefined, standsFor: undefined }
      : {
          address,
          socket: address,
          secure: true,
          tls,
          certificate: certificateOf(socket),
          standsFor: namesOf(socket as TLSSocket),
        };
  (socket as Known)[PEER] = peer;
  return peer;
}

/** Asks the certificate this connection was made with, once a host: the same name comes with every request. */
function namesOf(socket: TLSSocket): (host: string) => boolean {
  // A stand-in hands the method out bound to the socket; it is itself of no use once its stream is over.
  const read = socket.getX509Certificate;
  let last = '';
  let answer = false;
  return (host) => {
    if (host === last) return answer;
    const name = host.replace(/^\[|\]$|\.$/g, '');
    const own = read.call(socket);
    last = host;
    answer = own !== undefined && (isIP(name) === 0 ? own.checkHost(name) : own.checkIP(name)) !== undefined;
    return answer;
  };
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
