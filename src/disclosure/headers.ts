import type { Response } from '../contract/model.ts';
import type { Answer, Exchange } from '../gateway/exchange.ts';
import { Memo } from '../shared/memo.ts';
import { NEVER_LEAVES, USUAL } from './header-names.ts';
import { judgeLocation, type LocationRule } from './location.ts';
import type { DisclosureSettings } from './settings.ts';

/** Values of one repeated header, and length of one value, at most. */
const MAX_REPEATED = 50;
const MAX_VALUE = 8192;

/** Replaces the headers of the answer by those that may leave. `Content-Type` is left out: it is rebuilt. */
export type HeaderFilter = (exchange: Exchange, answer: Answer) => void;

/**
 * Compiles the allowlist for one declared response (or, without one, for answers outside the contract).
 */
export function compileHeaders(settings: DisclosureSettings, response: Response | undefined): HeaderFilter {
  const declared = response?.headers.map((header) => header.name) ?? [];
  return filters.get(settings, JSON.stringify(declared.sort()), () => makeFilter(settings, new Set(declared)));
}

const filters = new Memo<HeaderFilter>();

function makeFilter(settings: DisclosureSettings, declared: ReadonlySet<string>): HeaderFilter {
  const names = settings.headers.allow.filter((name) => !name.endsWith('*'));
  const prefixes = settings.headers.allow.filter((name) => name.endsWith('*')).map((name) => name.slice(0, -1));
  const allowed = new Set([...USUAL, ...declared, ...names].filter((name) => !NEVER_LEAVES.has(name)));
  const allows = (name: string): boolean =>
    allowed.has(name) ||
    (prefixes.length > 0 && prefixes.some((prefix) => name.startsWith(prefix)) && !NEVER_LEAVES.has(name));
  const location: LocationRule = { upstreams: new Set(settings.upstreams), redirects: new Set(settings.redirects) };
  const set = Object.entries(settings.headers.set).filter(([name]) => !NEVER_LEAVES.has(name));
  const protect = settings.cache === 'protect' && !declared.has('cache-control');
  const { maxBytes } = settings.headers;

  return (exchange, answer) => {
    const from = answer.headers;
    const kept: Record<string, string | string[]> = {};
    // What cannot be cached must not come with a date until which it may be.
    const store = !protect || exchange.principal === undefined;
    let bytes = 0;
    for (const name in from) {
      if (!allows(name)) continue;
      if (!store && (name === 'cache-control' || name === 'expires')) continue;
      let value = sound(from[name]);
      if (name === 'location' && value !== undefined)
        value = typeof value === 'string' ? judgeLocation(value, exchange.request.authority, location) : undefined;
      if (value === undefined) {
        exchange.note('open-answer', 'a header of the API was dropped', { header: name });
        continue;
      }
      bytes += name.length + lengthOf(value);
      if (bytes > maxBytes) {
        exchange.note('open-answer', 'headers of the API beyond the limit were dropped', { maxBytes });
        break;
      }
      kept[name] = value;
    }
    if (!store) kept['cache-control'] = 'no-store';
    for (const [name, value] of set) if (!(declared.has(name) && Object.hasOwn(kept, name))) kept[name] = value;
    kept['x-content-type-options'] = 'nosniff';
    answer.headers = kept;
  };
}

// A field value is visible characters, space and tab (RFC 9110, 5.5): no line end, no NUL, nothing beyond one byte.
const SOUND = /^[\t\x20-\x7e\x80-\xff]*$/;

const sound = (value: string | string[] | undefined): string | string[] | undefined => {
  if (typeof value === 'string') return value.length <= MAX_VALUE && SOUND.test(value) ? value : undefined;
  if (!Array.isArray(value) || value.length > MAX_REPEATED) return undefined;
  return value.every((one) => one.length <= MAX_VALUE && SOUND.test(one)) ? value : undefined;
};

const lengthOf = (value: string | string[]): number =>
  typeof value === 'string' ? value.length : value.reduce((sum, one) => sum + one.length, 0);

/**
 * The `Content-Type` of a streamed answer: as it came where it has the form of RFC 9110, 8.3.1 and is short, else its
 * media type alone.
 */
export function streamType(answer: Answer, original: string | string[] | undefined): string {
  return typeof original === 'string' && original.length <= 200 && CONTENT_TYPE.test(original)
    ? original
    : answer.mediaType;
}

const CONTENT_TYPE =
  /^[\w!#$&^.+-]+\/[\w!#$&^.+-]+(?:[ \t]*;[ \t]*[\w!#$%&'*+.^`|~-]+=(?:[\w!#$%&'*+.^`|~-]+|"[\x20\x21\x23-\x5b\x5d-\x7e]*"))*$/;
