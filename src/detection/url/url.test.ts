import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { type Place, SENSITIVITIES, somewhere } from '../classes/class.ts';
import { serverSideRequestForgery } from '../classes/server-side-request-forgery.ts';
import { featuresOf } from '../features.ts';
import { Judge } from '../judge.ts';
import { benignValues } from '../testing/benign.ts';
import { SERVER_SIDE_REQUEST_FORGERY } from '../testing/cases/server-side-request-forgery.ts';
import { httpParams, libinjection } from '../testing/corpora.ts';
import { ELSEWHERE, LOOPBACK, METADATA, PRIVATE, readAddress } from './address.ts';
import { CALLBACK, judgeHost, plainHost } from './hosts.ts';

const QUERY = somewhere('query');
const BODY = somewhere('body');
const [low, judge, high] = SENSITIVITIES.map((each) => new Judge([serverSideRequestForgery], each)) as [
  Judge,
  Judge,
  Judge,
];
const header = (name: string): Place => ({ source: 'header', name, key: false });

describe('server-side request forgery', () => {
  it('finds the cases', () => {
    for (const each of SERVER_SIDE_REQUEST_FORGERY)
      assert.ok(judge.find(each.text, { ...QUERY, ...each.place }), `${each.what}: ${JSON.stringify(each.text)}`);
  });

  it('is stricter at each level', () => {
    for (const each of SERVER_SIDE_REQUEST_FORGERY) {
      const place = { ...QUERY, ...each.place };
      if (low.find(each.text, place)) assert.ok(judge.find(each.text, place), each.text);
      assert.ok(high.find(each.text, place), each.text);
    }
    assert.equal(low.find('http://127.0.0.1/', QUERY), undefined);
    assert.ok(low.find('http://169.254.169.254/', QUERY));
    assert.equal(judge.find('localhost:5000/app:latest', BODY), undefined);
    assert.ok(judge.find('localhost:5000/admin', QUERY));
    const prose = 'the app runs at http://127.0.0.1:8080/ on my machine';
    assert.equal(judge.find(prose, BODY), undefined);
    assert.ok(high.find(prose, BODY));
    assert.ok(high.find('127.0.0.1:22', QUERY));
    assert.ok(high.find('http://intranet/', QUERY));
    assert.ok(high.find('https://webhook.site/x', QUERY) === undefined);
    assert.ok(high.find('https://x.webhook.site/x', QUERY));
  });

  it('leaves honest values alone', () => {
    const values = [
      ...HONEST,
      ...benignValues(11_000).map(({ text }) => text),
      ...libinjection('false_positives').flatMap(({ texts }) => texts),
      ...httpParams().flatMap(({ text, type }) => (type === 'norm' ? [text] : [])),
    ];
    for (const place of [BODY, QUERY])
      for (const text of values) assert.equal(judge.find(text, place), undefined, JSON.stringify(text));
  });

  it('knows where URLs of the own machine are ordinary', () => {
    for (const name of ['referer', 'origin', 'forwarded', 'x-forwarded-host'])
      for (const each of [judge, high]) assert.equal(each.find('http://localhost:3000/', header(name)), undefined);
    assert.ok(judge.find('http://localhost:3000/', header('x-callback-url')));
    assert.ok(judge.find('http://k3y.oastify.com/', header('referer')));
  });

  it('lets native programs wait for their sign-in', () => {
    for (const text of ['http://127.0.0.1:49152/callback?code=1', 'http://localhost:8085/oauth2/done'])
      assert.equal(judge.find(text, QUERY), undefined);
    assert.equal(judge.find('http://localhost:5555/', { ...QUERY, name: 'redirect_uri' }), undefined);
    assert.ok(high.find('http://localhost:8085/oauth2/done', QUERY));
    assert.ok(judge.find('http://localhost:80/callback', QUERY));
    assert.ok(judge.find('http://2130706433:8085/callback', QUERY));
    assert.ok(judge.find('http://10.0.0.5:8085/callback', QUERY));
  });
});

describe('addresses and names', () => {
  it('reads addresses in every spelling', () => {
    for (const text of ['127.0.0.1', '127.1', '0x7f.1', '0177.0.0.1', '2130706433', '0', '[::1]', '[::ffff:127.0.0.1]'])
      assert.equal(readAddress(text)?.leads, LOOPBACK, text);
    for (const text of ['169.254.169.254', '0xa9fea9fe', '425.510.425.510', '7147006462', '[fd00:ec2::254]'])
      assert.equal(readAddress(text)?.leads, METADATA, text);
    for (const text of [
      '10.1',
      '010.0.0.1',
      '172.31.255.255',
      '192.168.0.1',
      '100.64.0.1',
      '[fc00::1]',
      '[fe80::1%25e]',
    ])
      assert.equal(readAddress(text)?.leads, PRIVATE, text);
    for (const text of ['8.8.8.8', '172.32.0.1', '1.1', '[2606:4700::1]', '203.0.113.7'])
      assert.equal(readAddress(text)?.leads, ELSEWHERE, text);
    for (const text of ['', 'x', '1.2.3.4.5', '1..2', '[::1', '[1]', '09x', 'cafe', 'o', '1.2.3.4.example'])
      assert.equal(readAddress(text), undefined, text);
  });

  it('reads the address that every dotted number means', () => {
    const byte = fc.integer({ min: 0, max: 255 });
    fc.assert(
      fc.property(byte, byte, byte, byte, (a, b, c, d) => {
        const value = ((a * 256 + b) * 256 + c) * 256 + d;
        const leads = readAddress(`${a}.${b}.${c}.${d}`)?.leads;
        for (const text of [
          String(value),
          String(value + 2 ** 32),
          `0x${value.toString(16)}`,
          `${a}.${b * 65536 + c * 256 + d}`,
          `${a}.0x${b.toString(16)}.${c * 256 + d}`,
          `[::ffff:${a}.${b}.${c}.${d}]`,
          `[64:ff9b::${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}]`,
        ])
          assert.equal(readAddress(text)?.leads, leads, text);
        // A leading zero may as well mean nothing: the reading that leads further in counts.
        assert.ok((readAddress(`0${value.toString(8)}`)?.leads ?? -1) >= (leads as number));
      }),
    );
  });

  it('knows names', () => {
    assert.equal(judgeHost(plainHost('LocalHost.')).leads, LOOPBACK);
    assert.equal(judgeHost('a.b.localtest.me').leads, LOOPBACK);
    assert.equal(judgeHost('x.192.168.1.1.nip.io').leads, PRIVATE);
    assert.equal(judgeHost('8.8.8.8.nip.io').leads, ELSEWHERE);
    assert.equal(judgeHost('k.oast.live').leads, CALLBACK);
    assert.equal(judgeHost('app.interactsh.com').leads, ELSEWHERE);
    assert.equal(judgeHost('localhost.example').leads, ELSEWHERE);
    assert.equal(judgeHost('myoast.live').leads, ELSEWHERE);
  });
});

