import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { type DetectionClass, type Place, SENSITIVITIES, SOURCES } from './classes/class.ts';
import { CLASSES } from './classes/index.ts';
import { Judge } from './judge.ts';
import { CASES } from './testing/cases/index.ts';
import { PIECES } from './testing/pieces.ts';

const piece = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...PIECES) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 4 }) },
  { weight: 1, arbitrary: fc.constantFrom(...CASES.map(({ text }) => text)) },
);
const text = fc.array(piece, { maxLength: 60 }).map((pieces) => pieces.join(''));
const place: fc.Arbitrary<Place> = fc.record({
  source: fc.constantFrom(...SOURCES),
  name: fc.constantFrom('', 'q', 'user-agent', 'url', 'file', 'content-type'),
  key: fc.boolean(),
});

describe('any text at any place', () => {
  it('is judged without a throw, and twice the same', () => {
    const judges = SENSITIVITIES.map((each) => new Judge(CLASSES, each));
    fc.assert(
      fc.property(text, place, (value, at) => {
        for (const judge of judges) assert.deepEqual(judge.find(value, at), judge.find(value, at));
      }),
      { numRuns: 600 },
    );
  });

  it('is found at a level if it is at the level below', () => {
    const [low, middle, high] = SENSITIVITIES.map((each) => new Judge(CLASSES, each)) as [Judge, Judge, Judge];
    fc.assert(
      fc.property(text, place, (value, at) => {
        if (low.find(value, at) !== undefined) assert.ok(middle.find(value, at), JSON.stringify(value));
        if (middle.find(value, at) !== undefined) assert.ok(high.find(value, at), JSON.stringify(value));
      }),
      { numRuns: 600 },
    );
  });

  it('is found at a level if it is at the level below, for every attack of our own at every source', () => {
    const judges = SENSITIVITIES.map((each) => new Judge(CLASSES, each));
    for (const { text: value, place: at } of CASES) {
      for (const source of SOURCES) {
        const levels = judges.map((judge) => judge.find(value, { name: '', key: false, ...at, source }) !== undefined);
        assert.ok(levels[1] || !levels[0], `${source}: ${JSON.stringify(value)} at low, not at default`);
        assert.ok(levels[2] || !levels[1], `${source}: ${JSON.stringify(value)} at default, not at high`);
      }
    }
  });

  it('has a span within the form it was found in', () => {
    for (const each of CLASSES) {
      const watched: DetectionClass = {
        ...each,
        search(form, at, sensitivity) {
          const match = each.search(form, at, sensitivity);
          if (match !== undefined)
            assert.ok(0 <= match.start && match.start <= match.end && match.end <= form.text.length, each.name);
          return match;
        },
      };
      const judge = new Judge([watched], 'high');
      fc.assert(
        fc.property(text, place, (value, at) => void judge.find(value, at)),
        { numRuns: 100 },
      );
    }
  });
});

/** How often the characters of a text are handed to a class at most, in all forms and in what is packed into it. */
const MAX_READINGS = 100;

const MOST = 32;

describe('the cost of any text', () => {
  it('is a bounded number of readings of its characters', () => {
    let characters = 0;
    const counter: DetectionClass = {
      name: 'counter',
      title: 'counter',
      features: -1,
      search: ({ text: form }) => {
        characters += form.length;
        return undefined;
      },
    };
    const judge = new Judge([counter], 'high');
    const packed = (value: string, layer: number): string =>
      layer % 3 === 0
        ? JSON.stringify([value, { a: value }])
        : layer % 3 === 1
          ? Buffer.from(value).toString('base64')
          : encodeURIComponent(value.toWellFormed());
    fc.assert(
      fc.property(text, fc.array(fc.nat(), { maxLength: 4 }), place, (value, layers, at) => {
        const whole = layers.reduce(packed, value);
        characters = 0;
        judge.find(whole, at);
        assert.ok(characters <= whole.length * MAX_READINGS + MAX_READINGS, `${characters} for ${whole.length}`);
      }),
      { numRuns: 600 },
    );
  });

  it('grows as its length does, whatever is repeated', () => {
    // What is found would end the search: here every class is asked of every form.
    const deaf = CLASSES.map(
      (each): DetectionClass => ({
        ...each,
        search(form, at, sensitivity) {
          each.search(form, at, sensitivity);
          return undefined;
        },
      }),
    );
    const judge = new Judge(deaf, 'high');
    const time = (value: string): number => {
      let least = Number.POSITIVE_INFINITY;
      for (let i = 0; i < 3; i++) {
        const before = process.hrtime.bigint();
        judge.find(value, { source: 'query', name: 'q', key: false });
        least = Math.min(least, Number(process.hrtime.bigint() - before));
      }
      return least;
    };
    const units = fc.sample(
      fc.tuple(fc.constantFrom(...PIECES), fc.array(fc.constantFrom(...PIECES), { minLength: 1, maxLength: 2 })),
      { numRuns: 80, seed: 20261123 },
    );
    for (const [head, repeated] of units) {
      const unit = repeated.join('');
      // Flat, as readers hand texts on: V8 reads a rope of pieces at another price.
      const make = (length: number): string =>
        Buffer.from(head + unit.repeat(Math.ceil(length / unit.length))).toString();
      const short = make(5000);
      const long = make(40_000);
      // Eight times the length: 64 times the cost if it were a square. A busy machine is asked again.
      let growth = Number.POSITIVE_INFINITY;
      for (let tries = 0; tries < 6 && growth > MOST; tries++) growth = Math.min(growth, time(long) / time(short));
      assert.ok(growth <= MOST, `${JSON.stringify([head, unit])} grows ${growth.toFixed(0)} times`);
    }
  });
});
