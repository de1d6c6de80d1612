import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdir, symlink, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { createOutbound } from '../outbound/guarded.ts';
import { type Outbound, OutboundError, type OutboundOptions } from '../outbound/outbound.ts';
import type { Finding } from '../shared/finding.ts';
import { loadContract } from './contract.ts';
import { api, inDirectory, ok, operation, refusal, rulesOf, unreachable } from './fixture.ts';
import type { Contract } from './model.ts';

const withSchema = (reference: string): object => ({
  ...ok,
  requestBody: { content: { 'application/json': { schema: { $ref: reference } } } },
});
const contractWith = (...references: string[]): object =>
  api(Object.fromEntries(references.map((reference, i) => [`/p${i}`, { post: withSchema(reference) }])));

/** Writes files into a directory of their own and loads `main/api.json` there. */
const loadFiles = (
  files: Record<string, string | Buffer | object>,
  outbound: Outbound = unreachable,
): Promise<Contract> =>
  inDirectory(async (directory) => {
    await mkdir(join(directory, 'main/deep'), { recursive: true });
    for (const [name, content] of Object.entries(files)) {
      const text = typeof content === 'string' || Buffer.isBuffer(content) ? content : JSON.stringify(content);
      await writeFile(join(directory, name), text);
    }
    return await loadContract(join(directory, 'main/api.json'), { outbound });
  });

/** An outbound client that serves these, and notes what it was asked. */
function serving(
  pages: Record<string, string | object>,
): Outbound & { readonly asked: [string, OutboundOptions | undefined][] } {
  const asked: [string, OutboundOptions | undefined][] = [];
  return {
    asked,
    fetch: async (url, options) => {
      asked.push([url, options]);
      const page = pages[url];
      if (page === undefined) throw new OutboundError('status', `${url}: answered 404`);
      const body = Buffer.from(typeof page === 'string' ? page : JSON.stringify(page));
      return { status: 200, mediaType: '', headers: {}, body };
    },
  };
}

