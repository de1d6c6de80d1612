import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { Malformed } from '../../src/validation/fault.ts';
import { decodeUtf8, readJson } from '../../src/validation/readers/json.ts';
import { readCarefully } from '../../src/validation/readers/json-careful.ts';
import { vectors } from '../support/vectors.ts';

const folder = join(vectors, 'json/test_parsing');
const files = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.json')) : [];
const limits = { depth: 512, values: 1_000_000 };

/** Valid by the grammar, refused on purpose: two readers would take different values (DESIGN.md, promise 3). */
const REFUSED_ON_PURPOSE = new Set(['y_object_duplicated_key.json', 'y_object_duplicated_key_and_value.json']);

describe('JSONTestSuite', { skip: files.length === 0 ? 'the shared vectors are not here' : false }, () => {
  const accepts = files.filter((name) => name.startsWith('y_') && !REFUSED_ON_PURPOSE.has(name));
  const refuses = files.filter((name) => name.startsWith('n_') || REFUSED_ON_PURPOSE.has(name));
  const either = files.filter((name) => name.startsWith('i_'));
  const bytes = (name: string): Buffer => readFileSync(join(folder, name));

  it(`accepts the ${accepts.length} valid texts, as JSON.parse reads them`, () => {
    assert.ok(accepts.length > 90);
    for (const name of accepts) {
      const value = readJson(bytes(name), limits);
      assert.ok(!(value instanceof Malformed), `${name}: ${value instanceof Malformed ? value.detail : ''}`);
      assert.deepEqual(value, JSON.parse(bytes(name).toString()), name);
    }
  });

  it(`refuses the ${refuses.length} invalid texts`, () => {
    assert.ok(refuses.length > 180);
    for (const name of refuses) assert.ok(readJson(bytes(name), limits) instanceof Malformed, name);
  });

  it('answers by hand as it does with the engine, the implementation-defined texts included', () => {
    for (const name of [...accepts, ...refuses, ...either]) {
      const text = decodeUtf8(bytes(name));
      if (text instanceof Malformed) continue;
      const fast = readJson(bytes(name), limits);
      assert.deepEqual(fast, readCarefully(text, limits), name);
    }
  });
});
