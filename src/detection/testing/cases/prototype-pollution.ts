import { type Case, casesOf } from './case.ts';

const of = casesOf('prototype-pollution');

export const PROTOTYPE_POLLUTION: readonly Case[] = [
  ...[
    '__proto__',
    '__proto__[admin]',
    '__proto__.admin',
    '__proto__%5Badmin%5D',
    'q[__proto__][admin]',
    'q.w.__proto__.e',
    '["__proto__"]["admin"]',
    'constructor.prototype.admin',
    'constructor[prototype][admin]',
    'q[constructor][prototype]',
    "constructor['prototype'].q",
    '__pro__proto__to__[q]',
    'constconstructorructor.protoprototypetype.q',
    '\\u005f_proto_\\u005f[q]',
    '__defineGetter__',
    '__class__.__init__.__globals__.q',
    'q.__init__.__globals__',
    '__globals__',
  ].map((text) => ({ class: 'prototype-pollution', what: 'a name', text, place: { key: true } })),
  ...of(
    'a value that is a path and sets something',
    '__proto__[admin]=1',
    '__proto__.admin = 1',
    'constructor.prototype.admin=1',
    'constructor[prototype][admin]=1',
    '/__proto__/admin',
    '/constructor/prototype/admin',
    'q.__proto__.admin',
    'https://h.example/p?__proto__[q]=w',
    'https://h.example/p#constructor[prototype][q]=w',
    '?q=1&__proto__.w=e',
  ),
  ...of('JSON in a value', '{"__proto__":{"admin":true}}', '[{"q":{"__proto__":{"w":1}}}]'),
];
