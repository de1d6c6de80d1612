import { NUMBER } from '../../contract/schema/node.ts';
import type { Facets } from './facets.ts';
import { fits } from './fits.ts';
import { between, oneOf } from './random.ts';
import type { Wish } from './wish.ts';
import { numbersFor, wordsOf } from './words.ts';

/** What a number may be by its format, where the contract says no tighter bound. */
const RANGES: ReadonlyMap<string, readonly [number, number]> = new Map([
  ['int8', [-128, 127]],
  ['int16', [-32_768, 32_767]],
  ['int32', [-2_147_483_648, 2_147_483_647]],
  ['int64', [-(2 ** 53 - 1), 2 ** 53 - 1]],
  ['uint8', [0, 255]],
  ['uint16', [0, 65_535]],
  ['uint32', [0, 4_294_967_295]],
  ['uint64', [0, 2 ** 53 - 1]],
  ['float', [-1e38, 1e38]],
]);

/** A number that the facets allow; undefined where none was found. */
export function numberFor(facets: Facets, random: () => number, wish: Wish): number | undefined {
  const fraction = (facets.types & NUMBER) !== 0;
  const { low, high } = limits(facets);
  const candidates: number[] = [];
  if (wish.variety === 'edge') candidates.push(...edges(low, high, fraction, random));
  candidates.push(...numbersFor(wordsOf(wish.word), random));
  const bottom = low > 1 ? low : high < 1 ? Math.max(low, high - 100) : 1;
  const top = Math.min(high, bottom + 100);
  const whole = between(random, Math.ceil(bottom), Math.max(Math.ceil(bottom), Math.floor(top)));
  candidates.push(whole, 1, 0, Math.ceil(low), Math.floor(high), low + 1, high - 1);
  if (fraction) candidates.push(bottom + (top - bottom) * random(), (low + high) / 2, low, high);
  for (const each of candidates) {
    if (!Number.isFinite(each)) continue;
    if (fits(facets, each)) return each;
    const near = snapped(facets, each);
    if (near !== undefined) return near;
  }
  return undefined;
}

function limits({ low, high, formats }: Facets): { low: number; high: number } {
  let bottom = low;
  let top = high;
  for (const name of formats) {
    const range = RANGES.get(name);
    if (!range) continue;
    bottom = Math.max(bottom, range[0]);
    top = Math.min(top, range[1]);
  }
  return { low: bottom, high: top };
}

/** The nearest multiples, as exact as decimals are written. */
function snapped(facets: Facets, value: number): number | undefined {
  for (const step of facets.steps) {
    const times = Math.round(value / step);
    for (const n of [times, times + 1, times - 1]) {
      const near = Number((n * step).toPrecision(15));
      if (fits(facets, near)) return near;
    }
  }
  return undefined;
}

function edges(low: number, high: number, fraction: boolean, random: () => number): number[] {
  const list = [low, high, 0, -1, 1, 2_147_483_647, -2_147_483_648, Number.MAX_SAFE_INTEGER];
  if (fraction) list.push(0.1, -0.5, 1e-9, 123_456.789);
  return [oneOf(random, list), oneOf(random, list), oneOf(random, list)];
}
