/** Powers of two in GF(256) modulo x^8 + x^4 + x^3 + x^2 + 1, and their logarithms (ISO/IEC 18004, section 7.5). */
const POWER = new Uint8Array(255);
const LOG = new Uint8Array(256);
for (let i = 0, value = 1; i < 255; i++) {
  POWER[i] = value;
  LOG[value] = i;
  value = value & 0x80 ? ((value << 1) ^ 0x11d) & 0xff : value << 1;
}

export const times = (a: number, b: number): number =>
  a === 0 || b === 0 ? 0 : (POWER[(LOG[a]! + LOG[b]!) % 255] as number);

/** Coefficients of the generator polynomial of a degree, the leading one left out. */
function generator(degree: number): number[] {
  let polynomial = [1];
  for (let i = 0; i < degree; i++) {
    const next = [...polynomial, 0];
    for (const [index, coefficient] of polynomial.entries()) next[index + 1]! ^= times(coefficient, POWER[i] as number);
    polynomial = next;
  }
  return polynomial.slice(1);
}

/** The error correction codewords of a block: the remainder of its polynomial. */
export function correctionOf(data: readonly number[], count: number): number[] {
  const divisor = generator(count);
  const rest = new Array<number>(count).fill(0);
  for (const codeword of data) {
    const factor = codeword ^ (rest.shift() as number);
    rest.push(0);
    for (const [index, coefficient] of divisor.entries()) rest[index]! ^= times(coefficient, factor);
  }
  return rest;
}
