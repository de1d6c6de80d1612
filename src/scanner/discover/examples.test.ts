import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clinic, type Example, market } from '../../../bench/scanner/examples.ts';
import { loadContract } from '../../contract/contract.ts';
import { unreachable } from '../../contract/fixture.ts';
import { discovered, Recorder } from './testing.ts';

// The two examples without their contracts. What is found is compared with the contract that they do have.
interface Outcome {
  readonly found: number;
  readonly missed: readonly string[];
  /** Found, and not there. */
  readonly invented: readonly string[];
  readonly document: object;
}

async function compare(example: Example, record?: (recorder: Recorder) => Promise<void>): Promise<Outcome> {
  const running = await example.start(['--careful']);
  try {
    const recorder = new Recorder(running.base);
    await record?.(recorder);
    const { operations, document, requests } = await discovered(running.base, {
      identities: example.identities,
      har: record && recorder.har(),
    });
    assert.ok(requests <= 660, `${requests} requests`);
    const truth = (await loadContract(example.contract, { outbound: unreachable })).operations.map(({ key }) =>
      key.replace(/\{[^}]*\}/g, '{}'),
    );
    return {
      found: truth.filter((key) => operations.includes(key)).length,
      missed: truth.filter((key) => !operations.includes(key)),
      invented: operations.filter((key) => !truth.includes(key)),
      document,
    };
  } finally {
    await running.stop();
  }
}

const id = (json: unknown, ...names: string[]): string => {
  let value = json;
  for (const name of names) value = (value as Record<string, unknown> | undefined)?.[name];
  return String(value);
};

/** One login of each role. */
const loginsOf = (example: Example, ...roles: string[]): { readonly username: string; readonly password: string }[] =>
  roles.flatMap((role) => example.identities.find((one) => one.role === role)?.login ?? []);

async function useClinic(recorder: Recorder): Promise<void> {
  for (const login of loginsOf(clinic, 'doctor', 'admin', 'patient')) {
    const { username, password } = login;
    const session = await recorder.call('POST', '/login', { json: { username, password } });
    const headers = { authorization: `Bearer ${id(session.json, 'accessToken')}` };
    const get = (path: string) => recorder.call('GET', path, { headers });
    await get('/me');
    const patients = await get('/patients?search=a&limit=5');
    const patient = patients.status === 200 ? id(patients.json, 'items', '0', 'id') : '1';
    for (const part of ['', '/appointments', '/prescriptions']) await get(`/patients/${patient}${part}`);
    for (const list of ['/appointments', '/invoices', '/documents']) {
      const { json } = await get(list);
      const first = id(json, 'items', '0', list === '/invoices' ? 'number' : 'id');
      await get(`${list}/${first}`);
      if (list === '/documents') await get(`${list}/${first}/content`);
    }
    await get('/staff');
    await get('/help?topic=hours');
    const note = await recorder.call('POST', '/notes', {
      headers,
      json: { patientId: Number(patient), text: 'Slept well.' },
    });
    if (note.status === 201) await get(`/notes/${id(note.json, 'id')}/page`);
    await recorder.call('POST', '/letters', {
      headers,
      json: { patientId: Number(patient), template: 'Dear {{name}}' },
    });
    await recorder.call('POST', '/insurance/checks', { headers, json: { memberNumber: 'NM20418902' } });
    await get('/export/patients');
    await recorder.call('POST', '/logout', { headers });
  }
}

async function useMarket(recorder: Recorder): Promise<void> {
  for (const login of loginsOf(market, 'buyer', 'seller', 'admin')) {
    const { username, password } = login;
    const session = await recorder.call('POST', '/api/session', { json: { login: username, password } });
    const headers = { 'X-Session': id(session.json, 'data', 'session', 'key') };
    const get = (path: string) => recorder.call('GET', path, { headers });
    for (const path of [
      '/api/users/1',
      '/api/users/1/wallet',
      '/api/shops',
      '/api/shops/1/products?search=pot',
      '/api/shops/1/products/2',
      '/api/shops/1/products/2/reviews',
      '/api/orders',
      '/api/orders/1',
      '/api/orders/1/invoice',
      '/api/messages',
      '/api/admin/users',
    ])
      await get(path);
    await recorder.call('POST', '/api/users/1/wallet/coupons', { headers, form: { code: 'SPRING-01' } });
    await recorder.call('POST', '/api/shops/1/products/2/reviews', { headers, json: { rating: 4, text: 'Sturdy.' } });
    await recorder.call('POST', '/api/messages', {
      headers,
      json: { to: 2, subject: 'Pots', body: 'Are they still there?' },
    });
    await recorder.call('DELETE', '/api/session', { headers });
  }
}

test('the clinic: more than half without anything, most with a recorded session, nothing that is not there', async (t) => {
  const alone = await compare(clinic);
  t.diagnostic(`without HAR ${alone.found}, missed ${alone.missed.join(', ')}`);
  assert.ok(alone.found >= 28, String(alone.found));
  assert.deepEqual(alone.invented, []);
  const helped = await compare(clinic, useClinic);
  t.diagnostic(`with HAR ${helped.found}, missed ${helped.missed.join(', ')}`);
  assert.ok(helped.found >= 36, String(helped.found));
  assert.deepEqual(helped.invented, []);
  // Secrets and values of the session stay out of the contract.
  const text = JSON.stringify(helped.document);
  for (const { login } of clinic.identities)
    assert.ok(!text.includes(login?.password ?? '?') && !text.includes(login?.username ?? '?'));
  assert.ok(!text.includes('eyJ') && !text.includes('Slept'));
});

test('the market: half without anything, most with a recorded session, its own session header found', async (t) => {
  const alone = await compare(market);
  t.diagnostic(`without HAR ${alone.found}, missed ${alone.missed.join(', ')}`);
  assert.ok(alone.found >= 16, String(alone.found));
  assert.deepEqual(alone.invented, []);
  const helped = await compare(market, useMarket);
  t.diagnostic(`with HAR ${helped.found}, missed ${helped.missed.join(', ')}`);
  assert.ok(helped.found >= 24, String(helped.found));
  assert.deepEqual(helped.invented, []);
  assert.match(JSON.stringify(helped.document), /"type":"apiKey","in":"header","name":"X-Session"/);
});
