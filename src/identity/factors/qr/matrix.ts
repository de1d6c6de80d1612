import { sizeOf, type Version } from './versions.ts';

/** Modules by row and column; true is dark. */
export type Matrix = readonly (readonly boolean[])[];

/** The eight masks (ISO/IEC 18004, table 10). */
export const MASKS: readonly ((row: number, column: number) => boolean)[] = [
  (row, column) => (row + column) % 2 === 0,
  (row) => row % 2 === 0,
  (_, column) => column % 3 === 0,
  (row, column) => (row + column) % 3 === 0,
  (row, column) => (Math.floor(row / 2) + Math.floor(column / 3)) % 2 === 0,
  (row, column) => ((row * column) % 2) + ((row * column) % 3) === 0,
  (row, column) => (((row * column) % 2) + ((row * column) % 3)) % 2 === 0,
  (row, column) => (((row + column) % 2) + ((row * column) % 3)) % 2 === 0,
];

/** A value with its BCH remainder behind it (annexes C and D). */
function withRemainder(value: number, generator: number, bits: number): number {
  let rest = value << bits;
  for (let bit = 31 - Math.clz32(rest); bit >= bits; bit--) if ((rest >> bit) & 1) rest ^= generator << (bit - bits);
  return (value << bits) | rest;
}

/** 15 bits for level M and a mask (annex C). */
export const formatBits = (mask: number): number => withRemainder(mask, 0x537, 10) ^ 0x5412;
/** 18 bits for versions from 7 on (annex D). */
export const versionBits = (version: number): number => withRemainder(version, 0x1f25, 12);

/** A symbol with everything drawn but data; `fixed` marks what is no place for data. */
export class Drawing {
  readonly size: number;
  readonly dark: boolean[][];
  readonly fixed: boolean[][];

  constructor(version: Version) {
    const size = sizeOf(version);
    this.size = size;
    this.dark = Array.from({ length: size }, () => new Array<boolean>(size).fill(false));
    this.fixed = Array.from({ length: size }, () => new Array<boolean>(size).fill(false));
    for (let i = 0; i < size; i++) {
      this.#set(6, i, i % 2 === 0);
      this.#set(i, 6, i % 2 === 0);
    }
    for (const [row, column] of [
      [3, 3],
      [3, size - 4],
      [size - 4, 3],
    ] as const)
      this.#rings(row, column, 4, (distance) => distance !== 2 && distance !== 4);
    const last = version.alignment.length - 1;
    for (const [i, row] of version.alignment.entries()) {
      for (const [j, column] of version.alignment.entries()) {
        const inCorner = (i === 0 && (j === 0 || j === last)) || (i === last && j === 0);
        if (!inCorner) this.#rings(row, column, 2, (distance) => distance !== 1);
      }
    }
    this.format(0);
    if (version.number >= 7) this.#version(version.number);
  }

  /** Draws the two copies of the format. */
  format(mask: number): void {
    const bits = formatBits(mask);
    const { size } = this;
    for (let i = 0; i < 15; i++) {
      const dark = ((bits >> i) & 1) === 1;
      if (i < 6) this.#set(i, 8, dark);
      else if (i < 8) this.#set(i + 1, 8, dark);
      else if (i === 8) this.#set(8, 7, dark);
      else this.#set(8, 14 - i, dark);
      if (i < 8) this.#set(8, size - 1 - i, dark);
      else this.#set(size - 15 + i, 8, dark);
    }
    this.#set(size - 8, 8, true);
  }

  /** The places for data, in the order in which they are filled (section 7.7.3): up and down in pairs of columns from the right. */
  *places(): Generator<readonly [row: number, column: number]> {
    const { size } = this;
    let upwards = true;
    for (let right = size - 1; right > 0; right -= 2) {
      if (right === 6) right = 5;
      for (let i = 0; i < size; i++) {
        const row = upwards ? size - 1 - i : i;
        for (const column of [right, right - 1]) if (!this.fixed[row]![column]) yield [row, column];
      }
      upwards = !upwards;
    }
  }

  #version(number: number): void {
    const bits = versionBits(number);
    for (let i = 0; i < 18; i++) {
      const [far, near] = [this.size - 11 + (i % 3), Math.floor(i / 3)];
      this.#set(far, near, ((bits >> i) & 1) === 1);
      this.#set(near, far, ((bits >> i) & 1) === 1);
    }
  }

  /** Square rings about a centre; `dark` says which of them are. */
  #rings(row: number, column: number, most: number, dark: (distance: number) => boolean): void {
    for (let dy = -most; dy <= most; dy++)
      for (let dx = -most; dx <= most; dx++) {
        const [y, x] = [row + dy, column + dx];
        const inside = y >= 0 && y < this.size && x >= 0 && x < this.size;
        if (inside) this.#set(y, x, dark(Math.max(Math.abs(dy), Math.abs(dx))));
      }
  }

  #set(row: number, column: number, dark: boolean): void {
    this.dark[row]![column] = dark;
    this.fixed[row]![column] = true;
  }
}
