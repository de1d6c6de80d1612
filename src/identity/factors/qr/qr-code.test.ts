import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatBits, type Matrix, versionBits } from './matrix.ts';
import { qrCode, qrSvg } from './qr-code.ts';
import { correctionOf } from './reed-solomon.ts';

/** Multiplication in GF(256) from its definition, without tables. */
function product(a: number, b: number): number {
  let [left, result] = [a, 0];
  for (let right = b; right > 0; right >>= 1) {
    if (right & 1) result ^= left;
    left = left & 0x80 ? (left << 1) ^ 0x11d : left << 1;
  }
  return result;
}

/** Whether a block with its correction is a codeword: its polynomial is zero at the first powers of two. */
function isCodeword(block: readonly number[], corrections: number): boolean {
  for (let i = 0, root = 1; i < corrections; i++, root = product(root, 2))
    if (block.reduce((sum, word) => product(sum, root) ^ word, 0) !== 0) return false;
  return true;
}

test('Reed-Solomon: the version 1-M example that tutorials use, and every block is a codeword', () => {
  const data = [32, 91, 11, 120, 209, 114, 220, 77, 67, 64, 236, 17, 236, 17, 236, 17];
  assert.deepEqual(correctionOf(data, 10), [196, 35, 39, 119, 235, 215, 231, 226, 93, 23]);
  for (const count of [10, 16, 18, 22, 24, 26]) assert.ok(isCodeword([...data, ...correctionOf(data, count)], count));
});

test('format and version information as the standard lists them', () => {
  // Table C.1, level M, masks 0 to 7; table D.1.
  assert.deepEqual(
    Array.from({ length: 8 }, (_, mask) => formatBits(mask)),
    [0x5412, 0x5125, 0x5e7c, 0x5b4b, 0x45f9, 0x40ce, 0x4f97, 0x4aa0],
  );
  assert.deepEqual([7, 8, 9, 10].map(versionBits), [0x07c94, 0x085bc, 0x09a99, 0x0a4d3]);
});

/** Blocks at level M: corrections of each, and data codewords of each. */
const BLOCKS: Readonly<Record<number, readonly [corrections: number, ...data: number[]]>> = {
  1: [10, 16],
  2: [16, 28],
  3: [26, 44],
  4: [18, 32, 32],
  5: [24, 43, 43],
  6: [16, 27, 27, 27, 27],
  7: [18, 31, 31, 31, 31],
  8: [22, 38, 38, 39, 39],
  9: [22, 36, 36, 36, 37, 37],
  10: [26, 43, 43, 43, 43, 44],
};

