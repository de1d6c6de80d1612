import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { acceptSignature } from './accept.ts';
import { parseComponent } from './component.ts';
import { componentValue } from './component-value.ts';
import { digestField, fitsDigests, readDigests, wantedDigest } from './digest.ts';
import { SignatureError } from './error.ts';
import type { Message, RequestMessage } from './message.ts';
import { components, parseComponents, staleness, uncovered } from './policy.ts';
import { type Presented, readSignatures } from './presented.ts';
import { signMessage } from './sign.ts';
import { pair, request, signed, withFields } from './testing.ts';
import { verifySignature } from './verify.ts';

const _value = (component: string, message: Message): string => componentValue(parseComponent(component), message);
const refused = (work: () => unknown, why: RegExp, label?: string): void => {
  assert.throws(
    work,
    (error: Error) => error instanceof SignatureError && why.test(error.message),
    `${label ?? ''} should be refused: ${why}`,
  );
};
const first = (message: Message): Presented => readSignatures(message)[0] as Presented;
const keys = pair();

test('labels and parameters: nothing twice, nothing unknown, nothing empty', () => {
  const good = signed(request(), keys.privateKey, ['@method']);
  const input = good.field('signature-input') as string;
  const signature = good.field('signature') as string;
  const read = (si: string | string[] | undefined, s: string | string[] | undefined) => () =>
    readSignatures(withFields(good, { 'signature-input': si, signature: s }));
  assert.equal(read(input, signature)().length, 1);
  const list = '("@method")';
  for (const [si, s, why] of [
    [`${input}, ${input}`, signature, /twice/],
    [[input, input], signature, /twice/],
    [input, `${signature}, ${signature}`, /twice/],
    [`${input}, sig2=${list};created=1`, signature, /different labels/],
    [input, `${signature}, sig2=:AA==:`, /different labels/],
    [input, signature.replace('sig=', 'gis='), /different labels/],
    [undefined, signature, /Signature-Input is missing/],
    [input, undefined, /Signature is missing/],
    ['', signature, /empty/],
    [input, 'sig=::', /empty/],
    [input, 'sig="text"', /else than bytes/],
    [input, 'sig=(:AA==:)', /else than bytes/],
    [input, 'sig', /else than bytes/],
    ['sig', signature, /does not list/],
    ['sig=1', signature, /does not list/],
    [`sig=("@method" "@method");created=1`, signature, /covered twice/],
    [`sig=("x";sf;req "x";req;sf);created=1`, signature, /covered twice/],
    [`sig=(1);created=1`, signature, /not a string/],
    [`sig=(method);created=1`, signature, /not a string/],
    [`sig=${list};created=1;created=2`, signature, /parameter twice/],
    [`sig=("@query-param";name="a";name="b");created=1`, signature, /parameter twice/],
    [`sig=${list};created=1;x=1`, signature, /unknown parameter/],
    [`sig=${list};created="1"`, signature, /whole seconds/],
    [`sig=${list};created=1.5`, signature, /whole seconds/],
    [`sig=${list};created=-1`, signature, /whole seconds/],
    [`sig=${list};created`, signature, /whole seconds/],
    [`sig=${list};nonce=1`, signature, /not a string/],
    [`sig=${list};keyid=k`, signature, /not a string/],
    [`sig=${list};keyid="${'k'.repeat(513)}"`, signature, /not a string/],
    [`sig=(${'"a" '.repeat(41).trim()})`, signature, /40/],
    [`${Array.from({ length: 5 }, (_, i) => `s${i}=${list}`).join(', ')}`, signature, /more than 4/],
    [`sig=${list};created=1,`, signature, /not a dictionary/],
    [`sig=${list}created=1`, signature, /not a dictionary/],
    ['sig=%"x"', signature, /not a dictionary|twice/],
    ['x'.repeat(20_000), signature, /longer than/],
  ] as const)
    refused(read(si as string, s as string), why, `${si} | ${s}`.slice(0, 120));
});

test('an altered request is noticed, whatever was altered', () => {
  const message = signed(request({ 'x-tenant': '7' }), keys.privateKey, [
    '@method',
    '@authority',
    '@path',
    '@query',
    'x-tenant',
  ]);
  const ok = (one: RequestMessage): boolean => verifySignature(one, first(one), keys.publicKey);
  assert.equal(ok(message), true);
  for (const [what, one] of Object.entries({
    method: { ...message, method: 'PUT' },
    authority: { ...message, authority: 'api.example:8443' },
    path: { ...message, path: '/things/' },
    'path in another spelling': { ...message, path: '/%74hings' },
    query: { ...message, query: 'limit=3&q=a%20b' },
    'query in another order': { ...message, query: 'q=a%20b&limit=2' },
    'query in another spelling': { ...message, query: 'limit=2&q=a+b' },
    'no query': { ...message, query: undefined },
    field: withFields(message, { 'x-tenant': '8' }),
    'field twice': withFields(message, { 'x-tenant': ['7', '7'] }),
    'field folded': withFields(message, { 'x-tenant': '7\r\n 8' }),
  }))
    assert.equal(ok(one), false, what);
  assert.equal(ok(withFields(message, { 'x-tenant': ' 7 ' })), true, 'spaces around a value say nothing');
  assert.equal(ok({ ...message, authority: 'API.Example:443' }), true);
  // The list in another order is another signature.
  const reordered = (message.field('signature-input') as string).replace(
    '"@method" "@authority"',
    '"@authority" "@method"',
  );
  assert.equal(ok(withFields(message, { 'signature-input': reordered })), false);
});

test('fields whose lines change places make another value', () => {
  const message = signed(request({ 'x-a': ['1', '2'] }), keys.privateKey, ['x-a']);
  const swapped = withFields(message, { 'x-a': ['2', '1'] });
  assert.equal(verifySignature(message, first(message), keys.publicKey), true);
  assert.equal(verifySignature(swapped, first(swapped), keys.publicKey), false);
});

