import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Operation } from '../contract/model.ts';
import type { Exchange } from '../gateway/exchange.ts';
import type { Principal } from '../gateway/principal.ts';
import type { Refusal } from '../gateway/refusal.ts';
import type { StageName } from '../gateway/room.ts';
import type { Services } from '../gateway/services.ts';
import { serializeAnswer } from '../shared/answer-value.ts';
import { answered, exchange, operation, parameter, principal, schemaAt } from '../shared/fixture.ts';
import { authorization } from './authorization.ts';
import { idOf } from './claim.ts';
import { settings } from './settings.ts';

const stageOf = (name: StageName, owner: unknown, on: Operation, more: object = {}) => {
  const stages = authorization.stages(
    { settings: settings.parse({ owner, ...more }), origins: {} },
    on,
    {} as Services,
  );
  return stages[name] as ((x: Exchange) => Refusal | undefined) | undefined;
};

const patient = (pid: unknown, roles: string[] = []): Principal => principal({ roles, claims: { pid } });

const read = operation('GET /patients/{id}', {
  parameters: [parameter('path', 'id'), parameter('query', 'who'), parameter('header', 'x-patient')],
});

/** Judges one typed value (with its text in the path) against one claim. */
const byPath = (value: unknown, who: Principal | undefined, text = String(value), more: object = {}) => {
  const x = exchange('GET /patients/17', who);
  if (value !== undefined) x.parameters!.path['id'] = value;
  x.pathValues = [text];
  const { unless, ...rest } = more as { unless?: string[] };
  return stageOf('authorize-object', { path: 'id', equals: 'pid', unless }, read, rest)!(x)?.code;
};

test('the caller’s own object passes, the object of another is hidden like one that does not exist', () => {
  assert.equal(byPath('17', patient('17')), undefined);
  assert.equal(byPath('18', patient('17')), 'object-hidden');
  assert.equal(byPath('18', patient('17'), '18', { hide: false }), 'not-permitted');
});

test('integers and their digits are equal, other spellings of a number are not', () => {
  assert.equal(byPath(17, patient('17')), undefined);
  assert.equal(byPath('17', patient(17)), undefined);
  for (const [value, claim] of [
    ['017', 17],
    ['17.0', 17],
    [' 17', 17],
    ['1e1', 10],
    ['+17', 17],
    ['0x11', 17],
    ['١٧', 17],
    ['', ''],
    ['17', ' 17'],
    [1.5, 1.5],
    [Number.NaN, Number.NaN],
    [2 ** 53, 2 ** 53],
    [true, true],
    ['true', true],
    [null, null],
    ['null', null],
    ['undefined', undefined],
    [undefined, undefined],
    [{}, {}],
    ['[object Object]', {}],
    [['17', '18'], '17,18'],
  ] as [unknown, unknown][])
    assert.equal(byPath(value, patient(claim)), 'object-hidden', `${String(value)} and ${String(claim)}`);
});

test('a number in the path counts only in its own spelling: the upstream receives the text', () => {
  for (const text of ['017', '17.0', '1.7e1', '+17', '17 '])
    assert.equal(byPath(17, patient('17'), text), 'object-hidden');
});

test('Unicode is not normalised, and letters keep their case', () => {
  assert.equal(byPath('caf\u00e9', patient('cafe\u0301')), 'object-hidden');
  assert.equal(byPath('K', patient('\u212a')), 'object-hidden');
  assert.equal(byPath('Anna', patient('anna')), 'object-hidden');
});

test('a claim that is a list means membership', () => {
  assert.equal(byPath('18', patient(['17', 18])), undefined);
  assert.equal(byPath('19', patient(['17', 18])), 'object-hidden');
  assert.equal(byPath('17', patient([])), 'object-hidden');
  assert.equal(byPath('17', patient([['17']])), 'object-hidden');
  assert.equal(byPath(null, patient([null])), 'object-hidden');
});

