import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createContext, runInContext } from 'node:vm';
import { passkey } from './passkey.ts';
import { enrolPasskey, offerPasskey } from './passkey-enrol.ts';
import { PASSKEY_SCRIPT } from './passkey-script.ts';
import { factorOf, readFactors } from './records.ts';
import { ANN, factorWorld, form, loginOf, ORIGIN, SoftAuthenticator } from './testing.ts';

type GetOptions = { challenge: string; rpId: string; allowCredentials: { id: string }[] };

/** Runs the page's script against a form, a browser and an authenticator that are just enough for it. */
async function runScript(
  kind: 'create' | 'get',
  options: object,
  credentials: object,
  submitter: object | null = null,
) {
  const field = { value: '' };
  const listeners: ((event: object) => Promise<void>)[] = [];
  const sent: string[] = [];
  const fire = async (by: object | null) => {
    let prevented = false;
    const event = { submitter: by, preventDefault: () => (prevented = true) };
    for (const listener of listeners) await listener(event);
    if (!prevented) sent.push(field.value);
  };
  const formElement = {
    elements: { namedItem: (name: string) => (name === 'response' ? field : null) },
    addEventListener: (_: string, listener: (event: object) => Promise<void>) => listeners.push(listener),
    requestSubmit: (by: object | null) => void fire(by),
  };
  const problem = { hidden: true, textContent: '', focus: () => undefined };
  const place = {
    hidden: true,
    closest: () => formElement,
    dataset: { ceremony: kind, options: JSON.stringify(options), cancelled: 'cancelled', known: 'known' },
  };
  const document = {
    getElementById: (id: string) => (id === 'passkey' ? place : id === 'passkey-problem' ? problem : null),
  };
  runInContext(PASSKEY_SCRIPT, createContext({ document, navigator: { credentials }, atob, btoa, Uint8Array, JSON }));
  await fire(submitter);
  await fire(null);
  return { sent, problem, place };
}

test('the script: asks the authenticator, sends its answer as the server reads it', async (t) => {
  const services = factorWorld(t);
  const authenticator = new SoftAuthenticator(ORIGIN);
  const buffers = (json: string) => {
    const { id, response } = JSON.parse(json);
    const decoded = Object.fromEntries(
      Object.entries(response).map(([name, value]) => [
        name,
        typeof value === 'string' ? Buffer.from(value, 'base64url') : value,
      ]),
    );
    return {
      id,
      rawId: Buffer.from(id, 'base64url'),
      type: 'public-key',
      response: { ...decoded, getTransports: () => ['internal'] },
    };
  };
  const text = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64url');
  const made = await runScript('create', offerPasskey(services, ANN, ORIGIN, 'Clinic') as object, {
    create: async ({
      publicKey,
    }: {
      publicKey: { challenge: Uint8Array; rp: { id: string }; user: { id: Uint8Array } };
    }) =>
      buffers(
        authenticator.create({
          challenge: text(publicKey.challenge),
          rp: publicKey.rp,
          user: { id: text(publicKey.user.id) },
        }),
      ),
  });
  assert.equal(made.place.hidden, false);
  assert.equal(await enrolPasskey(services, ANN, ORIGIN, made.sent[0], 'x'), undefined);
  assert.deepEqual(factorOf(readFactors(services.store, ANN.id), 'passkey')?.transports, ['internal']);
  const login = loginOf();
  const { body } = await passkey.page(login, services);
  const used = await runScript(
    'get',
    JSON.parse((/data-options="([^"]*)"/.exec(body.text)?.[1] ?? '').replaceAll('&quot;', '"')) as GetOptions,
    {
      get: async ({
        publicKey,
      }: {
        publicKey: { challenge: Uint8Array; rpId: string; allowCredentials: { id: Uint8Array }[] };
      }) => {
        assert.deepEqual(
          publicKey.allowCredentials.map(({ id }) => text(id)),
          [authenticator.id.toString('base64url')],
        );
        return buffers(authenticator.get({ challenge: text(publicKey.challenge), rpId: publicKey.rpId }));
      },
    },
  );
  const answer = await passkey.answer(login, form({ response: used.sent[0] ?? '' }), services);
  assert.ok('factor' in answer, JSON.stringify(answer));
});

test('the script: a refusal of the authenticator is said, and the form stays; Cancel is sent as it is', async () => {
  const refuse = (name: string) => ({ get: () => Promise.reject(Object.assign(new Error('no'), { name })) });
  const cancelled = await runScript('get', { challenge: 'AAAA' }, refuse('NotAllowedError'));
  assert.deepEqual([cancelled.sent, cancelled.problem.hidden, cancelled.problem.textContent], [[], false, 'cancelled']);
  const known = await runScript('get', { challenge: 'AAAA' }, refuse('InvalidStateError'));
  assert.equal(known.problem.textContent, 'known');
  const cancel = await runScript('get', { challenge: 'AAAA' }, refuse('NotAllowedError'), { formNoValidate: true });
  assert.deepEqual(cancel.sent, ['']);
});
