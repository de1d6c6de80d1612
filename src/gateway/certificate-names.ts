import { type Element, readElements, readInside } from '../shared/der-reader.ts';

/** The names a certificate was issued for, as exact texts: nothing in them is a pattern. */
export interface CertificateNames {
  /** Lower case. */
  readonly dns: readonly string[];
  readonly uri: readonly string[];
  /** The part behind the @ in lower case. */
  readonly email: readonly string[];
  /** Common name of the subject; undefined where there is none, or more than one. */
  readonly cn: string | undefined;
}

const SEQUENCE = 0x30;
const SET = 0x31;
const EXTENSIONS = 0xa3;
const VERSION = 0xa0;
const OID = 0x06;
const SUBJECT_ALT_NAME = Buffer.from([0x55, 0x1d, 0x11]);
const COMMON_NAME = Buffer.from([0x55, 0x04, 0x03]);
/** UTF8String, PrintableString, IA5String: others spell one name in several ways. */
const TEXTS = new Set([0x0c, 0x13, 0x16]);
/** Alternatives of GeneralName (RFC 5280, section 4.2.1.6). */
const EMAIL = 0x81;
const DNS = 0x82;
const URI = 0x86;

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * Reads the names of a certificate from its DER. Node's own text of them joins names with commas, which names may hold.
 * @returns undefined where a name holds what no such name can (NUL, a space, a control character) or cannot be read: a
 *   certificate that two readers would read in two ways says nothing
 */
export function readNames(raw: Buffer): CertificateNames | undefined {
  const body = readInside(raw, SEQUENCE)?.[0];
  const parts = body?.tag === SEQUENCE ? readElements(body.content) : undefined;
  if (parts === undefined) return undefined;
  // version, serialNumber, signature, issuer, validity, subject, subjectPublicKeyInfo, ... (RFC 5280, section 4.1)
  const subject = parts[parts[0]?.tag === VERSION ? 5 : 4];
  const extensions = parts.find(({ tag }) => tag === EXTENSIONS);
  const cn = subject === undefined ? undefined : commonName(subject);
  const names = { dns: [] as string[], uri: [] as string[], email: [] as string[] };
  if (cn === null || (extensions !== undefined && !addAlternatives(extensions, names))) return undefined;
  return Object.freeze({ ...names, cn });
}

/** @returns null where it cannot be read */
function commonName(subject: Element): string | undefined | null {
  const found: string[] = [];
  for (const set of readElements(subject.content) ?? []) {
    for (const pair of (set.tag === SET && readElements(set.content)) || []) {
      const [type, value] = readElements(pair.content) ?? [];
      if (type?.tag !== OID || !type.content.equals(COMMON_NAME)) continue;
      const text = value === undefined || !TEXTS.has(value.tag) ? undefined : textOf(value.content);
      if (text === undefined || /\p{Cc}/u.test(text)) return null;
      found.push(text);
    }
  }
  return found.length === 1 ? found[0] : undefined;
}

function addAlternatives(extensions: Element, names: { dns: string[]; uri: string[]; email: string[] }): boolean {
  for (const extension of readInside(extensions.content, SEQUENCE) ?? []) {
    const [id, ...rest] = readElements(extension.content) ?? [];
    if (id?.tag !== OID || !id.content.equals(SUBJECT_ALT_NAME)) continue;
    const value = rest.at(-1);
    const list = value === undefined ? undefined : readInside(value.content, SEQUENCE);
    if (list === undefined) return false;
    for (const { tag, content } of list) {
      if (tag !== DNS && tag !== URI && tag !== EMAIL) continue;
      const text = content.toString('latin1');
      if (!/^[\x21-\x7e]{1,2048}$/.test(text)) return false;
      if (tag === DNS) names.dns.push(text.toLowerCase());
      else if (tag === URI) names.uri.push(text);
      else names.email.push(normalEmail(text));
    }
  }
  return true;
}

/** The local part may tell case apart, the host does not (RFC 5321, section 2.4). */
export function normalEmail(text: string): string {
  const at = text.lastIndexOf('@');
  return at < 0 ? text : text.slice(0, at) + text.slice(at).toLowerCase();
}

function textOf(bytes: Buffer): string | undefined {
  try {
    return decoder.decode(bytes);
  } catch {
    return undefined;
  }
}
