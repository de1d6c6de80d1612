import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { parse, stringify } from 'yaml';
import { formatFindings } from '../../src/cli/findings.ts';
import { planFor } from '../../src/cli/inspect.ts';
import { LoadError } from '../../src/shared/finding.ts';
import { startAgain, upstream } from '../support/gate.ts';
import { cli, lifetime, scratch } from '../support/program.ts';
import { SHOP } from '../support/shop.ts';

// `init`, `check`, `explain`, `schema`: what a person learns before anything runs.

/** A contract nothing can be said against. */
const SOUND = {
  openapi: '3.1.0',
  info: { title: 'sound', version: '1' },
  security: [{ key: [] }],
  paths: {
    '/ping': {
      get: {
        operationId: 'ping',
        tags: ['health'],
        responses: {
          200: {
            description: 'ok',
            content: {
              'application/json': {
                schema: { type: 'object', additionalProperties: false, properties: { ok: { type: 'boolean' } } },
              },
            },
          },
        },
      },
    },
  },
  components: { securitySchemes: { key: { type: 'apiKey', in: 'header', name: 'X-API-Key' } } },
};

function desk(t: TestContext, files: Record<string, string>) {
  const directory = scratch(t);
  for (const [name, text] of Object.entries(files)) writeFileSync(join(directory, name), text);
  return { directory, run: (...args: string[]) => cli(args, { cwd: directory }) };
}

const yaml = (lines: string) => ({ 'openapi.yaml': stringify(SOUND), 'portcullis.yaml': lines });
const START = 'contract: openapi.yaml\nupstream: http://127.0.0.1:3000\n';
const GRANT = 'authorization:\n  roles:\n    everything: ["**"]\n';

test('exit code 0: nothing found; the table has a row an operation and a column a practice', async (t) => {
  const { directory, run } = desk(t, yaml(START + GRANT));
  const { code, stdout, stderr } = await run('check');
  assert.equal(code, 0, stdout + stderr);
  assert.match(
    stdout,
    /^operation +authentication +authorization +validation +detection +encryption +disclosure +throttling +audit/m,
  );
  assert.match(stdout, /^GET \/ping +\S/m);
  assert.match(stdout, /^1 operations?; 0 errors, 0 warnings, 0 weaknesses/m);
  assert.deepEqual(readdirSync(directory).sort(), ['openapi.yaml', 'portcullis.yaml'], 'nothing was written');
});

test('exit code 1: findings, each with rule, place and mend; --json says the same', async (t) => {
  const { run } = desk(t, { 'openapi.json': JSON.stringify(SHOP, null, 2) });
  const { code, stdout } = await run('check', 'openapi.json');
  assert.equal(code, 1);
  assert.match(stdout, /^openapi\.json:\d+:\d+: weakness [a-z]+\/[a-z-]+: .+\n {4}mend: .+/m);
  const machine = await run('check', 'openapi.json', '--json');
  assert.equal(machine.code, 1);
  const report = JSON.parse(machine.stdout) as {
    contract: { title: string };
    findings: {
      rule: string;
      severity: string;
      message: string;
      mend: string;
      place?: { file: string; line: number; column: number };
    }[];
    operations: {
      operation: string;
      operationId: string;
      inForce: Record<string, { part: string; value: string; origin: string }[]>;
    }[];
  };
  assert.equal(report.contract.title, 'shop');
  assert.ok(report.findings.length > 0);
  const source = JSON.stringify(SHOP, null, 2).split('\n');
  for (const finding of report.findings) {
    assert.match(finding.rule, /^[a-z]+\/[a-z-]+$/);
    assert.ok(['error', 'warning', 'weakness'].includes(finding.severity));
    assert.ok(finding.mend.length > 5);
    if (finding.place === undefined) continue;
    assert.equal(finding.place.file, 'openapi.json');
    assert.ok(
      (source[finding.place.line - 1]?.length ?? -1) >= finding.place.column - 1,
      JSON.stringify(finding.place),
    );
  }
  assert.deepEqual(
    report.operations.map(({ operation }) => operation),
    [
      'GET /ping',
      'GET /silent',
      'GET /things',
      'POST /things',
      'GET /things/{id}',
      'DELETE /things/{id}',
      'GET /customers/{customer}/orders',
      'GET /files/{name}',
    ],
  );
  for (const { inForce } of report.operations)
    for (const lines of Object.values(inForce))
      for (const line of lines) assert.ok(line.part && line.value && line.origin);
  const quiet = await run('check', 'openapi.json', '--quiet');
  assert.doesNotMatch(quiet.stdout, /^operation /m);
});

