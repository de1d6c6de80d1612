import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { startClinic } from '../../../examples/clinic/start.ts';
import { loadContract } from '../../contract/contract.ts';
import { unreachable } from '../../contract/fixture.ts';
import { createClient } from '../http/client.ts';
import { createState } from './state.ts';
import { logins } from './testing.ts';

const CONTRACT = fileURLToPath(new URL('../../../examples/clinic/openapi.yaml', import.meta.url));
const identities = [
  logins('jonas', 'jonas.brandt', 'candle-orchard-7', 'patient'),
  logins('amina', 'amina.okoro', 'river-maple-41', 'patient'),
  logins('nils', 'nils.hofmann', 'bandage-comet-3906', 'nurse'),
  logins('vera', 'vera.lindqvist', 'scalpel-orbit-2291', 'doctor'),
  logins('paul', 'paul.weiss', 'ledger-walnut-6058', 'clerk'),
  logins('arthur', 'arthur.quinn', 'keyring-monsoon-9274', 'admin'),
];

test('the clinic: every operation is reached by exactly the roles that its contract names', async () => {
  const clinic = await startClinic(['--careful', '--port', '0', '--data', ':memory:']);
  const stop = new AbortController();
  try {
    const base = new URL(String(clinic.base));
    const contract = await loadContract(CONTRACT, { outbound: unreachable });
    const notes: string[] = [];
    const client = createClient({
      base,
      concurrency: 4,
      timeout: 10_000,
      signal: stop.signal,
      note: (text) => notes.push(text),
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
      note: (text) => notes.push(text),
    });
    await state.login();
    await state.explore();
    const { logout, account, register } = state.known;
    for (const operation of contract.operations) {
      if ([...logout, ...account, ...register].includes(operation)) continue;
      const roles = operation.extensions.get('x-portcullis-roles')?.value;
      const able = [...new Set(state.samples(operation).map(({ as }) => as?.role ?? 'anyone'))].sort();
      const why = `${operation.key}: ${state.why(operation)}`;
      if (Array.isArray(roles)) assert.deepEqual(able, [...roles].sort(), why);
      else assert.ok(able.length > 0, why);
    }
    // what a patient may see is told apart from what it may not
    const invoices = state.objects(contract.operations.find(({ key }) => key === 'GET /invoices/{number}')!);
    const ofJonas = invoices.filter(({ seenBy }) => seenBy.has('jonas'));
    assert.ok(ofJonas.length > 0 && ofJonas.every(({ owner, seenBy }) => owner === 'jonas' && !seenBy.has('amina')));
    for (const operation of contract.operations) {
      for (const as of state.identities) {
        if (!state.samples(operation).some((sample) => sample.as === as)) continue;
        const call = await state.prepare(operation, as);
        assert.ok(call && state.mayTry(call), `${operation.key} as ${as.name}`);
        const exchange = await state.send(call, as);
        const declared = operation.responses.some(({ status }) => status === String(exchange.answer.status));
        assert.ok(declared && exchange.answer.status < 400, `${operation.key} as ${as.name}: ${exchange.answer.text}`);
      }
    }
    await state.cleanUp();
    assert.ok(
      notes.every((note) =>
        /left at the API: \d+ of kind '\w+' that the scan made; the contract has no operation/.test(note),
      ),
      notes.join('\n'),
    );
  } finally {
    stop.abort();
    await clinic.stop();
  }
});
