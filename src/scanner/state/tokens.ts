import { parsePointer } from '../../shared/json-pointer.ts';
import type { ScanAnswer } from '../model/exchange.ts';
import { plain } from './names.ts';

/** Names under which answers hand out a credential, the likeliest first. */
const NAMES = [
  'accesstoken',
  'authtoken',
  'authenticationtoken',
  'authorizationtoken',
  'apitoken',
  'bearertoken',
  'jwttoken',
  'usertoken',
  'logintoken',
  'sessiontoken',
  'token',
  'jwt',
  'idtoken',
  'bearer',
  'accesskey',
  'apikey',
  'sessionid',
  'sessionkey',
  'sid',
  'session',
  'authorization',
  'auth',
  'ticket',
  'key',
];
const HEADERS = [
  'authorization',
  'x-auth-token',
  'x-access-token',
  'x-session-token',
  'x-api-token',
  'x-token',
  'x-jwt',
  'access-token',
  'token',
  'jwt',
  'x-session-id',
  'x-api-key',
  'x-authorization',
];
const NODES = 500;
const JWT = /^[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{2,}\.[A-Za-z0-9_-]*$/;
/** Characters of a credential that can stand in a header. */
const TOKEN = /^[\x21-\x7e]{6,8000}$/;

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Takes the word before a token off: `Bearer abc` is abc. */
const bare = (text: string): string => /^(?:bearer|token|jwt)\s+(\S+)$/i.exec(text.trim())?.[1] ?? text.trim();

const asToken = (value: unknown): string | undefined => {
  if (typeof value !== 'string') return undefined;
  const token = bare(value);
  return TOKEN.test(token) ? token : undefined;
};

/**
 * The credential that the answer to a login hands out.
 * @param where a JSON pointer, or the name of a header; undefined: found by its name and shape
 */
export function tokenIn(answer: ScanAnswer, where: string | undefined): string | undefined {
  if (where !== undefined && !where.startsWith('/') && where !== '')
    return asToken(answer.headers.get(where.toLowerCase()));
  if (where !== undefined) return asToken(at(answer.json, where));
  const found = inJson(answer.json);
  if (found) return found;
  for (const name of HEADERS) {
    const value = asToken(answer.headers.get(name));
    if (value) return value;
  }
  const text = answer.text.trim();
  return JWT.test(bare(text)) ? bare(text) : undefined;
}

function at(json: unknown, pointer: string): unknown {
  let value = json;
  for (const step of parsePointer(pointer) ?? ['\0']) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return undefined;
    value = (value as Record<string, unknown>)[step];
  }
  return value;
}

/** By the best name; else any JWT. Nearest to the root first. */
function inJson(json: unknown): string | undefined {
  if (typeof json === 'string') return asToken(json);
  const queue: unknown[] = [json];
  let best: { rank: number; token: string } | undefined;
  let jwt: string | undefined;
  for (let index = 0; index < queue.length && index < NODES; index++) {
    const value = queue[index];
    if (Array.isArray(value)) {
      queue.push(...value.slice(0, 5));
      continue;
    }
    if (!isRecord(value)) continue;
    for (const [name, inner] of Object.entries(value).slice(0, 60)) {
      if (typeof inner === 'object' && inner !== null) queue.push(inner);
      const token = asToken(inner);
      if (token === undefined) continue;
      const rank = NAMES.indexOf(plain(name));
      if (rank !== -1 && token.length >= 8 && (!best || rank < best.rank)) best = { rank, token };
      if (JWT.test(token) && !/refresh/i.test(name)) jwt ??= token;
    }
  }
  return best?.token ?? jwt;
}

/** The claims of a JWT, unverified; undefined where it is none. */
export function claimsOf(token: string | undefined): Readonly<Record<string, unknown>> | undefined {
  if (token === undefined || token.length > 16_000 || !JWT.test(token)) return undefined;
  try {
    const claims: unknown = JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString('utf8'));
    return isRecord(claims) ? claims : undefined;
  } catch {
    return undefined;
  }
}

/** When a JWT ends, in milliseconds since 1970 (RFC 7519, section 4.1.4); undefined where it does not say. */
export function endOf(token: string | undefined): number | undefined {
  const end = claimsOf(token)?.['exp'];
  return typeof end === 'number' && Number.isFinite(end) ? end * 1_000 : undefined;
}

/** Cookies that an answer sets, by name; those that it takes away (empty, Max-Age=0) are left out. */
export function cookiesOf(answer: ScanAnswer): Map<string, string> {
  const found = new Map<string, string>();
  for (const line of (answer.headers.get('set-cookie') ?? '').split('\n').slice(0, 50)) {
    const [pair = '', ...attributes] = line.split(';');
    const equals = pair.indexOf('=');
    if (equals < 1) continue;
    const name = pair.slice(0, equals).trim();
    const value = pair.slice(equals + 1).trim();
    const ended = attributes.some((attribute) => /^\s*max-age\s*=\s*(0|-\d+)\s*$/i.test(attribute));
    if (name !== '' && value !== '' && !ended && /^[\x21-\x7e]*$/.test(name + value)) found.set(name, value);
  }
  return found;
}

/** Names of cookies that are CSRF tokens, with the header in which frameworks want them back. */
const CSRF_COOKIES: readonly (readonly [RegExp, string])[] = [
  [/^xsrf-token$/i, 'X-XSRF-TOKEN'],
  [/^csrftoken$/i, 'X-CSRFToken'],
  [/^(__host-|__secure-)?_?(x-)?(csrf|xsrf)([-_]?token)?$/i, 'X-CSRF-Token'],
];

/** The CSRF token of a login, and the header it is sent back in with calls that change something. */
export function csrfOf(
  answer: ScanAnswer,
  cookies: ReadonlyMap<string, string>,
): readonly [name: string, value: string] | undefined {
  for (const name of ['x-csrf-token', 'x-xsrf-token', 'csrf-token']) {
    const value = answer.headers.get(name);
    if (value !== undefined && TOKEN.test(value)) return [name === 'csrf-token' ? 'X-CSRF-Token' : name, value];
  }
  if (isRecord(answer.json)) {
    for (const [name, value] of Object.entries(answer.json).slice(0, 60)) {
      if (
        /^(csrf|xsrf|_csrf|csrftoken|xsrftoken|csrfmiddlewaretoken)$/.test(plain(name)) &&
        typeof value === 'string' &&
        TOKEN.test(value)
      ) {
        return ['X-CSRF-Token', value];
      }
    }
  }
  for (const [name, value] of cookies) {
    for (const [pattern, header] of CSRF_COOKIES) {
      if (!pattern.test(name)) continue;
      let plainly = value;
      try {
        plainly = decodeURIComponent(value);
      } catch {}
      return TOKEN.test(plainly) ? [header, plainly] : undefined;
    }
  }
  return undefined;
}
