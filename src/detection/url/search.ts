import type { Match, Place, Sensitivity } from '../classes/class.ts';
import { F_AUTHORITY, F_COLON, F_LINE, F_SLASH, F_SPACE } from '../features.ts';
import type { Form } from '../forms.ts';
import { isSystemFile } from '../path/targets.ts';
import { alternatives } from '../shared/alternatives.ts';
import { LOOPBACK, METADATA, NEARBY, PRIVATE } from './address.ts';
import { searchHanded } from './handed.ts';
import { CALLBACK } from './hosts.ts';
import { hostOf, readTarget, type Target } from './parse.ts';
import { isOAuthRedirect } from './redirect.ts';
import { connects, isNumber, PROTOCOLS, SPECIAL, WEAPONS } from './schemes.ts';

/** Characters of a value that is one URL; what is longer is text. */
const MAX_URL = 4096;
/** Spaces and line ends that a URL as a whole value may hide in itself. */
const MAX_GAPS = 6;
const MAX_SPAN = 200;
const MAX_SCHEME = 20;

/** Headers in which URLs of the caller's own machine are ordinary. */
const OWN_URLS: ReadonlySet<string> = new Set(
  `referer origin host forwarded via link user-agent alt-svc x-real-ip report-to reporting-endpoints nel
   content-security-policy content-security-policy-report-only`.split(/\s+/),
);
const OWN_URL_PREFIX = /^(?:x-forwarded|x-original|access-control|sec)-/;

