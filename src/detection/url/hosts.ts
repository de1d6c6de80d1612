import { ELSEWHERE, LOOPBACK, METADATA, NEARBY, PRIVATE, readAddress } from './address.ts';

/** A name that tells its owner who asked for it, or that changes its address between the check and the request. */
export const CALLBACK = 5;

/** What a host is to the one who is made to fetch from it. */
export interface Host {
  readonly leads: number;
  readonly odd: boolean;
  /** Cannot be anything but a host: not a number, not a word. */
  readonly clear: boolean;
}

const words = (text: string): ReadonlySet<string> => new Set(text.split(/\s+/));

const LOCAL_NAMES = words('localhost localhost6 ip6-localhost ip6-loopback loopback localhost4 localhost.localdomain');

/** Domains that resolve, with all below them, to the machine that asks. */
const LOCAL_DOMAINS = words(
  `localtest.me lvh.me vcap.me lacolhost.com fuf.me localh.st 127-0-0-1.org.uk localdomain.pw bugbounty.dod.network
   localho.st smackaho.st localhost.direct`,
);

/** Domains whose names say the address they resolve to. */
const SPELLING_DOMAINS = words('nip.io sslip.io xip.io traefik.me backname.io');

const METADATA_NAMES = words(
  `metadata.google.internal metadata.goog metadata metadata.azure.internal metadata.tencentyun.com metadata.packet.net
   metadata.platformequinix.com metadata.internal instance-data instance-data.ec2.internal rancher-metadata
   api.metadata.cloud.ibm.com`,
);

/** Services of a cluster or of the host of a container. */
const INNER_DOMAINS = words('internal cluster.local svc consul');
const INNER_NAMES = words('kubernetes kubernetes.default kubernetes.default.svc');
const NEARBY_DOMAINS = words('local lan localdomain intranet corp home home.arpa private');

/** Services that report every look-up and request to whoever holds the name; nobody else has a use for them. */
const CALLBACK_DOMAINS = words(
  `oast.pro oast.live oast.site oast.online oast.fun oast.me oast.today interact.sh interactsh.com burpcollaborator.net
   oastify.com dnslog.cn dnslog.link dnslog.pw dnslog.store ceye.io bxss.me xss.ht bxss.in pingb.in canarytokens.com
   requestrepo.com dnsbin.zhack.ca r87.me callback.red log.xn--9tr.com dnshook.site ezxss.com xss.report`,
);

/** Names that resolve to one address when they are checked and to another when they are used. */
const REBINDING_DOMAINS = words('1u.ms rbndr.us rebind.network rebind.it lock.cmpxchg8b.com rebinder.net');

/** Developers have these open as well: only at the highest level. */
const CATCHER_DOMAINS = words(
  `webhook.site requestbin.net requestbin.com pipedream.net beeceptor.com requestcatcher.com hookbin.com ngrok.io
   ngrok.app ngrok-free.app ngrok.dev localtunnel.me loca.lt serveo.net postb.in ptsv3.com mockbin.org`,
);

/** Where such a service has its own pages. */
const OWN_PAGES = words('www app docs api status blog help support');

const UNCLEAR: Host = { leads: ELSEWHERE, odd: false, clear: false };
const named = (leads: number): Host => ({ leads, odd: false, clear: true });
const NAMED_NEARBY: Host = { leads: NEARBY, odd: false, clear: false };

/** Characters that IDNA maps to nothing: soft hyphen, zero-width ones, variation selectors. */
const IGNORED = /\u034f|[\u00ad\u115f\u1160\u200b-\u200f\u2060\u2064\ufeff]|[\u180b-\u180d\ufe00-\ufe0f]/g;
const MAX_HOST = 255;
/** Labels of a name that are looked at from its end. */
const MAX_LABELS = 12;

/** A host as IDNA and resolvers read it: compatibility forms, ideographic dots, lower case, no dot at the end. */
export function plainHost(raw: string): string {
  let host = raw.slice(0, MAX_HOST);
  if (!isAscii(host)) {
    host = host
      .replace(IGNORED, '')
      .replace(/[\u3002\uff0e\uff61]/g, '.')
      .normalize('NFKC');
    host = host.replace(/(?![0-9])\p{Nd}/gu, digitOf);
  }
  host = host.toLowerCase();
  let end = host.length;
  while (end > 0 && host.charCodeAt(end - 1) === 0x2e) end--;
  return end === host.length ? host : host.slice(0, end);
}

