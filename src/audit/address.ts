import { createHmac, hkdfSync } from 'node:crypto';
import { formatAddress, parseRange } from '../shared/address.ts';
import type { AuditSettings } from './settings.ts';

/** Turns a client address into what is recorded of it. */
export type AddressForm = (address: string) => string;

const CACHED = 4096;

/**
 * @param form the setting `clientAddress`
 * @param seed secret that the hash is keyed with (derived by HKDF, RFC 5869, so that it says nothing of the signing key)
 */
export function addressForm(form: AuditSettings['clientAddress'], seed: Uint8Array): AddressForm {
  if (form === 'full') return (address) => address;
  const compute = form === 'truncated' ? truncated : hasher(seed);
  const cache = new Map<string, string>();
  return (address) => {
    let known = cache.get(address);
    if (known === undefined) {
      known = compute(address);
      // A flood from many addresses empties the cache now and then; it cannot grow it.
      if (cache.size >= CACHED) cache.clear();
      cache.set(address, known);
    }
    return known;
  };
}

/** The /24 (IPv4) or /48 (IPv6) an address lies in, as its first address. */
function truncated(text: string): string {
  const range = parseRange(`${text}${text.includes(':') ? '/48' : '/24'}`);
  return range === undefined ? 'unknown' : formatAddress(range);
}

/** Says how an address was hashed, so that a search can hash the one it looks for. */
export function hasher(seed: Uint8Array): AddressForm {
  const key = Buffer.from(hkdfSync('sha256', seed, '', 'portcullis/audit/address', 32));
  return (address) => `h:${createHmac('sha256', key).update(address).digest('hex').slice(0, 24)}`;
}