const OPENING =
  /[\s"'`<({[\0]{0,8}(?:[?&]?[a-z][a-z_-]{0,20}=)?["']?\/?(?:(?:url|URL|Url|view-source|jar|JAR|feed|blob|jndi):){0,3}/y;
const SCHEME = /([a-z0-9][a-z0-9+._-]{0,19}):([/\\]{0,8})/iy;
const PATH = /[/\\]{1,4}([\w./\\~-]{1,200})/y;
const SLASHES = /[/\\]{2,8}/y;
const BARE = /@?((?:\[[^\]\s]{2,80}\]|[^\s/\\?#:@]{1,255})(?::\+?\w{0,12})?)(?:([/\\?#])|$)/y;
/** Ports that only lenient parsers take. */
const ODD_PORT = /:(?:\+|0\d|\d{1,5}[a-z])/i;
/** Where clouds hand out credentials, on whatever host. */
const DATED = String.raw`(?:latest|\d{4}-\d\d-\d\d)`;
const CREDENTIALS = new RegExp(
  `/{1,4}${alternatives(
    `${DATED}/(?:meta-?data|user-?data|dynamic/instance-identity|api/token) openstack/${DATED}/`,
    'computeMetadata/v1 opc/v[12]/(?:instance|vnics|identity) 2018-06-01/runtime/ hetzner/v1/metadata',
    String.raw`metadata/(?:instance[/?]|identity/oauth2|v1\.json|v1/)`,
  )}`,
  'iy',
);

/** One element that loads what its attribute names, and nothing else. */
const ELEMENT =
  /^\s{0,8}<(?:img|image|iframe|frame|embed|object|link|script|video|audio|source|track|input|base|use)\s[^<>]{1,480}>\s{0,8}(?:<\/\w{1,8}>\s{0,8})?$/i;
const MAX_ELEMENT = 512;

const ANSWERS = [
  '',
  'a machine of the local network',
  'a private address',
  'the server itself',
  "the cloud's metadata service",
];

const METADATA_SERVICE = { leads: METADATA, odd: false, confused: false };

const whyOf = ({ leads, odd, confused }: Pick<Target, 'leads' | 'odd' | 'confused'>): string => {
  if (leads === CALLBACK) return 'makes the server report to whoever waits for its call';
  const to = `makes the server fetch from ${ANSWERS[leads]}`;
  return odd ? `${to}, in a spelling that hides it` : confused ? `${to}, hidden from simpler parsers` : to;
};

/** What a fetcher that is given the value, or follows what stands in it, would connect to. */
export function searchUrl(form: Form, place: Place, sensitivity: Sensitivity): Match | undefined {
  const { text, features } = form;
  const own = place.source === 'header' && (OWN_URLS.has(place.name) || OWN_URL_PREFIX.test(place.name));
  if (!own && !place.key && text.length <= MAX_URL) {
    if (features & (F_COLON | F_AUTHORITY | F_SLASH) || text.includes('.')) {
      const found = asWhole(text, features, place, sensitivity);
      if (found !== undefined) return found;
    }
  }
  return features & (F_COLON | F_AUTHORITY) ? inText(text, own, sensitivity) : undefined;
}

/** The value is one URL, or the host and path of one. */
function asWhole(given: string, features: number, place: Place, sensitivity: Sensitivity): Match | undefined {
  let text = given;
  if (features & F_SPACE) {
    const joined = joinGaps(given, features);
    if (joined === undefined) return undefined;
    text = joined;
  }
  OPENING.lastIndex = 0;
  const opening = OPENING.exec(text)?.[0] ?? '';
  const from = opening.length;
  const all = { start: 0, end: Math.min(given.length, MAX_SPAN) };
  if (/169\.254\.169\.254|metadata\.google\.internal/i.test(text)) return { ...all, why: whyOf(METADATA_SERVICE) };
  if (sensitivity !== 'low' && /jar:$/i.test(opening)) return { ...all, why: 'reads from what the server can reach' };
  let found = schemed(text, from, place, sensitivity);
  if (found === undefined && from > 0) found = schemed(text, text.search(/\S|$/), place, sensitivity);
  return found === undefined ? undefined : { ...all, why: found };
}

const CUTTING = '&@#\\/?';

/** The value without line ends and tabs, as URL parsers drop them; undefined where it is prose. */
function joinGaps(text: string, features: number): string | undefined {
  const trimmed = text.trim();
  let gaps = 0;
  for (let i = 0; i < trimmed.length; i++) {
    const c = trimmed.charCodeAt(i);
    if (c > 0x20) continue;
    // Behind a space goes on what cuts an authority, not a word.
    if (++gaps > MAX_GAPS || (c === 0x20 && !CUTTING.includes(trimmed.charAt(i + 1)))) return undefined;
  }
  return features & F_LINE || trimmed.includes('\t') ? trimmed.replace(/[\t\r\n]+/g, '') : trimmed;
}

function schemed(text: string, from: number, place: Place, sensitivity: Sensitivity): string | undefined {
  SCHEME.lastIndex = from;
  const match = SCHEME.exec(text);
  if (match !== null) {
    const scheme = (match[1] as string).toLowerCase();
    const slashes = (match[2] as string).length;
    const behind = from + match[0].length;
    if ((slashes > 0 && (scheme.length > 1 || /\d/.test(scheme))) || SPECIAL.has(scheme) || WEAPONS.has(scheme)) {
      const target = readTarget(text, scheme, behind, true);
      return judgeWhole(text, target, place, sensitivity);
    }
  }
  SLASHES.lastIndex = from;
  const slashes = SLASHES.exec(text);
  if (slashes !== null || (from > 0 && /[/\\]/.test(text[from - 1] as string) && /[/\\]/.test(text[from] ?? ''))) {
    const target = readTarget(text, '', from + (slashes?.[0].length ?? 1), true);
    // A share of the local network is a file path, and paths are another class's.
    const least = text[from] === '\\' ? LOOPBACK : PRIVATE;
    if (target.leads >= (sensitivity === 'low' ? METADATA : least)) return whyOf(target);
    return undefined;
  }
  return bare(text, from, place, sensitivity);
}

function judgeWhole(text: string, target: Target, place: Place, sensitivity: Sensitivity): string | undefined {
  const { scheme, leads, odd, confused, lure } = target;
  if (leads >= METADATA || (leads >= PRIVATE && (odd || confused || WEAPONS.has(scheme)))) return whyOf(target);
  CREDENTIALS.lastIndex = target.end;
  if (CREDENTIALS.test(text.replaceAll('\\', '/'))) return "asks for a cloud machine's credentials";
  if (sensitivity === 'low') return undefined;
  const connected = connects(scheme);
  if (leads >= PRIVATE && (connected || sensitivity === 'high')) {
    const awaits = leads === LOOPBACK && isOAuthRedirect(text, target, place.name, sensitivity);
    return awaits ? undefined : whyOf(target);
  }
  const handed = connected ? searchHanded(text, target.end) : undefined;
  if (handed !== undefined) return `${whyOf(handed)}, by way of another`;
  if (WEAPONS.has(scheme) || isNumber(scheme)) return 'makes the server speak to a service that was made for no URL';
  if (PROTOCOLS.has(scheme) && (place.source !== 'body' || sensitivity === 'high' || carriesLines(text)))
    return 'makes the server speak another protocol';
  if (confused) return 'names one host to those who check and another to those who fetch';
  if (lure && SPECIAL.has(scheme)) return "hides the host behind a user's name that looks like one";
  if (scheme === 'jar' || (scheme === 'file' && target.end > text.indexOf(':') + 3))
    return 'reads from what the server can reach';
  if (sensitivity !== 'high') return undefined;
  if (leads === NEARBY && connected && scheme !== 'file') return whyOf(target);
  return odd ? 'hides an address in an odd spelling' : undefined;
}

const carriesLines = (text: string): boolean => /[\r\n]|%0[ad]/i.test(text);

/** Host and path without a scheme: fetchers put `http://` before it. */
function bare(text: string, from: number, place: Place, sensitivity: Sensitivity): string | undefined {
  BARE.lastIndex = from;
  const match = BARE.exec(text);
  if (match === null) return undefined;
  const host = hostOf(match[1] as string);
  if (!host.clear || host.leads < PRIVATE) return undefined;
  const target: Target = { scheme: '', confused: false, lure: false, end: 0, leads: host.leads, odd: host.odd };
  if (host.leads >= METADATA) return whyOf(target);
  if (sensitivity === 'low') return undefined;
  // An address, a network (`10.0.0.0/8`) and `localhost:5432` name machines in many honest settings.
  const path = match[2] === undefined ? '' : text.slice(from + match[0].length - 1);
  const hidden = ODD_PORT.test(match[1] as string) || (host.odd && /0x|^\[|[g-z]/i.test(match[1] as string));
  if (sensitivity === 'high' || hidden) return whyOf(target);
  // In bodies also images of a registry are written so: `localhost:5000/app`.
  return place.source !== 'body' && /[a-z]/i.test(path) ? whyOf(target) : undefined;
}

/** URLs within prose, markup, code and other URLs: only those that nothing honest has there. */
function inText(text: string, own: boolean, sensitivity: Sensitivity): Match | undefined {
  for (let colon = text.indexOf(':'); colon >= 0; colon = text.indexOf(':', colon + 1)) {
    const next = text.charCodeAt(colon + 1);
    if (next !== 0x2f && next !== 0x5c) continue;
    let from = colon + 1;
    while (from < colon + 9 && isSlash(text.charCodeAt(from))) from++;
    if (from < colon + 3) continue;
    const start = schemeStart(text, colon);
    const scheme = text.slice(start, colon).toLowerCase();
    if (scheme.length < 2) continue;
    const target = readTarget(text, scheme, from, false);
    const why = judgeWithin(text, start, target, own, sensitivity);
    if (why !== undefined) return { start, end: Math.max(target.end, colon), why };
  }
  return undefined;
}

function judgeWithin(
  text: string,
  start: number,
  target: Target,
  own: boolean,
  sensitivity: Sensitivity,
): string | undefined {
  const { scheme, leads, odd } = target;
  if (leads >= METADATA) return whyOf(target);
  if (WEAPONS.has(scheme) && (leads >= PRIVATE || carriesLines(text.slice(target.end, target.end + MAX_SPAN))))
    return whyOf(leads >= PRIVATE ? target : { ...target, leads: LOOPBACK });
  if (start >= 5 && text.slice(start - 5, start).toLowerCase() === 'jndi:')
    return 'makes a logger load what it is told to';
  if (own || sensitivity === 'low') return undefined;
  if (
    scheme === 'file' &&
    start > 0 &&
    '"\'=('.includes(text.charAt(start - 1)) &&
    readsSystem(text, start + scheme.length + 3)
  )
    return 'reads a file of the system';
  if (leads >= PRIVATE && odd) return whyOf(target);
  // A page of nothing else is made for what renders it: a printer of letters loads what it names.
  if (leads >= PRIVATE && start > 4 && text.length <= MAX_ELEMENT && ELEMENT.test(text)) return whyOf(target);
  return sensitivity === 'high' && leads >= LOOPBACK ? whyOf(target) : undefined;
}

/** Mail programs leave links to their own pictures in what they send: only files of a server count. */
function readsSystem(text: string, from: number): boolean {
  PATH.lastIndex = from;
  const path = PATH.exec(text)?.[1];
  return path !== undefined && isSystemFile(path.toLowerCase().split(/[/\\]+/));
}

function schemeStart(text: string, colon: number): number {
  let at = colon;
  while (at > 0 && colon - at < MAX_SCHEME && isSchemePart(text.charCodeAt(at - 1))) at--;
  return at;
}

const isSchemePart = (c: number): boolean =>
  ((c | 0x20) >= 0x61 && (c | 0x20) <= 0x7a) ||
  (c >= 0x30 && c <= 0x39) ||
  c === 0x2b ||
  c === 0x2d ||
  c === 0x2e ||
  c === 0x5f;

const isSlash = (c: number): boolean => c === 0x2f || c === 0x5c;