test('the rule does not bind roles in `unless`; an empty list exempts nobody', () => {
  assert.equal(byPath('18', patient('17', ['nurse']), '18', { unless: ['doctor', 'nurse'] }), undefined);
  assert.equal(byPath('18', patient('17', ['nurse']), '18', { unless: ['doctor'] }), 'object-hidden');
  for (const roles of [[], [''], ['__proto__']])
    assert.equal(byPath('18', patient('17', roles), '18', { unless: [] }), 'object-hidden');
});

test('nobody in particular owns nothing', () => {
  assert.equal(byPath('17', undefined), 'not-permitted');
});

test('a missing claim, and claims that objects inherit, own nothing', () => {
  for (const equals of ['pid', 'constructor.name', '__proto__', 'toString', 'pid.length', 'constructor', '/pid/0']) {
    const x = exchange('GET /patients/17', principal({ claims: equals === '/pid/0' ? { pid: ['Object'] } : {} }));
    x.parameters!.path['id'] = 'Object';
    assert.equal(stageOf('authorize-object', { path: 'id', equals }, read)!(x)?.code, 'object-hidden', equals);
  }
});

test('claims: the principal’s id, dotted paths, namespaced names, pointers', () => {
  const who = principal({
    id: 'k1',
    claims: { id: 'other', a: { b: 'deep' }, 'a.b': 'flat', 'https://example.com/pid': 'named', 'x:y.z': 'urn' },
  });
  for (const [equals, value] of [
    ['id', 'k1'],
    ['/id', 'other'],
    ['a.b', 'deep'],
    ['/a.b', 'flat'],
    ['https://example.com/pid', 'named'],
    ['/https:~1~1example.com~1pid', 'named'],
    ['x:y.z', 'urn'],
  ] as [string, string][]) {
    const x = exchange('GET /patients/17', who);
    x.parameters!.path['id'] = value;
    assert.equal(stageOf('authorize-object', { path: 'id', equals }, read)!(x), undefined, equals);
  }
});

const byQuery = (config: object, uri: string, value: unknown, who: Principal): [Exchange, Refusal | undefined] => {
  const x = exchange(`GET ${uri}`, who);
  if (value !== undefined) x.parameters!.query['who'] = value;
  return [x, stageOf('authorize-object', { query: 'who', equals: 'pid', ...config }, read)!(x)];
};

test('a query without the parameter would list everything: it is refused, with a hint that names no object', () => {
  const [, refusal] = byQuery({}, '/patients', undefined, patient('17'));
  assert.equal(refusal?.code, 'not-permitted');
  assert.match(refusal?.detail ?? '', /who/);
  assert.equal(byQuery({}, '/patients?who=18', '18', patient('17'))[1]?.code, 'object-hidden');
  assert.equal(byQuery({}, '/patients?who=17', '17', patient('17'))[1], undefined);
});

test('a parameter that is a list asks for each item', () => {
  assert.equal(byQuery({}, '/p', ['17'], patient('17'))[1], undefined);
  assert.equal(byQuery({}, '/p', ['17', '18'], patient('17'))[1]?.code, 'object-hidden');
  assert.equal(byQuery({}, '/p', [], patient('17'))[1]?.code, 'object-hidden');
  assert.equal(byQuery({}, '/p', [['17']], patient('17'))[1]?.code, 'object-hidden');
  assert.equal(byQuery({}, '/p', { eq: '17' }, patient('17'))[1]?.code, 'object-hidden');
});

test('`default` sets an absent parameter to the caller’s own, in what is judged and in what is forwarded', () => {
  const [x, refusal] = byQuery({ default: true }, '/patients?sort=name', undefined, patient('a&b=c'));
  assert.equal(refusal, undefined);
  assert.equal(x.request.query, 'sort=name&who=a%26b%3Dc');
  assert.equal(x.parameters?.query['who'], 'a&b=c');
  assert.equal(byQuery({ default: true }, '/p', undefined, patient(['17']))[0].request.query, 'who=17');
  assert.equal(byQuery({ default: true }, '/p', undefined, patient(['17', '18']))[1]?.code, 'not-permitted');
  assert.equal(byQuery({ default: true }, '/p', undefined, patient(undefined))[1]?.code, 'object-hidden');
  assert.equal(byQuery({ default: true }, '/p?who=18', '18', patient('17'))[1]?.code, 'object-hidden');
  // Sent, but without a typed value: no second one is put beside it.
  for (const uri of ['/p?who', '/p?%77ho=']) {
    const [sent, refused] = byQuery({ default: true }, uri, undefined, patient('17'));
    assert.equal(refused?.code, 'object-hidden');
    assert.ok(!sent.request.query.includes('17'));
  }
});

