import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Outbound, OutboundError } from '../outbound/outbound.ts';
import { type Finding, LoadError } from '../shared/finding.ts';
import { type LoadOptions, loadContract } from './contract.ts';
import type { Contract, Match, Operation } from './model.ts';

/** Helpers of this room's tests: contracts from values, in a directory of their own. */

/** An outbound client that reaches nothing. */
export const unreachable: Outbound = {
  fetch: async (url) => {
    throw new OutboundError('address', `${url}: not reachable in this test`);
  },
};

/** Makes a directory, hands it to `work`, and takes it away. */
export async function inDirectory<T>(work: (directory: string) => Promise<T>): Promise<T> {
  const directory = await mkdtemp(join(tmpdir(), 'contract-'));
  try {
    return await work(directory);
  } finally {
    await rm(directory, { recursive: true });
  }
}

export type Given = string | Buffer | object;

export const textOf = (given: Given): string | Buffer =>
  typeof given === 'string' || Buffer.isBuffer(given) ? given : JSON.stringify(given, null, 1);

/** Loads a contract; a string is YAML, a value JSON. */
export const load = (given: Given, options: Partial<LoadOptions> = {}): Promise<Contract> =>
  inDirectory(async (directory) => {
    const file = join(directory, typeof given === 'string' ? 'api.yaml' : 'api.json');
    await writeFile(file, textOf(given));
    return await loadContract(file, { outbound: unreachable, ...options });
  });

/** What a load is refused with; fails where it is not, or where an error has no place or mend. */
export async function refusal(loading: Promise<unknown>): Promise<readonly Finding[]> {
  try {
    await loading;
  } catch (error) {
    assert.ok(error instanceof LoadError, `not a LoadError: ${error instanceof Error ? error.stack : error}`);
    assert.ok(error.findings.length > 0);
    for (const finding of error.findings) {
      assert.equal(finding.severity, 'error');
      assert.ok(finding.message && finding.mend, finding.rule);
    }
    return error.findings;
  }
  return assert.fail('it loaded');
}

export const rulesOf = (findings: readonly Finding[]): string[] =>
  findings.map(({ rule }) => rule.replace('contract/', ''));

export const findingsOf = ({ findings }: Contract, rule: string): readonly Finding[] =>
  findings.filter((finding) => finding.rule === `contract/${rule}`);

export function operation(contract: Contract, key: string): Operation {
  const found = contract.operations.find((one) => one.key === key);
  return found ?? assert.fail(`no ${key} among ${contract.operations.map((one) => one.key).join(', ')}`);
}

/** What the router says of a path: the key and values, the methods allowed, or nothing. */
export function route(contract: Pick<Contract, 'router'>, method: string, path: string): unknown {
  const found = contract.router.match(method, path.slice(1).split('/').map(decodeURIComponent));
  if (!found) return undefined;
  if ('allow' in found) return found.allow;
  const { operation: matched, values } = found as Match;
  return [matched.key, ...values];
}

/** The smallest contract with these paths. */
export const api = (paths: object, rest: object = {}): object => ({
  openapi: '3.1.0',
  info: { title: 't', version: '1' },
  security: [],
  paths,
  ...rest,
});

export const ok = { responses: { 204: { description: 'ok' } } };
