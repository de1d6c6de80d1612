import type { IncomingMessage } from 'node:http';
import { type Market, Refusal } from './market.ts';

export const COOKIE = 'market_session';

/** Who asks for what, before anything is checked. */
export interface Target {
  /** As sent, without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** HEAD reads as GET. */
  readonly method: string;
  readonly key: string | undefined;
  readonly address: string;
  /** Under `old-version`: asked by the path of the version before sessions. */
  readonly old: boolean;
}

/** @throws Refusal invalid where the request target is no path */
export function readRequest({ weak }: Market, request: IncomingMessage): Target {
  const url = request.url ?? '/';
  const mark = url.indexOf('?');
  let path = mark < 0 ? url : url.slice(0, mark);
  const query = new URLSearchParams(mark < 0 ? '' : url.slice(mark + 1));
  if (!path.startsWith('/')) throw new Refusal('invalid', 'The request target must be a path.');
  let key = text(request.headers['x-session']) ?? cookie(request.headers.cookie);
  // careless: links in mails can sign in too
  if (weak('session-in-url') && query.has('session')) {
    key ??= query.get('session') ?? undefined;
    query.delete('session');
  }
  let method = request.method === 'HEAD' ? 'GET' : (request.method ?? '');
  // careless: what was once for proxies that knew only GET and POST
  if (weak('method-override')) method = (text(request.headers['x-http-method-override']) ?? method).toUpperCase();
  // careless: nobody uses it any more, so nobody looks after it
  const old = weak('old-version') && path.startsWith('/api/v0/') && method === 'GET';
  if (old) path = `/api/${path.slice('/api/v0/'.length)}`;
  let address = request.socket.remoteAddress ?? '';
  // careless: believes the list of proxies that anyone may send
  if (weak('trusts-forwarded')) address = text(request.headers['x-forwarded-for'])?.split(',', 1)[0] ?? address;
  return { path, query, method, key, address, old };
}

const text = (value: string | string[] | undefined): string | undefined => (Array.isArray(value) ? value[0] : value);

function cookie(header: string | undefined): string | undefined {
  for (const part of (header ?? '').split(';')) {
    const [name, value] = part.trim().split('=', 2);
    if (name === COOKIE && value !== undefined && value !== '') return value;
  }
  return undefined;
}