const REFUSED: [string, string, RegExp][] = [
  [
    'an unknown key, with the nearest one',
    `${START}authorisation: {}\n`,
    /^portcullis\.yaml:3:1: .*unknown key "authorisation".*\n\s+mend: did you mean "authorization"\?/m,
  ],
  [
    'an unknown key inside a room',
    `${START}throttling:\n  adress: off\n`,
    /^portcullis\.yaml:4:3: .*"throttling\.adress".*\n\s+mend: did you mean "address"\?/m,
  ],
  [
    'an unknown key of an operation',
    `${START}operations:\n  ping:\n    validation:\n      maxbody: 1\n`,
    /^portcullis\.yaml:6:7: .*\n\s+mend: did you mean "maxBody"\?/m,
  ],
  [
    'a key that cannot be set per operation',
    `${START}operations:\n  ping:\n    listen: {}\n`,
    /^portcullis\.yaml:5:5: .*listen/m,
  ],
  [
    'a selector that fits nothing',
    `${START}operations:\n  pingg: {authentication: public}\n`,
    /^portcullis\.yaml:4:3: .*pingg.*\n\s+mend: .*ping/m,
  ],
  ['a value out of range', `${START}listen:\n  port: 70000\n`, /^portcullis\.yaml:4:3: .*listen\.port/m],
  ['a word that is none of the choices', `${START}disclosure: strp\n`, /^portcullis\.yaml:3:1: .*disclosure/m],
  ['a duration without unit', `${START}listen:\n  drain: 30\n`, /^portcullis\.yaml:4:3: .*listen\.drain/m],
  ['an admin listener for everyone', `${START}admin:\n  host: 0.0.0.0\n`, /^portcullis\.yaml:4:3: .*loopback/m],
  [
    'plain transport for everyone',
    `${START}listen:\n  transport: plain\n  host: 0.0.0.0\n`,
    /^portcullis\.yaml:4:3: .*loopback/m,
  ],
  [
    'a missing upstream',
    'contract: openapi.yaml\n',
    /^portcullis\.yaml:\d+:\d+: .*upstream.*\n\s+mend: add "upstream"/m,
  ],
  [
    'a missing variable',
    `${START}forwarding:\n  headers:\n    x-proof: \${PORTCULLIS_TEST_ABSENT}\n`,
    /^portcullis\.yaml:5:5: .*PORTCULLIS_TEST_ABSENT/m,
  ],
  ['a key twice', `${START}data: a\ndata: b\n`, /^portcullis\.yaml:4:1: /m],
  ['a YAML error', `${START}listen: {port: 1\nadmin: {}\n`, /^portcullis\.yaml:[34]:\d+: /m],
  ['a tab', `${START}listen:\n\tport: 1\n`, /^portcullis\.yaml:4:\d+: /m],
  ['an empty file', '', /^portcullis\.yaml:1:1: .*no settings/m],
  ['a list', '- a\n', /^portcullis\.yaml:1:1: /m],
  [
    'an address range that is none',
    `${START}listen:\n  trustedProxies: [10.0.0.0/33]\n`,
    /^portcullis\.yaml:4:\d+: .*trustedProxies.*address range/m,
  ],
  ['a contract that is not there', 'contract: absent.yaml\nupstream: http://127.0.0.1:3000\n', /absent\.yaml/],
  [
    'more aliases than anyone writes',
    `${START}forwarding:\n  headers:\n    a: &a [x,x,x,x,x,x,x,x,x]\n    b: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\n    c: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\n    d: [*c,*c,*c,*c,*c,*c,*c,*c,*c]\n`,
    /^portcullis\.yaml:\d+:\d+: .*alias/im,
  ],
];

