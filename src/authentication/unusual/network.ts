import { formatAddress, parseAddress } from '../../shared/address.ts';

/** What counts as one network: an IPv4 /24, an IPv6 /48; `unknown` for what is no address. */
export function networkOf(address: string): string {
  const parsed = parseAddress(address);
  if (parsed === undefined) return 'unknown';
  if (parsed.version === 4) return `${formatAddress({ ...parsed, d: (parsed.d & 0xffffff00) >>> 0 })}/24`;
  return `${formatAddress({ ...parsed, b: (parsed.b & 0xffff0000) >>> 0, c: 0, d: 0 })}/48`;
}
