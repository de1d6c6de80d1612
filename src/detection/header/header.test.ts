import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { type Place, SENSITIVITIES, somewhere } from '../classes/class.ts';
import { headerInjection } from '../classes/header-injection.ts';
import { featuresOf } from '../features.ts';
import { Judge } from '../judge.ts';
import { benignValues } from '../testing/benign.ts';
import { HEADER_INJECTION } from '../testing/cases/header-injection.ts';
import { corporaMissing, httpParams, libinjection, payloads } from '../testing/corpora.ts';
import { nextBreak } from './breaks.ts';

const QUERY = somewhere('query');
const BODY = somewhere('body');
const [low, judge, high] = SENSITIVITIES.map((each) => new Judge([headerInjection], each)) as [Judge, Judge, Judge];

describe('header injection', () => {
  it('finds the cases', () => {
    for (const each of HEADER_INJECTION)
      assert.ok(judge.find(each.text, { ...QUERY, ...each.place }), `${each.what}: ${JSON.stringify(each.text)}`);
  });

  it('is stricter at each level', () => {
    for (const each of HEADER_INJECTION) {
      const place = { ...QUERY, ...each.place };
      if (low.find(each.text, place)) assert.ok(judge.find(each.text, place), each.text);
      assert.ok(high.find(each.text, place), each.text);
    }
    const mail = 'anna@shop.example\nBcc: many@other.example';
    assert.equal(low.find(mail, QUERY), undefined);
    const request = 'What I sent was this:\nGET / HTTP/1.1\nAuthorization: Basic x';
    assert.equal(judge.find(request, BODY), undefined);
    assert.ok(high.find(request, BODY));
    const list = 'milk\neggs: 12';
    assert.equal(judge.find(list, QUERY), undefined);
    assert.ok(high.find(list, QUERY));
    assert.ok(judge.find(list, somewhere('cookie')));
  });

  it('leaves texts of several lines alone in bodies', () => {
    const values = [
      ...TEXTS,
      ...benignValues(11_000).map(({ text }) => text),
      ...libinjection('false_positives').flatMap(({ texts }) => texts),
      ...httpParams().flatMap(({ text, type }) => (type === 'norm' ? [text] : [])),
    ];
    for (const text of values) assert.equal(judge.find(text, BODY), undefined, JSON.stringify(text));
  });

  it('leaves ordinary lines alone in queries', () => {
    for (const text of LINES) assert.equal(judge.find(text, QUERY), undefined, JSON.stringify(text));
  });

  it('lets a whole mail pass in a query, and nothing that only begins as one', () => {
    const mail =
      'From: Anna <anna@shop.example>\nTo: bob@shop.example\nSubject: Re: lamp\n (was: table)\nMessage-ID: <1@m.example>\n\nHi Bob';
    assert.equal(judge.find(mail, QUERY), undefined);
    assert.ok(high.find(mail, QUERY));
    for (const each of [
      mail.replace('To:', 'Bcc:'),
      mail.replace('To:', 'Set-Cookie:'),
      mail.replace('From:', 'Subject:'),
      mail.replace('\n\n', '\n'),
      `anna@shop.example\n${mail}`,
      'From: a@b.example\nContent-Type: text/html\n\nx',
    ])
      assert.ok(judge.find(each, QUERY), each);
  });

  it('finds in bodies at the highest level what it finds below', () => {
    assert.ok(judge.find('anna@shop.example\nCc:many@other.example', BODY));
    assert.ok(high.find('anna@shop.example\nCc:many@other.example', BODY));
  });

  it('finds the corpus', { skip: corporaMissing }, () => {
    const lines = payloads('crlf.txt');
    for (const source of ['query', 'path', 'header', 'cookie'] as const)
      assert.equal(lines.filter((line) => judge.find(line, somewhere(source)) === undefined).length, 0, source);
  });
});

describe('ends of lines', () => {
  it('takes what follows for one end', () => {
    assert.deepEqual(nextBreak('a\r\n b', 0, false), { start: 1, next: 4, double: false, crlf: true });
    assert.deepEqual(nextBreak('a\n\nb', 0, false), { start: 1, next: 3, double: true, crlf: false });
    assert.deepEqual(nextBreak('a\r\n\r\nb', 0, false), { start: 1, next: 5, double: true, crlf: true });
    assert.equal(nextBreak('a\\r\\nb', 0, false), undefined);
    assert.equal(nextBreak('a\\r\\nb', 0, true)?.next, 5);
    assert.equal(nextBreak('a\u560d\u560ab', 0, false)?.next, 3);
  });
});