for (const [name, text, pattern] of REFUSED) {
  test(`refused: ${name}`, async (t) => {
    const { directory } = desk(t, yaml(text));
    // Twenty programs would be twenty starts: what `check` does, without its process.
    const findings = await planFor(join(directory, 'portcullis.yaml'), undefined).then(
      (plan) => plan.findings,
      (error: Error) => {
        if (error instanceof LoadError) return error.findings;
        throw error;
      },
    );
    const said = formatFindings(findings.filter(({ severity }) => severity === 'error')).replaceAll(
      `${directory}/`,
      '',
    );
    assert.match(said, pattern);
  });
}

test('exit code 2: all problems are said at once', async (t) => {
  const { run } = desk(t, yaml(`${START}listen: {port: -1}\nadmin: {port: x}\ndat: 1\n`));
  const { code, stderr } = await run('check');
  assert.equal(code, 2);
  for (const word of ['listen.port', 'admin.port', '"dat"']) assert.ok(stderr.includes(word), `${word}\n${stderr}`);
  assert.match(stderr, /^portcullis\.yaml:3:\d+: error /m, 'named as the user names it');
  assert.doesNotMatch(stderr, /\n\s+at .*:\d+:\d+/, 'no stack trace');
});

test('exit code 2: no configuration at all; a file that is named and absent; a directory', async (t) => {
  const { run } = desk(t, {});
  const none = await run('check');
  assert.equal(none.code, 2);
  assert.match(none.stderr, /portcullis\.yaml.*\n\s+mend: .*portcullis init/);
  const named = [
    ['--config', 'other.yaml', 'check'],
    ['--config', '.', 'check'],
    ['--config', 'other.yaml', 'keys', 'list'],
  ];
  for (const { code, stderr } of await Promise.all(named.map((args) => run(...args)))) {
    assert.equal(code, 2, stderr);
    assert.doesNotMatch(stderr, /\n\s+at /);
  }
});

