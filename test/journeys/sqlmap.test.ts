import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { type RunningClinic, startClinic } from '../../examples/clinic/start.ts';
import { type GateUnderTest, startGate } from '../support/gate.ts';
import { root } from '../support/program.ts';

const missing = spawnSync('sqlmap', ['--version']).status === 0 ? false : "Debian's sqlmap is not installed";

/** Rewritings that make attacks unlike their usual spelling. */
const TAMPERS = [
  '',
  'space2comment,randomcase',
  'between,equaltolike',
  'charunicodeencode',
  'percentage,unionalltounion',
  'modsecurityversioned,space2plus',
];

describe('sqlmap', { skip: missing }, () => {
  const endings: (() => unknown)[] = [];
  let clinic: RunningClinic;
  let gate: GateUnderTest;
  const directory = mkdtempSync(join(tmpdir(), 'portcullis-sqlmap-'));

  before(async () => {
    clinic = await startClinic(['--port', '0', '--data', ':memory:']);
    const limit = { rate: '10000/s', burst: 10_000 };
    gate = await startGate(
      { after: (work) => endings.push(work) },
      {
        contract: 'openapi.yaml',
        upstream: clinic.base,
        // Detection alone is on trial: neither rates nor shut-outs help it.
        throttling: { bans: 'off', address: limit, principal: limit, costs: { invalid: 1, harmful: 1 } },
      },
      { 'openapi.yaml': readFileSync(join(root, 'examples/clinic/openapi.yaml'), 'utf8') },
    );
  });

  after(async () => {
    for (const end of endings.reverse()) await end();
    await clinic.stop();
    rmSync(directory, { recursive: true, force: true });
  });

  /** @returns what sqlmap says of the parameter at the end */
  const attack = (base: string, key: string, tamper: string): Promise<string> =>
    new Promise((resolve) => {
      const args = [
        '-u',
        `${base}/patients?search=a`,
        '-p',
        'search',
        '--batch',
        '--flush-session',
        '--disable-coloring',
      ];
      args.push('--output-dir', directory, '--level', '2', '--risk', '2', '--threads', '4', '--ignore-code', '400,403');
      args.push('-H', `X-API-Key: ${key}`, ...(tamper === '' ? [] : ['--tamper', tamper]));
      execFile('sqlmap', args, { timeout: 240_000, env: { ...process.env, HOME: directory } }, (_error, stdout) =>
        resolve(stdout),
      );
    });

  it('gets through to the careless API directly', async () => {
    assert.match(await attack(clinic.base, 'none', ''), /back-end DBMS: SQLite/);
  });

  it('gets nowhere through the gate, with its usual attacks and with rewritten ones', async () => {
    const key = gate.key({ roles: ['doctor'], claims: { staffId: 2 } });
    for (const tamper of TAMPERS) {
      const said = await attack(`https://localhost:${gate.port}`, key, tamper);
      assert.match(said, /all tested parameters do not appear to be injectable/, `${tamper}:\n${said}`);
      assert.match(said, /40[03] \([\w ]+\) - \d{2,} times/, tamper);
    }
  });
});
