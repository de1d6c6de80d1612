import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { shared } from '../../../test/support/vectors.ts';
import { loadContract } from '../../contract/contract.ts';
import type { Contract, Match, Operation } from '../../contract/model.ts';
import { createOutbound } from '../../outbound/guarded.ts';
import { LoadError } from '../../shared/finding.ts';
import { compileBody } from '../../validation/body.ts';
import { exchangeOf } from '../../validation/fixture.ts';
import { compileParameters } from '../../validation/parameters.ts';
import { requestSchema } from '../../validation/schemas.ts';
import { settings } from '../../validation/settings.ts';
import type { Call } from '../model/call.ts';
import type { ScanRequest } from '../model/exchange.ts';
import { buildCall, fullestCall } from './build.ts';
import { kindOf } from './media.ts';
import { placesOf } from './places.ts';
import { put, valueAt } from './put.ts';
import { render } from './render.ts';

/** Every operation of the published contracts gets a call, and the gate's own readers read from it what was meant. */

const directory = join(shared, 'contracts');
const skip = existsSync(directory) ? false : 'no contracts beside the repository';
const names = skip ? [] : readdirSync(directory).filter((name) => name.endsWith('.yaml'));
const base = new URL('http://127.0.0.1/');

const options = {
  settings: {
    ...settings.parse({ files: { mode: 'off' } }),
    undeclaredProperties: 'allow' as const,
    undeclaredParameters: 'allow' as const,
  },
  compile: requestSchema,
  free: false,
};

async function load(name: string): Promise<Contract | undefined> {
  try {
    return await loadContract(join(directory, name), { outbound: createOutbound(), extensions: [] });
  } catch (error) {
    // Those that the loader refuses are its own tests' business.
    assert.ok(error instanceof LoadError, String(error));
    return undefined;
  }
}

let loaded = 0;
for (const name of names) {
  test(`${name}: calls are read by the gate as they were meant`, { skip }, async () => {
    const contract = await load(name);
    if (contract === undefined) return;
    loaded++;
    for (const operation of contract.operations) {
      for (const call of [buildCall(operation, () => undefined), withoutNested(fullestCall(operation))]) {
        const request = render(call, undefined, base);
        checkPath(contract, call, request);
        await checkRest(operation, call, request);
        checkPlaces(call);
      }
    }
  });
}

test('as many contracts as can be loaded were tried', { skip }, () => assert.equal(loaded, 61));

/** Lists of lists in a parameter: no version of OpenAPI says how they are written, and the gate reads none. */
function withoutNested(call: Call): Call {
  let changed = call;
  for (const [key, value] of call.values) {
    if (!Array.isArray(value) || !value.some(Array.isArray)) continue;
    changed = put(changed, { in: key.slice(0, key.indexOf(':')), name: key.slice(key.indexOf(':') + 1) }, undefined);
  }
  return changed;
}

const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value ?? null));

function checkPath(contract: Contract, call: Call, request: ScanRequest): void {
  const path = request.target.split('?', 1)[0] as string;
  assert.match(request.target, /^\/[\x21-\x7e]*$/);
  const match = contract.router.match(call.operation.method, path.slice(1).split('/').map(decodeURIComponent)) as Match;
  assert.equal(match?.operation, call.operation, path);
}

async function checkRest(operation: Operation, call: Call, request: ScanRequest): Promise<void> {
  const [path = '', query = ''] = request.target.split('?') as [string, string?];
  const headers: Record<string, string> = {};
  for (const [name, value] of request.headers) headers[name.toLowerCase()] = value;
  const pathValues = valuesOf(operation, path);
  const body = request.body === undefined ? '' : Buffer.from(request.body);
  const exchange = exchangeOf({ method: operation.method, query, headers, pathValues, body });
  const refusal = compileParameters(operation, options)(exchange);
  assert.equal(refusal, undefined, `${operation.key}: ${request.target} ${JSON.stringify(refusal?.violations)}`);
  for (const [key, value] of call.values) {
    const [place, name] = [key.slice(0, key.indexOf(':')), key.slice(key.indexOf(':') + 1)];
    const read = (exchange.parameters as unknown as Record<string, Record<string, unknown>>)[place]?.[name];
    // Nothing stands for an empty list or object.
    if (typeof value === 'object' && value !== null && Object.keys(value).length === 0) continue;
    assert.deepEqual(plain(read), plain(value), `${operation.key} ${key}`);
  }
  if (operation.body === undefined) return;
  const judged = await compileBody(operation, options)(exchange);
  assert.equal(judged, undefined, `${operation.key}: ${String(request.body).slice(0, 300)} ${JSON.stringify(judged)}`);
  if (call.body && kindOf(call.body.type) === 'json')
    assert.deepEqual(plain(exchange.body?.value), plain(call.body.value));
}

/** Values of the template's parameters, as the router gives them. */
function valuesOf(operation: Operation, path: string): string[] {
  const source = operation.template
    .split(/\{[^{}]+\}/)
    .map((text) => encodeURI(decodeURI(text)).replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  const found = new RegExp(`^${source.join('([^/]+)')}$`).exec(path);
  assert.ok(found, `${operation.template} ${path}`);
  return found.slice(1).map(decodeURIComponent);
}

function checkPlaces(call: Call): void {
  const places = placesOf(call);
  const keys = places.map(({ in: where, name }) => `${where}:${name}`);
  assert.equal(new Set(keys).size, keys.length, 'a place twice');
  assert.ok(places.filter(({ in: where }) => where === 'body').length <= 200);
  for (const place of places.slice(0, 40)) {
    assert.equal(valueAt(call, place), place.value);
    assert.equal(valueAt(put(call, place, 'other'), place), 'other', `${place.in} ${place.name}`);
  }
}
