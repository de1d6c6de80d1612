/** Longest target that is looked at. */
const MAX_LENGTH = 4096;

export interface LocationRule {
  /** Origins of the API behind the gate: their targets become paths of the gate. */
  readonly upstreams: ReadonlySet<string>;
  /** Other origins that may be named. */
  readonly redirects: ReadonlySet<string>;
}

/**
 * Judges the target of `Location` (RFC 9110, 10.2.2). Relative ones pass as they are; the gate's own authority and the
 * origins behind it become a path; named origins pass in their normal form. Everything that browsers read in another
 * way than it looks (`//host`, `/\host`, tabs, user names, other schemes) is dropped.
 * @returns the target to send; undefined where it must not leave.
 */
export function judgeLocation(value: string, authority: string, rule: LocationRule): string | undefined {
  // Visible ASCII without the backslash: URL parsers strip tabs and line ends, and take `\` for `/`.
  if (value.length > MAX_LENGTH || !/^[\x21-\x5b\x5d-\x7e]+$/.test(value)) return undefined;
  if (/^[A-Za-z][A-Za-z0-9+.-]*:/.test(value)) return judgeAbsolute(value, authority, rule);
  return isLocal(value) ? value : undefined;
}

/** A path, query, fragment or relative path: no network path (RFC 3986, 4.2), and nothing that reads as a scheme. */
const isLocal = (value: string): boolean => !value.startsWith('//') && !/^[^/?#]*:/.test(value);

function judgeAbsolute(value: string, authority: string, rule: LocationRule): string | undefined {
  if (!/^https?:\/\/[^/?#@]/i.test(value) || !URL.canParse(value)) return undefined;
  const url = new URL(value);
  if (url.username !== '' || url.password !== '') return undefined;
  const own = url.host === authority || rule.upstreams.has(url.origin);
  if (!own) return rule.redirects.has(url.origin) ? url.href : undefined;
  const path = url.pathname + url.search + url.hash;
  return isLocal(path) ? path : undefined;
}
