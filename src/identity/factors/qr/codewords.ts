import { correctionOf } from './reed-solomon.ts';
import { dataOf, lengthBits, VERSIONS, type Version } from './versions.ts';

const BYTE_MODE = 0b0100;
const MODE_BITS = 4;

/** The smallest version that holds so many bytes. */
export const versionFor = (bytes: number): Version | undefined =>
  VERSIONS.find((version) => MODE_BITS + lengthBits(version) + 8 * bytes <= 8 * dataOf(version));

/** The data codewords of a text: mode, length, bytes, end, padding (ISO/IEC 18004, section 7.4). */
export function dataCodewords(bytes: Uint8Array, version: Version): number[] {
  const bits: number[] = [];
  const put = (value: number, count: number): void => {
    for (let i = count - 1; i >= 0; i--) bits.push((value >> i) & 1);
  };
  put(BYTE_MODE, MODE_BITS);
  put(bytes.length, lengthBits(version));
  for (const byte of bytes) put(byte, 8);
  const room = 8 * dataOf(version);
  put(0, Math.min(4, room - bits.length));
  put(0, (8 - (bits.length % 8)) % 8);
  const words: number[] = [];
  for (let i = 0; i < bits.length; i += 8) words.push(bits.slice(i, i + 8).reduce((word, bit) => word * 2 + bit, 0));
  for (let pad = 0xec; words.length < dataOf(version); pad ^= 0xec ^ 0x11) words.push(pad);
  return words;
}

/** All codewords in the order in which they are drawn: blocks taken in turns, data first (section 7.6). */
export function interleaved(data: readonly number[], { blocks, correction }: Version): number[] {
  let start = 0;
  const parts = blocks.map((count) => data.slice(start, (start += count)));
  const corrections = parts.map((part) => correctionOf(part, correction));
  const taken = (lists: readonly (readonly number[])[]): number[] => {
    const longest = Math.max(...lists.map((list) => list.length));
    return Array.from({ length: longest }, (_, i) => lists.flatMap((list) => list[i] ?? [])).flat();
  };
  return [...taken(parts), ...taken(corrections)];
}