test('`default` gives an integer parameter a number', () => {
  const typed = { ...read, parameters: [parameter('query', 'who', { schema: schemaAt({ type: 'integer' }) })] };
  const x = exchange('GET /p', patient('17'));
  assert.equal(stageOf('authorize-object', { query: 'who', equals: 'pid', default: true }, typed)!(x), undefined);
  assert.equal(x.parameters?.query['who'], 17);
});

test('a header parameter, whatever case the rule is written in', () => {
  const x = exchange('GET /p', patient('17'));
  const judge = stageOf('authorize-object', { header: 'X-Patient', equals: 'pid' }, read)!;
  assert.equal(judge(x)?.code, 'not-permitted');
  x.parameters!.header['x-patient'] = '17';
  assert.equal(judge(x), undefined);
});

const byBody = (pointer: string, value: unknown): string | undefined => {
  const x = exchange('POST /p', patient('17'));
  x.body = { mediaType: 'application/json', contentType: 'application/json', bytes: Buffer.alloc(0), value };
  return stageOf('authorize-body', { body: pointer, equals: 'pid' }, read)!(x)?.code;
};

test('a value in the body, alone or of every item', () => {
  assert.equal(byBody('/patient', { patient: 17 }), undefined);
  assert.equal(byBody('/patient', { patient: 18 }), 'object-hidden');
  assert.equal(byBody('/patient', { patient: [17] }), 'object-hidden');
  assert.equal(byBody('/patient', { patient: { id: 17 } }), 'object-hidden');
  assert.equal(byBody('/patient', {}), 'not-permitted');
  assert.equal(byBody('/patient', undefined), 'not-permitted');
  assert.equal(byBody('/patient', null), 'object-hidden');
  assert.equal(byBody('/patient', '17'), 'object-hidden');
  assert.equal(byBody('/items/*/p', { items: [{ p: 17 }, { p: '17' }] }), undefined);
  assert.equal(byBody('/items/*/p', { items: [{ p: 17 }, { p: 18 }] }), 'object-hidden');
  assert.equal(byBody('/items/*/p', { items: [{ p: 17 }, {}] }), 'not-permitted');
  assert.equal(byBody('/items/*/p', { items: { '*': { p: 17 }, 0: { p: 18 } } }), 'object-hidden');
  assert.equal(byBody('/items/p', { items: [{ p: 17 }] }), 'object-hidden');
  assert.equal(byBody('/constructor/name', {}), 'not-permitted');
  assert.equal(byBody('/length', [17]), 'object-hidden');
});

test('no body: nothing is the caller’s own', () => {
  const x = exchange('POST /p', patient('17'));
  assert.equal(stageOf('authorize-body', { body: '/p', equals: 'pid' }, read)!(x)?.code, 'not-permitted');
});

const byAnswer = (
  config: object,
  body: unknown,
  who: Principal | undefined = patient('17'),
  parts: { status?: number; mode?: 'buffer' | 'stream' | 'none'; hide?: boolean } = {},
): { code: string | undefined; left: unknown; x: Exchange } => {
  const x = exchange('GET /p', who);
  answered(x, parts.status ?? 200, { 'content-type': 'application/json' }, body);
  x.answer!.mode = parts.mode ?? 'buffer';
  const judge = stageOf('authorize-answer', { equals: 'pid', ...config }, read, { hide: parts.hide ?? true })!;
  const code = judge(x)?.code;
  if (code === undefined && x.answer!.value !== undefined) assert.equal(serializeAnswer(x.answer!), undefined);
  return {
    code,
    left: code === undefined && x.answer!.value !== undefined ? JSON.parse(String(x.answer!.bytes)) : undefined,
    x,
  };
};

