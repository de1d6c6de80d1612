import type { Inspection } from '../contents.ts';
import { type FileFault, harmful, invalid } from '../fault.ts';
import { inflateLoosely } from '../inflate.ts';

/** Bytes between the beginning of an object and its stream. */
export const MAX_DICTIONARY = 4096;

/** Where the streams of a file end; asked in the order of the file, so that nothing is searched twice. */
export class PdfFile {
  readonly bytes: Buffer;
  readonly text: string;
  #end = -1;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
    this.text = bytes.toString('latin1');
  }

  streamFrom(start: number): Buffer {
    if (this.#end < start) {
      const next = this.bytes.indexOf('endstream', start);
      this.#end = next < 0 ? this.bytes.length : next;
    }
    return this.bytes.subarray(start, this.#end);
  }
}

/** A stream as its filter says. A picture is undefined: there is nothing to unpack. */
export function unpackStream(
  file: PdfFile,
  start: number,
  dictionary: string,
  { budget }: Inspection,
): Buffer | FileFault | undefined {
  const data = file.streamFrom(start);
  const plain = dictionary.replace(/#([0-9a-f]{2})/gi, (_all, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 16)),
  );
  if (!/\/(?:Filter|F)(?![A-Za-z])/.test(plain)) return budget.take(data.length, data.length, 1) ?? data;
  if (/\/(?:DCT|JPX|CCITTFax|JBIG2)/.test(plain)) return undefined;
  const filters = [
    ...plain.matchAll(
      /\/(FlateDecode|Fl|ASCII85Decode|A85|ASCIIHexDecode|AHx|LZWDecode|LZW|RunLengthDecode|RL|Crypt)(?![A-Za-z])/g,
    ),
  ];
  const inflates = filters.at(-1)?.[1]?.startsWith('Fl') === true;
  const armoured = filters.slice(0, inflates ? -1 : undefined);
  if (armoured.length > 1 || !armoured.every(([, filter]) => /^A/.test(filter as string))) {
    // Page contents in an old coding are no reason to refuse a document, objects and files are.
    return /\/(?:ObjStm|EmbeddedFile)/.test(plain)
      ? invalid('pdf-filter', 'holds objects that are packed in a way that cannot be judged')
      : undefined;
  }
  // The data may hold the word that ends it: its length is said, mostly.
  const length = Number(/\/Length\s{1,5}(\d{1,9})(?!\d{0,9}\s{1,5}\d{1,5}\s{1,5}R)/.exec(plain)?.[1] ?? 0);
  const whole = length > data.length ? file.bytes.subarray(start, start + length) : data;
  const packed = armoured.length === 0 ? whole : dearmour(whole, armoured[0]?.[1]?.includes('85') === true);
  if (!inflates) return budget.take(packed.length, whole.length, 1) ?? packed;
  const most = Math.min(budget.left, Math.max(packed.length * budget.limits.maxRatio, 64 * 1024));
  const unpacked = inflateLoosely(packed, most);
  if (unpacked === undefined) return invalid('pdf', 'is a broken PDF');
  if (unpacked === 'too-large') return harmful('archive-bomb', 'holds a stream that unpacks to far more than it is');
  return budget.take(unpacked.length, Math.max(packed.length, 1), 1) ?? unpacked;
}

/** ASCII85 or hexadecimal digits (ISO 32000-1, sections 7.4.2 and 7.4.3). */
function dearmour(bytes: Buffer, base85: boolean): Buffer {
  const text = bytes.toString('latin1').replace(/\s+/g, '');
  if (!base85) return Buffer.from(text.replace(/>.*/s, ''), 'hex');
  const out = Buffer.alloc(Math.ceil(text.length * 4));
  let length = 0;
  let digits = 0;
  let value = 0;
  for (let i = text.startsWith('<~') ? 2 : 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c === 0x7e) break;
    if (c === 0x7a && digits === 0) {
      length += 4;
      continue;
    }
    if (c < 0x21 || c > 0x75) continue;
    value = value * 85 + (c - 0x21);
    if (++digits < 5) continue;
    out.writeUInt32BE(value % 2 ** 32, length);
    length += 4;
    digits = 0;
    value = 0;
  }
  if (digits > 1) {
    for (let i = digits; i < 5; i++) value = value * 85 + 84;
    out.writeUInt32BE(value % 2 ** 32, length);
    length += digits - 1;
  }
  return out.subarray(0, length);
}

/** What stands between the beginning of an object and its stream. */
export const dictionaryBefore = (text: string, at: number): string => {
  const near = text.slice(Math.max(0, at - MAX_DICTIONARY), at);
  return near.slice(Math.max(near.lastIndexOf(' obj'), 0));
};
