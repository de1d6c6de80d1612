import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CheckContext } from '../../model/check.ts';
import type { Exchange } from '../../model/exchange.ts';
import type { Candidate } from '../../model/finding.ts';
import { check } from './mixed-hosts.ts';

/** What the check tells of one answer of an API at `base`. */
function told(base: string, answer: { json?: object; location?: string }, target = '/things'): readonly string[] {
  const text = answer.json === undefined ? '' : JSON.stringify(answer.json);
  const exchange: Exchange = {
    id: 1,
    request: { method: 'GET', target, headers: [] },
    answer: {
      status: 200,
      failure: undefined,
      headers: new Map(answer.location === undefined ? [] : [['location', answer.location]]),
      body: Buffer.from(text),
      mediaType: answer.json === undefined ? '' : 'application/json',
      text,
      json: answer.json,
      milliseconds: 1,
    },
    operation: undefined,
    as: undefined,
    check: '',
  };
  const marks: string[] = [];
  const report = async (candidate: Candidate): Promise<boolean> => {
    marks.push(...candidate.proof.marks);
    return true;
  };
  check.observe?.(exchange, { base: new URL(base), report } as unknown as CheckContext);
  return marks;
}

test('addresses of this host without TLS are told of, by their host and port', () => {
  const base = 'https://api.example/';
  assert.deepEqual(told(base, { json: { next: 'http://api.example/things?page=2' } }), [
    'http://api.example/things?page=2',
  ]);
  assert.deepEqual(told(base, { location: 'http://api.example/other' }), ['http://api.example/other']);
  assert.deepEqual(told('https://127.0.0.1:8443/', { json: { self: 'http://127.0.0.1:8443' } }), [
    'http://127.0.0.1:8443',
  ]);
});

test('other hosts, other ports, addresses with TLS, and what the request named are not', () => {
  const base = 'https://127.0.0.1:8443/';
  for (const url of [
    'http://127.0.0.1:40123/1f2e3d',
    'http://127.0.0.1:84433/',
    'http://127.0.0.1/',
    'http://other.example/',
    'https://127.0.0.1:8443/',
  ]) {
    assert.deepEqual(told(base, { json: { url } }), [], url);
    assert.deepEqual(told(base, { location: url }), [], url);
  }
  assert.deepEqual(told('https://api.example/', { json: { url: 'http://api.example.net/' } }), []);
  assert.deepEqual(
    told(base, { json: { url: 'http://127.0.0.1:8443/x' } }, '/go?to=http%3A%2F%2F127.0.0.1%3A8443%2Fx'),
    [],
  );
});
