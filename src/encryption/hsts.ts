import { parseAddress } from '../shared/address.ts';
import type { EncryptionSettings } from './settings.ts';

/** Value of Strict-Transport-Security (RFC 6797, section 6.1); undefined where it is off. */
export function hstsValue(settings: EncryptionSettings['hsts']): string | undefined {
  if (settings === 'off') return undefined;
  const { maxAge, includeSubDomains, preload } = settings;
  return `max-age=${maxAge}${includeSubDomains ? '; includeSubDomains' : ''}${preload ? '; preload' : ''}`;
}

/**
 * Whether the field belongs on an answer for this host. Not on IP addresses (browsers ignore it there), and not on
 * localhost: browsers obey it there, for every port, and other programs of a developer are served over plain HTTP.
 * @param host lower case, without port
 */
export const hstsAppliesTo = (host: string): boolean =>
  host !== 'localhost' && !host.endsWith('.localhost') && parseAddress(host) === undefined;