test('local references under the directory of the contract, in circles and in chains', async () => {
  const contract = await loadFiles({
    'main/api.json': contractWith('./deep/pet.yaml', 'all.json#/definitions/Tag', 'deep/pet.yaml#/properties/tag'),
    'main/deep/pet.yaml':
      'type: object\nproperties:\n  tag: {$ref: "../all.json#/definitions/Tag"}\n  self: {$ref: "#"}\n',
    'main/all.json': { definitions: { Tag: { type: 'string', maxLength: 5 }, Pet: { $ref: 'deep/pet.yaml' } } },
  });
  assert.deepEqual(contract.files.map((file) => file.replace(/^.*\/main\//, '')).sort(), [
    'all.json',
    'api.json',
    'deep/pet.yaml',
  ]);
  const { schema } = operation(contract, 'POST /p0').body!.content[0]!;
  const pet = contract.documents.resolve('./deep/pet.yaml#/properties/tag', schema!.uri)!;
  const tag = contract.documents.resolve((pet.value as { $ref: string }).$ref, pet.uri)!;
  assert.deepEqual({ ...(tag.value as object) }, { type: 'string', maxLength: 5 });
  assert.match(contract.documents.place(pet.uri).file, /main\/deep\/pet\.yaml$/);
  assert.equal(contract.documents.place(pet.uri).line, 3);
});

test('no reference leads out of the directory', async () => {
  await inDirectory(async (directory) => {
    const main = join(directory, 'main');
    await mkdir(main);
    await writeFile(join(directory, 'secret.json'), '{"type": "string"}');
    await symlink(join(directory, 'secret.json'), join(main, 'link.json'));
    await symlink('/', join(main, 'root'));
    await symlink('loop', join(main, 'loop'));
    const bad = [
      '../secret.json',
      '%2e%2e/secret.json',
      '..%2fsecret.json',
      './x/../../secret.json',
      'link.json',
      'root/etc/hostname',
      '/etc/passwd',
      'file:///etc/passwd',
      'file://evil.example/etc/passwd',
      '../main/../secret.json',
      'loop',
      'a%00b',
      'data:application/json,{}',
      'ftp://h/x',
      'http://127.0.0.1/x',
      'https://169.254.169.254/x',
      '.',
      'absent.json',
      `${'a'.repeat(5_000)}`,
    ];
    await writeFile(join(main, 'api.json'), JSON.stringify(contractWith(...bad)));
    const findings = await refusal(loadContract(join(main, 'api.json'), { outbound: createOutbound() }));
    // Four of them are other spellings of two others: one document, one error.
    assert.equal(findings.length, bad.length - 4);
    for (const { place, rule } of findings) {
      assert.match(place!.pointer!, /\$ref$/);
      assert.match(rule, /reference-outside|unreadable|unresolved-ref/);
    }
    assert.equal(findings.filter(({ rule }) => rule === 'contract/reference-outside').length, 7);
  });
});

test('a directory whose files are links into a version of it still works', async () => {
  await inDirectory(async (directory) => {
    await mkdir(join(directory, '..v1'));
    await writeFile(join(directory, '..v1/api.json'), JSON.stringify(contractWith('pet.json')));
    await writeFile(join(directory, '..v1/pet.json'), '{"type": "string", "maxLength": 1}');
    await symlink('..v1', join(directory, '..data'));
    for (const name of ['api.json', 'pet.json']) await symlink(`..data/${name}`, join(directory, name));
    const contract = await loadContract(join(directory, 'api.json'), { outbound: unreachable });
    assert.equal(contract.files.length, 2);
  });
});

test('remote: the source may be private, what it names only on the same origin', async () => {
  const outbound = serving({
    'http://10.0.0.1/api/openapi.json': api(
      {
        '/a': { get: ok, post: withSchema('schemas.json#/Pet') },
        '/b': { post: withSchema('https://other.example/x') },
      },
      { servers: [{ url: './v2' }] },
    ),
    'http://10.0.0.1/api/schemas.json': { Pet: { type: 'integer' } },
    'https://other.example/x': { type: 'integer' },
  });
  const contract = await loadContract('http://10.0.0.1/api/openapi.json', { outbound });
  assert.deepEqual(
    contract.operations.map(({ key }) => key),
    ['GET /api/v2/a', 'POST /api/v2/a', 'POST /api/v2/b'],
  );
  assert.deepEqual(contract.files, []);
  assert.deepEqual(outbound.asked.map(([url, options]) => [url, options?.allowPrivate, options?.allowPlain]).sort(), [
    ['http://10.0.0.1/api/openapi.json', true, true],
    ['http://10.0.0.1/api/schemas.json', true, true],
    ['https://other.example/x', false, false],
  ]);
  const leading = serving({ 'https://h.example/a.json': contractWith('file:///etc/passwd', 'http://10.0.0.2/x') });
  const findings = await refusal(loadContract('https://h.example/a.json', { outbound: leading }));
  assert.deepEqual(rulesOf(findings).sort(), ['reference-outside', 'unreadable']);
  assert.deepEqual(
    leading.asked.map(([url, options]) => [url, options?.allowPrivate]),
    [
      ['https://h.example/a.json', true],
      ['http://10.0.0.2/x', false],
    ],
  );
  // What a document from elsewhere names is not local, whatever the source is.
  const local = serving({ 'https://h.example/pet.json': { $ref: 'file:///etc/passwd' } });
  await refusal(loadFiles({ 'main/api.json': contractWith('https://h.example/pet.json') }, local));
});

test('a source URL with a secret in it is not shown', async () => {
  for (const source of ['https://h.example/a.json?token=s3cret', 'https://user:s3cret@h.example/a.json']) {
    const findings = await refusal(loadContract(source, { outbound: createOutbound({ resolve: async () => [] }) }));
    assert.doesNotMatch(JSON.stringify(findings), /s3cret/);
  }
});

test('documents are bounded in number and size', async () => {
  const pages: Record<string, object> = {};
  for (let i = 0; i < 300; i++)
    pages[`https://h.example/${i}`] = { $ref: `https://h.example/${i + 1}`, type: 'string' };
  const chain = serving(pages);
  const findings = await refusal(loadFiles({ 'main/api.json': contractWith('https://h.example/0') }, chain));
  assert.ok(rulesOf(findings).includes('limit'));
  assert.ok(chain.asked.length <= 200);
  const wide = serving(pages);
  const many = Array.from({ length: 300 }, (_, i) => `https://h.example/${i}`);
  assert.ok(rulesOf(await refusal(loadFiles({ 'main/api.json': contractWith(...many) }, wide))).includes('limit'));
  assert.ok(wide.asked.length <= 200);
  const big = ' '.repeat(31 * 1024 * 1024);
  const heavy = serving({ 'https://h.example/1': big, 'https://h.example/2': big, 'https://h.example/3': big });
  const refused = await refusal(
    loadFiles(
      { 'main/api.json': contractWith('https://h.example/1', 'https://h.example/2', 'https://h.example/3') },
      heavy,
    ),
  );
  assert.ok(refused.some(({ message }) => message.includes('64 MiB')));
});

test('what is no readable file is refused with its name', async () => {
  await inDirectory(async (directory) => {
    const at = (name: string): string => join(directory, name);
    await mkdir(at('directory'));
    await writeFile(at('empty.yaml'), '');
    await writeFile(at('comment.yaml'), '# nothing\n');
    await writeFile(at('latin.yaml'), Buffer.from('openapi: 3.0.0\ninfo: {title: caf\xe9}', 'latin1'));
    await writeFile(at('utf16.yaml'), Buffer.from('\ufeffopenapi: 3.0.0', 'utf16le'));
    await writeFile(at('nul.json'), Buffer.alloc(100));
    await writeFile(at('huge.yaml'), '');
    await truncate(at('huge.yaml'), 33 * 1024 * 1024);
    execFileSync('mkfifo', [at('pipe.yaml')]);
    const names = [
      'directory',
      'empty.yaml',
      'comment.yaml',
      'latin.yaml',
      'utf16.yaml',
      'nul.json',
      'huge.yaml',
      'pipe.yaml',
      'absent.yaml',
      '',
      'a\0b',
    ];
    for (const name of [...names.map(at), '/dev/zero']) {
      const [finding] = (await refusal(loadContract(name, { outbound: unreachable }))) as [Finding];
      assert.ok(finding.place, name);
      assert.match(finding.rule, /unreadable|syntax|encoding|limit/, name);
    }
  });
});

test('a byte order mark is no defect', async () => {
  const text = Buffer.concat([
    Buffer.from([0xef, 0xbb, 0xbf]),
    Buffer.from(JSON.stringify(api({ '/a': { get: ok } }))),
  ]);
  assert.equal((await loadFiles({ 'main/api.json': text })).operations.length, 1);
});

test('one missing file is one error, not one for each use', async () => {
  const findings = await refusal(loadFiles({ 'main/api.json': contractWith('a.json#/A', 'a.json#/B', 'a.json') }));
  assert.deepEqual(rulesOf(findings), ['unreadable']);
});
