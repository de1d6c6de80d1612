import assert from 'node:assert/strict';
import { createServer, request as httpRequest } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { compileRoute } from '../../src/forwarding/route.ts';
import { settings } from '../../src/forwarding/settings.ts';
import { Targets } from '../../src/forwarding/targets.ts';
import type { Exchange } from '../../src/gateway/exchange.ts';
import { Metrics } from '../../src/gateway/metrics.ts';
import { Passage, type Recorder } from '../../src/gateway/passage.ts';
import type { CompiledStage, OperationPlan } from '../../src/gateway/plan.ts';
import type { Stage } from '../../src/gateway/room.ts';
import type { AuditEvent } from '../../src/gateway/services.ts';
import { FIRST_ANSWER_STAGE, WAY } from '../../src/gateway/way.ts';
import { exchange, operation } from '../../src/shared/fixture.ts';
import { upstream } from '../support/gate.ts';

// Promise 1: an unexpected error in a stage refuses (503) and is recorded; it never lets the request through.

interface Broken {
  /** Stages by name; those not named do nothing, `open-answer` takes the answer whole. */
  readonly stages?: Partial<Record<(typeof WAY)[number]['stage'], Stage>>;
  readonly plan?: Partial<OperationPlan>;
  readonly recorder?: Partial<Recorder>;
  readonly prepare?: (exchange: Exchange) => void;
}

const SECRET = '/srv/gate/internal/secret.ts';
const body = JSON.stringify({ private: 'answer' });

