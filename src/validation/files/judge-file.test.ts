import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { eicar } from './active/eicar.ts';
import { docx, gif, jpeg, pdf, png, program, tar, zip } from './testing.ts';
import { verdict } from './verdict.ts';

const DOCX = 'application/vnd.openxmlformats-officedocument.wordprocessingml.document';
const HTML = '<!doctype html><html><script>steal()</script></html>';
const SVG = '<svg xmlns="http://www.w3.org/2000/svg"><path d="M0 0"/></svg>';

describe('honest files', () => {
  const honest: [string, string, Buffer | string][] = [
    ['image/png', 'x.png', png('made by hand <3, a < b')],
    ['image/jpeg', 'IMG 0001.JPG', jpeg(Buffer.alloc(3000, 0x3c), 'Created with care <me@example.com>')],
    ['image/pjpeg', 'x.jpeg', jpeg()],
    ['image/gif', 'x.gif', gif()],
    [
      'application/pdf',
      'Laborbefund Müller.pdf',
      pdf('<< /Type /Catalog /OpenAction [2 0 R /Fit] >>', '<< /Type /Page >>'),
    ],
    ['text/plain', 'note.txt', 'MZ is how programs begin\n<html> is how pages do\n'],
    ['text/plain', 'bmw.txt', 'BMW makes cars, and this line is longer than a header of a picture.'],
    ['text/plain', '.notes.txt', '\ufeffUTF-8 with a mark, as Windows writes it'],
    [
      'text/csv',
      'export.csv',
      '\ufeffid;amount;note\r\n1;-5,00;"- call (after 5 pm) | run (fast)"\r\n2;+49 30;=A1+B1\r\n',
    ],
    ['application/vnd.ms-excel', 'export.csv', 'a,b\n1,2\n'],
    ['application/json', 'data.json', '{"a":[1,2]}\n'],
    ['text/markdown', 'README.md', '<h1>Portal</h1>\n\n    <script>alert(1)</script>\n'],
    ['application/xml', 'invoice.xml', '<?xml version="1.0" encoding="UTF-8"?><Invoice><a b="c"/></Invoice>'],
    ['image/svg+xml', 'logo.svg', SVG],
    [
      'application/zip',
      'all.zip',
      zip([{ name: 'a/' }, { name: 'a/x.txt', data: 'x' }, { name: 'b.docx', data: docx() }]),
    ],
    ['application/x-zip-compressed', 'letter.docx', docx()],
    [DOCX, 'letter.v2.docx', docx({ name: 'word/media/image1.png', data: png(), stored: true })],
    ['application/gzip', 'log.txt.gz', gzipSync('GET / HTTP/1.1\n'.repeat(50_000))],
    ['application/gzip', 'src.tar.gz', gzipSync(tar([{ name: 'src/run.sh', data: '#!/bin/sh\n' }]))],
    ['application/octet-stream', 'firmware.bin', Buffer.from([1, 2, 3, 0, 255])],
    ['application/octet-stream', 'archiv', 'no ending at all'],
    ['application/x-own-format', 'plan.own', Buffer.from([0, 1, 2])],
  ];
  for (const [mediaType, filename, bytes] of honest)
    it(`${mediaType}: ${filename}`, () => {
      assert.equal(verdict({ mediaType, filename, bytes }), 'ok');
      assert.equal(verdict({ mediaType, filename, bytes, named: [mediaType] }), 'ok');
    });
});

