import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Refusal } from '../gateway/refusal.ts';
import { exchange, media, operation, PLACE, parameter } from '../shared/fixture.ts';
import { detection } from './detection.ts';
import { inspectExceptions } from './inspect.ts';
import { type DetectionSettings, settings } from './settings.ts';

const services = () => {
  const counted: string[] = [];
  return { counted, count: (name: string) => void counted.push(name) };
};
const policy = (parts: Record<string, unknown> = {}) => ({
  settings: settings.parse(parts) as DetectionSettings,
  origins: {},
});
const stageOf = (op: ReturnType<typeof operation>, parts: Record<string, unknown> = {}, on = services()) => {
  const { detect } = detection.stages(policy(parts), op, on as never);
  assert.ok(detect);
  return detect;
};
const ATTACK = "x' or '1'='1";
const op = operation('POST /notes/{id}', {
  parameters: [
    parameter('path', 'id', {}),
    parameter('query', 'q', {}),
    parameter('query', 'n', { schema: media('x', { type: 'integer' }).schema }),
    parameter('header', 'x-kind', { schema: media('x', { enum: ['a', 'b'] }).schema }),
  ],
  body: {
    required: true,
    place: PLACE,
    content: [
      media('application/json', {
        type: 'object',
        properties: {
          text: { type: 'string' },
          code: { type: 'string', format: 'uuid' },
          list: { type: 'array', items: { type: 'object', properties: { t: { type: 'string' } } } },
          password: { type: 'string', format: 'password' },
        },
      }),
    ],
  },
});

function judge(make: (x: ReturnType<typeof exchange>) => void, parts: Record<string, unknown> = {}) {
  const x = exchange('POST /notes/17');
  x.operation = op;
  make(x);
  const refusal = stageOf(op, parts)(x) as Refusal | undefined;
  return { x, refusal, evidence: refusal?.evidence ?? {} };
}
const body =
  (value: unknown, mediaType = 'application/json') =>
  (x: ReturnType<typeof exchange>) => {
    x.body = { mediaType, contentType: mediaType, bytes: Buffer.from('x'), value };
  };

