import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type GateUnderTest, type Reply, startAgain } from '../support/gate.ts';
import { lifetime, until } from '../support/program.ts';
import { shopGate } from '../support/shop-gate.ts';

// Who does harm again and again is shut out: the real program, over TLS, from one address.
const life = lifetime(after);
let gate: GateUnderTest;

/** Rates are out of the way: these tests are about bans. Everyone comes over a proxy whose word is taken. */
const settings = {
  listen: { trustedProxies: ['127.0.0.1/32'] },
  throttling: { address: '10000/s', principal: '10000/s', anonymous: '10000/s' },
  operations: { listThings: { authentication: 'public' } },
};
const ATTACK = `/things?q=${encodeURIComponent("zz' UNION SELECT name, secret FROM members--")}`;
/** As many as the defaults allow. */
const HARMFUL = 20;

interface Caller {
  /** The address that the proxy names. */
  readonly at: string;
  readonly key?: string;
  readonly crossSite?: boolean;
}

const headersOf = ({ at, key, crossSite }: Caller): Record<string, string> => ({
  'x-forwarded-for': at,
  ...(key === undefined ? {} : { 'x-api-key': key }),
  ...(crossSite ? { 'sec-fetch-site': 'cross-site' } : {}),
});
const ask = (caller: Caller, path = '/things'): Promise<Reply> => gate.send(path, { headers: headersOf(caller) });
const codeOf = (reply: Reply): unknown => (reply.status === 200 ? 200 : reply.json()['code']);

/** Attacks until shut out. @returns the codes of the answers */
async function attack(caller: Caller, times: number): Promise<unknown[]> {
  const codes: unknown[] = [];
  for (let i = 0; i < times; i++) codes.push(codeOf(await ask(caller, ATTACK)));
  return codes;
}

interface Shown {
  readonly id: string;
  readonly subject: string;
  readonly covers: string;
  readonly state: string;
  readonly cause: string[];
}
const listed = async (): Promise<Shown[]> => {
  const { code, stdout, stderr } = await gate.cli('bans', 'list', '--json');
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout) as Shown[];
};
/** Each on a connection of its own, so that the system spreads them over workers. */
const codesOf = async (caller: Caller, count: number): Promise<unknown[]> => [
  ...new Set(await Promise.all(Array.from({ length: count }, async () => codeOf(await ask(caller))))),
];
const customer = (note: string): string => gate.key({ roles: ['customer'], claims: { customer: 1 }, note });

before(async () => {
  ({ gate } = await shopGate(life, settings));
});

test('a principal is shut out after enough attacks, and only it; lifting frees it at once; all of it is on record', async () => {
  const [mallory, honest] = [customer('mallory'), customer('honest')];
  const at = '198.51.100.1';
  assert.deepEqual(await attack({ at, key: mallory }, HARMFUL), Array(HARMFUL).fill('harmful'));
  const refused = await ask({ at, key: mallory });
  assert.equal(refused.status, 429);
  assert.ok(Number(refused.headers['retry-after']) > 50 && Number(refused.headers['retry-after']) <= 60);
  const { exchange, ...told } = refused.json<{ exchange: string; detail: string }>();
  assert.deepEqual(Object.keys(told).sort(), ['code', 'detail', 'status', 'title', 'type']);
  assert.doesNotMatch(refused.text, /harm|attack|ban_|sql|key_/i);
  assert.equal(codeOf(await ask({ at: '198.51.100.2', key: mallory })), 'banned', 'wherever it calls from');
  assert.equal(codeOf(await ask({ at, key: honest })), 200);
  assert.equal(codeOf(await ask({ at })), 200);

  const [ban] = await listed();
  assert.match(ban?.subject ?? '', /^key:key_\w+$/);
  assert.equal((ban?.cause ?? []).length, 5);
  const shown = await until('the record', async () => {
    const { code, stdout } = await gate.cli('audit', 'show', exchange);
    return code === 0 && stdout;
  });
  for (const part of [ban?.id, ban?.cause.at(-1), '"until"']) assert.ok(shown.includes(part as string), shown);
  const { stdout: page } = await gate.cli('bans', 'show', ban?.subject as string);
  const { stdout: plain } = await gate.cli('bans', 'list');
  assert.match(plain, /^ID +STATE +KIND +WHO .*\nban_\w+ +in force +principal +key:key_\w+ .* 1 +harm\n$/);
  assert.match(page, /principal key:key_\w+[\s\S]*1 in a row/);

  const lifted = await gate.cli('bans', 'lift', ban?.subject as string);
  assert.match(lifted.stdout, /^Lifted ban_/);
  await until('the ban to end', async () => codeOf(await ask({ at, key: mallory })) === 200);
  assert.deepEqual(await listed(), []);
  await until('all of it in the log', async () => {
    const { stdout } = await gate.cli('audit', 'search', '--event', '*', '--json');
    return stdout.includes('throttling/banned') && stdout.includes('throttling/ban-lifted');
  });
});

