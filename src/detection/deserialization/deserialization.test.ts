// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the texts have what looks like a placeholder
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { SENSITIVITIES, somewhere } from '../classes/class.ts';
import { unsafeDeserialization } from '../classes/unsafe-deserialization.ts';
import { Judge } from '../judge.ts';
import { HONEST } from '../template/honest.ts';
import { benignValues } from '../testing/benign.ts';
import { UNSAFE_DESERIALIZATION } from '../testing/cases/unsafe-deserialization.ts';
import { corporaMissing, httpParams, libinjection } from '../testing/corpora.ts';
import * as pickle from './pickle.ts';
import * as ruby from './ruby.ts';

const BODY = somewhere('body');
const [low, judge, high] = SENSITIVITIES.map((level) => new Judge([unsafeDeserialization], level)) as [
  Judge,
  Judge,
  Judge,
];

/** What honest clients send: view state, signed sessions, plain pickles, types of their own, compressed text. */
const PLAIN = [
  '/wEPDwUKMTIzNDU2Nzg5MGQ=',
  'BAh7B0kiD3Nlc3Npb25faWQGOgZFVEkiCGFiYwY7AFRJIgh4eXoGOwBUaQY=--0123456789abcdef0123456789abcdef01234567',
  'gASVLgAAAAAAAAB9lIwBYZRdlChLAUsCfZSMAWKUjBR4eHh4eHh4eHh4eHh4eHh4eHh4eJRzZXMu',
  'a:2:{s:4:"name";s:3:"Bob";s:3:"age";i:5;}',
  'PHP writes O:8:"stdClass":0:{} for an empty object',
  '{"@type":"Person","@context":"https://schema.org"}',
  '{"$type":"Example.Dto.Cat, Example"}',
  'Example.Dto.Cat, Example',
  'java.util.ArrayList',
  'java.lang.IllegalStateException',
  'com.zaxxer.hikari.HikariDataSource',
  'org.springframework.web.servlet.DispatcherServlet',
  'System.String, mscorlib',
  'use !!python/object only for input you trust',
  'Wow!! great!!! !important',
  'key: !!binary aGVsbG8=',
  'Bucket: !Ref Bucket\nName: !Sub "${AWS::StackName}-x"',
  '<ObjectDataProvider x:Key="e" MethodName="GetValues"/>',
  'Map<java.util.PriorityQueue, java.lang.String> m',
  '<bean class="com.example.Queue"/>',
  'coffee\ntable\nlamp.\nRed',
  'H4sIAAAAAAAAA8tIzcnJVyjPL8pJAQCFEUoNCwAAAA==',
  'eJzLSM3JyQcABiwCFQ==',
  'rO0ABC',
  'BAhbcdefghijklmnop',
  'gASVabcdefghijklmnop',
  'application/x-java-serialized-object',
  '0408151623',
];

describe('unsafe deserialization', () => {
  it('finds the cases', () => {
    for (const { what, text, place } of UNSAFE_DESERIALIZATION) {
      const where = { ...BODY, ...place };
      assert.equal(judge.find(text, where)?.class, 'unsafe-deserialization', `${what}: ${text}`);
      assert.ok(high.find(text, where), text);
    }
    assert.ok(low.find('O:7:"Example":0:{}', BODY));
    assert.equal(low.find('com.sun.rowset.JdbcRowSetImpl', BODY), undefined);
  });

  it('leaves plain data, and what names no gadget, alone', () => {
    for (const text of [...PLAIN, ...HONEST]) assert.equal(judge.find(text, BODY), undefined, text);
    assert.ok(high.find('gASVLgAAAAAAAAB9lIwBYZRdlChLAUsCfZSMAWKUjBR4eHh4eHh4eHh4eHh4eHh4eHh4eJRzZXMu', BODY));
    assert.ok(high.find('a:2:{s:4:"name";s:3:"Bob";s:3:"age";i:5;}', BODY));
  });

  it('reads pickles as the machine does', () => {
    assert.equal(pickle.readPickle('(dp0\n.'), pickle.DATA);
    assert.equal(pickle.readPickle('cos\nsystem\n.'), pickle.DATA);
    assert.equal(pickle.readPickle('cos\nsystem\n)R.'), pickle.CALLS);
    assert.equal(pickle.readPickle('\x80\x02cos\nsystem\n)\x81.'), pickle.CALLS);
    assert.equal(pickle.readPickle('\x80\x04\x8c\x02os\x8c\x06system\x93)R.'), pickle.CALLS);
    assert.equal(pickle.readPickle('cut short\nno'), pickle.NO_PICKLE);
    assert.equal(pickle.readPickle('\x80\x04\x95\xff\xff\xff\xff'), pickle.NO_PICKLE);
    assert.equal(pickle.readPickle(''), pickle.NO_PICKLE);
  });

  it("reads Ruby's Marshal type by type", () => {
    assert.equal(ruby.readMarshal('\x04\x08[\x07i\x06T'), ruby.DATA);
    assert.equal(ruby.readMarshal('\x04\x08{\x06:\x06ao:\x06A\x00'), ruby.OBJECTS);
    assert.equal(ruby.readMarshal('\x04\x08c\x06A'), ruby.OBJECTS);
    assert.equal(ruby.readMarshal('\x04\x08["\x7f'), ruby.NO_MARSHAL);
    assert.equal(ruby.readMarshal(`\x04\x08${'['.repeat(10_000)}`), ruby.NO_MARSHAL);
    assert.equal(ruby.readMarshal('\x04\x09o:\x06A'), ruby.NO_MARSHAL);
  });

  it('has no false alarm on friendly values', { skip: corporaMissing }, () => {
    const values = [
      ...benignValues(5000),
      ...httpParams().filter(({ type }) => type === 'norm'),
      ...libinjection('false_positives').flatMap(({ texts }) => texts.map((text) => ({ text }))),
    ];
    assert.deepEqual(
      values.filter(({ text }) => judge.find(text, BODY) !== undefined),
      [],
    );
  });

  it('never throws and answers the same for the same text', () => {
    const pieces = [
      'rO0AB',
      'gASV',
      'BAh',
      'H4sI',
      'AAEAAAD',
      '/wEy',
      'O:1:"a":0:{',
      'a:1:{',
      '!!python/',
      'c',
      '\n',
      '(',
      'R',
      '.',
    ];
    const text = fc.array(
      fc.oneof(
        fc.constantFrom(...pieces, '\x80\x04', '\x04\x08', '[', '{', 'I', '@type":"', '<'),
        fc.string({ unit: 'binary', maxLength: 8 }),
      ),
      {
        maxLength: 60,
      },
    );
    fc.assert(
      fc.property(text, (parts) => {
        const value = parts.join('');
        const found = high.find(value, BODY);
        assert.deepEqual(found, high.find(value, BODY));
        if (low.find(value, BODY)) assert.ok(judge.find(value, BODY));
        if (judge.find(value, BODY)) assert.ok(found);
        assert.equal(typeof pickle.readPickle(value), 'number');
        assert.equal(typeof ruby.readMarshal(`\x04\x08${value}`), 'number');
      }),
      { numRuns: 500 },
    );
  });
});
