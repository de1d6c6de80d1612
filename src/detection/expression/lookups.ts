/**
 * Lookups of Log4j 2 and of Commons Text: `${prefix:name:-default}`, each part of which may hold further ones. Resolved
 * as they are there, but without a value for anything: only literals, defaults and changes of case give text.
 */

/** Lookups within lookups that are followed. */
const MAX_DEPTH = 24;
/** Results are read once more: a lookup may give the parts of another. */
const MAX_PASSES = 3;
/** Characters of base64 in a lookup that are decoded. */
const MAX_BASE64 = 1024;

/** What a text of lookups comes to. */
export interface Resolved {
  /** Some part was spelled by a lookup that gives nothing but its own letters. */
  readonly hides: boolean;
  /** Asks for what the server keeps: its environment, its properties. */
  readonly asks: boolean;
  /** A name lookup, a script or a request would be made, and by which prefix. */
  readonly reaches: string;
}

/** Prefixes that fetch or run. */
const REACHING: ReadonlySet<string> = new Set(['jndi', 'script', 'url', 'dns', 'xml', 'file']);
/** Prefixes that show what the server keeps. */
const ASKING: ReadonlySet<string> = new Set([
  'env',
  'sys',
  'java',
  'ctx',
  'docker',
  'k8s',
  'web',
  'spring',
  'main',
  'bundle',
  'jvmrunargs',
  'localhost',
  'const',
  'urldecoder',
  'urlencoder',
  'base64decoder',
  'base64encoder',
  'resourcebundle',
]);

class Resolver implements Resolved {
  hides = false;
  asks = false;
  reaches = '';
  #text = '';
  #at = 0;

  resolve(text: string): string {
    this.#text = text;
    let result = '';
    let from = 0;
    for (let at = text.indexOf('${'); at >= 0; at = text.indexOf('${', from)) {
      this.#at = at + 2;
      result += text.slice(from, behindEscape(text, from, at)) + this.#lookup(this.#part(1));
      from = this.#at;
    }
    return result + text.slice(from);
  }

  /** Text and lookups up to the brace that closes, or to the end. */
  #part(depth: number): string {
    const text = this.#text;
    let result = '';
    let from = this.#at;
    while (this.#at < text.length) {
      const c = text.charCodeAt(this.#at);
      if (c === 0x7d) return result + text.slice(from, this.#at++);
      if (c === 0x24 && text.charCodeAt(this.#at + 1) === 0x7b && depth < MAX_DEPTH) {
        result += text.slice(from, behindEscape(text, from, this.#at));
        this.#at += 2;
        result += this.#lookup(this.#part(depth + 1));
        from = this.#at;
      } else this.#at++;
    }
    return result + text.slice(from);
  }

  /** The value of `${name}`. */
  #lookup(name: string): string {
    const split = name.indexOf(':-');
    const key = split < 0 ? name : name.slice(0, split);
    const colon = key.indexOf(':');
    const prefix = (colon < 0 ? '' : key.slice(0, colon)).trim().toLowerCase();
    const rest = key.slice(colon + 1);
    const fallback = split < 0 ? undefined : name.slice(split + 2);
    if (prefix === 'lower' || prefix === 'upper') {
      this.hides = true;
      const whole = name.slice(colon + 1);
      return prefix === 'lower' ? whole.toLowerCase() : whole.toUpperCase();
    }
    // What stands in quotes is no part of a date's format.
    if (prefix === 'date' && fallback === undefined) return rest.replace(/'/g, '');
    if (isReaching(prefix, rest, key)) this.reaches ||= prefix;
    if (prefix.startsWith('base64')) {
      const decoded = Buffer.from(rest.slice(0, MAX_BASE64), 'base64').toString('latin1');
      if (/\$\{|jndi/i.test(decoded)) {
        this.hides = true;
        return decoded;
      }
    }
    if (ASKING.has(prefix)) this.asks = true;
    // `${::-j}`: a default for something that has no name.
    if (fallback !== undefined && /^:{0,4}$/.test(key) && fallback !== '') this.hides = true;
    return fallback ?? '';
  }
}

/** `$${` stands for `${` and is resolved when the result is read once more: the dollar before is no part of a name. */
const behindEscape = (text: string, from: number, at: number): number =>
  at > from && text.charCodeAt(at - 1) === 0x24 ? at - 1 : at;

/** Whether a prefix would fetch or run: by itself for `jndi`, else with what such lookups are given. */
function isReaching(prefix: string, rest: string, key: string): boolean {
  if (!REACHING.has(prefix)) return false;
  switch (prefix) {
    case 'jndi':
      return true;
    case 'script':
      return /^(?:javascript|js|nashorn|groovy|jexl|beanshell|python|ruby|ecmascript|rhino|graal)\b/i.test(rest);
    case 'url':
      return /^(?:utf-?8|iso-8859|us-ascii|utf-?16)[^:]{0,10}:/i.test(rest);
    case 'file':
      return /^(?:utf-?8|iso-8859|us-ascii|utf-?16)[^:]{0,10}:/i.test(rest);
    case 'dns':
      return /^(?:(?:address|canonical|name)\||[\w-]{1,63}\.[\w.-]{2,200}$)/i.test(rest);
    default:
      return /:\/|\.xml:/.test(key);
  }
}

/** Resolves the lookups of a text, as often as their results hold others. Linear. */
export function resolveLookups(text: string): Resolved {
  const resolver = new Resolver();
  let current = text;
  for (let pass = 0; pass < MAX_PASSES && resolver.reaches === '' && current.includes('${'); pass++)
    current = resolver.resolve(current);
  return resolver;
}
