import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { ATTACKS, Target } from './attacks.ts';
import { type RunningClinic, startClinic } from './start.ts';
import { MEMORY, withClinic } from './testing.ts';
import { ALL_WEAKNESSES, parseWeaknesses, WEAKNESSES } from './weaknesses.ts';

describe('each weakness', () => {
  let careful: RunningClinic;
  before(async () => {
    careful = await startClinic([...MEMORY, '--careful']);
  });
  after(() => careful.stop());

  for (const name of ALL_WEAKNESSES) {
    const succeeds = (parts: boolean[]) =>
      assert.deepEqual(
        parts,
        parts.map(() => true),
      );
    const fails = (parts: boolean[]) =>
      assert.deepEqual(
        parts,
        parts.map(() => false),
      );
    test(`${name}: works alone`, async () => succeeds(await withClinic(['--weak', name], ATTACKS[name])));
    test(`${name}: does not with all others`, async () => {
      const others = ALL_WEAKNESSES.filter((other) => other !== name).join(',');
      fails(await withClinic(['--weak', others], ATTACKS[name]));
    });
    test(`${name}: does not when careful`, async () => {
      const target = new Target(careful.base);
      fails(await ATTACKS[name](target));
      assert.deepEqual(target.failures, [], 'refused, not failed');
    });
  }

  test('all work together, which is the default', async () => {
    await withClinic([], async (clinic) => {
      for (const name of ALL_WEAKNESSES) {
        const parts = await ATTACKS[name](clinic);
        assert.deepEqual(
          parts,
          parts.map(() => true),
          name,
        );
      }
    });
  });

  test('is described and known by one name', () => {
    for (const [name, { does, cwe, owasp }] of Object.entries(WEAKNESSES)) {
      assert.match(name, /^[a-z]+(-[a-z]+)*$/);
      assert.ok(does.length > 10 && /^CWE-\d+$/.test(cwe) && /^API(?:[1-9]|10):2023$/.test(owasp), name);
    }
    assert.deepEqual(parseWeaknesses(' sql-injection, cors-any,'), ['sql-injection', 'cors-any']);
    assert.throws(() => parseWeaknesses('sql-injektion'), /"sql-injektion"; there are: sql-injection,/);
    assert.throws(() => parseWeaknesses('toString'), /unknown weakness/);
    assert.throws(() => parseWeaknesses(' , '), /at least one/);
  });
});