/** The digits of every script stand in rows of ten. */
function digitOf(digit: string): string {
  const point = digit.codePointAt(0) as number;
  let value = 0;
  while (value < 9 && /\p{Nd}/u.test(String.fromCodePoint(point - value - 1))) value++;
  return String(value);
}

const isAscii = (text: string): boolean => {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) >= 0x80) return false;
  return true;
};

/** What a host, plain and without a port, is. */
export function judgeHost(host: string): Host {
  const address = readAddress(host);
  if (address !== undefined) return address;
  if (host === '' || host.includes(':') || !/^[a-z0-9_.-]+$/.test(host)) return UNCLEAR;
  if (METADATA_NAMES.has(host)) return host === 'metadata' ? NAMED_NEARBY : named(METADATA);
  if (LOCAL_NAMES.has(host)) return named(LOOPBACK);
  if (INNER_NAMES.has(host)) return host === 'kubernetes' ? NAMED_NEARBY : named(PRIVATE);
  if (!host.includes('.')) return NAMED_NEARBY;
  let dot = host.length;
  let nearby = false;
  for (let label = 0; label < MAX_LABELS && dot >= 0; label++) {
    dot = host.lastIndexOf('.', dot - 1);
    const domain = host.slice(dot + 1);
    if (domain === 'localhost') return named(LOOPBACK);
    if (LOCAL_DOMAINS.has(domain)) return { leads: LOOPBACK, odd: true, clear: true };
    if (REBINDING_DOMAINS.has(domain)) return named(CALLBACK);
    if (dot >= 0 && CALLBACK_DOMAINS.has(domain))
      return named(OWN_PAGES.has(host.slice(0, dot)) ? ELSEWHERE : CALLBACK);
    if (SPELLING_DOMAINS.has(domain)) return { leads: spelled(host.slice(0, dot + 1)), odd: true, clear: true };
    if (dot >= 0 && INNER_DOMAINS.has(domain)) return named(PRIVATE);
    if (dot >= 0 && (NEARBY_DOMAINS.has(domain) || CATCHER_DOMAINS.has(domain))) nearby = true;
    if (dot <= 0) break;
  }
  const leads = leadsAsLabels(host);
  return { leads: nearby ? NEARBY : leads, odd: leads > ELSEWHERE, clear: true };
}

const SPELLED = /(?<![0-9])(\d{1,3})[.-](\d{1,3})[.-](\d{1,3})[.-](\d{1,3})(?![0-9])/g;
const SPELLED_HEX = /(?:^|[.-])([0-9a-f]{8})(?=[.-])/g;

/** The innermost address that a name of a service that spells addresses has in it. */
function spelled(host: string): number {
  let leads = ELSEWHERE;
  for (const [, a, b, c, d] of host.matchAll(SPELLED))
    leads = Math.max(leads, readAddress(`${a}.${b}.${c}.${d}`)?.leads ?? ELSEWHERE);
  for (const [, hex] of host.matchAll(SPELLED_HEX))
    leads = Math.max(leads, readAddress(`0x${hex}`)?.leads ?? ELSEWHERE);
  // One label in base 36, as xip.io has it.
  const label = /([0-9a-z]{5,7})\.$/.exec(host)?.[1];
  if (label !== undefined && leads === ELSEWHERE) {
    const value = Number.parseInt(label, 36) % 2 ** 32;
    const bytes = [value % 256, (value >>> 8) % 256, (value >>> 16) % 256, value >>> 24];
    leads = Math.max(readAddress(bytes.join('.'))?.leads ?? ELSEWHERE, readAddress(String(value))?.leads ?? ELSEWHERE);
  }
  return leads;
}

/** A name that begins or ends with the labels of an address, in a domain of anyone: `127.0.0.1.example.com`. */
function leadsAsLabels(host: string): number {
  if (!/^\d|\d$/.test(host)) return ELSEWHERE;
  const four = /^(\d{1,3}(?:\.\d{1,3}){3})\./.exec(host) ?? /\.(\d{1,3}(?:\.\d{1,3}){3})$/.exec(host);
  const leads = four === null ? ELSEWHERE : (readAddress(four[1] as string)?.leads ?? ELSEWHERE);
  return leads >= LOOPBACK ? leads : ELSEWHERE;
}