describe('cost of reading URLs', () => {
  const PIECES = [
    'http://',
    '://',
    '//',
    '\\',
    '@',
    '127.0.0.1',
    '#',
    '?',
    '[',
    '::',
    ':',
    '%25',
    '\u24ea',
    '.',
    'a',
    ' ',
    '\t',
  ];
  const PLACES = [QUERY, BODY, header('referer'), { ...QUERY, key: true }];

  it('never throws, and answers the same for the same text', () => {
    const text = fc.array(fc.oneof(fc.constantFrom(...PIECES), fc.string({ unit: 'binary', maxLength: 4 })), {
      maxLength: 100,
    });
    fc.assert(
      fc.property(text, fc.constantFrom(...PLACES), (pieces, place) => {
        const value = pieces.join('');
        assert.deepEqual(high.find(value, place), high.find(value, place));
        if (low.find(value, place)) assert.ok(judge.find(value, place), value);
        if (judge.find(value, place)) assert.ok(high.find(value, place), value);
      }),
      { numRuns: 2000 },
    );
  });

  it('grows with the length, whatever is repeated', () => {
    const time = (text: string): number => {
      const form = { name: '', text, features: featuresOf(text) };
      let best = Number.POSITIVE_INFINITY;
      for (let i = 0; i < 3; i++) {
        const start = process.hrtime.bigint();
        serverSideRequestForgery.search(form, BODY, 'high');
        best = Math.min(best, Number(process.hrtime.bigint() - start));
      }
      return best;
    };
    for (const a of PIECES)
      for (const b of PIECES) {
        const one = time((a + b).repeat(6000 / (a + b).length));
        const eight = time((a + b).repeat(48_000 / (a + b).length));
        assert.ok(eight < one * 40 + 3_000_000, JSON.stringify([a, b, one, eight]));
      }
  });
});

const HONEST = [
  'https://login.example/authorize?client_id=a&redirect_uri=http%3A%2F%2Flocalhost%3A3000%2Fcallback&scope=x',
  'https://login.example/authorize?redirect_uri=http://127.0.0.1:51004/',
  'https://a.example/open?link=https://b.example/x',
  'https://a.example/open?site=https://b.example&mail=root@localhost',
  'https://packages.example/pkg@10.0.0.1/readme',
  'https://a.example/x//10/y',
  'see http://localhost:3000/docs for more',
  '127.0.0.1',
  'localhost',
  'localhost:5432',
  '192.168.1.1',
  '10.0.0.0/8',
  '127.0.0.1/32',
  '10.0.0.1:8080',
  'http://example.com:8080/',
  'ftp://me@example.com:secret@ftp.example.com/',
  'https://user:pass@example.com/path',
  'https://example.com/@name/post',
  'https://example.org/#/@user:server.example',
  'https://example.com/?email=john@127.example.com',
  'https://example.com#@anchor',
  'git@github.com:org/repo.git',
  'ssh://git@github.com/org/repo.git',
  's3://bucket/key',
  'postgres://user:pass@db.example.com:5432/name',
  'DATABASE_URL=postgres://localhost:5432/app',
  'rtsp://camera.example.com/stream',
  'urn:isbn:0451450523',
  'data:text/plain,hello',
  '10.1/macOS',
  'v127.1/x',
  '0x7f000001',
  '2130706433',
  "curl -v http://localhost:8080/api -H 'x: y'",
  'cluster:\n  server: https://kubernetes.default.svc',
  'file:///C:/Users/me/x.html was saved',
  '<img src="file:///C:/Users/me/AppData/Local/Temp/clip_image001.png">',
  '\\\\fileserver\\share\\doc.docx',
  '// http://x',
  'I like interact.sh and burpcollaborator.net: both are good',
  '@localhost',
  'https://foo.internal-tools.example.com/',
  'http://[2001:db8::1]/x',
  'https://example.com/redirect?to=//cdn.example.com/a.js',
  'http://127.example.com/',
  'capacitor://localhost',
  'app://localhost/index.html',
  'exp://192.168.1.5:19000',
  '[link](http://127.0.0.1:8000/) and ![img](http://10.0.0.4/a.png)',
  'https://10.example/',
];
