import { createServer, type Socket } from 'node:net';
import { crc32, deflateRawSync, deflateSync } from 'node:zlib';

/** Makings of the tests of files: small honest files, and ones that are not. */

const ascii = (text: string): Buffer => Buffer.from(text, 'latin1');
const be32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value >>> 0);
  return bytes;
};

/** A whole PNG of one pixel, with more chunks of text if wanted. */
export function png(...texts: string[]): Buffer {
  const chunk = (type: string, data: Buffer): Buffer => {
    const body = Buffer.concat([ascii(type), data]);
    return Buffer.concat([be32(data.length), body, be32(crc32(body))]);
  };
  return Buffer.concat([
    Buffer.from('89504e470d0a1a0a', 'hex'),
    chunk('IHDR', Buffer.from('00000001000000010802000000', 'hex')),
    ...texts.map((text) => chunk('tEXt', ascii(`Comment\0${text}`))),
    chunk('IDAT', deflateSync(Buffer.alloc(4))),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

/** The frame of a JPEG around any data; `data` stands where the picture does. */
export const jpeg = (data: Buffer | string = '', comment = ''): Buffer =>
  Buffer.concat([
    Buffer.from('ffd8ffe000104a46494600010100000100010000', 'hex'),
    comment === ''
      ? Buffer.alloc(0)
      : Buffer.concat([
          Buffer.from([0xff, 0xfe, (comment.length + 2) >> 8, (comment.length + 2) & 0xff]),
          ascii(comment),
        ]),
    Buffer.from('ffda', 'hex'),
    typeof data === 'string' ? ascii(data) : data,
    Buffer.from('ffd9', 'hex'),
  ]);

export const gif = (after = ''): Buffer =>
  Buffer.concat([
    ascii('GIF89a'),
    Buffer.from('01000100800000000000ffffff', 'hex'),
    Buffer.from('2c000000000100010000020244010', 'hex'),
    ascii(`\0;${after}`),
  ]);

/** A PDF of these objects, without a cross-reference table: readers find the objects by themselves. */
export const pdf = (...objects: (string | Buffer)[]): Buffer =>
  Buffer.concat([
    ascii('%PDF-1.7\n'),
    ...objects.flatMap((object, i) => [
      ascii(`${i + 1} 0 obj\n`),
      typeof object === 'string' ? ascii(object) : object,
      ascii('\nendobj\n'),
    ]),
    ascii('trailer << /Root 1 0 R >>\nstartxref\n0\n%%EOF\n'),
  ]);

/** An object with a stream that is deflated. */
export function stream(dictionary: string, content: Buffer | string): Buffer {
  const packed = deflateSync(content);
  return Buffer.concat([
    ascii(`<< ${dictionary} /Filter /FlateDecode /Length ${packed.length} >>\nstream\n`),
    packed,
    ascii('\nendstream'),
  ]);
}

/** What may be said of an entry other than what is so. */
export interface Packed {
  readonly name: string;
  readonly data?: Buffer | string;
  readonly stored?: boolean;
  readonly localName?: string;
  readonly flags?: number;
  readonly mode?: number;
  /** The size both headers say. */
  readonly size?: number;
  readonly localSize?: number;
  readonly crc?: number;
  readonly method?: number;
  /** Points at the entry of this index instead of at its own bytes. */
  readonly sameAs?: number;
}

/** Packs a zip archive, true to the format unless told otherwise. */
export function zip(
  entries: readonly Packed[],
  after: { comment?: string; junk?: string; gap?: Buffer; prefix?: Buffer } = {},
): Buffer {
  const pieces: Buffer[] = after.prefix === undefined ? [] : [after.prefix];
  const central: Buffer[] = [];
  const offsets: number[] = [];
  let at = after.prefix?.length ?? 0;
  for (const entry of entries) {
    const plain = Buffer.from(entry.data ?? '');
    const packed = entry.stored === true ? plain : deflateRawSync(plain);
    const head = Buffer.alloc(26);
    head.writeUInt16LE(20, 0);
    head.writeUInt16LE((entry.flags ?? 0) | 0x800, 2);
    head.writeUInt16LE(entry.method ?? (entry.stored === true ? 0 : 8), 4);
    head.writeUInt32LE(entry.crc ?? crc32(plain), 10);
    head.writeUInt32LE(packed.length, 14);
    head.writeUInt32LE(entry.size ?? plain.length, 18);
    const name = Buffer.from(entry.name);
    head.writeUInt16LE(name.length, 22);
    const local = Buffer.from(head);
    const localName = Buffer.from(entry.localName ?? entry.name);
    local.writeUInt16LE(localName.length, 22);
    if (entry.localSize !== undefined) local.writeUInt32LE(entry.localSize, 18);
    offsets.push(at);
    if (entry.sameAs === undefined) {
      const piece = Buffer.concat([ascii('PK\x03\x04'), local, localName, packed]);
      pieces.push(piece);
      at += piece.length;
    }
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE(((entry.mode ?? 0o100644) << 16) >>> 0, 6);
    tail.writeUInt32LE(offsets[entry.sameAs ?? offsets.length - 1] as number, 10);
    central.push(Buffer.concat([ascii('PK\x01\x02\x14\x03'), head, tail, name]));
  }
  if (after.gap !== undefined) {
    pieces.push(after.gap);
    at += after.gap.length;
  }
  const directory = Buffer.concat(central);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  end.writeUInt16LE(entries.length, 8);
  end.writeUInt16LE(entries.length, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(at, 16);
  end.writeUInt16LE(after.comment?.length ?? 0, 20);
  return Buffer.concat([...pieces, directory, end, ascii(after.comment ?? ''), ascii(after.junk ?? '')]);
}

/** A word-processing document of these parts beside the ones that every such document has. */
export const docx = (...parts: Packed[]): Buffer =>
  zip([
    {
      name: '[Content_Types].xml',
      data: '<?xml version="1.0" encoding="UTF-8" standalone="yes"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>',
    },
    { name: '_rels/.rels', data: '<Relationships/>' },
    {
      name: 'word/document.xml',
      data: '<w:document><w:body><w:p><w:r><w:t>Hello</w:t></w:r></w:p></w:body></w:document>',
    },
    ...parts,
  ]);

/** A relation of a document to something outside of it. */
export const relation = (type: string, target: string): string =>
  `<Relationships><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/${type}" Target="${target}" TargetMode="External"/></Relationships>`;

/** Packs a tar archive (ustar). */
export function tar(
  entries: readonly { name: string; data?: string | Buffer; type?: string; target?: string }[],
): Buffer {
  const blocks = entries.map(({ name, data = '', type = '0', target = '' }) => {
    const bytes = Buffer.from(data);
    const head = Buffer.alloc(512);
    head.write(name, 0, 100);
    head.write('0000644\0', 100);
    head.write(`${bytes.length.toString(8).padStart(11, '0')}\0`, 124);
    head.write('        ', 148);
    head.write(type, 156);
    head.write(target, 157, 100);
    head.write('ustar\x0000', 257);
    head.write(
      `${head
        .reduce((sum, byte) => sum + byte, 0)
        .toString(8)
        .padStart(6, '0')}\0 `,
      148,
    );
    return Buffer.concat([head, bytes, Buffer.alloc((512 - (bytes.length % 512)) % 512)]);
  });
  return Buffer.concat([...blocks, Buffer.alloc(1024)]);
}

/** A Windows program, as far as anyone can tell by its headers. */
export function program(): Buffer {
  const bytes = Buffer.alloc(256);
  bytes.write('MZ\x90\0', 'latin1');
  bytes.writeUInt32LE(0x80, 0x3c);
  bytes.write('PE\0\0', 0x80, 'latin1');
  return bytes;
}

/** A scanner on a socket: `answer` gets what was streamed to it. @returns where it listens */
export async function scanner(
  context: { after(work: () => unknown): void },
  where: string | undefined,
  answer: (socket: Socket, file: Buffer) => void,
): Promise<{ readonly port: number }> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    let bytes: Buffer = Buffer.alloc(0);
    socket.on('error', () => {});
    socket.on('data', (chunk: Buffer) => {
      bytes = Buffer.concat([bytes, chunk]);
      const file = streamed(bytes);
      if (file !== undefined) answer(socket, file);
    });
  });
  context.after(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  await new Promise<void>((resolve) =>
    where === undefined ? server.listen(0, '127.0.0.1', resolve) : server.listen(where, resolve),
  );
  const address = server.address();
  return { port: typeof address === 'object' && address !== null ? address.port : 0 };
}

/** What INSTREAM carried, once its last chunk has come. */
function streamed(bytes: Buffer): Buffer | undefined {
  const command = 'zINSTREAM\0';
  if (bytes.length < command.length) return undefined;
  if (bytes.toString('latin1', 0, command.length) !== command) return Buffer.from('not a command');
  const chunks: Buffer[] = [];
  let at = command.length;
  while (at + 4 <= bytes.length) {
    const length = bytes.readUInt32BE(at);
    if (length === 0) return Buffer.concat(chunks);
    if (at + 4 + length > bytes.length) return undefined;
    chunks.push(bytes.subarray(at + 4, at + 4 + length));
    at += 4 + length;
  }
  return undefined;
}
