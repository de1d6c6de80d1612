import { canonicalPath, NotCanonical } from '../../gateway/canonical-path.ts';
import type { CanonicalRequest, Peer } from '../../gateway/exchange.ts';

/** Where a proof is good: origin without a default port, and path in the gate's canonical form. */
export interface Target {
  readonly origin: string;
  readonly path: string;
}

const PARTS = /^(https?):\/\/([^/?#]{1,300})([^?#]*)/i;
const PORT = /:(\d{0,5})$/;
const DEFAULT_PORT: Readonly<Record<string, number>> = { http: 80, https: 443 };

/**
 * Reads the claim `htu` and makes it comparable: scheme and host in lower case, no default port, the path by the same
 * rules as that of a request (RFC 9449, section 4.3; RFC 3986, sections 6.2.2 and 6.2.3). Query and fragment do not count.
 * Not by WHATWG's `URL`: that drops tabs, turns backslashes and resolves dot segments, so that two URLs become one.
 * @returns undefined for what is not an absolute http(s) URL with a canonical path
 */
export function targetOf(htu: string): Target | undefined {
  const parts = PARTS.exec(htu);
  if (parts === null) return undefined;
  const path = (parts[3] as string) || '/';
  // What ends the host here is a character that has no place in one.
  if (path.charCodeAt(0) !== 0x2f) return undefined;
  try {
    return { origin: originOf((parts[1] as string).toLowerCase(), parts[2] as string), path: canonicalPath(path).path };
  } catch (error) {
    if (error instanceof NotCanonical) return undefined;
    throw error;
  }
}

/** @param scheme lower case */
export function originOf(scheme: string, authority: string): string {
  const lower = authority.toLowerCase();
  const port = PORT.exec(lower);
  if (port === null) return `${scheme}://${lower}`;
  const host = lower.slice(0, port.index);
  const number = port[1] === '' ? DEFAULT_PORT[scheme] : Number(port[1]);
  return number === DEFAULT_PORT[scheme] ? `${scheme}://${host}` : `${scheme}://${host}:${number}`;
}

/**
 * Whether a proof is for this request.
 * @param origins by which the gate is known to its clients; none: the host of the request, which must be one that the
 *   gate's certificate is for, because a proof made for another server comes here with that server's name in `Host`
 */
export function isTarget(
  htu: string,
  origins: ReadonlySet<string>,
  { authority, host, path }: CanonicalRequest,
  { secure, standsFor }: Peer,
): boolean {
  const target = targetOf(htu);
  if (target === undefined || target.path !== path) return false;
  if (origins.size > 0) return origins.has(target.origin);
  if (target.origin !== originOf(secure ? 'https' : 'http', authority)) return false;
  return !secure || standsFor?.(host) === true;
}
