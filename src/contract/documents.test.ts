import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { documentsFrom } from './documents.ts';
import type { Dialect } from './model.ts';
import { childUri, encodePointer, pointerTokens } from './references.ts';

const shared = join(process.env['PORTCULLIS_SHARED'] ?? '../shared', 'vectors/json-schema-test-suite');

test('pointers with every awkward name', () => {
  const names = [
    '',
    ' ',
    '/',
    '~',
    '~1',
    '%',
    '%25',
    'a%b',
    '{id}',
    '"',
    '#',
    '?',
    'é',
    '\\',
    '__proto__',
    'constructor',
    'a/b~c',
  ];
  const value = JSON.parse(JSON.stringify({ names: {} })) as { names: Record<string, unknown> };
  for (const name of names) Object.defineProperty(value.names, name, { value: { name }, enumerable: true });
  const documents = documentsFrom(value, 'test:names', '2020-12');
  for (const name of names) {
    const uri = childUri('test:names#', 'names', name);
    assert.deepEqual(pointerTokens(uri.slice(uri.indexOf('#') + 1)), ['names', name]);
    const found = documents.resolve(uri.slice(uri.indexOf('#')), 'test:names#');
    assert.deepEqual(found?.value, { name }, name);
    assert.equal(found?.uri, uri);
    assert.equal(documents.resolve('', uri)?.value, value);
  }
  // Authors forget to percent-encode.
  assert.deepEqual(documents.resolve('#/names/{id}', 'test:names#')?.value, { name: '{id}' });
  assert.deepEqual(documents.resolve('#/names/a%b', 'test:names#')?.value, { name: 'a%b' });
});

test('what is not there is undefined, inherited names are not there', () => {
  const documents = documentsFrom({ a: [1], s: 'text' }, 'test:x', '2020-12');
  for (const reference of [
    '#/b',
    '#/a/1',
    '#/a/-',
    '#/a/00',
    '#/a/length',
    '#/toString',
    '#/__proto__',
    '#/s/0',
    '#name',
    'other',
    '#/a/0/x',
    'http://[bad',
    '%zz',
  ]) {
    assert.equal(documents.resolve(reference, 'test:x#'), undefined, reference);
  }
  assert.equal(documents.resolve('#/a', 'test:unknown#'), undefined);
  assert.equal(documents.resolve('#/a/0', 'test:x#/s')?.value, 1);
});

test('embedded resources, anchors and dialects (JSON Schema 2020-12, sections 8.2 and 9.3)', () => {
  const documents = documentsFrom(
    {
      $id: 'https://example.com/root/',
      $defs: {
        a: { $id: 'a.json', $anchor: 'top', $defs: { inner: { $anchor: 'inner', $ref: 'b' } } },
        b: { $id: 'b', $dynamicAnchor: 'dyn', type: 'string' },
        old: { $id: 'old', $schema: 'http://json-schema.org/draft-07/schema#', definitions: { x: { $id: '#plain' } } },
        fake: { enum: [{ $id: 'c', $anchor: 'no' }], unknown: { $id: 'd' } },
      },
    },
    'test:root',
    '2020-12',
  );
  const at = (reference: string, base: string): string | undefined => documents.resolve(reference, base)?.uri;
  assert.equal(at('a.json', 'test:root#'), 'test:root#/$defs/a');
  assert.equal(at('https://example.com/root/a.json#inner', 'test:root#'), 'test:root#/$defs/a/$defs/inner');
  assert.equal(at('b', 'test:root#/$defs/a/$defs/inner'), 'test:root#/$defs/b');
  assert.equal(at('#', 'test:root#/$defs/a/$defs/inner'), 'test:root#/$defs/a');
  assert.equal(at('#top', 'test:root#/$defs/a/$defs/inner'), 'test:root#/$defs/a');
  assert.equal(at('#top', 'test:root#'), undefined);
  assert.equal(at('#dyn', 'https://example.com/root/b'), 'test:root#/$defs/b');
  assert.equal(at('#/$defs/inner', 'https://example.com/root/a.json#'), 'test:root#/$defs/a/$defs/inner');
  assert.equal(documents.resolve('old#/definitions/x', 'test:root#')?.dialect, 'draft-07');
  assert.equal(at('old#plain', 'test:root#'), 'test:root#/$defs/old/definitions/x');
  assert.equal(documents.dialectAt('test:root#/$defs/old/definitions/x'), 'draft-07');
  assert.equal(documents.dialectAt('test:root#/$defs/b'), '2020-12');
  for (const hidden of ['c', 'd', '#no']) assert.equal(at(hidden, 'test:root#'), undefined, hidden);
  assert.equal(documents.place('https://example.com/root/a.json#/$defs/inner').pointer, '/$defs/a/$defs/inner');
});

test('two schemas with one $id are told of', () => {
  const twice = { $defs: { a: { $id: 'https://h/x' }, b: { $id: 'https://h/x' } } };
  assert.deepEqual(documentsFrom(twice, 'test:twice', '2020-12').duplicateIds, [
    { id: 'https://h/x', uri: 'test:twice#/$defs/b' },
  ]);
});

const DRAFTS: readonly [string, Dialect][] = [
  ['draft2020-12', '2020-12'],
  ['draft7', 'draft-07'],
  ['draft4', 'draft-04'],
];
test('every reference of the JSON Schema Test Suite leads somewhere', {
  skip: existsSync(shared) ? false : 'no vectors beside the repository',
}, () => {
  const remotes = new Map<string, unknown>();
  for (const file of filesUnder(join(shared, 'remotes'))) {
    remotes.set(
      `http://localhost:1234/${file.slice(join(shared, 'remotes/').length)}`,
      JSON.parse(readFileSync(file, 'utf8')),
    );
  }
  for (const [draft, dialect] of DRAFTS) {
    let seen = 0;
    for (const file of filesUnder(join(shared, draft))) {
      for (const { schema } of JSON.parse(readFileSync(file, 'utf8')) as { schema: unknown }[]) {
        const documents = documentsFrom(schema, 'test:root', dialect, remotes);
        for (const { reference, pointer } of documents.references('test:root')) {
          if (reference.includes('json-schema.org')) continue;
          assert.ok(documents.resolve(reference, `test:root#${encodePointer(pointer)}`), `${file}: ${reference}`);
          seen++;
        }
      }
    }
    assert.ok(seen > 30, draft);
  }
});

function filesUnder(directory: string): string[] {
  return readdirSync(directory).flatMap((name) => {
    const path = join(directory, name);
    if (statSync(path).isDirectory()) return filesUnder(path);
    return path.endsWith('.json') ? [path] : [];
  });
}
