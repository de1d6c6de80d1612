import assert from 'node:assert/strict';
import { type DetectionClass, somewhere } from '../classes/class.ts';
import { featuresOf } from '../features.ts';

const SMALL = 32_000;
/** How much longer the large text is; what is quadratic costs the square of that. */
const TIMES = 8;
/** Microseconds below which the clock of the processor says nothing. */
const GRAIN = 40_000;

const best = (detection: DetectionClass, text: string): number => {
  const form = { name: 'as sent', text, features: featuresOf(text) };
  let least = Number.POSITIVE_INFINITY;
  for (let i = 0; i < 5; i++) {
    const start = process.threadCpuUsage().user;
    detection.search(form, somewhere('query'), 'high');
    least = Math.min(least, process.threadCpuUsage().user - start);
  }
  return least;
};

/** Fails where searching a text of repeated pieces costs more than in proportion to its length. */
export function assertLinear(detection: DetectionClass, pieces: readonly string[]): void {
  for (const [i, a] of pieces.entries()) {
    for (const b of ['', pieces[(i + 1) % pieces.length]]) {
      const piece = `${a}${b}`;
      const [small, large] = [SMALL, SMALL * TIMES].map((size) => best(detection, piece.repeat(size / piece.length)));
      assert.ok(large! < small! * TIMES * 4 + GRAIN, JSON.stringify([piece, small, large]));
    }
  }
}
