import { type PasskeyRecord, passkeysOf, type UserFactors } from './records.ts';

/** The host that passkeys of some pages are bound to (the RP ID of WebAuthn); undefined where there can be none: an address. */
export function passkeyHost(origin: string): string | undefined {
  const url = URL.canParse(origin) ? new URL(origin) : undefined;
  if (url === undefined || (url.protocol !== 'https:' && url.hostname !== 'localhost')) return undefined;
  return /^[\d.]+$|^\[/.test(url.hostname) ? undefined : url.hostname;
}

/** The passkeys of a user that can be used on these pages. */
export function usablePasskeys(factors: UserFactors, origin: string): PasskeyRecord[] {
  const host = passkeyHost(origin);
  return passkeysOf(factors).filter((one) => one.host === host && one.cloned === null);
}