describe('cost of reading lines', () => {
  const PIECES = [
    '\r',
    '\n',
    '\r\n',
    '\\r',
    '\\n',
    ' ',
    ':',
    'Set-Cookie',
    'to',
    'a',
    '0a',
    'HTTP/1.1',
    'GET ',
    '*1',
    '\u560a',
    '@',
  ];
  const PLACES: readonly Place[] = [QUERY, BODY, somewhere('path'), { ...BODY, key: true }];

  it('never throws, answers the same for the same text, and finds more at each level', () => {
    const text = fc.array(fc.oneof(fc.constantFrom(...PIECES), fc.string({ unit: 'binary', maxLength: 4 })), {
      maxLength: 60,
    });
    fc.assert(
      fc.property(text, fc.constantFrom(...PLACES), (pieces, place) => {
        const value = pieces.join('');
        assert.deepEqual(judge.find(value, place), judge.find(value, place));
        if (low.find(value, place)) assert.ok(judge.find(value, place));
        if (judge.find(value, place)) assert.ok(high.find(value, place));
      }),
      { numRuns: 3000 },
    );
  });

  it('grows with the length, whatever is repeated', () => {
    const time = (text: string, place: Place): number => {
      const form = { name: '', text, features: featuresOf(text) };
      let best = Number.POSITIVE_INFINITY;
      for (let i = 0; i < 3; i++) {
        const start = process.hrtime.bigint();
        headerInjection.search(form, place, 'high');
        best = Math.min(best, Number(process.hrtime.bigint() - start));
      }
      return best;
    };
    for (const place of [QUERY, BODY])
      for (const a of PIECES)
        for (const b of PIECES) {
          const one = time((a + b).repeat(6000 / (a + b).length), place);
          const eight = time((a + b).repeat(48_000 / (a + b).length), place);
          assert.ok(eight < one * 40 + 3_000_000, JSON.stringify([a, b, one, eight]));
        }
  });
});

const TEXTS = [
  'It fails since today\n2026-01-01 10:00:00 ERROR x',
  'login\n[INFO] x\n[ERROR] y',
  '12 Main St\nApt 4: rear door\nDublin',
  'From: a@example.com\nTo: b@example.com\nSubject: hello\n\nHi there',
  'Hi Bob\n\nFrom: a@example.com\nTo: b@example.com\nSubject: hello',
  'name: x\non: push\njobs:\n  build:\n    runs-on: ubuntu',
  '2026-01-01 ERROR x\nCaused by: y\n at z',
  'HTTP/1.1 200 OK\r\nSet-Cookie: a=b\r\nContent-Type: text/html\r\n\r\n<html>',
  'GET / HTTP/1.1\r\nHost: example.com\r\nUser-Agent: curl\r\n\r\n',
  'curl -v https://x\n> GET / HTTP/1.1\n> Host: x\n< HTTP/1.1 200 OK\n< Set-Cookie: a=b',
  'The response was:\nHTTP/1.1 200 OK\r\nSet-Cookie: a=b',
  'Headers I send:\nAuthorization: Bearer x\nContent-Type: application/json',
  'Forwarded message\n\nFrom: Bob <b@x.example>\nDate: Mon\nSubject: x\nTo: me\nCc: Tom <t@x.example>\n\nText',
  'TITLE\r\nReply-To: me',
  'Standup\r\nLocation: https://meet.example.com/a',
  'Anna\nServer: nginx',
  'MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=x\n\n--x\nContent-Type: text/plain\n\nhi',
  '--x\r\nContent-Disposition: form-data; name="a"\r\n\r\nb\r\n--x--',
  "#!/bin/sh\ncurl -H 'X: y'\nset a 1 2 3",
  'MAIL FROM:<a@b.example>\r\nRCPT TO:<x@y.example>\r\nDATA\r\n',
  'redis-cli\nCONFIG SET dir /tmp',
  'bob@example.com\nPhone: 555',
  'bob@example.com\nalice@example.com',
  'To reproduce\n```\nSet-Cookie: a=b\n```',
  'print("a\\r\\nContent-Type: text/html\\r\\n")',
  'BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Bob\r\nEMAIL:b@x.example\r\nEND:VCARD',
  '---\ntitle: x\ndate: 2026\ntags: [a]\n---\ntext',
];

const LINES = [
  '2026-01-01 10:00:00 ERROR x\nCaused by: y\n at z',
  '10:00:00 INFO x\n10:00:01 INFO y',
  'What I see in the log:\n2026-01-01 10:00:00 ERROR x',
  'Groceries\nINFO for all of you',
  'Notes\nThe INFO desk\nAn ERROR of mine',
  'Meeting\n2026-01-01 10:00 at Anna',
  '7\n00:01:47,100 --> 00:02:10,900\nWhere is she?',
  'Bring\nINFORMATION',
  '12 Main St\nApt 4: rear door\nDublin',
  'Groceries\r\nmilk: 2\r\neggs: 12',
  'Meetup\nLocation: Berlin\nDate: 5 May',
  'Notes\nHost: Anna\nServer: Bob',
  'Steps to reproduce\n\n1. open\nExpected: works\nActual: fails',
  'name: x\non: push\njobs:\n  build: y',
  'dear all,\nplease note: the office is closed',
  'C:\\new\\name: x',
  'a regex: \\r\\n or \\n',
  'TITLE\r\nReply-To: me',
  'BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Bob\r\nEND:VCARD',
  '--x\r\nContent-Disposition: form-data; name="a"\r\n\r\nb\r\n--x--',
];
