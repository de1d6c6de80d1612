import type { Target } from './targets.ts';
import { schemaField } from './words.ts';

/** Writes an address of a host that is allowed, which leads on to another. */
export type Detour = (url: string) => string;

/** Paths and parameters that pages for leading on often have; three parameters go at once, to keep addresses short. */
const PATHS = ['', '/redirect', '/open', '/go', '/out', '/link', '/r', '/login'];
const PARAMETERS = ['url=URL&link=URL&to=URL', 'next=URL&target=URL&u=URL', 'redirect=URL&redirect_uri=URL&return=URL'];
/** Addresses of the contract that are taken apart, at most. */
const KNOWN = 6;

/**
 * Ways round a list of allowed hosts, through those hosts: addresses that the call or the contract has and that hold
 * another address in their query; then the usual names of such pages at the same host.
 */
export function detoursOf({ text, place }: Target): Detour[] {
  const detours: Detour[] = [];
  const listed = schemaField(place, 'examples');
  const known = [
    text,
    schemaField(place, 'example'),
    schemaField(place, 'default'),
    ...(Array.isArray(listed) ? listed : []),
  ];
  const addresses = [...new Set(known)].flatMap((one) => (typeof one === 'string' ? (URL.parse(one) ?? []) : []));
  const origins = new Set<string>();
  for (const address of addresses.slice(0, KNOWN)) {
    if (address.protocol !== 'http:' && address.protocol !== 'https:') continue;
    origins.add(address.origin);
    for (const [name, value] of address.searchParams) {
      if (!/^(https?:)?\/\//i.test(value)) continue;
      detours.push((url) => {
        const changed = new URL(address);
        changed.searchParams.set(name, url);
        return changed.href;
      });
    }
  }
  for (const origin of [...origins].slice(0, 2)) {
    for (const path of PATHS) {
      for (const query of PARAMETERS) {
        detours.push((url) => `${origin}${path}?${query.replaceAll('URL', encodeURIComponent(url))}`);
      }
    }
  }
  return detours;
}
