const WHOLE = /^-?(?:0|[1-9]\d*)$/;
const DECIMAL = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,4})?$/;

/** A whole number of so many bits. A double cannot hold all of 64: those it holds are judged. */
export function whole(bits: number, signed: boolean): (value: number) => boolean {
  const high = 2 ** (signed ? bits - 1 : bits);
  const low = signed ? -high : 0;
  return (value) => Number.isInteger(value) && value >= low && value < high;
}

/** The same written as text, as contracts do for 64 bits (`type: string`). */
export function wholeText(bits: number, signed: boolean): (text: string) => boolean {
  const high = 2n ** BigInt(signed ? bits - 1 : bits);
  const low = signed ? -high : 0n;
  return (text) => {
    if (text.length > 21 || !WHOLE.test(text)) return false;
    const value = BigInt(text);
    return value >= low && value < high;
  };
}

/** What a 32-bit float can hold. */
export const isFloat = (value: number): boolean => Number.isFinite(Math.fround(value));
export const isDouble = (value: number): boolean => Number.isFinite(value);
export const isDecimalText = (text: string): boolean => text.length <= 400 && (DECIMAL.test(text) || isSpecial(text));

/** Protobuf's JSON form of floats. */
const isSpecial = (text: string): boolean => text === 'NaN' || text === 'Infinity' || text === '-Infinity';
