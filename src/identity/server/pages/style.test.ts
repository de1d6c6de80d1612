import assert from 'node:assert/strict';
import { test } from 'node:test';
import { STYLE } from './style.ts';

/** Relative luminance and contrast (WCAG 2.2). */
function luminance(colour: string): number {
  const parts = [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16) / 255);
  const [r, g, b] = parts.map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)) as [
    number,
    number,
    number,
  ];
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}
function contrast(one: string, other: string): number {
  const [light, dark] = [luminance(one), luminance(other)].sort((a, b) => b - a) as [number, number];
  return (light + 0.05) / (dark + 0.05);
}

test('text has a contrast of 7:1 or more, borders of 3:1, in the light and in the dark set', () => {
  const sets = [...STYLE.matchAll(/:root \{([^}]*)\}/g)].map(([, body]) =>
    Object.fromEntries(
      [...(body as string).matchAll(/--([a-z-]+): (#[0-9a-f]{6});/g)].map(([, name, value]) => [name, value as string]),
    ),
  );
  assert.equal(sets.length, 2);
  const texts = [
    ['text', 'card'],
    ['text', 'back'],
    ['soft', 'back'],
    ['soft', 'card'],
    ['bad', 'bad-back'],
    ['on-accent', 'accent'],
    ['accent', 'card'],
    ['text', 'code'],
  ];
  for (const set of sets) {
    for (const [front, back] of texts) {
      const found = contrast(set[front as string] as string, set[back as string] as string);
      assert.ok(found >= 7, `${front} on ${back}: ${found.toFixed(2)}`);
    }
    assert.ok(contrast(set['line'] as string, set['card'] as string) >= 3);
  }
});
