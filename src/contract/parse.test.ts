import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Format, guessFormat, parseText } from './parse.ts';

const problems = (text: string, format: Format): string[] =>
  parseText(text, format).problems.map(({ message }) => message);
const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

test('JSON: what the runtime reads is read the same, and what it refuses is refused', () => {
  fc.assert(
    fc.property(fc.json(), (text) => {
      const parsed = parseText(text, 'json');
      assert.deepEqual(parsed.problems, []);
      assert.equal(JSON.stringify(parsed.value), JSON.stringify(JSON.parse(text)));
    }),
  );
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...'{}[]",:\\u0aeE+-.1 \ntrue'), maxLength: 12 }), (text) => {
      let valid = true;
      try {
        JSON.parse(text);
      } catch {
        valid = false;
      }
      const found = parseText(text, 'json').problems;
      const strict = found.every(({ rule, message }) => rule === 'duplicate-key' || message === 'a number too large');
      assert.equal(found.length === 0 || strict, valid, text);
    }),
    { numRuns: 5_000 },
  );
});

const vectors = join(process.env['PORTCULLIS_SHARED'] ?? '../shared', 'vectors/json/test_parsing');
test('JSON: the public parsing vectors', {
  skip: existsSync(vectors) ? false : 'no vectors beside the repository',
}, () => {
  let seen = 0;
  for (const name of readdirSync(vectors)) {
    if (!/^[yn]_/.test(name)) continue;
    let text: string;
    try {
      text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(readFileSync(join(vectors, name)));
    } catch {
      assert.ok(name.startsWith('n_'), name);
      continue;
    }
    const { problems: found } = parseText(text, 'json');
    const duplicates = name.includes('duplicated_key');
    assert.equal(found.length === 0, name.startsWith('y_') && !duplicates, `${name}: ${found[0]?.message}`);
    seen++;
  }
  assert.ok(seen > 200);
});

test('places are those of names and items', () => {
  const yaml = 'a: 1\nb:\n  - x\n  -   y: 2\n"200": ok\n100: first\n';
  const json = '{\n "a": 1,\n "b": ["x",\n   {"y": 2}], "200": "ok",\n"100": "first"}';
  for (const [text, format, expected] of [
    [yaml, 'yaml', { a: '1:1', b: '2:1', 200: '5:1', 100: '6:1', 'b/1': '4:7', 'b/1/y': '4:7' }],
    [json, 'json', { a: '2:2', b: '3:2', 200: '4:15', 100: '5:1', 'b/1': '4:4', 'b/1/y': '4:5' }],
  ] as const) {
    const { value, map } = parseText(text, format);
    for (const [pointer, place] of Object.entries(expected)) {
      let container = value;
      const tokens = pointer.split('/');
      for (const token of tokens.slice(0, -1)) container = (container as Record<string, unknown>)[token];
      const { line, column } = map.position(map.offset(container as object, tokens.at(-1)!)!);
      assert.equal(`${line}:${column}`, place, `${format} ${pointer}`);
    }
  }
});

test('places of many names, the integer-like ones too', () => {
  const names = Array.from({ length: 200 }, (_, i) => (i % 3 === 0 ? `${1_000 - i}` : `k${i}`));
  const { value, map } = parseText(names.map((name) => `${name}: 1`).join('\n'), 'yaml');
  names.forEach((name, i) => {
    assert.equal(map.position(map.offset(value as object, name)!).line, i + 1);
  });
  assert.equal(map.offset(value as object, 'absent'), undefined);
  assert.equal(map.offset(value as object, 'constructor'), undefined);
});

test('the same name twice is an error, in every spelling', () => {
  assert.match(problems('{"a":1,"\\u0061":2}', 'json')[0]!, /'a' stands twice/);
  assert.match(problems('a: 1\n"a": 2', 'yaml')[0]!, /'a' stands twice/);
  assert.match(problems('200: x\n"200": y', 'yaml')[0]!, /'200' stands twice/);
  assert.match(problems('__proto__: 1\n__proto__: 2', 'yaml')[0]!, /'__proto__' stands twice/);
  assert.deepEqual(problems('__proto__: 1\nconstructor: 2\ntoString: 3', 'yaml'), []);
  assert.deepEqual(problems('{"__proto__": 1, "constructor": 2}', 'json'), []);
});

test('names from outside have no meaning of their own', () => {
  for (const [text, format] of [
    ['{"__proto__": {"x": 1}}', 'json'],
    ['__proto__: {x: 1}', 'yaml'],
  ] as const) {
    const { value } = parseText(text, format);
    assert.equal((value as object).constructor, undefined);
    assert.equal('toString' in (value as object), false);
    assert.deepEqual(Object.keys(value as object), ['__proto__']);
    assert.equal((value as Record<string, unknown>)['x'], undefined);
  }
});

