/** Length in code points (2020-12, validation 6.3.1). */
export function length(text: string): number {
  let count = text.length;
  for (let i = 0; i < text.length - 1; i++) {
    const code = text.charCodeAt(i);
    if (code < 0xd800 || code > 0xdbff) continue;
    const low = text.charCodeAt(i + 1);
    if (low >= 0xdc00 && low <= 0xdfff) {
      count--;
      i++;
    }
  }
  return count;
}

interface Decimal {
  /** The number is `digits` times ten to the power of minus `scale`. */
  readonly digits: bigint;
  readonly scale: number;
}

/** A number as it is written: the shortest decimal that stands for it. */
function decimal(value: number): Decimal {
  const [mantissa = '0', exponent = '0'] = String(value).split('e');
  const [whole = '0', fraction = ''] = mantissa.split('.');
  return { digits: BigInt(whole + fraction), scale: fraction.length - Number(exponent) };
}

const power = (n: number): bigint => 10n ** BigInt(n);

/**
 * Makes a check for `multipleOf`, exact for decimals: 0.3 is a multiple of 0.1. Doubles are tried first; where they
 * would round, the decimals are compared as whole numbers.
 */
export function multipleOf(divisor: number): (value: number) => boolean {
  const step = decimal(divisor);
  if (step.scale <= 0) return (value) => Number.isFinite(value) && value % divisor === 0;
  const factor = 10 ** step.scale;
  const digits = Number(step.digits);
  const quick = step.scale <= 22 && Number.isSafeInteger(digits);
  return (value) => {
    if (!Number.isFinite(value)) return false;
    if (quick) {
      const scaled = Math.round(value * factor);
      if (Number.isSafeInteger(scaled)) return scaled / factor === value && scaled % digits === 0;
    }
    const given = decimal(value);
    const scale = Math.max(given.scale, step.scale);
    return (given.digits * power(scale - given.scale)) % (step.digits * power(scale - step.scale)) === 0n;
  };
}
