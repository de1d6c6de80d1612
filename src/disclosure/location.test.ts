import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judgeLocation } from './location.ts';

const rule = { upstreams: new Set(['http://127.0.0.1:3000']), redirects: new Set(['https://login.example.com']) };

const CASES: [value: string, left: string | undefined][] = [
  ['/patients/17', '/patients/17'],
  ['/patients?after=a/b:c#x', '/patients?after=a/b:c#x'],
  ['17', '17'],
  ['./a:b', './a:b'],
  ['?page=2', '?page=2'],
  ['https://api.example.com/patients/17?x=1#y', '/patients/17?x=1#y'],
  ['http://api.example.com/a', '/a'],
  ['http://127.0.0.1:3000/patients/17', '/patients/17'],
  ['HTTP://127.0.0.1:3000', '/'],
  ['https://login.example.com/authorize?x=1', 'https://login.example.com/authorize?x=1'],
  ['https://login.example.com.evil.example/', undefined],
  ['https://evil.example/', undefined],
  ['//evil.example/', undefined],
  ['///evil.example/', undefined],
  ['/\\evil.example', undefined],
  ['\\\\evil.example', undefined],
  ['/\t/evil.example', undefined],
  [' //evil.example', undefined],
  ['http://127.0.0.1:3000//evil.example', undefined],
  ['https://api.example.com//evil.example/%2e', undefined],
  ['https:evil.example', undefined],
  ['https:/evil.example', undefined],
  ['https:///evil.example', undefined],
  ['https://api.example.com@evil.example/', undefined],
  ['https://user:pass@api.example.com/', undefined],
  ['https://api.example.com:444/', undefined],
  ['http://127.0.0.1:3001/', undefined],
  ['javascript:alert(1)', undefined],
  ['JavaScript:alert(1)', undefined],
  ['data:text/html,x', undefined],
  ['a:b', undefined],
  ['/a\r\nset-cookie: x=1', undefined],
  ['/caf\u00e9', undefined],
  ['', undefined],
  [`/${'a'.repeat(4096)}`, undefined],
  ['http://[::1', undefined],
];

for (const [value, left] of CASES)
  test(`Location ${JSON.stringify(value.slice(0, 60))}`, () => {
    assert.equal(judgeLocation(value, 'api.example.com', rule), left);
  });