test('YAML reads as 1.2, with merges', () => {
  const { value, problems: found } = parseText(
    'base: &b {a: 1, c: 2}\nuse:\n  <<: *b\n  c: 3\nno: no\noct: 0o17\nnorway: [NO, on, y]\n"<<": text\nalias: *b\n',
    'yaml',
  );
  assert.deepEqual(found, []);
  assert.deepEqual(plain(value), {
    base: { a: 1, c: 2 },
    use: { c: 3, a: 1 },
    no: 'no',
    oct: 15,
    norway: ['NO', 'on', 'y'],
    '<<': 'text',
    alias: { a: 1, c: 2 },
  });
});

test('what JSON cannot say is an error', () => {
  for (const text of [
    'a: .nan',
    'a: .inf',
    '? [a]\n: b',
    '? {a: 1}\n: b',
    'a: !!binary aGk=',
    'a: !thing x',
    '*x : 1',
    '? \n: 1',
    'a: *nowhere',
    '--- a\n--- b',
    'a: b: c',
    '"unclosed',
    '',
  ]) {
    assert.ok(problems(text, 'yaml').length > 0, text);
  }
});

test('bombs: aliases are counted as what they expand to, circles are refused', () => {
  const laughs = ['a: &a [x,x,x,x,x,x,x,x,x,x]'];
  for (let i = 1; i < 12; i++) {
    const name = String.fromCharCode(97 + i);
    laughs.push(
      `${name}: &${name} [${Array(10)
        .fill(`*${String.fromCharCode(96 + i)}`)
        .join(',')}]`,
    );
  }
  assert.match(problems(laughs.join('\n'), 'yaml')[0]!, /aliases/);
  assert.match(problems('a: &a\n  b: *a', 'yaml')[0]!, /inside what it names/);
  assert.match(problems('a: &a [*a]', 'yaml')[0]!, /inside what it names/);
  const chain = ['a0: &a0 [1]'];
  for (let i = 1; i < 400; i++) chain.push(`a${i}: &a${i} [*a${i - 1}]`);
  assert.match(problems(chain.join('\n'), 'yaml')[0]!, /nested deeper/);
});

test('depth and number are bounded, in every shape', () => {
  for (const text of [
    '['.repeat(50_000),
    '{a: '.repeat(50_000),
    '- '.repeat(50_000),
    '? '.repeat(50_000),
    'a: '.repeat(50_000),
  ]) {
    assert.ok(problems(text, 'yaml').length > 0);
  }
  assert.match(problems('['.repeat(50_000), 'json')[0]!, /nested deeper/);
  assert.match(problems('{"a":'.repeat(50_000), 'json')[0]!, /nested deeper/);
  assert.match(problems(`[${'1,'.repeat(1_600_000)}1]`, 'yaml')[0]!, /tokens/);
  assert.match(problems(`[${'1,'.repeat(4_100_000)}1]`, 'json')[0]!, /values/);
  assert.deepEqual(problems(`${'['.repeat(250)}${']'.repeat(250)}`, 'yaml'), []);
  assert.deepEqual(problems(`${'['.repeat(250)}${']'.repeat(250)}`, 'json'), []);
});

test('a hopeless stream is not read to its end', () => {
  assert.ok(problems('{"a":1}'.repeat(300_000), 'yaml').length <= 50);
  assert.ok(problems('%A b\n'.repeat(300_000), 'yaml').length <= 50);
  assert.ok(problems('a: ] '.repeat(100_000), 'yaml').length <= 51);
  assert.ok(problems('a: 1\n'.repeat(100_000), 'yaml').length <= 51);
});

test('any text gives a value or problems, never an exception', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...'-?:{}[],&*!|>\'"%@`#\n\t a1<.~'), maxLength: 40 }), (text) => {
      const { problems: found } = parseText(text, 'yaml');
      for (const { offset, mend } of found) assert.ok(offset >= 0 && offset <= text.length && mend);
    }),
    { numRuns: 3_000 },
  );
});

test('the format by name, type, or first sign', () => {
  assert.equal(guessFormat('a.json', '', ''), 'json');
  assert.equal(guessFormat('https://h/a.yml?x=.json', '', '{'), 'yaml');
  assert.equal(guessFormat('https://h/openapi', 'application/vnd.oai.openapi+json', ''), 'json');
  assert.equal(guessFormat('https://h/openapi', 'text/plain', '\n {'), 'json');
  assert.equal(guessFormat('https://h/openapi', 'text/plain', 'openapi: 3'), 'yaml');
});
