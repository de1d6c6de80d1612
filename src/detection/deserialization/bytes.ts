import { constants, gunzipSync, inflateSync } from 'node:zlib';
import { CODE, MAYBE, PLAIN } from '../template/weights.ts';
import * as pickle from './pickle.ts';
import * as ruby from './ruby.ts';

/** Characters of a value that are decoded to see what begins there. */
const MAX_HEAD = 8192;
/** Compressed bytes that are unpacked, and bytes they may give. */
const MAX_PACKED = 256;
const MAX_UNPACKED = 512 * 1024;

/** What a stream of bytes would do to the program that takes it for objects. */
export interface Harm {
  readonly weight: number;
  readonly why: string;
}

export const HARMLESS: Harm = { weight: PLAIN, why: '' };
export const JAVA: Harm = { weight: CODE, why: 'is a stream of Java objects' };
const NET: Harm = { weight: CODE, why: 'is a stream of .NET objects' };
const PICKLE: Harm = { weight: CODE, why: 'is a pickle that calls something' };
const RUBY: Harm = { weight: CODE, why: 'is a stream of Ruby objects' };
const PERL: Harm = { weight: CODE, why: 'is a stream of Perl data' };
const PLAIN_PICKLE: Harm = { weight: MAYBE, why: 'is a pickle' };
const PLAIN_RUBY: Harm = { weight: MAYBE, why: 'is data of Ruby' };

/** BinaryFormatter's header record (MS-NRBF 2.6.1): root id 1, header id -1, version 1.0. */
const NET_HEADER = /\0\x01\0\0\0\xff\xff\xff\xff\x01\0\0\0/;
/** Java's stream magic and version (Java Object Serialization 6.4.2), and an element. U+FFFD where it was read as UTF-8. */
const JAVA_HEADER = /^[\xac\ufffd][\xed\ufffd]\0\x05[\x70-\x7e]/;
/** A pickle read as UTF-8: its marks are lost, the names it calls are not. */
const LOST_PICKLE =
  /^[\x80\ufffd][\x02-\x05][\s\S]{0,64}\b(?:os|posix|nt|subprocess|builtins|sys|runpy|pty|importlib)\W[\s\S]{0,400}R/;

/** What begins with these bytes, a character for each. */
export function weighBytes(bytes: string): Harm {
  switch (bytes.charCodeAt(0)) {
    case 0xac:
    case 0xfffd:
      if (JAVA_HEADER.test(bytes)) return JAVA;
      return LOST_PICKLE.test(bytes) ? PICKLE : HARMLESS;
    case 0x00:
      return NET_HEADER.test(bytes.slice(0, 13)) ? NET : HARMLESS;
    case 0x04: {
      if (bytes.startsWith('\x04\x08')) {
        const read = ruby.readMarshal(bytes);
        return read === ruby.OBJECTS ? RUBY : read === ruby.DATA ? PLAIN_RUBY : HARMLESS;
      }
      return /^\x04[\x0a\x0b]\x0812345678/.test(bytes) ? PERL : HARMLESS;
    }
    case 0x70:
      return /^pst0[\x04\x05]/.test(bytes) ? PERL : HARMLESS;
    case 0xff:
      // ASP.NET's LosFormatter: plain view state is what every form sends back, one with an object stream in it is not.
      return bytes.charCodeAt(1) === 1 && NET_HEADER.test(bytes) ? NET : HARMLESS;
    case 0x1f:
    case 0x78:
      return unpacked(bytes);
    case 0x80:
      if (LOST_PICKLE.test(bytes)) return PICKLE;
      break;
    case 0x28:
    case 0x63:
    case 0x69:
    case 0x5d:
    case 0x7d:
      break;
    default:
      return HARMLESS;
  }
  const read = pickle.readPickle(bytes);
  if (read === pickle.CALLS) return PICKLE;
  return read === pickle.DATA && bytes.charCodeAt(0) === 0x80 ? PLAIN_PICKLE : HARMLESS;
}

/** What is in the first bytes of a gzip or zlib stream. */
function unpacked(bytes: string): Harm {
  const packed = Buffer.from(bytes.slice(0, MAX_PACKED), 'latin1');
  const gzip = packed[0] === 0x1f && packed[1] === 0x8b;
  if (!gzip && (packed.readUInt16BE(0) % 31 !== 0 || packed.length < 8)) return HARMLESS;
  const options = { finishFlush: constants.Z_SYNC_FLUSH, maxOutputLength: MAX_UNPACKED };
  try {
    const head = (gzip ? gunzipSync(packed, options) : inflateSync(packed, options))
      .subarray(0, MAX_HEAD)
      .toString('latin1');
    const first = head.charCodeAt(0);
    return first === 0x1f || first === 0x78 ? HARMLESS : weighBytes(head);
  } catch {
    return HARMLESS;
  }
}

/** The bytes that base64 of either alphabet stands for from a place on, a character for each; capped. */
export const fromBase64 = (text: string, at: number): string =>
  Buffer.from(text.slice(at, at + MAX_HEAD), 'base64').toString('latin1');

/** The same of hexadecimal digits. */
export const fromHex = (text: string, at: number): string =>
  Buffer.from(text.slice(at, at + MAX_HEAD), 'hex').toString('latin1');
