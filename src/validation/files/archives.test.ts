import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { eicar } from './active/eicar.ts';
import { filesSettings } from './settings.ts';
import { docx, type Packed, png, program, tar, zip } from './testing.ts';
import { verdict } from './verdict.ts';

const judge = (bytes: Buffer, settings = {}): string =>
  verdict({ bytes, mediaType: 'application/octet-stream' }, filesSettings.parse(settings));
const one = (entry: Partial<Packed>): Buffer => zip([{ name: 'a.txt', data: 'text', ...entry }]);
const SYMLINK = 0o120777;
/** Packs itself so often. */
const nested = (depth: number): Buffer =>
  depth === 0 ? Buffer.from('x') : one({ name: 'inner.zip', data: nested(depth - 1) });

describe('zip archives', () => {
  const cases: [string, Buffer, string][] = [
    ['a whole one', one({}), 'ok'],
    ['with a comment', zip([{ name: 'a' }], { comment: 'made by hand' }), 'ok'],
    ['an empty one', zip([]), 'ok'],
    ['packed from a pipe', one({ mode: 0o010644 }), 'ok'],
    ['cut off', one({}).subarray(0, -10), 'invalid: archive'],
    ['with another local name', one({ localName: 'b.txt' }), 'harmful: archive-ambiguous'],
    ['with another local size', one({ localSize: 3 }), 'harmful: archive-ambiguous'],
    ['that says a smaller size', one({ data: 'x'.repeat(5000), size: 10 }), 'harmful: archive-bomb'],
    ['that says a larger size', one({ size: 10 }), 'harmful: archive-ambiguous'],
    ['with a wrong checksum', one({ crc: 1 }), 'invalid: archive'],
    [
      'whose entries share bytes',
      zip([
        { name: 'a', data: 'x' },
        { name: 'a', sameAs: 0, data: 'x' },
      ]),
      'harmful: archive-bomb',
    ],
    ['with one name twice', zip([{ name: 'a' }, { name: 'a' }]), 'harmful: archive-ambiguous'],
    [
      'with an entry that is not in its directory',
      zip([{ name: 'a' }], { gap: one({}).subarray(0, 40) }),
      'harmful: archive-ambiguous',
    ],
    ['with something behind it', zip([{ name: 'a' }], { junk: 'more' }), 'harmful: archive-ambiguous'],
    ['with an archive behind it', Buffer.concat([one({}), one({ name: 'b' })]), 'harmful: archive-ambiguous'],
    ['with data behind its data', one({ data: Buffer.alloc(0), method: 8, stored: true, crc: 0 }), 'invalid: archive'],
    ['packed in an unknown way', one({ method: 12 }), 'invalid: archive-method'],
    ['encrypted', one({ flags: 1 }), 'invalid: encrypted'],
    ['that climbs', one({ name: '../../etc/cron.d/x' }), 'harmful: archive-path'],
    ['that climbs by backslashes', one({ name: '..\\..\\x' }), 'harmful: archive-path'],
    ['of an absolute path', one({ name: '/etc/x' }), 'harmful: archive-path'],
    ['of a drive', one({ name: 'C:/x' }), 'harmful: archive-path'],
    ['with a link out', one({ name: 'l', data: '/etc', mode: SYMLINK }), 'harmful: archive-link'],
    ['with a link that climbs', one({ name: 'a/l', data: '../b', mode: SYMLINK }), 'invalid: archive-link'],
    ['with a link within', one({ name: 'l', data: 'a/b', mode: SYMLINK }), 'ok'],
    ['with a device', one({ mode: 0o060600 }), 'harmful: archive-device'],
    ['with a program', one({ data: program() }), 'invalid: program'],
    ['with a program named like a document', one({ name: 'a.pdf.exe', data: program() }), 'harmful: name-double'],
    ['with the test file', one({ data: eicar() }), 'harmful: malware'],
    [
      'with the test file three deep',
      one({ name: 'b.zip', data: one({ name: 'c.zip', data: one({ data: eicar() }) }) }),
      'harmful: malware',
    ],
    ['three deep', nested(3), 'ok'],
    ['four deep', nested(4), 'harmful: archive-depth'],
    ['a bomb', one({ data: Buffer.alloc(20_000_000) }), 'harmful: archive-bomb'],
    [
      'with a program in a document',
      one({ name: 'x.docx', data: docx({ name: 'word/media/x.png', data: program() }) }),
      'harmful: program',
    ],
  ];
  for (const [name, bytes, expected] of cases) it(`${name}: ${expected}`, () => assert.equal(judge(bytes), expected));

  it('may be what is allowed', () => {
    assert.equal(judge(one({ flags: 1 }), { allow: ['encrypted'] }), 'ok');
    assert.equal(judge(one({ data: program() }), { allow: ['executables'] }), 'ok');
    assert.equal(judge(one({ name: 'a/l', data: '../b', mode: SYMLINK }), { allow: ['symlinks'] }), 'ok');
    assert.equal(
      judge(one({ name: 'l', data: '/etc', mode: SYMLINK }), { allow: ['symlinks'] }),
      'harmful: archive-link',
    );
  });

  it('share one limit, over all depths and files', () => {
    const many = zip(Array.from({ length: 20 }, (_, i) => ({ name: `f${i}` })));
    assert.equal(judge(many, { archives: { maxEntries: 20 } }), 'ok');
    assert.equal(judge(many, { archives: { maxEntries: 19 } }), 'invalid: archive-entries');
    assert.equal(
      judge(one({ name: 'x.zip', data: many }), { archives: { maxEntries: 20 } }),
      'invalid: archive-entries',
    );
    const noise = Buffer.from(Array.from({ length: 700_000 }, (_, i) => (i * 7919) >> (i % 7)));
    const big = zip([{ name: 'a', data: noise, stored: true }]);
    const limit = { archives: { maxUnpacked: 1024 * 1024 } };
    assert.equal(judge(big, limit), 'ok');
    assert.equal(
      judge(
        zip([
          { name: 'a', data: noise },
          { name: 'b', data: noise },
        ]),
        limit,
      ),
      'invalid: archive-size',
    );
    assert.equal(judge(zip([{ name: 'a.zip', data: big, stored: true }]), limit), 'harmful: archive-bomb');
  });
});

