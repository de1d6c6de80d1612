import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { readDictionary } from '../../src/signatures/dictionary.ts';
import { SignatureError } from '../../src/signatures/error.ts';
import { vectors } from '../support/vectors.ts';

const directory = join(vectors, 'structured-fields');
const skip = existsSync(directory) ? false : `no vectors at ${directory}`;

interface Case {
  readonly name: string;
  readonly raw: readonly string[];
  readonly header_type: 'item' | 'list' | 'dictionary';
  readonly must_fail?: boolean;
  readonly can_fail?: boolean;
}

/** Valid by RFC 9651, refused here on purpose: said twice, or a type that no field of ours has. */
const STRICTER = /duplicate|display|percent|%/i;

// The reader of Signature-Input, Signature and the digest fields.
test('RFC 9651: dictionaries', { skip }, (t) => {
  const counts = { read: 0, refused: 0, stricter: [] as string[] };
  for (const file of ['dictionary', 'param-dict', 'key-generated', 'examples']) {
    const cases = JSON.parse(readFileSync(join(directory, `${file}.json`), 'utf8')) as Case[];
    for (const one of cases) {
      if (one.header_type !== 'dictionary') continue;
      let failed: unknown;
      try {
        readDictionary('test', one.raw.join(', '));
      } catch (error) {
        failed = error;
      }
      const label = `${file}: ${one.name}`;
      if (failed !== undefined) assert.ok(failed instanceof SignatureError, `${label}: ${failed}`);
      if (one.must_fail) assert.ok(failed !== undefined, label);
      if (one.must_fail || failed === undefined) counts[failed === undefined ? 'read' : 'refused']++;
      else {
        assert.ok(
          one.can_fail === true || STRICTER.test(one.name) || /twice/.test((failed as Error).message),
          `${label}: ${failed}`,
        );
        counts.stricter.push(label);
      }
    }
  }
  t.diagnostic(
    `${counts.read} read, ${counts.refused} refused as they must be, stricter: ${counts.stricter.join('; ')}`,
  );
  assert.ok(counts.read > 100 && counts.refused > 100, JSON.stringify(counts));
});