test('attack: a neighbour behind the same address cannot lock out who has a credential', async () => {
  const at = '198.51.100.10';
  const victim = customer('victim');
  await attack({ at }, HARMFUL);
  assert.equal(codeOf(await ask({ at })), 'banned', 'strangers of the address');
  assert.equal(codeOf(await ask({ at }, '/nowhere')), 'banned', 'before anything is looked at');
  assert.equal(codeOf(await ask({ at, key: victim })), 200);
  assert.equal((await ask({ at, key: 'pk_made_up' })).status, 401, 'a credential that is none does not help');
  assert.equal(codeOf(await ask({ at: '198.51.100.11' })), 200, 'nor is the proxy they come over');
  assert.equal(codeOf(await ask({ at: '2001:db8::1' })), 200);
});

test('attack: a page that makes its visitor send attacks does not get the visitor banned', async () => {
  const at = '198.51.100.20';
  await attack({ at, crossSite: true }, HARMFUL);
  assert.equal(codeOf(await ask({ at, crossSite: true })), 'banned');
  assert.equal(codeOf(await ask({ at })), 200);
});

test('an IPv6 address stands for its /64', async () => {
  for (let i = 0; i < HARMFUL; i++) await ask({ at: `2001:db8:0:1::${i.toString(16)}` }, ATTACK);
  assert.equal(codeOf(await ask({ at: '2001:db8:0:1:aaaa::1' })), 'banned');
  assert.equal(codeOf(await ask({ at: '2001:db8:0:2::1' })), 200);
});

test('the admin API lists, adds and lifts as the CLI does; metrics count', async () => {
  const added = await gate.admin('POST', '/bans', {
    body: JSON.stringify({ who: '203.0.113.0/24', for: '1h', reason: 'a test' }),
  });
  assert.equal(added.status, 201, added.text);
  await until('the ban to hold', async () => codeOf(await ask({ at: '203.0.113.77' })) === 'banned');
  const { bans } = (await gate.admin('GET', '/bans')).json<{ bans: Shown[] }>();
  assert.ok(bans.some(({ subject }) => subject === '203.0.113.0/24'));
  const { text } = await gate.admin('GET', '/metrics');
  assert.match(text, /^portcullis_bans_active\{kind="address"\} [1-9]/m);
  assert.match(text, /^portcullis_bans_total\{kind="principal"\} 1$/m);
  assert.match(text, /^portcullis_throttled_total\{policy="banned"\} \d+$/m);
  const path = `/bans/${encodeURIComponent('203.0.113.0/24')}`;
  assert.equal((await gate.admin('GET', path, { token: null })).status, 401);
  assert.equal((await gate.admin('GET', path)).status, 200);
  assert.equal((await gate.admin('DELETE', path)).status, 200);
  assert.equal((await gate.admin('DELETE', path)).status, 404);
  await until('the ban to end', async () => codeOf(await ask({ at: '203.0.113.77' })) === 200);
  for (const body of [{ who: 'nobody', for: '1h', reason: 'x' }, { who: '203.0.113.1', for: 'ever', reason: 'x' }, {}])
    assert.equal((await gate.admin('POST', '/bans', { body: JSON.stringify(body) })).status, 400);
});