describe('files that are not what they say', () => {
  const cases: [string, string, Buffer | string, string][] = [
    ['image/png', 'x.png', jpeg(), 'invalid: type'],
    ['image/png', 'x.jpg', png(), 'invalid: type'],
    ['image/jpeg', 'x.png', png(), 'invalid: type'],
    ['application/octet-stream', 'x.png', pdf('<<>>'), 'invalid: type'],
    ['application/pdf', 'x.pdf', 'no document', 'invalid: type'],
    ['image/x-own', 'x', 'no picture', 'invalid: type'],
    ['image/png', 'x.png', '', 'invalid: type'],
    ['text/plain', 'x.txt', Buffer.from([0x61, 0, 0x62]), 'invalid: type'],
    ['text/csv', 'x.csv', Buffer.from('M\xfcller', 'latin1'), 'invalid: type'],
    ['text/csv', 'x.csv', Buffer.from('\ufeffa\tb', 'utf16le'), 'invalid: type'],
    ['application/json', 'x.json', 'not: json', 'invalid: type'],
    [DOCX, 'x.docx', zip([{ name: 'a.txt', data: 'x' }]), 'invalid: type'],
    ['image/png', 'x.png', SVG, 'invalid: type'],
    ['image/png', 'x.png', HTML, 'harmful: disguise'],
    ['application/pdf', 'x.pdf', program(), 'harmful: disguise'],
    ['image/png', 'x-ray.png', 'MZ\0 no picture', 'harmful: disguise'],
    ['image/jpeg', 'x.jpg', '<?php system($_GET["c"]);', 'harmful: disguise'],
    ['image/gif', 'x.gif', '#!/bin/sh\nid', 'harmful: disguise'],
    ['image/png', 'x.png', '%!PS-Adobe-3.0\n', 'harmful: disguise'],
    ['image/png', 'x.png', 'push graphic-context\nviewbox 0 0 1 1\n', 'harmful: disguise'],
    ['application/octet-stream', 'x', program(), 'invalid: unwanted'],
    ['application/octet-stream', 'x', Buffer.from('7f454c4602010100', 'hex'), 'invalid: unwanted'],
    ['application/octet-stream', 'x', Buffer.from('0061736d01000000', 'hex'), 'invalid: unwanted'],
    ['text/plain', 'x.txt', '#!/bin/sh\nid\n', 'invalid: unwanted'],
    ['text/plain', 'x.txt', HTML, 'invalid: unwanted'],
    ['text/html', 'x.html', HTML, 'invalid: name-runs'],
    ['text/html', 'x', HTML, 'invalid: unwanted'],
    ['application/x-7z-compressed', 'x.7z', Buffer.from('377abcaf271c0004', 'hex'), 'invalid: archive-sealed'],
    ['application/octet-stream', 'x', eicar(), 'harmful: malware'],
    ['image/png', 'x.png', Buffer.concat([png(), eicar()]), 'harmful: malware'],
  ];
  for (const [mediaType, filename, bytes, expected] of cases)
    it(`${mediaType} ${filename}: ${expected}`, () => assert.equal(verdict({ mediaType, filename, bytes }), expected));

  it('may be what the contract names', () => {
    const named = (mediaType: string, filename: string, bytes: Buffer | string): string =>
      verdict({ mediaType, filename, bytes, named: [mediaType] });
    assert.equal(named('application/vnd.microsoft.portable-executable', 'setup.exe', program()), 'ok');
    assert.equal(named('application/wasm', 'x.wasm', Buffer.from('0061736d01000000', 'hex')), 'ok');
    assert.equal(named('text/html', 'x.html', HTML), 'ok');
    assert.equal(named('application/x-httpd-php', 'x.php', '<?php echo 1;'), 'ok');
    assert.equal(named('application/x-7z-compressed', 'x.7z', Buffer.from('377abcaf271c0004', 'hex')), 'ok');
    assert.equal(named('application/wasm', 'x.exe', program()), 'invalid: name-runs');
    assert.equal(verdict({ bytes: program(), named: ['application/octet-stream'] }), 'invalid: unwanted');
    assert.equal(verdict({ bytes: program() }, { allow: ['executables'] }), 'ok');
    assert.equal(verdict({ bytes: HTML, filename: 'a.html', mediaType: 'text/html' }, { allow: ['web-pages'] }), 'ok');
  });
});

describe('files of any bytes', () => {
  const kinds = [
    png(),
    jpeg(),
    gif(),
    pdf('<< /EF << /F 2 0 R >> /OpenAction 3 0 R >>'),
    docx(),
    tar([{ name: 'a', data: 'b' }]),
  ];
  kinds.push(gzipSync(tar([{ name: 'a' }])), Buffer.from(SVG), Buffer.from('{\\rtf1 \\object}'), Buffer.from('a,=b\n'));
  const anyFile = fc
    .tuple(fc.constantFrom(...kinds), fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 8 }), fc.nat(400))
    .map(([bytes, changes, cut]) => {
      const copy = Buffer.from(bytes.subarray(0, Math.max(1, bytes.length - (cut > 300 ? cut % 300 : 0))));
      for (const [at, value] of changes) copy[at % copy.length] = value;
      return copy;
    });
  const types = ['image/png', 'text/csv', 'image/svg+xml', 'application/pdf', DOCX, 'application/zip', 'a/b'];

  it('never make it throw, and always come to one answer', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          anyFile,
          fc.uint8Array({ maxLength: 600 }).map((each) => Buffer.from(each)),
        ),
        fc.constantFrom(...types),
        fc.string({ unit: 'binary', maxLength: 40 }),
        (bytes, mediaType, filename) => {
          const given = { bytes, mediaType, filename };
          assert.equal(verdict(given), verdict(given));
        },
      ),
      { numRuns: 1500 },
    );
  });
});
