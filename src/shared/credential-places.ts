import type { Operation, SecurityScheme } from '../contract/model.ts';

/** Where credentials stand in a request; what stands there is for the gate and goes no further. */
export interface CredentialPlaces {
  /** Lower case. */
  readonly headers: readonly string[];
  readonly cookies: readonly string[];
  readonly query: readonly string[];
}

/** Where the gate itself looks for credentials, whatever the contract says. */
const ALWAYS = ['authorization', 'proxy-authorization', 'x-api-key', 'signature', 'signature-input', 'dpop'];

/**
 * The places of credentials for one operation: those the gate always knows, and the `apiKey` schemes of its contract.
 * @param others all schemes of the contract: a cookie that is a credential elsewhere is sent here too
 */
export function credentialPlaces(operation: Operation, others: readonly SecurityScheme[] = []): CredentialPlaces {
  const headers = new Set(ALWAYS);
  const cookies = new Set<string>();
  const query = new Set<string>();
  const own = (operation.security ?? []).flatMap(({ schemes }) => schemes.map(({ scheme }) => scheme));
  for (const { type, in: place, parameter } of [...own, ...others]) {
    if (type !== 'apiKey' || parameter === undefined) continue;
    if (place === 'header') headers.add(parameter.toLowerCase());
    else if (place === 'cookie') cookies.add(parameter);
    else if (place === 'query') query.add(parameter);
  }
  return { headers: [...headers], cookies: [...cookies], query: [...query] };
}

/** Name of a `name=value` pair of a query string, decoded as servers do; undecodable names stay as they are. */
export function queryName(pair: string): string {
  const equals = pair.indexOf('=');
  const name = equals === -1 ? pair : pair.slice(0, equals);
  if (!name.includes('%') && !name.includes('+')) return name;
  try {
    return decodeURIComponent(name.replaceAll('+', ' '));
  } catch {
    return name;
  }
}

/** The query string without these parameters, however their names are encoded; the rest as it was sent. */
export function withoutParameters(query: string, names: ReadonlySet<string>): string {
  if (query === '' || names.size === 0) return query;
  const pairs = query.split('&');
  const kept = pairs.filter((pair) => !names.has(queryName(pair)));
  return kept.length === pairs.length ? query : kept.join('&');
}

/** The `Cookie` header without these cookies; empty where none is left. */
export function withoutCookies(header: string, names: ReadonlySet<string>): string {
  if (names.size === 0) return header;
  const kept: string[] = [];
  for (const part of header.split(';')) {
    const pair = part.trim();
    if (pair !== '' && !names.has(cookieName(pair))) kept.push(pair);
  }
  return kept.join('; ');
}

/** Name of a cookie pair as it stands; cookies are not percent-encoded (RFC 6265, section 4.1.1). */
export function cookieName(pair: string): string {
  const equals = pair.indexOf('=');
  return (equals === -1 ? pair : pair.slice(0, equals)).trim();
}
