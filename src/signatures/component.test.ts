import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { signatureBase } from './base.ts';
import { parseComponent } from './component.ts';
import { componentValue } from './component-value.ts';
import { SignatureError } from './error.ts';
import type { Message } from './message.ts';
import { components } from './policy.ts';
import { type Presented, readSignatures } from './presented.ts';
import { pair, request, withFields } from './testing.ts';

const value = (component: string, message: Message): string => componentValue(parseComponent(component), message);
const refused = (work: () => unknown, why: RegExp, label?: string): void => {
  assert.throws(
    work,
    (error: Error) => error instanceof SignatureError && why.test(error.message),
    `${label ?? ''} should be refused: ${why}`,
  );
};
const _first = (message: Message): Presented => readSignatures(message)[0] as Presented;
const _keys = pair();

test('derived components, as RFC 9421, section 2.2 shows them', () => {
  const one = request(
    {},
    { authority: 'WWW.Example.com:443', path: '/path', query: 'param=value&foo=bar&baz=batman&qux=' },
  );
  assert.equal(value('@method', one), 'POST');
  assert.equal(value('@authority', one), 'www.example.com');
  assert.equal(value('@target-uri', one), 'https://www.example.com/path?param=value&foo=bar&baz=batman&qux=');
  assert.equal(value('@scheme', one), 'https');
  assert.equal(value('@request-target', one), '/path?param=value&foo=bar&baz=batman&qux=');
  assert.equal(value('@path', one), '/path');
  assert.equal(value('@query', one), '?param=value&foo=bar&baz=batman&qux=');
  assert.equal(value('"@query-param";name="baz"', one), 'batman');
  assert.equal(value('"@query-param";name="qux"', one), '');
  const bare = request({}, { query: undefined, path: '', authority: 'a:8443', scheme: 'http' });
  assert.equal(value('@query', bare), '?');
  assert.equal(value('@path', bare), '/');
  assert.equal(value('@target-uri', bare), 'http://a:8443');
  assert.equal(value('@authority', request({}, { authority: 'a:80', scheme: 'http' })), 'a');
  assert.equal(value('@authority', request({}, { authority: 'a:80' })), 'a:80', 'only the port of the scheme goes');
});

test('@query-param in every encoding has one value (RFC 9421, section 2.2.8)', () => {
  const one = request(
    {},
    {
      query:
        "var=this%20is%20a%20big%0Amultiline%20value&bar=with+plus+whitespace&fa%C3%A7ade%22%3A%20=something&e=!'()~*",
    },
  );
  assert.equal(value('"@query-param";name="var"', one), 'this%20is%20a%20big%0Amultiline%20value');
  assert.equal(value('"@query-param";name="bar"', one), 'with%20plus%20whitespace');
  assert.equal(value('"@query-param";name="fa%C3%A7ade%22%3A%20"', one), 'something');
  assert.equal(value('"@query-param";name="e"', one), '%21%27%28%29%7E*');
  const q = (query: string) => () => value('"@query-param";name="a"', request({}, { query }));
  refused(q('a=1&a=2'), /more than once/);
  refused(q('a=1&%61=2'), /more than once/, 'the second in another spelling');
  refused(q('b=1'), /not in the query/);
  refused(q('a=%ff'), /not percent-encoded UTF-8/);
  refused(q('a=%zz'), /not percent-encoded UTF-8/);
  refused(() => value('"@query-param";name="a"', request({}, { query: undefined })), /not in the query/);
});

test('fields: lines joined, spaces trimmed, folds undone, strict form and members', () => {
  const one = request({
    'x-list': [' a ', 'b\t', ''],
    'x-fold': 'one\r\n  two',
    'content-digest': 'sha-512=:AA==:,  sha-256=:BB==:',
    'x-dict': 'a=1,   b=2;x=1;y=2, c=(a   b    c), d',
  });
  assert.equal(value('x-list', one), 'a, b, ');
  assert.equal(value('x-fold', one), 'one two');
  assert.equal(value('"content-digest";sf', one), 'sha-512=:AA==:, sha-256=:BA==:');
  assert.equal(value('"x-dict";key="a"', one), '1');
  assert.equal(value('"x-dict";key="b"', one), '2;x=1;y=2');
  assert.equal(value('"x-dict";key="c"', one), '(a b c)');
  assert.equal(value('"x-dict";key="d"', one), '?1');
  assert.equal(value('"x-list";bs', one), ':YQ==:, :Yg==:, ::');
  refused(() => value('x-none', one), /no field/);
  refused(() => value('"x-dict";key="e"', one), /no member/);
  refused(() => value('"x-dict";sf', one), /type is not known/);
  refused(() => value('"x-list";bs', request({}, { field: () => 'a, b' })), /not kept apart/);
  refused(() => value('"x-list";key="a"', request({ 'x-list': 'a=1, a=2' })), /twice/);
});

test('what is not supported or means nothing is refused, not ignored', () => {
  for (const [text, why] of [
    ['"x";tr', /trailers/],
    ['"x";unknown', /unknown parameter/],
    ['"@unknown"', /neither/],
    ['"X-Upper"', /neither/],
    ['"x y"', /neither/],
    ['""', /neither/],
    ['"x\\"', /not a component/],
    ['"@signature-params"', /cannot be covered/],
    ['"@method";sf', /no parameter sf/],
    ['"@method";key="a"', /no parameter key/],
    ['"@method";name="a"', /no parameter name/],
    ['"@query-param"', /needs a name/],
    ['"@query-param";name=1', /not a string/],
    ['"x";name="a"', /no parameter name/],
    ['"x";sf="1"', /takes no value/],
    ['"x";sf;key="a"', /cannot be used together/],
    ['x y', /neither/],
  ] as const)
    refused(() => parseComponent(text), why, text);
  const one = request();
  refused(() => value('"@method";req', one), /responses only/);
  refused(() => value('@status', one), /no @status/);
  const answer = { status: 200, field: () => undefined };
  refused(() => value('@method', answer), /only with req/);
  refused(() => value('"@method";req', answer), /not known/);
  refused(() => value('"@status";req', { ...answer, request: one }), /no @status/);
  assert.equal(value('"@path";req', { ...answer, request: one }), '/things');
});

test('no value can end a line of the base and begin another one', () => {
  for (const bad of [
    'a\n"@method": GET',
    'a\r\n"@method": GET',
    'a\r"@method": GET',
    'a\u0000',
    'a\u007f',
    'café',
    'a\u2028b',
  ])
    for (const message of [request({ x: bad }), request({}, { path: `/${bad}` }), request({}, { method: bad })])
      refused(
        () =>
          signatureBase(
            components('@method', '@path', 'x'),
            '()',
            withFields(message, { x: (message.field('x') as string[] | undefined) ?? 'x' }),
          ),
        /not printable ASCII|not a fold/,
        JSON.stringify(bad),
      );
  // A name with a quote would be an identifier of its own: it is none.
  refused(() => parseComponent('"x\\": y\\" "'), /neither|not a component/);
});

test('two requests never have one base', () => {
  const word = fc.stringMatching(/^[ -~]{0,12}$/);
  fc.assert(
    fc.property(word, word, word, word, (a, b, c, d) => {
      const base = (x: string, y: string) =>
        signatureBase(components('x', 'y'), '()', request({}, { field: (name) => (name === 'x' ? x : y) })).toString();
      if (a.trim() !== c.trim() || b.trim() !== d.trim()) assert.notEqual(base(a, b), base(c, d));
    }),
  );
});
