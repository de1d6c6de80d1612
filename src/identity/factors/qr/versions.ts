/** What a version holds at error correction level M (ISO/IEC 18004, tables 9 and E.1). */
export interface Version {
  readonly number: number;
  /** Error correction codewords of each block. */
  readonly correction: number;
  /** Data codewords of each block. */
  readonly blocks: readonly number[];
  /** Centres of the alignment patterns, in both directions. */
  readonly alignment: readonly number[];
}

const version = (number: number, correction: number, blocks: readonly number[], ...alignment: number[]): Version => ({
  number,
  correction,
  blocks,
  alignment,
});

export const VERSIONS: readonly Version[] = [
  version(1, 10, [16]),
  version(2, 16, [28], 6, 18),
  version(3, 26, [44], 6, 22),
  version(4, 18, [32, 32], 6, 26),
  version(5, 24, [43, 43], 6, 30),
  version(6, 16, [27, 27, 27, 27], 6, 34),
  version(7, 18, [31, 31, 31, 31], 6, 22, 38),
  version(8, 22, [38, 38, 39, 39], 6, 24, 42),
  version(9, 22, [36, 36, 36, 37, 37], 6, 26, 46),
  version(10, 26, [43, 43, 43, 43, 44], 6, 28, 50),
];

export const sizeOf = ({ number }: Version): number => 17 + 4 * number;
export const dataOf = ({ blocks }: Version): number => blocks.reduce((sum, count) => sum + count, 0);
/** Bits of the length of a text in bytes. */
export const lengthBits = ({ number }: Version): number => (number < 10 ? 8 : 16);
