import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { Disk } from '../disk.ts';
import { evaluate } from './arithmetic.ts';
import { findOne } from './query.ts';
import { run } from './shell.ts';
import { readXml } from './xml.ts';

describe('expressions', () => {
  const names = new Map<string, number | string>([
    ['two', 2],
    ['word', 'w'],
  ]);
  const value = (text: string) => evaluate(text, (name) => names.get(name));

  test('are worked out', () => {
    assert.equal(value('1 + 2 * (3 - two) % 5'), 3);
    assert.equal(value('-(2 - 5) / 2'), 1.5);
    assert.equal(value(`word + "x" + 'y' + 1`), 'wxy1');
  });

  test('are nothing but expressions', () => {
    const wrong = ['', '1 +', '(1', '1 2', 'process', 'constructor', '1; 2', '`x`', 'two()', '"open', '1 ** 2', '{}'];
    for (const text of [...wrong, `${'('.repeat(60)}1${')'.repeat(60)}`, '-'.repeat(5_000)]) {
      assert.throws(() => value(text), Error, text.slice(0, 30));
    }
  });
});

describe('the shell', () => {
  let root: string;
  let disk: Disk;
  before(() => {
    root = mkdtempSync(join(tmpdir(), 'clinic-test-'));
    disk = new Disk(root);
  });
  after(() => rmSync(root, { recursive: true }));

  test('reads command lines as shells do', async () => {
    const lines: [string, string][] = [
      ['echo a; echo b', 'a\nb\n'],
      ['echo a\necho b', 'a\nb\n'],
      ['true && echo yes || echo no', 'yes\n'],
      ['false && echo yes || echo no', 'no\n'],
      ['echo a | cat', 'a\n'],
      ['echo a & echo b', 'a\nb\n'],
      [`echo 'a; $(id)' "b; $((6*7))" c\\;d`, 'a; $(id) b; 42 c;d\n'],
      ['echo x$(echo y`echo z`)', 'xyz\n'],
      ['printf a; expr 6 \\* 7', 'a42\n'],
      ['/usr/bin/id', 'uid=1000(clinic) gid=1000(clinic) groups=1000(clinic)\n'],
      ['rm -rf /', 'sh: 1: rm: not found\n'],
      ['lp -d ward', 'request id is ward-17 (1 file)\n'],
      ['', ''],
      ['"', 'sh: 1: : not found\n'],
    ];
    for (const [line, output] of lines) assert.equal(await run(disk, line), output, line);
  });

  test('sleeps, and no longer than it may in all', async () => {
    const started = performance.now();
    await run(disk, 'sleep 0.05');
    assert.ok(performance.now() - started >= 45);
  });

  test('sees the made-up disk, and has an end', async () => {
    assert.match(await run(disk, 'cat /etc/passwd'), /made up for the clinic/);
    const mine = join(tmpdir(), `clinic-test-${process.pid}.txt`);
    writeFileSync(mine, 'of the machine');
    try {
      const lines = [`cat ${mine}`, `cat ../../../../../../..${mine}`];
      for (const line of lines) assert.doesNotMatch(await run(disk, line), /of the machine/);
    } finally {
      rmSync(mine);
    }
    const many = await run(disk, 'echo a;'.repeat(1_000));
    assert.match(many, /out of processes/);
    assert.ok(many.length <= 16 * 1024);
    assert.match(await run(disk, `${'$(echo '.repeat(20)}a${')'.repeat(20)}`), /nested too deep/);
    for (const line of ['$(', '`', "'", '$((', ';;;', '&&', '|', '\\', '$(()', 'echo "$(echo `']) await run(disk, line);
  });
});

test('queries compare, and nothing else', () => {
  const rows = [
    { code: 'PH-1', born: '1974-11-02' },
    { code: 'PH-2', born: '1999-01-01' },
  ];
  const found = (query: Record<string, unknown>) => findOne(rows, query)?.code;
  assert.equal(found({ code: 'PH-2' }), 'PH-2');
  assert.equal(found({ code: { $ne: 'PH-1' } }), 'PH-2');
  assert.equal(found({ code: { $gt: '' }, born: { $lt: '1980' } }), 'PH-1');
  assert.equal(found({ code: { $in: ['PH-2', 7] } }), 'PH-2');
  assert.equal(found({ code: { $regex: '^PH-.*2$' } }), 'PH-2');
  assert.equal(found({ code: { $not: { $eq: 'PH-1' } } }), 'PH-2');
  assert.equal(found({ other: { $exists: false } }), 'PH-1');
  for (const code of [{}, [], null, 1, { PH: 1 }, { $gt: 0 }]) assert.equal(found({ code }), undefined);
  assert.throws(() => found({ code: { $where: 'sleep(1)' } }), /unknown operator: \$where/);
  assert.equal(found({ code: { $regex: `${'.*'.repeat(40)}x` } }), undefined);
});

describe('XML', () => {
  const fetch = async (systemId: string) => (systemId === 'a' ? 'fetched' : `<!ENTITY deep "from ${systemId}">`);

  test('is a root with texts', async () => {
    const xml = '<?xml version="1.0"?>\n<r>\n <a> x &lt;&amp;&#65;&#x42; </a><!-- no --><b></b></r>';
    assert.deepEqual({ ...(await readXml(xml, 'r')) }, { a: 'x <&AB', b: '' });
    const wrong = ['', 'x', '<r>', '<r><a></r>', '<r><a/></r>', '<r><a x="1"></a></r>', '<s></s>', '<r>text</r>'];
    for (const text of [...wrong, '<r><a>&none;</a></r>', '<r><a></a><a></a></r>', '<r><a>&#0;</a></r>']) {
      await assert.rejects(readXml(text, 'r'), { status: 400 }, text);
    }
  });

  test('has entities only where it may', async () => {
    const inner = '<!DOCTYPE r [<!ENTITY e "v"><!ENTITY f SYSTEM "a">]><r><a>&e;&f;</a></r>';
    await assert.rejects(readXml(inner, 'r'), { status: 400 });
    assert.deepEqual({ ...(await readXml(inner, 'r', fetch)) }, { a: 'vfetched' });
    const parameter = '<!DOCTYPE r [<!ENTITY % p SYSTEM "b"> %p;]><r><a>&deep;</a></r>';
    assert.deepEqual({ ...(await readXml(parameter, 'r', fetch)) }, { a: 'from b' });
    const outer = '<!DOCTYPE r SYSTEM "c"><r><a>&deep;</a></r>';
    assert.deepEqual({ ...(await readXml(outer, 'r', fetch)) }, { a: 'from c' });
  });

  test('ends where entities have no end', async () => {
    const circle = '<!DOCTYPE r [<!ENTITY a "&b;"><!ENTITY b "&a;">]><r><a>&a;</a></r>';
    await assert.rejects(readXml(circle, 'r', fetch), { status: 400 });
    const levels = Array.from({ length: 12 }, (_, i) => `<!ENTITY l${i + 1} "${`&l${i};`.repeat(10)}">`).join('');
    const laughs = `<!DOCTYPE r [<!ENTITY l0 "ha">${levels}]><r><a>&l12;</a></r>`;
    await assert.rejects(readXml(laughs, 'r', fetch), { status: 413 });
  });
});
