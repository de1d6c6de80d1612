import { type Host, judgeHost, plainHost } from './hosts.ts';

/** What one URL comes to, over all the ways in which parsers cut its authority apart. */
export interface Target {
  /** In lower case, without the colon; empty where none is written. */
  readonly scheme: string;
  /** The innermost host any of them would connect to. */
  readonly leads: number;
  readonly odd: boolean;
  /** Cut so that the one who checks and the one who fetches see different hosts. */
  readonly confused: boolean;
  /** A domain stands where the user's name belongs: what people and simple checks take for the host. */
  readonly lure: boolean;
  /** Where the path begins. */
  readonly end: number;
}

const MAX_AUTHORITY = 320;
/** Hosts that are read out of one authority. */
const MAX_PIECES = 8;

/** What some parser takes for the end of a host or of what stands before one. */
const CUTS = /[@\\?#,;&|^!\s\0-\x20]+/y;
const PIECE = /[^@\\?#,;&|^!\s\0-\x20]+/y;
/** A host begins behind these; behind others only where one of these is among them. */
const BEGINS_HOST = /[@\\,;]/;
const CONFUSED = /[\\#?\s&]@{1,2}(?:\[|[\w-]{1,63}[.:])|@[\w.-]{1,255}:\d{2,5}@|%(?:2f|5c|23|3f)[^/@]{0,64}@/i;
const LURE =
  /^[\w-]{1,63}(?:\.[\w-]{1,63}){0,8}\.(?:com|net|org|io|dev|app|gov|edu|co|de|uk|fr|ru|cn|jp)(?::[^@/\\\s]{0,64})?@[^@/\\]/i;

/** Reads the authority that begins at `from`; spaces end it unless it is read as a whole value is. */
export function readTarget(text: string, scheme: string, from: number, whole: boolean): Target {
  const end = authorityEnd(text, from, whole);
  const zone = text.slice(from, end);
  let leads = 0;
  let odd = false;
  let at = 0;
  let begins = true;
  for (let i = 0; i < MAX_PIECES && at < zone.length; i++) {
    PIECE.lastIndex = at;
    const piece = PIECE.exec(zone)?.[0] ?? '';
    at += piece.length;
    CUTS.lastIndex = at;
    const cut = CUTS.exec(zone)?.[0] ?? '';
    at += cut.length;
    if (begins && piece !== '') {
      const host = hostOf(piece);
      // Before an @ stands a user's name; only what is an address beyond doubt counts there.
      if (i === 0 || host.clear || !cut.includes('@')) {
        if (!(cut.startsWith('@') && !host.clear) && host.leads > leads) ({ leads, odd } = host);
        else if (host.odd && leads === 0 && host.clear) odd = true;
      }
    }
    begins = cut === '' || BEGINS_HOST.test(cut);
  }
  const confused = zone.includes('@') && CONFUSED.test(zone);
  return { scheme, leads, odd, confused, lure: zone.includes('@') && LURE.test(zone), end };
}

/** The host of `host:port`, with what IDNA makes of it. */
export function hostOf(piece: string): Host {
  const plain = plainHost(piece);
  if (plain.charCodeAt(0) === 0x5b) {
    const close = plain.indexOf(']');
    return judgeHost(close < 0 ? plain : plain.slice(0, close + 1));
  }
  const colon = plain.indexOf(':');
  if (colon < 0) return judgeHost(plain);
  if (plain.indexOf(':', colon + 1) >= 0) {
    const six = judgeHost(plain);
    if (six.clear) return six;
  }
  return judgeHost(plainHost(plain.slice(0, colon)));
}

function authorityEnd(text: string, from: number, whole: boolean): number {
  const most = Math.min(text.length, from + MAX_AUTHORITY);
  for (let at = from; at < most; at++) {
    const c = text.charCodeAt(at);
    // `/`, quotes, `<`, `>`, a backtick; `)` where a text goes on behind the URL.
    if (c === 0x2f || c === 0x22 || c === 0x27 || c === 0x3c || c === 0x3e || c === 0x60) return at;
    if (!whole && (c <= 0x20 || c === 0x29 || c === 0x7d || c === 0x5c)) {
      if (c !== 0x5c || text.charCodeAt(at + 1) !== 0x40) return at;
    }
  }
  return most;
}
