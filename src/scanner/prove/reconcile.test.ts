import assert from 'node:assert/strict';
import { appendFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { exchange, open, temporaryDirectory } from '../../audit/fixture.ts';
import { api, ok } from '../../contract/fixture.ts';
import type { Exchange as GateExchange } from '../../gateway/exchange.ts';
import { exchangeId } from '../../gateway/exchange-id.ts';
import { type RefusalCode, refuse } from '../../gateway/refusal.ts';
import { Answer } from '../http/answer.ts';
import type { Exchange } from '../model/exchange.ts';
import { Ledger } from './ledger.ts';
import { checkpointsOf, reconcile } from './reconcile.ts';
import { contracted } from './testing.ts';

const contract = await contracted(api({ '/patients/{id}': { get: ok } }));
const [operation] = contract.operations;

/** An exchange of the gate with an id of its own. */
function ended(n: number, code?: RefusalCode): GateExchange {
  const made = exchange(n);
  Object.assign(made, { id: exchangeId(Date.now()) });
  if (code !== undefined) made.refusal = refuse(code, { evidence: { reason: 'a reason' } });
  return made;
}

/** The same as the scanner saw it. */
function seen(of: GateExchange, parts: Partial<Exchange> & { status?: number; code?: string } = {}): Exchange {
  const status = parts.status ?? of.refusal?.status ?? 200;
  const code = parts.code ?? of.refusal?.code;
  const body = code === undefined ? '{}' : JSON.stringify({ code, exchange: of.id });
  const headers = new Map([
    ['x-exchange-id', of.id],
    ['content-type', code === undefined ? 'application/json' : 'application/problem+json'],
  ]);
  return {
    id: 1,
    request: { method: 'GET', target: of.request.path, headers: [] },
    answer: new Answer({ status, headers, body: Buffer.from(body), milliseconds: 1 }),
    operation,
    as: undefined,
    check: '',
    ...parts,
  };
}

async function compare(
  t: TestContext,
  recorded: readonly GateExchange[],
  noted: readonly Exchange[],
  principals: ReadonlyMap<string, string> = new Map(),
) {
  const directory = temporaryDirectory(t);
  const log = await open(directory);
  for (const one of recorded) await log.record(one);
  await log.close();
  const ledger = new Ledger();
  for (const one of noted) ledger.note(one);
  return { ledger, directory, found: await reconcile(ledger, { directory, since: Date.now(), principals, kept: [] }) };
}

test('what was answered stands in the log once, as it was: friendly, invalid and harmful', async (t) => {
  const all = [ended(1), ended(2, 'invalid-request'), ended(3, 'harmful'), ended(4, 'not-permitted')];
  const noted = all.map((one, index) => seen(one, { check: index === 0 ? '' : 'some-check' }));
  const { found } = await compare(t, all, noted);
  assert.deepEqual([found.named, found.matched, found.missingCount, found.wrongCount, found.others], [4, 4, 0, 0, 0]);
  const counts = { sent: 3, allowed: 0, refused: 1, invalid: 1, harmful: 1, failed: 0, limited: 0 };
  assert.deepEqual(found.tallies.get('some-check'), counts);
  assert.deepEqual(
    found.logs.map(({ findings, unsigned }) => [findings.length, unsigned]),
    [[0, 0]],
  );
  assert.deepEqual(found.friendly, []);
});

test('an answer without a record is missing, and a record without an answer is counted', async (t) => {
  const [first, second, third] = [ended(1), ended(2), ended(3)];
  const { found } = await compare(t, [first, third], [seen(first), seen(second)]);
  assert.deepEqual([found.matched, found.missingCount, found.others], [1, 1, 1]);
  assert.equal(found.missing[0]?.id, second.id);
});

test('a record that says something else than the caller saw is wrong', async (t) => {
  const cases: [GateExchange, Exchange, RegExp][] = [];
  const add = (one: GateExchange, noted: Exchange, why: RegExp) => cases.push([one, noted, why]);
  const [a, b, c, d, e] = [ended(1), ended(2, 'harmful'), ended(3, 'not-permitted'), ended(4), ended(5)];
  add(a, seen(a, { status: 204 }), /answered 204, its record says 200/);
  add(b, seen(b, { code: 'not-permitted' }), /refused as not-permitted, its record says harmful/);
  add(
    c,
    { ...seen(c), answer: new Answer({ status: 403, headers: new Map([['x-exchange-id', c.id]]), milliseconds: 1 }) },
    /let through/,
  );
  add(d, { ...seen(d), request: { method: 'POST', target: '/', headers: [] } }, /sent as POST/);
  add(e, seen(e, { as: 'nurse' }), /sent as nurse, its record names key:nurse-5/);
  const principals = new Map([['nurse', 'key_other']]);
  const { found } = await compare(
    t,
    cases.map(([one]) => one),
    cases.map(([, noted]) => noted),
    principals,
  );
  assert.equal(found.wrongCount, cases.length);
  for (const [one, , why] of cases) assert.match(found.wrong.find(({ id }) => id === one.id)?.why ?? '', why);
});

test('two records of one exchange are wrong', async (t) => {
  const one = ended(1);
  const { found } = await compare(t, [one, one], [seen(one)]);
  assert.equal(found.wrong[0]?.why, 'it stands in the log more than once');
});

test('a friendly call that was refused is listed with its reason; nonsense and checks are not', async (t) => {
  const [friendly, attack, passed] = [ended(1, 'harmful'), ended(2, 'harmful'), ended(3)];
  const { found, ledger } = await compare(
    t,
    [friendly, attack, passed],
    [seen(friendly, { as: 'nurse' }), seen(attack, { check: 'sql-injection' }), seen(passed)],
  );
  assert.deepEqual(
    found.friendly.map(({ operation: key, code, result, count, identities }) => [
      key,
      code,
      result,
      count,
      [...identities],
    ]),
    [['GET /patients/{id}', 'harmful', 'harmful', 1, ['nurse']]],
  );
  assert.match(found.friendly[0]?.reason ?? '', /a reason/);
  assert.ok(ledger.kept.has(friendly.id));
});

test('what the gate recognised and let through is found', async (t) => {
  const one = ended(1);
  one.note('detect', 'harmful; reported only', { class: 'sql-injection' });
  const { found } = await compare(t, [one], [seen(one, { check: 'sql-injection' })]);
  assert.deepEqual(
    found.recognised.map(({ what, count }) => [what, count]),
    [['sql-injection', 1]],
  );
});

test('a log that was edited does not verify', async (t) => {
  const one = ended(1);
  const { directory, ledger } = await compare(t, [one], [seen(one)]);
  const kept = await checkpointsOf(directory);
  assert.equal(kept.length, 1);
  const segments = join(directory, '0', 'segments');
  appendFileSync(
    join(segments, readdirSync(segments)[0] as string),
    '{"v":1,"n":99,"time":"2030-01-01T00:00:00.000Z","kind":"event"}\n',
  );
  const found = await reconcile(ledger, { directory, since: Date.now(), principals: new Map(), kept });
  assert.ok(found.logs.some(({ findings }) => findings.length > 0));
});
