import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { describe, it } from 'node:test';
import { documentsFrom } from '../../src/contract/documents.ts';
import type { Dialect } from '../../src/contract/model.ts';
import { compileSchema } from '../../src/contract/schema/compile.ts';
import { vectors } from '../support/vectors.ts';

const suite = join(vectors, 'json-schema-test-suite');
const skip = existsSync(suite) ? false : `no JSON Schema Test Suite at ${suite}`;
const URI = 'http://portcullis.test/schema.json';

interface Group {
  readonly description: string;
  readonly schema: unknown;
  readonly tests: readonly { readonly description: string; readonly data: unknown; readonly valid: boolean }[];
}

const read = (file: string): unknown => JSON.parse(readFileSync(file, 'utf8'));

function remotes(folder: string, found = new Map<string, unknown>()): Map<string, unknown> {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) remotes(path, found);
    else found.set(`http://localhost:1234/${relative(join(suite, 'remotes'), path).replaceAll('\\', '/')}`, read(path));
  }
  return found;
}

/** Runs the files of a folder. @returns how many cases ran, and those that came out wrong. */
function run(folder: string, dialect: Dialect, extra: Map<string, unknown>): { count: number; wrong: string[] } {
  let count = 0;
  const wrong: string[] = [];
  const files = readdirSync(join(suite, folder)).filter((name) => name.endsWith('.json'));
  for (const file of files)
    for (const { description, schema, tests } of read(join(suite, folder, file)) as Group[]) {
      const documents = documentsFrom(schema, URI, dialect, extra);
      // The suite takes formats for annotations, but for the files on formats.
      const formats = file === 'format.json' && !folder.includes('optional') ? 'annotate' : 'assert';
      let judge: (value: unknown) => boolean;
      try {
        const at = { schema, uri: `${URI}#`, dialect, documents };
        const compiled = compileSchema(at, { direction: 'none', undeclared: 'allow', formats });
        judge = (value) => compiled.validate(value) === undefined;
      } catch (error) {
        judge = () => assert.fail(error as Error);
      }
      for (const test of tests) {
        count++;
        let right = false;
        try {
          right = judge(test.data) === test.valid;
        } catch {
          // counted as wrong
        }
        if (!right) wrong.push(`${file} / ${description} / ${test.description}`);
      }
    }
  return { count, wrong };
}

describe('JSON Schema Test Suite', { skip }, () => {
  const required: [string, Dialect, number][] = [
    ['draft2020-12', '2020-12', 1299],
    ['draft7', 'draft-07', 927],
    ['draft4', 'draft-04', 618],
  ];
  for (const [folder, dialect, total] of required)
    it(`all ${total} required cases of ${folder}`, () => {
      const { count, wrong } = run(folder, dialect, remotes(join(suite, 'remotes')));
      assert.deepEqual(wrong, []);
      assert.equal(count, total);
    });

  const formats: [string, Dialect, number, string[]][] = [
    ['draft2020-12', '2020-12', 764, []],
    ['draft7', 'draft-07', 676, []],
    // Draft 4 goes by RFC 1123 alone; here names that begin like punycode must be punycode in every dialect.
    [
      'draft4',
      'draft-04',
      219,
      ['hostname.json / validation of host names / hostname with consecutive hyphens (RFC1123)'],
    ],
  ];
  for (const [folder, dialect, total, known] of formats)
    it(`the ${total} cases on formats of ${folder}`, () => {
      const { count, wrong } = run(join(folder, 'optional/format'), dialect, new Map());
      assert.deepEqual(wrong, known);
      assert.equal(count, total);
    });
});
