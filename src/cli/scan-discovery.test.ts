import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { Command } from 'commander';
import { parse } from 'yaml';
import { scratch } from '../../test/support/program.ts';
import type { ScanPlan } from '../scanner/model/plan.ts';
import { report } from '../scanner/report/fixture.ts';
import type { CliContext } from './context.ts';
import { CliExit } from './context-of-process.ts';
import { scanVerb } from './scan.ts';

async function api(t: { after(work: () => void): void }, paths: Readonly<Record<string, unknown>>): Promise<string> {
  const server = createServer(({ url = '/' }, response) => {
    const body = Object.hasOwn(paths, url) ? paths[url] : undefined;
    response.writeHead(body === undefined ? 404 : 200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(body ?? { error: 'not found' }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function run(args: readonly string[]): Promise<{ code: number; err: string; plan: ScanPlan | undefined }> {
  const err: string[] = [];
  let plan: ScanPlan | undefined;
  const context = {
    out: () => undefined,
    err: (text: string) => err.push(text),
    fail: (code: 1 | 2, message: string) => {
      err.push(message);
      throw new CliExit(code);
    },
  } as unknown as CliContext;
  const program = new Command('portcullis')
    .version('9.9.9')
    .option('-c, --config <file>', '', 'portcullis.yaml')
    .exitOverride();
  scanVerb(program, context, async () => ({
    checks: [],
    runScan: async (given) => {
      plan = given;
      return report({ findings: [] });
    },
  }));
  try {
    await program.parseAsync(['scan', ...args, '--quiet'], { from: 'user' });
    return { code: 0, err: err.join('\n'), plan };
  } catch (error) {
    if (!(error instanceof CliExit)) throw error;
    return { code: error.code, err: err.join('\n'), plan };
  }
}

const keysOf = (plan: ScanPlan | undefined): string[] => (plan?.contract.operations ?? []).map(({ key }) => key).sort();
const ORDERS = { '/orders': [{ id: 5 }], '/orders/5': { id: 5 } };

test('--discover scans with what was found, and leaves out what only a contract can forbid', async (t) => {
  const url = await api(t, ORDERS);
  const { code, err, plan } = await run(['--discover', '--url', url]);
  assert.equal(code, 0, err);
  assert.deepEqual(keysOf(plan), ['GET /orders', 'GET /orders/{orderId}']);
  assert.ok(plan?.options.skip.includes('forbidden-accepted'));
  assert.match(err, /2 operations found with \d+ requests/);
});

test('--write-contract keeps it, for people and for programs', async (t) => {
  const url = await api(t, ORDERS);
  const directory = scratch(t);
  for (const name of ['found.yaml', 'found.json']) {
    const file = join(directory, name);
    const { code, err, plan } = await run(['--discover', '--url', url, '--write-contract', file]);
    assert.equal(code, 0, err);
    assert.equal(plan?.contract.source, file);
    const written = parse(readFileSync(file, 'utf8')) as { openapi: string; paths: object };
    assert.equal(written.openapi, '3.1.0');
    assert.deepEqual(Object.keys(written.paths), ['/orders', '/orders/{orderId}']);
    const again = await run([file, '--url', url]);
    assert.deepEqual(keysOf(again.plan), keysOf(plan));
  }
  const { code, err } = await run([
    '--discover',
    '--url',
    url,
    '--write-contract',
    join(directory, 'no', 'found.yaml'),
  ]);
  assert.equal(code, 2);
  assert.match(err, /cannot be written \(ENOENT\)/);
});

test('a published contract is used as it is, with all checks', async (t) => {
  const url = await api(t, {
    '/openapi.json': {
      openapi: '3.1.0',
      info: { title: 'Own', version: '1' },
      paths: { '/a': { get: { responses: { 200: { description: 'ok' } } } } },
    },
  });
  const { plan, err } = await run(['--discover', '--url', url]);
  assert.deepEqual(keysOf(plan), ['GET /a'], err);
  assert.deepEqual(plan?.options.skip, []);
  assert.equal(plan?.contract.source, `${url}/openapi.json`);
});

test('wrong usage, and an API where nothing is found, end with 2 and a sentence', async (t) => {
  const url = await api(t, {});
  const file = join(scratch(t), 'a.json');
  writeFileSync(file, '{"openapi":"3.1.0","info":{"title":"a","version":"1"},"paths":{}}');
  const wrong: [string[], RegExp][] = [
    [['--har', file, '--url', url], /--har goes with --discover/],
    [['--discover', file, '--url', url], /leave out .*a\.json, or --discover/],
    [['--discover', '--url', url, '--har', file], /no HAR file/],
    [['--discover', '--url', url], /no operation was found .*Give a HAR file/],
    [['--discover'], /name the API/],
  ];
  for (const [args, message] of wrong) {
    const { code, err, plan } = await run(args);
    assert.equal(code, 2, args.join(' '));
    assert.match(err, message);
    assert.equal(plan, undefined);
  }
});
