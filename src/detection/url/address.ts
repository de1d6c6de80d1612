import { type Address, parseAddress } from '../../shared/address.ts';

/** Where an address or a name leads. The larger, the surer it is nothing a caller has to name. */
export const ELSEWHERE = 0;
/** A name without a domain, or in one that only a local network knows. */
export const NEARBY = 1;
/** Private, link-local, shared or otherwise not on the Internet. */
export const PRIVATE = 2;
export const LOOPBACK = 3;
/** A service that hands out a cloud machine's credentials. */
export const METADATA = 4;

/** An address as a fetcher would read it. */
export interface Reading {
  readonly leads: number;
  /** Written as no person writes an address: octal, hexadecimal, one number, too large a number. */
  readonly odd: boolean;
  /** Written as four numbers or in brackets, so that it is nothing but an address. */
  readonly clear: boolean;
}

const MAX_HOST = 255;
const MAX_PARTS = 4;
const WORD = 2 ** 32;
/** How many addresses the last of so many numbers spans (`inet_aton`: 127.1 is 127.0.0.1). */
const LAST_SPAN = [0, WORD, 2 ** 24, 2 ** 16, 2 ** 8] as const;

/** Metadata services: AWS and most others, ECS tasks and pods, Alibaba, Azure's host agent, Oracle. */
const METADATA_4: ReadonlySet<number> = new Set(
  [
    '169.254.169.254',
    '169.254.169.253',
    '169.254.170.2',
    '169.254.170.23',
    '100.100.100.200',
    '168.63.129.16',
    '192.0.0.192',
  ].map((text) => (parseAddress(text) as Address).d),
);

/**
 * Reads a host as the most obliging resolvers do (`inet_aton`, overflow wrapped around; RFC 4291 and every way to carry
 * IPv4 in it). Where a leading zero may mean octal or nothing, the reading that leads further in counts.
 * @param host in lower case, without a port; IPv6 with or without brackets
 * @returns undefined where it is no address
 */
export function readAddress(host: string): Reading | undefined {
  if (host.length === 0 || host.length > MAX_HOST) return undefined;
  if (host.includes(':')) return readIPv6(host);
  const c = host.charCodeAt(host.length - 1);
  // The last label of an address ends in a digit of some base.
  if (!((c >= 0x30 && c <= 0x39) || (c >= 0x61 && c <= 0x66) || c === 0x78)) return undefined;
  const octal = readIPv4(host, true);
  if (octal === undefined) return undefined;
  const decimal = host.includes('0') ? readIPv4(host, false) : undefined;
  return decimal !== undefined && decimal.leads > octal.leads ? decimal : octal;
}

function readIPv4(host: string, octal: boolean): Reading | undefined {
  const parts = host.split('.', MAX_PARTS + 1);
  if (parts.length > MAX_PARTS) return undefined;
  let value = 0;
  let odd = parts.length < MAX_PARTS;
  for (let i = 0; i < parts.length; i++) {
    const part = parts[i] as string;
    const span = i < parts.length - 1 ? 256 : (LAST_SPAN[parts.length] as number);
    const number = readNumber(part, octal);
    if (number < 0) return undefined;
    if (number >= span || (part.length > 1 && part.charCodeAt(0) === 0x30)) odd = true;
    value = value * (i < parts.length - 1 ? 256 : span) + (number % span);
  }
  return { leads: leads4(value % WORD), odd, clear: parts.length === MAX_PARTS };
}

/** A number in base 16, 8 or 10, wrapped at 32 bits; -1 for none. */
function readNumber(part: string, octal: boolean): number {
  if (part === '') return -1;
  let at = part.length > 1 && part.charCodeAt(0) === 0x30 ? 1 : 0;
  let base = at === 1 && octal ? 8 : 10;
  const mark = part.charCodeAt(at);
  if (mark === 0x78 && at === 1) base = 16;
  // `o` and `q` stand for octal in some languages: 0o177, o177.
  else if (mark === 0x6f || mark === 0x71) base = 8;
  if (mark >= 0x67 && ++at === part.length && base !== 16) return -1;
  let value = 0;
  for (; at < part.length; at++) {
    const c = part.charCodeAt(at);
    const digit = c >= 0x30 && c <= 0x39 ? c - 0x30 : (c | 0x20) >= 0x61 && (c | 0x20) <= 0x66 ? (c | 0x20) - 0x57 : 99;
    if (digit >= base) return -1;
    value = (value * base + digit) % WORD;
  }
  return value;
}

function leads4(value: number): number {
  if (METADATA_4.has(value)) return METADATA;
  const a = Math.floor(value / 2 ** 24);
  const b = Math.floor(value / 2 ** 16) % 256;
  if (a === 127 || a === 0) return LOOPBACK;
  if (a === 10 || (a === 192 && b === 168) || (a === 169 && b === 254)) return PRIVATE;
  if ((a === 172 && b >= 16 && b < 32) || (a === 100 && b >= 64 && b < 128)) return PRIVATE;
  return value === WORD - 1 ? PRIVATE : ELSEWHERE;
}

function readIPv6(host: string): Reading | undefined {
  const open = host.charCodeAt(0) === 0x5b;
  const close = host.indexOf(']');
  if (open && close < 0) return undefined;
  const inside = open ? host.slice(1, close) : host;
  const address = parseAddress(inside);
  if (address !== undefined) return { ...leads6(address), clear: true };
  // Without brackets the last group may be a port.
  const colon = inside.lastIndexOf(':');
  if (open || colon < 1) return undefined;
  const without = parseAddress(inside.slice(0, colon));
  return without === undefined || without.version === 4 ? undefined : { ...leads6(without), clear: true };
}

/** IPv6, and the IPv4 in it: mapped, compatible, translated, NAT64, 6to4, ISATAP, Teredo. */
function leads6({ version, a, b, c, d }: Address): { leads: number; odd: boolean } {
  if (version === 4) return { leads: leads4(d), odd: true };
  if (a === 0 && b === 0) {
    if (c === 0 && d <= 1) return { leads: LOOPBACK, odd: false };
    if (c === 0 || c === 0xffff0000) return { leads: leads4(d), odd: true };
  }
  if (a === 0x0064ff9b) return { leads: leads4(d), odd: true };
  if (a >>> 16 === 0x2002) return { leads: leads4((((a & 0xffff) << 16) | (b >>> 16)) >>> 0), odd: true };
  if ((c & 0xfdffffff) >>> 0 === 0x5efe) return { leads: leads4(d), odd: true };
  if (a === 0x20010000) return { leads: leads4(~d >>> 0), odd: true };
  // AWS and Google, each in its own unique local block.
  if (b === 0 && c === 0 && d === 0x254 && a === 0xfd000ec2) return { leads: METADATA, odd: false };
  if (b === 0 && c === 0 && d === 0x254 && a === 0xfd2000ce) return { leads: METADATA, odd: false };
  if (a >>> 25 === 0x7e || a >>> 22 === 0x3fa) return { leads: PRIVATE, odd: false };
  return { leads: ELSEWHERE, odd: false };
}