test('bans survive kill -9 and a restart; what is added while no gate runs holds from the start', async () => {
  const at = '198.51.100.30';
  await attack({ at }, HARMFUL);
  assert.equal(codeOf(await ask({ at })), 'banned');
  await until('it is written', async () => (await listed()).some(({ subject }) => subject === at));
  await gate.program.stop('SIGKILL');
  const added = await gate.cli('bans', 'add', '198.51.100.31', '--for', '1h', '--reason', 'by night');
  assert.equal(added.code, 0, added.stderr);
  gate = await startAgain(life, gate.directory);
  assert.deepEqual([codeOf(await ask({ at })), codeOf(await ask({ at: '198.51.100.31' }))], ['banned', 'banned']);
  assert.equal(codeOf(await ask({ at: '198.51.100.32' })), 200);
  assert.equal((await gate.cli('bans', 'lift', '--all')).code, 0);
  await until('all bans to end', async () => codeOf(await ask({ at })) === 200);
});

test('mistakes at the command line end with 2 and the mend', async () => {
  for (const [args, message] of [
    [['add', 'nobody', '--for', '1h', '--reason', 'x'], /Name an address/],
    [['add', '192.0.2.1', '--for', 'ever', '--reason', 'x'], /--for is a span/],
    [['add', '192.0.2.1', '--for', '1h'], /--reason/],
    [['add', 'pk_abcdef', '--for', '1h', '--reason', 'x'], /a key, not its id/],
    [['lift', '192.0.2.99'], /There is no ban/],
    [['lift'], /--all/],
  ] as const) {
    const { code, stderr } = await gate.cli('bans', ...args);
    assert.equal(code, 2, stderr);
    assert.match(stderr, message);
  }
});

test('a reload switches bans off and on', async () => {
  const at = '198.51.100.40';
  await attack({ at }, HARMFUL);
  assert.equal(codeOf(await ask({ at })), 'banned');
  const reload = async (bans: unknown): Promise<void> => {
    gate.configure({ throttling: { ...settings.throttling, bans } });
    assert.equal((await gate.admin('POST', '/reload')).status, 200);
  };
  await reload('off');
  assert.equal(codeOf(await ask({ at })), 200);
  await reload({});
  assert.equal(codeOf(await ask({ at })), 'banned');
  await reload({ exempt: ['198.51.100.0/24'] });
  assert.equal(codeOf(await ask({ at })), 200);
});

test('several workers: harm at any of them counts together, and a ban holds and ends in all', async (t) => {
  const own = lifetime((work) => t.after(work));
  ({ gate } = await shopGate(own, settings, ['--workers', '2']));
  const [key, other] = [customer('mallory'), customer('honest')];
  const caller = { at: '198.51.100.50', key };
  await attack(caller, HARMFUL + 4);
  await until('the ban to hold in both', async () => (await codesOf(caller, 16)).join() === 'banned');
  assert.deepEqual(await codesOf({ ...caller, key: other }, 16), [200]);
  const [ban, ...more] = await listed();
  assert.deepEqual(more, []);
  assert.equal((await gate.cli('bans', 'lift', ban?.id as string)).code, 0);
  await until('the ban to end in both', async () => (await codesOf(caller, 16)).join() === '200');
  const events = await until('the lifting to be on record', async () => {
    const { stdout } = await gate.cli('audit', 'search', '--event', '*', '--json');
    return stdout.includes('throttling/ban-lifted') && stdout;
  });
  assert.equal(events.split('throttling/ban-lifted').length, 2, 'once, though two saw it');
  assert.equal(events.split('"throttling/banned"').length, 2);
});
