import { hash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

/** A credential that was sent over plain HTTP. The secret itself is only ever in `secret`, which must not be recorded. */
export interface Exposed {
  /** `key`: has the form of one of the gate's own. */
  readonly kind: 'key' | 'bearer' | 'basic' | 'cookie' | 'parameter' | 'other';
  /** Where it stood: `header authorization`, `cookie sid`, `query api_key`. Names are cut and cleaned, never values. */
  readonly place: string;
  /** SHA-256 of the secret in base64url: what the identity room knows its keys by. */
  readonly digest: string;
  /** For revoking what is not known by its digest (a session, a token by its `jti`). Not enumerable: does not get into logs by accident. */
  readonly secret: string;
}

/** Credentials found in one request at most: what is in clear more often is no better recorded. */
const MAX_FOUND = 8;
const MAX_NAME = 40;
/** The gate's own keys wherever they stand. A bounded repetition of one class: linear. */
const KEY = /pk_[0-9A-Za-z]{38}(?![0-9A-Za-z])/g;
const SESSION_COOKIE = /sess|sid|auth|token|jwt|login|remember/i;
const SECRET_PARAMETER =
  /^(access_token|id_token|refresh_token|token|api[_-]?key|apikey|key|auth|password|secret|sig|signature)$/i;

/** Finds credentials in the head of a request that came over plain HTTP. Cost is linear in the head, which is capped. */
export function findExposed(request: Pick<IncomingMessage, 'rawHeaders' | 'url'>): Exposed[] {
  const found = new Map<string, Exposed>();
  const add = (kind: Exposed['kind'], place: string, secret: string): void => {
    if (secret === '' || found.size >= MAX_FOUND) return;
    const digest = hash('sha256', secret, 'base64url');
    if (found.has(digest)) return;
    const exposed = { kind, place, digest, secret };
    found.set(digest, Object.defineProperty(exposed, 'secret', { enumerable: false }));
  };
  const target = request.url ?? '';
  addParameters(add, target);
  for (const key of target.match(KEY) ?? []) add('key', 'target', key);
  const { rawHeaders } = request;
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const name = rawHeaders[i]!.toLowerCase();
    const value = rawHeaders[i + 1]!;
    for (const key of value.match(KEY) ?? []) add('key', `header ${clean(name)}`, key);
    if (name === 'authorization' || name === 'proxy-authorization') addAuthorization(add, name, value);
    else if (KEY_ONLY.test(value.trim())) continue;
    else if (name === 'x-api-key' || name === 'api-key' || name === 'x-auth-token')
      add('other', `header ${name}`, value.trim());
    else if (name === 'cookie') addCookies(add, value);
  }
  return [...found.values()];
}

type Add = (kind: Exposed['kind'], place: string, secret: string) => void;

function addAuthorization(add: Add, name: string, value: string): void {
  const space = value.indexOf(' ');
  const scheme = (space < 0 ? '' : value.slice(0, space)).toLowerCase();
  const secret = value.slice(space + 1).trim();
  if (KEY_ONLY.test(secret)) return;
  if (scheme === 'basic') {
    for (const key of Buffer.from(secret, 'base64').toString('latin1').match(KEY) ?? [])
      add('key', `header ${name}`, key);
  }
  const kind = scheme === 'basic' ? 'basic' : scheme === 'bearer' ? 'bearer' : 'other';
  add(kind, `header ${name}`, secret);
}
const KEY_ONLY = /^pk_[0-9A-Za-z]{38}$/;

function addCookies(add: Add, value: string): void {
  for (const pair of value.split(';')) {
    const equals = pair.indexOf('=');
    const name = pair.slice(0, Math.max(equals, 0)).trim();
    if (SESSION_COOKIE.test(name)) add('cookie', `cookie ${clean(name)}`, pair.slice(equals + 1).trim());
  }
}

function addParameters(add: Add, target: string): void {
  const mark = target.indexOf('?');
  if (mark < 0) return;
  for (const [name, value] of new URLSearchParams(target.slice(mark + 1))) {
    for (const key of value.match(KEY) ?? []) add('key', `query ${clean(name)}`, key);
    if (SECRET_PARAMETER.test(name) && !KEY_ONLY.test(value)) add('parameter', `query ${clean(name)}`, value);
  }
}

const clean = (name: string): string => name.slice(0, MAX_NAME).replace(/[^\w.-]/g, '?');
