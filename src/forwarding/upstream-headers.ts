import type { Operation, SecurityScheme } from '../contract/model.ts';
import type { Exchange } from '../gateway/exchange.ts';
import { credentialPlaces, withoutCookies } from '../shared/credential-places.ts';
import { Memo } from '../shared/memo.ts';
import type { ForwardingSettings } from './settings.ts';

/** Builds the header list for the upstream, names and values in turn. */
export type HeaderBuilder = (exchange: Exchange, authority: string) => string[];

/** Never copied from the client: rebuilt from the model, or of no meaning to the upstream. */
const REBUILT = [
  'host',
  'content-length',
  'content-type',
  'content-encoding',
  // Made of what the client sent: of a body that was decoded or cut they are no longer right.
  'content-digest',
  'repr-digest',
  'accept-encoding',
  'expect',
  'proxy-authorization',
];

/**
 * Decides at load which headers of the client go on. Identity headers are set last and cannot be named by anyone else
 * (the canonical request has dropped every spelling of them).
 */
export function headerBuilder(
  operation: Operation,
  schemes: readonly SecurityScheme[],
  settings: ForwardingSettings,
): HeaderBuilder {
  const places = credentialPlaces(operation, schemes);
  const secret = settings.credentials === 'strip' ? places : NO_PLACES;
  // A name with an underscore is read by some servers as another header: it goes on only where the contract has it.
  const declared = operation.parameters.filter((p) => p.in === 'header').map((p) => p.name);
  const key = JSON.stringify([secret.headers, secret.cookies, declared]);
  return builders.get(settings, key, () => makeBuilder(settings, secret, new Set(declared)));
}

const NO_PLACES = { headers: [], cookies: [] };
const builders = new Memo<HeaderBuilder>();

function makeBuilder(
  settings: ForwardingSettings,
  secret: { readonly headers: readonly string[]; readonly cookies: readonly string[] },
  declared: ReadonlySet<string>,
): HeaderBuilder {
  const dropped = new Set([...REBUILT, ...secret.headers]);
  const cookies = new Set(secret.cookies);
  const fixed: string[] = [];
  for (const [name, value] of Object.entries(settings.headers)) {
    dropped.add(name.toLowerCase());
    fixed.push(name.toLowerCase(), value);
  }
  const clientHost = settings.host === 'client';

  return (exchange, authority) => {
    const { headers } = exchange.request;
    const list = ['host', clientHost ? exchange.request.authority : authority, 'accept-encoding', 'identity'];
    for (const name in headers) {
      if (dropped.has(name)) continue;
      if (name.includes('_') && !declared.has(name)) continue;
      const value = headers[name] as string;
      if (name === 'cookie' && cookies.size > 0) {
        const rest = withoutCookies(value, cookies);
        if (rest !== '') list.push(name, rest);
      } else list.push(name, value);
    }
    if (exchange.body !== undefined) list.push('content-type', exchange.body.contentType);
    for (const part of fixed) list.push(part);
    list.push('x-forwarded-for', exchange.peer.address);
    list.push('x-forwarded-proto', exchange.peer.secure ? 'https' : 'http');
    list.push('x-forwarded-host', exchange.request.authority);
    list.push('x-request-id', exchange.id, 'x-portcullis-exchange', exchange.id);
    const principal = exchange.principal;
    if (principal !== undefined) {
      list.push('x-portcullis-principal', headerSafe(principal.id), 'x-portcullis-kind', principal.kind);
      if (principal.roles.length > 0) list.push('x-portcullis-roles', principal.roles.map(headerSafe).join(','));
      if (principal.scopes.length > 0) list.push('x-portcullis-scopes', principal.scopes.map(headerSafe).join(' '));
      const claims = encodeClaims(principal.claims);
      if (claims !== NO_CLAIMS) list.push('x-portcullis-claims', claims);
    }
    return list;
  };
}

const SAFE = /^[\x21-\x2b\x2d-\x7e]*$/;
/** Ids and roles come from tokens and stores: what is not printable ASCII (or holds a comma) goes percent-encoded. */
const headerSafe = (text: string): string => (SAFE.test(text) ? text : encodeURIComponent(text));

const NO_CLAIMS = Buffer.from('{}').toString('base64url');
const encoded = new WeakMap<object, string>();
/** Claims as base64url JSON; a principal's claims object is shared by all its exchanges, so it is encoded once. */
function encodeClaims(claims: Readonly<Record<string, unknown>>): string {
  let text = encoded.get(claims);
  if (text === undefined) {
    text = Buffer.from(JSON.stringify(claims)).toString('base64url');
    encoded.set(claims, text);
  }
  return text;
}