describe('tar and gzip', () => {
  const cases: [string, Buffer, string][] = [
    [
      'a whole one',
      tar([
        { name: 'a.txt', data: 'x' },
        { name: 'd/', type: '5' },
      ]),
      'ok',
    ],
    ['that climbs', tar([{ name: '../a', data: 'x' }]), 'harmful: archive-path'],
    [
      'that climbs by a long name',
      tar([{ name: 'L', type: 'L', data: '../../a\0' }, { name: 'a' }]),
      'harmful: archive-path',
    ],
    [
      'that climbs by extended headers',
      tar([{ name: 'x', type: 'x', data: '16 path=../../a\n' }, { name: 'a' }]),
      'harmful: archive-path',
    ],
    [
      'with broken extended headers',
      tar([{ name: 'x', type: 'x', data: '99 path=a\n' }, { name: 'a' }]),
      'harmful: archive',
    ],
    ['with a link out', tar([{ name: 'l', type: '2', target: '../../etc' }]), 'harmful: archive-link'],
    ['with a hard link out', tar([{ name: 'l', type: '1', target: '/etc/passwd' }]), 'harmful: archive-link'],
    ['with a hard link within', tar([{ name: 'd/l', type: '1', target: 'd/a' }]), 'ok'],
    ['with a device', tar([{ name: 'sda', type: '4' }]), 'harmful: archive-device'],
    ['with the test file', tar([{ name: 'a', data: eicar() }]), 'harmful: malware'],
    ['packed', gzipSync(tar([{ name: 'a.png', data: png() }])), 'ok'],
    ['packed, with the test file', gzipSync(tar([{ name: 'a', data: eicar() }])), 'harmful: malware'],
    ['a bomb', gzipSync(Buffer.alloc(30_000_000)), 'harmful: archive-bomb'],
    ['packed again and again', gzipSync(gzipSync(gzipSync(gzipSync('x')))), 'harmful: archive-depth'],
    ['cut off', gzipSync('some text').subarray(0, 15), 'invalid: archive'],
  ];
  for (const [name, bytes, expected] of cases) it(`${name}: ${expected}`, () => assert.equal(judge(bytes), expected));
});
