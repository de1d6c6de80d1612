import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { ALSO_BY, ATTACKS } from './attacks/index.ts';
import { Target } from './attacks/target.ts';
import { listenMarket, type RunningMarket, withMarket } from './testing.ts';
import { ALL_WEAKNESSES, parseWeaknesses, WEAKNESSES } from './weaknesses.ts';

const allAre = (wanted: boolean, parts: boolean[], name = '') =>
  assert.deepEqual(
    parts,
    parts.map(() => wanted),
    name,
  );

describe('each weakness', () => {
  let careful: RunningMarket;
  before(async () => {
    careful = await listenMarket([]);
  });
  after(() => careful.stop());

  for (const name of ALL_WEAKNESSES) {
    test(`${name}: works alone`, async () => allAre(true, await withMarket([name], ATTACKS[name])));
    test(`${name}: does not with all others`, async () => {
      const others = ALL_WEAKNESSES.filter((other) => other !== name && !ALSO_BY[name]?.includes(other));
      allAre(false, await withMarket(others, ATTACKS[name]));
    });
    test(`${name}: does not when careful`, async () => {
      const target = new Target(careful.base);
      allAre(false, await ATTACKS[name](target));
      assert.deepEqual(target.failures, [], 'refused, not failed');
    });
  }

  test('all work together, which is the default', async () => {
    await withMarket(ALL_WEAKNESSES, async (market) => {
      for (const name of ALL_WEAKNESSES) allAre(true, await ATTACKS[name](market), name);
    });
  });

  test('is described and known by one name', () => {
    for (const [name, { does, cwe, owasp }] of Object.entries(WEAKNESSES)) {
      assert.match(name, /^[a-z]+(-[a-z]+)*$/);
      assert.ok(does.length > 10 && /^CWE-\d+$/.test(cwe) && /^API(?:[1-9]|10):2023$/.test(owasp), name);
    }
    const tops = new Set(Object.values(WEAKNESSES).map(({ owasp }) => owasp));
    assert.equal(tops.size, 10, 'all of the OWASP API Security Top 10');
    assert.deepEqual(parseWeaknesses(' ssrf, cors-any,'), ['ssrf', 'cors-any']);
    assert.throws(() => parseWeaknesses('ssfr'), /"ssfr"; there are: bola-read,/);
    assert.throws(() => parseWeaknesses('toString'), /unknown weakness/);
    assert.throws(() => parseWeaknesses(' , '), /at least one/);
  });
});
