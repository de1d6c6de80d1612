import { readElements, readInside } from '../shared/der-reader.ts';

const SEQUENCE = 0x30;
const INTEGER = 0x02;
const UTC_TIME = 0x17;
const GENERALIZED_TIME = 0x18;
const PEM = /-----BEGIN X509 CRL-----([A-Za-z0-9+/=\s]+)-----END X509 CRL-----/g;

/** The revocation lists (CRL, RFC 5280, section 5) in a file: PEM, or one in DER as CAs publish it. @returns PEM, one each */
export function readLists(bytes: Buffer): string[] {
  if (bytes[0] === SEQUENCE) return readInside(bytes, SEQUENCE) === undefined ? [] : [armoured(bytes)];
  return [...bytes.toString('latin1').matchAll(PEM)].map(([, text = '']) => armoured(Buffer.from(text, 'base64')));
}

function armoured(der: Buffer): string {
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN X509 CRL-----\n${lines.join('\n')}\n-----END X509 CRL-----\n`;
}

/** When a list ends (`nextUpdate`), epoch milliseconds; undefined where it does not say. */
export function endOfList(pem: string): number | undefined {
  const der = Buffer.from(pem.replace(/-----[^-]+-----|\s/g, ''), 'base64');
  const list = readInside(der, SEQUENCE)?.[0];
  // version (optional), signature, issuer, thisUpdate, nextUpdate (optional); the entries after it may be many.
  let content = list?.content ?? Buffer.alloc(0);
  const heads: { tag: number; content: Buffer }[] = [];
  for (let i = 0; i < 5 && content.length > 0; i++) {
    const size = sizeOf(content);
    const [element] = size === undefined ? [] : (readElements(content.subarray(0, size)) ?? []);
    if (element === undefined || size === undefined) return undefined;
    heads.push(element);
    content = content.subarray(size);
  }
  const next = heads[heads[0]?.tag === INTEGER ? 4 : 3];
  return next === undefined ? undefined : timeOf(next.tag, next.content.toString('latin1'));
}

/** Bytes of the first element. */
function sizeOf(bytes: Buffer): number | undefined {
  const length = bytes[1];
  if (length === undefined) return undefined;
  if (length < 0x80) return 2 + length;
  const size = length & 0x7f;
  if (size === 0 || size > 4 || bytes.length < 2 + size) return undefined;
  return 2 + size + bytes.readUIntBE(2, size);
}

/** RFC 5280, section 4.1.2.5: two digits from 50 on are of the last century. */
function timeOf(tag: number, text: string): number | undefined {
  const full =
    tag === GENERALIZED_TIME ? text : tag === UTC_TIME ? `${Number(text.slice(0, 2)) < 50 ? '20' : '19'}${text}` : '';
  const parts = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/.exec(full);
  if (parts === null) return undefined;
  const [year, month, date, hour, minute, second] = parts.slice(1).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  return Date.UTC(year, month - 1, date, hour, minute, second);
}