test('an answer that belongs to another never leaves', () => {
  const one = { answer: '/patient/id' };
  assert.equal(byAnswer(one, { patient: { id: 17 } }).code, undefined);
  assert.equal(byAnswer(one, { patient: { id: 18 } }).code, 'object-hidden');
  assert.equal(byAnswer(one, { patient: { id: 18 } }, undefined, { hide: false }).code, 'not-permitted');
  for (const body of [
    {},
    { patient: null },
    { patient: [] },
    { patient: [{ id: 17 }] },
    [],
    null,
    17,
    '"x"',
    { patient: { id: null } },
  ])
    assert.equal(byAnswer(one, body).code, 'object-hidden', JSON.stringify(body));
});

test('duplicate keys in an answer are judged by the one that leaves', () => {
  assert.equal(byAnswer({ answer: '/p' }, '{"p": 17, "p": 18}').code, 'object-hidden');
  const { code, left } = byAnswer({ answer: '/p' }, '{"p": 18, "p": 17}');
  assert.deepEqual([code, left], [undefined, { p: 17 }]);
});

test('every item must be the caller’s own, or is left out where the rule filters', () => {
  const mixed = { items: [{ p: 17 }, { p: 18 }, {}, null, 17, { p: [17] }, { p: '17' }], total: 7 };
  assert.equal(byAnswer({ answer: '/items/*/p' }, mixed).code, 'object-hidden');
  assert.equal(byAnswer({ answer: '/items/*/p' }, { items: [{ p: 17 }] }).code, undefined);
  const { code, left, x } = byAnswer({ answer: '/items/*/p', filter: true }, mixed);
  assert.equal(code, undefined);
  assert.deepEqual(left, { items: [{ p: 17 }, { p: '17' }], total: 7 });
  assert.deepEqual(x.disclosed.removed, ['/items/*']);
  assert.deepEqual(x.decisions[0]?.evidence?.['items'], 5);
  assert.deepEqual(byAnswer({ answer: '/*/p', filter: true }, [{ p: 18 }]).left, []);
});

test('a filter that finds no array refuses: it cannot know what it lets out', () => {
  for (const body of [{}, { items: null }, { items: { 0: { p: 17 } } }, { items: { '*': { p: 17 } } }, '"x"'])
    assert.equal(byAnswer({ answer: '/items/*/p', filter: true }, body).code, 'object-hidden', JSON.stringify(body));
});

test('nested arrays: the innermost item is left out, and the outer one where the inner array is missing', () => {
  const body = { a: [{ b: [{ p: 17 }, { p: 18 }] }, { b: null }, {}, { b: [] }, { b: [[{ p: 17 }]] }] };
  assert.deepEqual(byAnswer({ answer: '/a/*/b/*/p', filter: true }, body).left, {
    a: [{ b: [{ p: 17 }] }, { b: [] }, { b: [] }],
  });
});

test('a caller without the claim gets nothing', () => {
  assert.equal(byAnswer({ answer: '/p' }, { p: 17 }, patient(undefined)).code, 'object-hidden');
  assert.deepEqual(byAnswer({ answer: '/*/p', filter: true }, [{ p: 17 }, {}], patient(undefined)).left, []);
  const x = exchange('GET /p', undefined);
  answered(x, 200, {}, { p: 17 });
  assert.equal(stageOf('authorize-answer', { answer: '/p', equals: 'pid' }, read)!(x)?.code, 'object-hidden');
});

test('what cannot be judged is refused: streams, no body, unreadable', () => {
  assert.equal(byAnswer({ answer: '/p' }, { p: 17 }, undefined, { mode: 'stream' }).code, 'object-hidden');
  assert.equal(byAnswer({ answer: '/p' }, undefined, undefined, { mode: 'none' }).code, 'object-hidden');
  assert.equal(byAnswer({ answer: '/p' }, undefined, undefined, { mode: 'none', status: 204 }).code, 'object-hidden');
  assert.equal(byAnswer({ answer: '/p' }, '<html>').code, 'upstream-malformed');
  assert.equal(
    byAnswer({ answer: '/p' }, { p: 18 }, patient('17', ['nurse']), { mode: 'stream' }).code,
    'object-hidden',
  );
  assert.equal(
    byAnswer({ answer: '/p', unless: ['nurse'] }, { p: 18 }, patient('17', ['nurse']), { mode: 'stream' }).code,
    undefined,
  );
});

