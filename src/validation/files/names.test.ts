import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { escapes, judgeEntryName, judgeName, leadOf } from './names.ts';

const judged = (name: string, leave = false): string => {
  const fault = judgeName(name, 255, () => leave);
  return fault === undefined ? 'ok' : fault.harmful ? 'harmful' : 'invalid';
};

const NAMES = {
  ok: [
    'photo.jpg',
    'Überweisung – März 2026 (final).pdf',
    'manual.pl.pdf',
    'example.com.pdf',
    'Intro to ASP.NET.pdf',
    'node.js.txt',
    'archive.tar.gz',
    'v1.2.3.zip',
    'notes; draft.txt',
    '100% sure.txt',
    '50%25.txt',
    'תמונה\u200f.png',
    '日本語のファイル名.docx',
    'Dr. Smith.pdf',
    '.notes.txt',
    'no ending',
    'console.log',
    'command.txt',
    "O'Neil & Sons #1.pdf",
    'null.pdf',
    'common.pdf',
  ],
  harmful: [
    'shell.php',
    'shell.PhP5',
    'shell.pHtMl',
    'shell.phar',
    'shell.jsp',
    'shell.aspx',
    'a.php.jpg',
    'a.jpg.php',
    'a.php.jpg.png',
    'a.php;.jpg',
    'a.asp;1.jpg',
    'a.php%00.jpg',
    'a.php\0.jpg',
    'a.php%20.jpg',
    'a.php .jpg',
    'a.php#.jpg',
    'a.php?.jpg',
    'a.php/.jpg',
    'a.asp:.jpg',
    'a.php.',
    'a.php...',
    'a.php . .',
    'a.php::$DATA',
    'a.txt::$DATA',
    'a.ph\u200bp',
    'a\uff0ephp',
    'a\u3002php',
    'a.\uff50\uff48\uff50',
    'a.p%68p',
    'a.p%2568p',
    '.htaccess',
    '.HtAccess',
    '.htaccess.',
    'web.config',
    '.user.ini',
    '../a.txt',
    '..\\a.txt',
    '%2e%2e%2fa.txt',
    '/etc/passwd',
    'C:\\a.txt',
    'annexe\u202egpj.txt',
    'a\u2066b.png',
    'invoice.pdf.exe',
    'photo.jpg.scr',
    'letter.docx.js',
    'a\nb.txt',
    'a\x7f.txt',
  ],
  invalid: [
    'setup.exe',
    'run.sh',
    'app.js',
    'page.html',
    'CON',
    'con.txt',
    'nul .txt',
    'COM1.pdf',
    'lpt9',
    'a.txt.',
    'a.txt ',
    '...',
    '',
    '\ud800.txt',
    `${'a'.repeat(252)}.png`,
    'ü'.repeat(130),
  ],
};

describe('names of files', () => {
  for (const [expected, names] of Object.entries(NAMES))
    for (const name of names) it(`${expected}: ${JSON.stringify(name)}`, () => assert.equal(judged(name), expected));

  it('may have the ending that the contract wants, at the end and nowhere else', () => {
    assert.deepEqual(
      ['a.php', 'a.exe', 'a.html'].map((name) => judged(name, true)),
      ['ok', 'ok', 'ok'],
    );
    assert.deepEqual(
      ['a.php.jpg', 'a.php;.jpg', '.htaccess'].map((name) => judged(name, true)),
      ['harmful', 'harmful', 'harmful'],
    );
  });

  it('never throw', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (name) => {
        assert.equal(judged(name), judged(name));
        judgeEntryName(name);
      }),
    );
  });
});

describe('names of entries', () => {
  it('lead nowhere but into the directory', () => {
    for (const path of ['../a', 'a/../../b', '/a', '\\a', '..\\a', 'C:/a', 'c:a', 'a/.. /b', 'a\\..\\b', 'a\0b', '..'])
      assert.ok(escapes(path), path);
    for (const path of ['a', 'a/b', 'a/', '..a/b', 'a..b', 'a/..b', '.a', './a']) assert.ok(!escapes(path), path);
  });

  it('may be those of source code', () => {
    for (const name of ['src/index.php', 'a/.htaccess', 'bin/run.sh', 'lib/javax.servlet.jsp.jar', 'setup.exe'])
      assert.equal(judgeEntryName(name), undefined, name);
    for (const name of ['invoice.pdf.exe', 'a/photo.jpg.lnk', 'a\u202eb', 'a\nb', '../x', 'x'.repeat(2000)])
      assert.notEqual(judgeEntryName(name), undefined, name);
  });

  it('as targets of links', () => {
    assert.deepEqual(
      ['../../x', '/x', '../x', 'x/y', 'x/../../../y', 'C:\\x'].map((target) => leadOf(target, 'a/b')),
      ['out', 'out', 'up', 'in', 'out', 'out'],
    );
  });
});