describe('detection stage', () => {
  it('finds an attack wherever it stands, and says where', () => {
    const places: [string, string, (x: ReturnType<typeof exchange>) => void][] = [
      ['path', 'id', (x) => (x.parameters!.path['id'] = ATTACK)],
      ['query', 'q', (x) => (x.parameters!.query['q'] = ATTACK)],
      ['query', '/q/1', (x) => (x.parameters!.query['q'] = ['a', ATTACK])],
      ['query', 'other', (x) => (x.parameters!.query['other'] = ATTACK)],
      ['query', ATTACK, (x) => (x.parameters!.query[ATTACK] = 'x')],
      ['header', 'user-agent', (x) => ((x.request.headers as Record<string, string>)['user-agent'] = ATTACK)],
      [
        'header',
        'referer',
        (x) => ((x.request.headers as Record<string, string>)['referer'] = `https://a.example/?q=${ATTACK}`),
      ],
      ['header', 'x-undeclared', (x) => ((x.request.headers as Record<string, string>)['x-undeclared'] = ATTACK)],
      ['cookie', 'c', (x) => ((x.request.headers as Record<string, string>)['cookie'] = `a=b; c=${ATTACK}`)],
      ['body', '/text', body({ text: ATTACK })],
      ['body', '/list/1/t', body({ list: [{ t: 'fine' }, { t: ATTACK }] })],
      ['body', `/${ATTACK}`, body({ [ATTACK]: 1 })],
      ['body', '/extra/deep/0', body({ extra: { deep: [ATTACK] } })],
      ['body', '', body(ATTACK, 'text/plain')],
      [
        'body',
        '/r',
        body(
          `<r>it's <b>${ATTACK}</b></r>`.replace('<b>', '').replace('</b>', '').replace("it's ", ''),
          'application/xml',
        ),
      ],
      ['body', '/r/@a', body(`<r a="${ATTACK}"/>`, 'application/xml')],
      [
        'filename',
        '/file',
        body(
          { file: { name: 'file', filename: '../../etc/passwd', mediaType: 'x/y', bytes: Buffer.alloc(0) } },
          'multipart/form-data',
        ),
      ],
      [
        'body',
        '/field',
        body(
          { field: { name: 'field', filename: undefined, mediaType: 'x/y', bytes: Buffer.from(ATTACK) } },
          'multipart/form-data',
        ),
      ],
    ];
    for (const [where, name, make] of places) {
      const { refusal, evidence } = judge(make);
      assert.equal(refusal?.code, 'harmful', `${where} ${name}`);
      assert.equal(evidence['in'], where);
      assert.equal(evidence['name'], name);
      assert.equal(refusal?.detail, undefined);
      assert.equal(refusal?.violations, undefined);
    }
  });

  it('lets ordinary requests through', () => {
    const { refusal } = judge((x) => {
      Object.assign(x.request.headers, {
        'user-agent':
          'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36',
        'sec-ch-ua': '"Not_A Brand";v="8", "Chromium";v="140"',
        accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8',
        'if-none-match': 'W/"abc--1"',
        cookie: '_ga=GA1.2.1.2; euconsent=1---; s="a=b"',
        'accept-language': 'en-GB,en;q=0.9',
      });
      x.parameters!.query['q'] = "O'Brien and/or D'Arcy";
      body({ text: "It's 5' 10\" -- select the best from our union", list: [{ t: 'a' }] })(x);
    });
    assert.equal(refusal, undefined);
  });

  it('does not search what the contract pins down, unless validation only reports', () => {
    const pinned = (x: ReturnType<typeof exchange>) => {
      x.parameters!.query['n'] = ATTACK;
      body({ code: ATTACK })(x);
    };
    assert.equal(judge(pinned).refusal, undefined);
    const { refusal } = judge((x) => {
      pinned(x);
      x.note('validate-body', 'breaks the contract; reported only', { violations: [] });
    });
    assert.equal(refusal?.code, 'harmful');
    // What validation would have removed is not among the values, but goes on all the same.
    const kept = judge((x) => {
      Object.assign(x.request, { query: `q=1&undeclared=${encodeURIComponent(ATTACK)}` });
      x.note('validate-parameters', 'would remove undeclared query parameters', { count: 1 });
    });
    assert.equal(kept.refusal?.code, 'harmful');
    const form = judge((x) => {
      const bytes = Buffer.from(`a=1&b=${encodeURIComponent(ATTACK)}`);
      x.body = { mediaType: 'application/x-www-form-urlencoded', contentType: '', bytes, value: { a: '1' } };
      x.note('validate-body', 'would remove undeclared properties', { count: 1 });
    });
    assert.equal(form.refusal?.code, 'harmful');
  });

  it('refuses what is longer than what it searches, whatever it holds', () => {
    const long = 'a'.repeat(300);
    const { refusal } = judge(body({ text: long }), { maxValue: 256 });
    assert.equal(refusal?.code, 'invalid-request');
    assert.deepEqual(refusal?.violations?.[0]?.pointer, '/text');
  });

  it('withholds what stands in secret places', () => {
    const { refusal } = judge(body({ password: ATTACK }));
    assert.ok(!JSON.stringify(refusal).includes('1='));
    const header = judge((x) => ((x.request.headers as Record<string, string>)['authorization'] = `Bearer ${ATTACK}`));
    assert.equal(header.refusal?.code, 'harmful');
    assert.ok(!JSON.stringify(header.refusal).includes("'1'"));
  });

  it('only notes in report mode, and all of it', () => {
    const { x, refusal } = judge(body({ text: ATTACK, extra: '../../etc/passwd' }), { mode: 'report' });
    assert.equal(refusal, undefined);
    assert.deepEqual(
      x.decisions.map((each) => each.evidence?.['class']),
      ['sql-injection', 'path-traversal'],
    );
  });

  it('tells of a path that comes a member at a time, and of the names of elements', () => {
    assert.equal(judge(body({ a: { constructor: { prototype: { x: 1 } } } })).refusal?.code, 'harmful');
    assert.equal(judge(body({ text: '{"a":{"constructor":{"prototype":{"x":1}}}}' })).refusal?.code, 'harmful');
    assert.equal(judge(body({ product: { prototype: 'yes' } })).refusal, undefined);
    const gadget = '<java.util.PriorityQueue serialization="custom"><x>1</x></java.util.PriorityQueue>';
    assert.equal(judge(body(gadget, 'application/xml')).refusal?.code, 'harmful');
    assert.equal(
      judge(body('<my-shop.order><line-item>tea</line-item></my-shop.order>', 'text/xml')).refusal,
      undefined,
    );
  });

  it('sees an XML body as a whole too', () => {
    const include =
      '<r xmlns:xi="http://www.w3.org/2001/XInclude"><xi:include parse="text" href="file:///etc/hosts"/></r>';
    assert.equal(judge(body(include, 'application/xml')).refusal?.code, 'harmful');
    const plain = '<r xmlns:x="urn:x"><x:item id="1">It is <![CDATA[a < b]]> &amp; so on</x:item></r>';
    assert.equal(judge(body(plain, 'application/xml')).refusal, undefined);
  });

  it('keeps exceptions narrow: one class, one place', () => {
    const exceptions = [
      {
        operation: 'POST /notes/{id}',
        in: 'body',
        name: '/list/*/t',
        class: 'sql-injection',
        reason: 'holds SQL by design',
      },
    ];
    // A tautology in quotes leaves a place in XPath too: it would need two exceptions.
    const sql = "x' union select 1,2--";
    assert.equal(judge(body({ list: [{ t: sql }] }), { exceptions }).refusal, undefined);
    assert.equal(judge(body({ text: sql }), { exceptions }).refusal?.code, 'harmful');
    assert.equal(judge(body({ list: [{ t: '../../etc/passwd' }] }), { exceptions }).refusal?.code, 'harmful');
    const other = [{ ...exceptions[0], operation: 'GET /notes/{id}' }];
    assert.equal(judge(body({ list: [{ t: sql }] }), { exceptions: other }).refusal?.code, 'harmful');
  });

  it('tells of exceptions for operations that are not there, at their place', () => {
    const each = (selector?: string) => ({
      ...(selector && { operation: selector }),
      class: 'sql-injection',
      reason: 'holds SQL by design',
    });
    const { exceptions } = policy({
      exceptions: [each(), each('POST /notes/{id}'), each('/notes/**'), each('POST /note/{id}')],
    }).settings;
    const found = inspectExceptions(exceptions, [op], (path) =>
      path.join('.').endsWith('3.operation') ? PLACE : undefined,
    );
    assert.deepEqual(
      found.map(({ rule, severity, place, mend }) => [rule, severity, place, mend]),
      [['detection/unused-exception', 'warning', PLACE, 'Did you mean POST /notes/{id}?']],
    );
  });

  it('tells of what leaves it blind', () => {
    const rules = (parts: Record<string, unknown>) => detection.inspect?.(policy(parts), op).map((each) => each.rule);
    assert.deepEqual(rules({}), []);
    assert.deepEqual(rules({ mode: 'off' }), ['detection/off']);
    assert.deepEqual(rules({ classes: ['sql-injection'] }), ['detection/classes-off']);
    const reason = 'because of a test';
    assert.deepEqual(rules({ exceptions: [{ class: '*', in: 'query', name: 'q', reason }] }), [
      'detection/wide-exception',
    ]);
    assert.deepEqual(rules({ exceptions: [{ class: 'sql-injection', reason }] }), ['detection/wide-exception']);
    assert.deepEqual(
      rules({
        exceptions: [{ operation: 'POST /notes/{id}', class: 'sql-injection', in: 'query', name: 'gone', reason }],
      }),
      ['detection/unused-exception'],
    );
  });

  it('searches every segment, name and value where there is no contract', () => {
    const free = operation('POST /**');
    const x = exchange('POST /a/x%27');
    x.operation = free;
    Object.assign(x.request, { segments: ['a', ATTACK] });
    assert.equal((stageOf(free)(x) as { code: string }).code, 'harmful');
    const raw = exchange('POST /a');
    raw.body = {
      mediaType: 'application/unheard-of',
      contentType: '',
      bytes: Buffer.from(`{"a":"${ATTACK}"}`),
      value: undefined,
    };
    assert.equal((stageOf(free)(raw) as { code: string }).code, 'harmful');
  });

  it('has no stage where it is off', () => {
    assert.deepEqual(detection.stages(policy({ mode: 'off' }), op, services() as never), {});
  });
});
