import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { startMarket } from '../../../examples/market/start.ts';
import { loadContract } from '../../contract/contract.ts';
import { unreachable } from '../../contract/fixture.ts';
import { createClient } from '../http/client.ts';
import { createState } from './state.ts';
import { logins } from './testing.ts';

const CONTRACT = fileURLToPath(new URL('../../../examples/market/openapi.json', import.meta.url));
const identities = [
  logins('noor', 'noor', 'tulip-bicycle-58', 'buyer'),
  logins('tobias', 'tobias', 'harvest-lagoon-14', 'buyer'),
  logins('marta', 'marta', 'kiln-sparrow-203', 'seller'),
  logins('dmitri', 'dmitri', 'walnut-signal-871', 'seller'),
  logins('greta', 'greta', 'beacon-quarry-9318', 'admin'),
];

test('the market: all operations but the logout are reached, though every answer says 200', async () => {
  const market = await startMarket(['--careful', '--port', '0']);
  const stop = new AbortController();
  try {
    const base = new URL(String(market.base));
    const contract = await loadContract(CONTRACT, { outbound: unreachable });
    const client = createClient({
      base,
      concurrency: 4,
      timeout: 10_000,
      signal: stop.signal,
      note: () => {},
      observe: (exchange) => state.observe(exchange),
    });
    const state = createState({
      client,
      contract,
      operations: contract.operations,
      identities,
      base,
      signal: stop.signal,
      scan: { seed: 1, destructive: false, concurrency: 4, timeout: 10_000 },
      note: () => {},
    });
    await state.login();
    await state.explore();
    const missed = contract.operations.filter((operation) => state.samples(operation).length === 0);
    assert.deepEqual(
      missed.map(({ key }) => key),
      state.known.logout.map(({ key }) => key),
      missed.map((operation) => state.why(operation)).join('\n'),
    );
    const orders = state.objects(contract.operations.find(({ key }) => key === 'GET /api/orders/{order_id}')!);
    const noors = orders.filter(({ seenBy }) => seenBy.has('noor'));
    assert.ok(noors.length > 0 && noors.every(({ owner, seenBy }) => owner === 'noor' && !seenBy.has('tobias')));
    for (const operation of contract.operations) {
      for (const as of state.identities) {
        if (!state.samples(operation).some((sample) => sample.as === as)) continue;
        const call = await state.prepare(operation, as);
        assert.ok(call && state.mayTry(call), `${operation.key} as ${as.name}`);
        const outcome = state.outcome(await state.send(call, as));
        assert.ok(
          outcome === 'success' || (outcome === 'redirect' && operation.key === 'GET /api/go'),
          `${operation.key} as ${as.name}: ${outcome}`,
        );
      }
    }
    await state.cleanUp();
  } finally {
    stop.abort();
    await market.stop();
  }
});