test('coverage: a whole covers its parts, a part never the whole', () => {
  const covering = (...names: string[]) => ({ components: parseComponents(names) });
  const left = (covered: string[], required: string[]) =>
    uncovered(covering(...covered), parseComponents(required)).map(({ id }) => id);
  assert.deepEqual(left(['@target-uri'], ['@authority', '@path', '@query', '@scheme']), []);
  assert.deepEqual(left(['@request-target'], ['@path', '@query']), []);
  assert.deepEqual(left(['@request-target'], ['@authority']), ['"@authority"']);
  assert.deepEqual(left(['"@query-param";name="a"'], ['@query']), ['"@query"']);
  assert.deepEqual(left(['"content-digest";key="sha-256"'], ['content-digest']), ['"content-digest"']);
  assert.deepEqual(left(['"content-digest";sf'], ['content-digest']), []);
  assert.deepEqual(left(['"@path";req'], ['@path']), ['"@path"'], 'of the request, not of this message');
  assert.deepEqual(left(['@path'], ['"@path";req']), ['"@path";req']);
  assert.deepEqual(left(['"@target-uri";req'], ['"@path";req']), []);
  assert.deepEqual(left([], ['@method']), ['"@method"']);
});

test('times: to the second, on both sides', () => {
  const at = (created: number | undefined, expires?: number) =>
    staleness({ parameters: { created, expires } } as Presented, 1_000_000, { maxAge: 300, skew: 30 });
  assert.equal(at(1000), undefined);
  assert.equal(at(1030), undefined);
  assert.match(at(1031) ?? '', /future/);
  assert.equal(at(671), undefined);
  assert.match(at(670) ?? '', /too long ago/);
  assert.equal(at(900, 971), undefined);
  assert.match(at(900, 970) ?? '', /expired/);
  assert.match(at(1000, 1000) ?? '', /not after created/);
  assert.match(at(undefined) ?? '', /missing/);
});

test('digests: strong ones only, all of them right, over the bytes as they are', () => {
  const body = '{"hello": "world"}';
  const fits = (field: string, bytes: string | Buffer = body) =>
    fitsDigests(readDigests('Content-Digest', field), bytes);
  assert.equal(fits(digestField(body)), true);
  assert.equal(fits(digestField(Buffer.from(body), 'sha-512')), true);
  assert.equal(fits(`${digestField(body)}, ${digestField(body, 'sha-512')}`), true);
  assert.equal(fits(`${digestField(body)}, ${digestField('x', 'sha-512')}`), false, 'one right digest is not enough');
  assert.equal(fits(`md5=:AA==:, ${digestField(body)}`), true);
  assert.equal(fits(digestField(body), `${body}\n`), false);
  assert.equal(fits(digestField(''), ''), true);
  for (const bad of [
    'md5=:AA==:',
    'sha=:AA==:',
    'unixsum=:AA==:',
    'SHA-256=:AA==:',
    '',
    'sha-256',
    'sha-256="x"',
    'sha-256=(:AA==:)',
    'x',
  ])
    refused(() => fits(bad), /./, bad);
  refused(() => fits(`${digestField('x')}, ${digestField(body)}`), /twice/, 'the last one must not win');
  assert.equal(fits('sha-256=:AA==:'), false);
  assert.equal(wantedDigest('sha-512=3, sha-256=10, unixsum=0'), 'sha-256');
  assert.equal(wantedDigest('sha-512=10, sha-256=1'), 'sha-512');
  assert.equal(wantedDigest('md5=10'), 'sha-256');
  assert.equal(wantedDigest('%%'), 'sha-256');
  assert.equal(wantedDigest(undefined), undefined);
});

test('Accept-Signature says what is wanted', () => {
  assert.equal(
    acceptSignature('sig', { components: components('@method', '@path'), nonce: 'n', tag: 't' }),
    'sig=("@method" "@path");created;keyid;nonce="n";tag="t"',
  );
});

test('whatever stands in the fields: an answer or a SignatureError, the same twice', () => {
  const piece = fc.constantFrom(
    'sig',
    'b',
    '=',
    '(',
    ')',
    '"@method"',
    '"x"',
    ';',
    'created=1',
    'keyid="k"',
    ',',
    ' ',
    ':AA==:',
    '"',
    '\\',
    '%',
    '?1',
    '@1',
    '\n',
    'é',
    '\ud800',
  );
  const text = fc.oneof(
    fc.array(piece, { maxLength: 30 }).map((all) => all.join('')),
    fc.string(),
  );
  const outcome = (si: string, s: string): string => {
    try {
      return JSON.stringify(readSignatures(request({ 'signature-input': si, signature: s })).map(({ input }) => input));
    } catch (error) {
      assert.ok(error instanceof SignatureError, String(error));
      return error.message;
    }
  };
  fc.assert(
    fc.property(text, text, (si, s) => assert.equal(outcome(si, s), outcome(si, s))),
    { numRuns: 2000 },
  );
  const path = fc.string();
  fc.assert(
    fc.property(path, fc.string(), fc.string(), (p, query, x) => {
      const message = request({ x }, { path: p, query });
      try {
        const one = signMessage(message, {
          label: 'sig',
          components: components('@path', '@query', 'x'),
          parameters: { created: 1 },
          key: keys.privateKey,
        });
        const complete = withFields(message, { 'signature-input': one.signatureInput, signature: one.signature });
        assert.equal(verifySignature(complete, first(complete), keys.publicKey), true);
      } catch (error) {
        assert.ok(error instanceof SignatureError, String(error));
      }
    }),
    { numRuns: 300 },
  );
});