/** One request through a passage with something broken in it. */
async function pass(t: TestContext, broken: Broken) {
  const api = await upstream(t, (_req, res) => {
    res.writeHead(200, { 'content-type': 'application/json' });
    res.end(body);
  });
  const forwarding = settings.parse({});
  const targets = new Targets([api.url], forwarding, {});
  t.after(() => targets.close());
  const made = operation('GET /things');
  const recorded: { code: string | undefined; evidence: unknown }[] = [];
  const events: AuditEvent[] = [];
  const recorder: Recorder = {
    healthy: true,
    record: async (one) => {
      recorded.push({ code: one.refusal?.code, evidence: one.refusal?.evidence });
    },
    event: (event) => events.push(event),
    ...broken.recorder,
  };
  const stages = broken.stages ?? {};
  const compiled: CompiledStage[] = WAY.flatMap(({ stage }, index) => {
    const run: Stage | undefined =
      stages[stage] ??
      (stage === 'open-answer'
        ? ({ answer }) => {
            if (answer !== undefined)
              Object.assign(answer, { mode: 'buffer', headers: { 'content-type': 'application/json' } });
            return undefined;
          }
        : undefined);
    return run === undefined ? [] : [{ index, name: stage, run }];
  });
  const plan: OperationPlan = {
    operation: made,
    policies: {} as never,
    before: compiled.filter(({ index }) => index < FIRST_ANSWER_STAGE),
    open: compiled.find(({ name }) => name === 'open-answer'),
    after: compiled.filter(({ index, name }) => index > FIRST_ANSWER_STAGE && name !== 'sign'),
    sign: compiled.find(({ name }) => name === 'sign'),
    gathers: false,
    route: compileRoute(made, [], forwarding),
    maxAnswer: 1_000_000,
    goesOnUnrecorded: false,
    ...broken.plan,
  };
  let over = 0;
  const metrics = new Metrics();
  const server = createServer((req, res) => {
    const one = exchange('GET /things');
    broken.prepare?.(one);
    new Passage(one, plan, { recorder, metrics, targets, over: () => over++ }, req, res).start();
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  t.after(() => server.close().closeAllConnections());
  const { port } = server.address() as AddressInfo;
  const answer = await new Promise<{ status: number; text: string }>((resolve, reject) => {
    const req = httpRequest({ host: '127.0.0.1', port, path: '/things', agent: false, timeout: 5000 }, (res) => {
      let text = '';
      res.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
      res.on('end', () => resolve({ status: res.statusCode ?? 0, text }));
      res.on('error', reject);
    });
    req.on('timeout', () => req.destroy(new Error('no answer')));
    req.on('error', reject);
    req.end();
  });
  return { ...answer, forwarded: api.seen.length, recorded, events, over: () => over, metrics: metrics.render() };
}

test('with nothing broken the answer leaves, recorded once', async (t) => {
  const { status, text, forwarded, recorded, over } = await pass(t, {});
  assert.deepEqual([status, text, forwarded, over()], [200, body, 1, 1]);
  assert.deepEqual(recorded, [{ code: undefined, evidence: undefined }]);
});

const BREAKS: [string, Stage][] = [
  [
    'throws',
    () => {
      throw new Error(SECRET);
    },
  ],
  [
    'throws something that is no Error',
    () => {
      throw SECRET;
    },
  ],
  [
    'throws undefined',
    () => {
      throw undefined;
    },
  ],
  [
    'rejects',
    async () => {
      throw new Error(SECRET);
    },
  ],
  ['rejects with nothing', () => Promise.reject(undefined)],
  ['rejects after a while', () => new Promise((_resolve, reject) => setImmediate(() => reject(new TypeError(SECRET))))],
  [
    'overflows the stack',
    () => {
      const down = (n: number): number => down(n + 1) + 1;
      down(0);
      return undefined;
    },
  ],
];

for (const [index, { stage }] of WAY.entries()) {
  for (const [how, run] of BREAKS) {
    // It must not answer with a promise at all: see below.
    if (stage === 'open-answer' && how.startsWith('rejects')) continue;
    test(`${stage} ${how}: 503, recorded, nothing leaves`, async (t) => {
      const { status, text, forwarded, recorded, over } = await pass(t, { stages: { [stage]: run } });
      assert.equal(status, 503, text);
      const problem = JSON.parse(text) as { code: string; exchange: string };
      assert.equal(problem.code, 'internal');
      assert.doesNotMatch(text, /secret\.ts|private|stack|TypeError|RangeError/);
      assert.equal(forwarded, index < FIRST_ANSWER_STAGE ? 0 : 1);
      assert.equal(recorded.length, 1);
      assert.equal(recorded[0]?.code, 'internal');
      assert.equal((recorded[0]?.evidence as { stage?: string } | undefined)?.stage, stage);
      assert.equal(over(), 1, 'nothing is left running');
    });
  }
}

test('open-answer that answers with a promise is an error too: it would be judged too late', async (t) => {
  const { status, text } = await pass(t, { stages: { 'open-answer': async () => undefined } });
  assert.equal(status, 503);
  assert.doesNotMatch(text, /private/);
});

test('and its rejection does not go astray: nobody would catch it', async (t) => {
  const run = async (): Promise<undefined> => {
    throw new Error(SECRET);
  };
  const { status } = await pass(t, { stages: { 'open-answer': run } });
  assert.equal(status, 503);
});

for (const [what, make] of [
  [
    'an error whose stack cannot be read',
    () => Object.defineProperty(new Error(SECRET), 'stack', { get: () => JSON.parse('{') }),
  ],
  ['an object without prototype', () => Object.create(null)],
] as [string, () => unknown][]) {
  test(`a stage throws ${what}: 503 all the same`, async (t) => {
    const run = (): never => {
      throw make();
    };
    const { status, forwarded } = await pass(t, { stages: { authorize: run } });
    assert.deepEqual([status, forwarded], [503, 0]);
  });
}

test('a request that cannot be rebuilt is not sent', async (t) => {
  const fail = (): never => {
    throw new Error(SECRET);
  };
  for (const part of ['headers', 'target'] as const) {
    const route = { ...compileRoute(operation('GET /things'), [], settings.parse({})), [part]: fail };
    const { status, text, forwarded, recorded } = await pass(t, { plan: { route } });
    assert.ok(status === 502 || status === 503, `${status}`);
    assert.equal(forwarded, 0);
    assert.equal(recorded.length, 1);
    assert.doesNotMatch(text, /secret\.ts/);
  }
});

test('a record that cannot be written: the answer does not leave', async (t) => {
  for (const record of [
    async () => {
      throw new Error(SECRET);
    },
    () => {
      throw new Error(SECRET);
    },
  ] as Recorder['record'][]) {
    const { status, text, over, metrics } = await pass(t, { recorder: { record } });
    assert.equal(status, 503);
    assert.equal((JSON.parse(text) as { code: string }).code, 'record-failed');
    assert.doesNotMatch(text, /private|secret\.ts/);
    assert.match(metrics, /^portcullis_records_lost_total 1$/m);
    assert.equal(over(), 1);
  }
});

test('while records cannot be written nothing is forwarded at all', async (t) => {
  const { status, forwarded } = await pass(t, { recorder: { healthy: false } });
  assert.deepEqual([status, forwarded], [503, 0]);
});

test('where the policy says to go on unrecorded, it goes on, and counts', async (t) => {
  const record = async (): Promise<void> => {
    throw new Error('full');
  };
  const { status, text } = await pass(t, { recorder: { record, healthy: false }, plan: { goesOnUnrecorded: true } });
  assert.deepEqual([status, text], [200, body]);
});

test('what is held for an exchange is released, though one release fails', async (t) => {
  let released = 0;
  const { status, over, events } = await pass(t, {
    prepare: (one) =>
      one.finally.push(
        () => {
          throw new Error('release');
        },
        () => {
          released++;
        },
      ),
  });
  assert.deepEqual([status, released, over()], [200, 1, 1]);
  assert.ok(events.some(({ event }) => event === 'gateway/crashed'));
});

test('a refusal of a stage stops the way there', async (t) => {
  const seen: string[] = [];
  const { refuse } = await import('../../src/gateway/refusal.ts');
  const { status, forwarded } = await pass(t, {
    stages: {
      authenticate: () => refuse('credentials-missing'),
      authorize: () => {
        seen.push('authorize');
        return undefined;
      },
    },
  });
  assert.deepEqual([status, forwarded, seen.length], [401, 0, 0]);
});