test('init, check, start: what init writes can be started as it is', async (t) => {
  const life = lifetime((work) => t.after(work));
  const { directory, run } = desk(life as never, { 'openapi.yaml': stringify(SOUND) });
  const shop = await upstream(t, (_req, res) => {
    res.writeHead(200, { 'content-type': 'application/json' });
    res.end('{"ok":true}');
  });
  const made = await run('init', 'openapi.yaml', '--upstream', shop.url);
  assert.equal(made.code, 0, made.stderr);
  const text = readFileSync(join(directory, 'portcullis.yaml'), 'utf8');
  assert.match(text, /^# yaml-language-server: \$schema=portcullis\.schema\.json/);
  assert.equal(parse(text).upstream, shop.url);
  assert.ok(existsSync(join(directory, 'portcullis.schema.json')));
  const checked = await run('check');
  assert.equal(checked.code, 0, checked.stdout + checked.stderr);
  const again = await run('init', 'openapi.yaml');
  assert.equal(again.code, 2);
  assert.match(again.stderr, /is there already.*--force/);
  assert.equal(readFileSync(join(directory, 'portcullis.yaml'), 'utf8'), text, 'not overwritten');
  const key = (await run('keys', 'create', '--role', 'everything')).stdout.trim();
  // Ports of the machine's own choice, so that tests do not meet.
  writeFileSync(join(directory, 'portcullis.yaml'), `${text.replace('port: 8443', 'port: 0')}\nadmin: {port: 0}\n`);
  const gate = await startAgain(life, directory);
  assert.equal((await gate.send('/ping')).status, 401);
  assert.equal((await gate.send('/ping', { headers: { 'x-api-key': key } })).status, 200);
});

test('init says what the contract leaves open, and refuses a contract that cannot be loaded', async (t) => {
  const { directory, run } = desk(t, {
    'openapi.yaml': stringify({ ...SOUND, security: undefined }),
    'broken.json': '{',
  });
  assert.equal((await run('init', 'openapi.yaml')).code, 0);
  assert.match(readFileSync(join(directory, 'portcullis.yaml'), 'utf8'), /^authentication: key$/m);
  const broken = await run('--config', 'other.yaml', 'init', 'broken.json');
  assert.equal(broken.code, 2);
  assert.ok(!existsSync(join(directory, 'other.yaml')));
});

test('explain: the policy in force with its origins', async (t) => {
  const { run } = desk(t, yaml(`${START}${GRANT}operations:\n  ping:\n    throttling: {operation: 3/s}\n`));
  const { code, stdout } = await run('explain', 'GET /ping');
  assert.equal(code, 0);
  assert.match(stdout, /^GET \/ping \(ping\)/m);
  assert.match(stdout, /\[portcullis\.yaml:\d+:\d+\]/, 'from the file');
  assert.match(stdout, /3 per 1? ?s.*\[portcullis\.yaml:8:\d+\]/, 'set for this operation');
  assert.match(stdout, /\[default\]/);
  assert.match(stdout, /\[openapi\.yaml:\d+:\d+[^\]]*\]/, 'from the contract');
  assert.match(stdout, /stages: throttle-address, authenticate, .*disclose/);
  const selectors = ['tag:health', 'GET /*', '**'];
  const codes = await Promise.all(selectors.map(async (selector) => (await run('explain', selector)).code));
  assert.deepEqual(codes, [0, 0, 0]);
  const machine = JSON.parse((await run('explain', 'ping', '--json')).stdout) as {
    operation: string;
    inForce: { room: string }[];
  }[];
  assert.deepEqual(
    machine.map(({ operation }) => operation),
    ['GET /ping'],
  );
  assert.deepEqual(new Set(machine[0]?.inForce.map(({ room }) => room)).size, machine[0]?.inForce.length);
  const typo = await run('explain', 'pong');
  assert.equal(typo.code, 2);
  assert.match(typo.stderr, /ping/);
});

test('explain: extensions of the contract are named as origin', async (t) => {
  const { run } = desk(t, { 'openapi.json': JSON.stringify(SHOP, null, 2) });
  const { code, stdout } = await run('explain', 'getThing', '--contract', 'openapi.json');
  assert.equal(code, 0);
  assert.match(stdout, /answer \/owner = customer unless staff +\[openapi\.json:\d+:\d+ \(x-portcullis-owner\)\]/);
});

test('schema: what editors read accepts what init writes and knows every room', async (t) => {
  const { run } = desk(t, {});
  const { code, stdout } = await run('schema');
  assert.equal(code, 0);
  const schema = JSON.parse(stdout) as {
    properties: Record<string, { description?: string }>;
    required: string[];
    additionalProperties: boolean;
  };
  assert.deepEqual(schema.required, ['contract', 'upstream']);
  assert.equal(schema.additionalProperties, false);
  for (const room of [
    'authentication',
    'authorization',
    'validation',
    'detection',
    'encryption',
    'disclosure',
    'throttling',
    'audit',
    'forwarding',
    'listen',
    'admin',
    'operations',
  ])
    assert.ok(schema.properties[room]?.description, room);
});

test('help: every verb has an example, and --version answers', async (t) => {
  const { run } = desk(t, {});
  const verbs = ['protect', 'init', 'check', 'start', 'explain', 'schema', 'detect'];
  const helped = await Promise.all(verbs.map((verb) => run(verb, '--help')));
  for (const [i, { code, stdout }] of helped.entries()) {
    assert.equal(code, 0);
    assert.match(stdout, new RegExp(`Examples?:\\n? *portcullis ${verbs[i]}`));
  }
  assert.match((await run('--version')).stdout, /^\d+\.\d+\.\d+/);
  assert.equal((await run('check', '--nope')).code, 2);
});