test('an object that does not exist is refused in the very words of one that is another’s', () => {
  const judge = stageOf('authorize-answer', { answer: '/p', equals: 'pid' }, read)!;
  const public_ = (status: number, body: unknown): unknown => {
    const x = exchange('GET /p', patient('17'));
    answered(x, status, { 'content-type': 'application/json' }, body);
    x.answer!.mode = 'buffer';
    const { evidence: _, ...rest } = judge(x) ?? { evidence: undefined };
    return rest;
  };
  const another = public_(200, { p: 18 });
  for (const status of [404, 410, 403]) assert.deepEqual(public_(status, { message: 'no such patient' }), another);
  assert.deepEqual(public_(409, {}), {});
});

test('conditions and ranges of reading are taken off where the answer must be judged', () => {
  const headers = { 'if-none-match': '*', range: 'bytes=0-1', 'if-modified-since': 'x', accept: 'a' };
  const x = exchange('GET /p', patient('17'), headers);
  assert.equal(stageOf('authorize-object', { answer: '/p', equals: 'pid' }, read)!(x), undefined);
  assert.deepEqual({ ...x.request.headers }, { accept: 'a' });
  const kept = exchange('PUT /p', patient('17'), { 'if-match': '"a"' });
  const write = operation('PUT /patients/{id}');
  assert.equal(stageOf('authorize-object', { answer: '/p', equals: 'pid' }, write)!(kept), undefined);
  assert.deepEqual({ ...kept.request.headers }, { 'if-match': '"a"' });
});

test('an answer that must be judged is not streamed, but for those whom no rule binds', () => {
  const owner = [
    { answer: '/p', equals: 'pid', unless: ['nurse', 'doctor'] },
    { answer: '/q', equals: 'pid', unless: ['doctor'] },
  ];
  const unstreamed = (roles: string[]): string | undefined => {
    const x = exchange('GET /p', patient('17', roles));
    assert.equal(stageOf('authorize-object', owner, read)!(x), undefined);
    return x.unstreamed?.code;
  };
  assert.equal(unstreamed([]), 'object-hidden');
  assert.equal(unstreamed(['nurse']), 'object-hidden');
  assert.equal(unstreamed(['doctor']), undefined);
});

test('several rules: each must hold', () => {
  const owner = [
    { path: 'id', equals: 'pid' },
    { header: 'x-patient', equals: 'id' },
  ];
  const judge = stageOf('authorize-object', owner, read)!;
  const x = exchange('GET /p', patient('17'));
  x.parameters!.path['id'] = '17';
  x.pathValues = ['17'];
  assert.equal(judge(x)?.code, 'not-permitted');
  x.parameters!.header['x-patient'] = 'k1';
  assert.equal(judge(x), undefined);
});

test('property: two values share an id only where they are the same text or the same safe integer', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.jsonValue(), (a, b) => {
      const [x, y] = [idOf(a), idOf(b)];
      if (x !== undefined && x === y) assert.equal(String(a), String(b));
      for (const value of [a, b])
        if (typeof value === 'object' || typeof value === 'boolean') assert.equal(idOf(value), undefined);
    }),
  );
});

test('property: after a filter only own items are left, in their order, and nothing else is touched', () => {
  const item = fc.record({ p: fc.oneof(fc.constant(17), fc.constant('17'), fc.jsonValue()), n: fc.integer() });
  fc.assert(
    fc.property(fc.array(item), (items) => {
      const { left } = byAnswer({ answer: '/items/*/p', filter: true }, { items, rest: 1 });
      const own = JSON.parse(JSON.stringify(items.filter(({ p }) => p === 17 || p === '17')));
      assert.deepEqual(left, { items: own, rest: 1 });
    }),
  );
});