/** A reader of its own: what a camera does once it has the modules. */
function read(matrix: Matrix): { text: string; mask: number; version: number } {
  const size = matrix.length;
  const version = (size - 17) / 4;
  const at = (row: number, column: number): number => (matrix[row]?.[column] ? 1 : 0);
  const near = [
    ...[0, 1, 2, 3, 4, 5, 7, 8].map((row) => at(row, 8)),
    at(8, 7),
    ...[5, 4, 3, 2, 1, 0].map((column) => at(8, column)),
  ];
  const far = [
    ...Array.from({ length: 8 }, (_, i) => at(8, size - 1 - i)),
    ...Array.from({ length: 7 }, (_, i) => at(size - 7 + i, 8)),
  ];
  const format = near.reduce((sum, bit, i) => sum | (bit << i), 0);
  assert.deepEqual(near, far, 'both copies of the format');
  const mask = ((format ^ 0x5412) >> 10) & 7;
  assert.equal((format ^ 0x5412) >> 13, 0, 'level M');

  const centres: Readonly<Record<number, number[]>> = {
    1: [],
    2: [6, 18],
    3: [6, 22],
    4: [6, 26],
    5: [6, 30],
    6: [6, 34],
    7: [6, 22, 38],
    8: [6, 24, 42],
    9: [6, 26, 46],
    10: [6, 28, 50],
  };
  const isFunction = (row: number, column: number): boolean => {
    if (row === 6 || column === 6) return true;
    if ((row < 9 && (column < 9 || column >= size - 8)) || (row >= size - 8 && column < 9)) return true;
    if (version >= 7 && ((row < 6 && column >= size - 11) || (column < 6 && row >= size - 11))) return true;
    const list = centres[version] ?? [];
    return list.some((y) =>
      list.some((x) => {
        const corner = (y === 6 && (x === 6 || x === size - 7)) || (y === size - 7 && x === 6);
        return !corner && Math.abs(row - y) <= 2 && Math.abs(column - x) <= 2;
      }),
    );
  };
  const inverts = (i: number, j: number): boolean =>
    [
      (i + j) % 2,
      i % 2,
      j % 3,
      (i + j) % 3,
      (Math.floor(i / 2) + Math.floor(j / 3)) % 2,
      ((i * j) % 2) + ((i * j) % 3),
      (((i * j) % 2) + ((i * j) % 3)) % 2,
      (((i + j) % 2) + ((i * j) % 3)) % 2,
    ][mask] === 0;
  const bits: number[] = [];
  const columns = Array.from({ length: size }, (_, i) => size - 1 - i).filter((column) => column !== 6);
  for (let pair = 0; pair < columns.length; pair += 2)
    for (let i = 0; i < size; i++) {
      const row = (pair / 2) % 2 === 0 ? size - 1 - i : i;
      for (const column of columns.slice(pair, pair + 2))
        if (!isFunction(row, column)) bits.push(at(row, column) ^ (inverts(row, column) ? 1 : 0));
    }
  const words: number[] = [];
  for (let i = 0; i + 8 <= bits.length; i += 8) words.push(Number.parseInt(bits.slice(i, i + 8).join(''), 2));
  const [corrections = 0, ...counts] = BLOCKS[version] ?? [];
  const blocks: number[][] = counts.map(() => []);
  let next = 0;
  for (let i = 0; i < Math.max(...counts); i++)
    for (const [b, count] of counts.entries()) if (i < count) blocks[b]?.push(words[next++] as number);
  const whole = blocks.map((block) => [...block]);
  for (let i = 0; i < corrections; i++) for (const block of whole) block.push(words[next++] as number);
  for (const block of whole) assert.ok(isCodeword(block, corrections), `version ${version}`);
  const data = blocks
    .flat()
    .map((word) => word.toString(2).padStart(8, '0'))
    .join('');
  assert.equal(data.slice(0, 4), '0100');
  const wide = version < 10 ? 8 : 16;
  const length = Number.parseInt(data.slice(4, 4 + wide), 2);
  const bytes = Array.from({ length }, (_, i) => Number.parseInt(data.slice(4 + wide + 8 * i, 12 + wide + 8 * i), 2));
  return { text: Buffer.from(bytes).toString('utf8'), mask, version };
}

test('what is written can be read again: every length up to the largest', () => {
  const versions = new Set<number>();
  const masks = new Set<number>();
  for (let length = 0; length <= 213; length++) {
    const text = Array.from({ length }, (_, i) => String.fromCharCode(33 + ((i * 37 + length * 11) % 90))).join('');
    const matrix = qrCode(text);
    assert.ok(matrix !== undefined, String(length));
    const found = read(matrix);
    assert.equal(found.text, text);
    versions.add(found.version);
    masks.add(found.mask);
  }
  assert.deepEqual([...versions], [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  assert.ok(masks.size > 4, 'the mask is chosen');
  assert.equal(qrCode('x'.repeat(214)), undefined);
  assert.equal(read(qrCode('Grüße 🙂') as Matrix).text, 'Grüße 🙂');
});

test('the drawing has the three finders, the quiet zone, and nothing but paths', () => {
  const matrix = qrCode('otpauth://totp/Clinic:ann?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=Clinic') as Matrix;
  const finder = (row: number, column: number): string =>
    Array.from({ length: 7 }, (_, y) =>
      Array.from({ length: 7 }, (_, x) => (matrix[row + y]?.[column + x] ? '#' : '.')).join(''),
    ).join('\n');
  const whole = ['#######', '#.....#', '#.###.#', '#.###.#', '#.###.#', '#.....#', '#######'].join('\n');
  const end = matrix.length - 7;
  for (const [row, column] of [
    [0, 0],
    [0, end],
    [end, 0],
  ] as const)
    assert.equal(finder(row, column), whole);
  const svg = qrSvg(matrix, 'a code');
  const [, side] = /viewBox="0 0 (\d+) \1"/.exec(svg) ?? [];
  assert.equal(Number(side), matrix.length + 8);
  assert.match(svg, /^<svg [^<]*><path [^<]*\/><path [^<]*\/><\/svg>$/);
  let dark = 0;
  for (const [, , , run] of svg.matchAll(/M(\d+) (\d+)h(\d+)v1h-\3z/g)) dark += Number(run);
  assert.equal(dark, matrix.flat().filter(Boolean).length);
});
