import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { describe, test } from 'node:test';
import { PASSWORDS, type Target } from './attacks.ts';
import { answerViolations, contract, operationOf, operations, resolve } from './conform.ts';
import { withClinic } from './testing.ts';

/** One good call of each operation, in an order in which they can work. */
async function everyOperation(clinic: Target, closed: boolean): Promise<void> {
  const reached = new Set<string>();
  const call = async (
    method: string,
    path: string,
    as?: keyof typeof PASSWORDS,
    content: { body?: unknown; raw?: FormData | string; headers?: Record<string, string> } = {},
  ) => {
    const operation = operationOf(method, path);
    const answer = await clinic.ask(method, path, { ...(as === undefined ? {} : { as }), ...content });
    assert.ok(answer.status < 300, `${method} ${path} as ${as}: ${answer.status} ${answer.text.slice(0, 300)}`);
    assert.deepEqual(answerViolations(operation, answer, closed), [], `${method} ${path} as ${as}`);
    reached.add(operation.id);
    return answer;
  };
  const [doctor, nurse, clerk, admin, patient] = [
    'vera.lindqvist',
    'nils.hofmann',
    'paul.weiss',
    'arthur.quinn',
    'jonas.brandt',
  ] as const;

  await call('GET', '/health');
  await call('POST', '/login', undefined, { body: { username: patient, password: PASSWORDS[patient] } });
  for (const as of [doctor, nurse, clerk, admin, patient]) {
    await call('GET', '/me', as);
    await call('GET', '/patients/2', as);
    await call('GET', '/patients/2/appointments', as);
    await call('GET', '/appointments/2', as);
    await call('GET', '/appointments?status=done&limit=2&offset=0', as);
    await call('GET', '/documents?patientId=2', as);
    if (as !== patient) await call('GET', '/patients?search=an&sort=-birthDate&limit=3', as);
    if (as !== patient) await call('GET', '/staff/1', as);
  }
  const person = { name: 'Nina Falk', birthDate: '1992-02-29', sex: 'female', nationalId: '900-77-1234' };
  const born = await call('POST', '/patients', clerk, {
    body: { ...person, insuranceNumber: 'NM12345678', email: 'nina@example.org', allergies: ['dust'] },
  });
  await call('PATCH', `/patients/${born.json.id}`, nurse, { body: { address: '1 New Street, Brill' } });
  await call('PATCH', '/patients/2', patient, { body: { phone: '+1 555 0142' } });
  const booked = await call('POST', '/appointments', patient, {
    body: { patientId: 2, staffId: 1, startsAt: '2026-12-01T09:00:00Z', minutes: 20, reason: 'Follow-up' },
  });
  await call('PATCH', `/appointments/${booked.json.id}`, nurse, { body: { status: 'arrived', minutes: 30 } });
  await call('DELETE', `/appointments/${booked.json.id}`, clerk);
  await call('GET', '/patients/2/prescriptions', patient);
  const prescribed = await call('POST', '/prescriptions', doctor, {
    body: { patientId: 2, medicine: 'Ramipril', dose: '5 mg', expiresOn: '2027-05-01', repeats: 2 },
  });
  assert.equal(prescribed.json.doctorId, 1);
  await call('GET', `/prescriptions/${prescribed.json.id}`, patient);
  await call('GET', '/invoices', patient);
  await call('GET', '/invoices?patientId=6&status=overdue', clerk);
  const billed = await call('POST', '/invoices', clerk, {
    body: { patientId: 2, text: 'Letter', amountCents: 2_500, dueOn: '2027-01-01' },
  });
  await call('GET', `/invoices/${billed.json.number}`, patient);
  const paid = await call('POST', `/invoices/${billed.json.number}/payments`, clerk, {
    headers: { 'idempotency-key': randomUUID() },
    body: { amountCents: 2_500, method: 'card' },
  });
  assert.equal(paid.json.status, 'paid');
  const form = new FormData();
  form.set('kind', 'lab');
  form.set('file', new File(['%PDF-1.7 nothing'], 'blood test.pdf', { type: 'application/pdf' }));
  const stored = await call('POST', '/patients/2/documents', patient, { raw: form });
  await call('GET', `/documents/${stored.json.id}`, patient);
  const content = await clinic.ask('GET', `/documents/${stored.json.id}/content`, { as: nurse });
  assert.equal(content.text, '%PDF-1.7 nothing');
  if (closed) {
    await call('GET', `/documents/${stored.json.id}/content`, nurse);
    await call('GET', '/documents/download?name=blood%20test.pdf', nurse);
  } else {
    reached.add('getDocumentContent').add('downloadDocument');
  }
  await call('DELETE', `/documents/${stored.json.id}`, doctor);
  await call('POST', '/prescriptions/pickup', nurse, { body: { code: 'PH-7347', birthDate: '1974-11-02' } });
  for (const url of ['https://results.lab.example/open?link=https://results.lab.example/reports/LB-2041'])
    await call('POST', '/patients/2/documents/import', patient, { body: { kind: 'lab', name: 'lb.txt', url } });
  const url = 'https://calendars.partners.example/feeds/cardiology.ics';
  assert.equal((await call('POST', '/calendars', clerk, { body: { url } })).json.events, 2);
  if (closed) {
    const checked = await call('POST', '/insurance/checks', clerk, { body: { memberNumber: 'NM20418902' } });
    assert.deepEqual(checked.json, { memberNumber: 'NM20418902', valid: true, insurer: 'Northfield Mutual' });
  }
  await call('POST', '/insurance/checks', admin, { body: { memberNumber: 'CH77120045', remark: 'By phone.' } });
  const referral = await call('POST', '/referrals', doctor, {
    headers: { 'content-type': 'application/xml' },
    raw: '<referral><from>Dr. Moe</from><writtenOn>2026-11-02</writtenOn><reason>Cough &amp; cold</reason></referral>',
  });
  assert.equal(referral.json.reason, 'Cough & cold');
  const letter = { patientId: 2, template: 'Dear {{name}}, born {{ birthDate }}.' };
  assert.match((await call('POST', '/letters', clerk, { body: letter })).text, /Dear Jonas Brandt, born 1974-11-02\./);
  await call('POST', '/labels', nurse, { body: { printer: 'ward', copies: 2 } });
  const note = await call('POST', '/notes', nurse, { body: { patientId: 2, text: '"Calm" & <rested>' } });
  await call('GET', `/notes/${note.json.id}`, doctor);
  await call('GET', `/notes/${note.json.id}/page`, doctor);
  await call('DELETE', `/notes/${note.json.id}`, doctor);
  await call('GET', '/help?topic=booking&lang=de');
  await call('GET', '/log?lines=5', admin);
  const link = await clinic.ask('GET', '/go?to=/help');
  assert.deepEqual([link.status, link.headers.get('location')], [302, '/help']);
  reached.add('followLink');
  await call('GET', '/staff', admin);
  await call('PATCH', '/staff/6', admin, { body: { salaryCents: 600_000, active: true } });
  await call('GET', '/export/patients', admin);
  await call('DELETE', `/patients/${born.json.id}`, admin);
  await call('POST', '/logout', patient);
  assert.deepEqual(
    operations.map(({ id }) => id).filter((id) => !reached.has(id)),
    [],
    'operations without a call',
  );
}

describe('the contract', () => {
  test('is kept to the letter by the careful clinic', () => withClinic(['--careful'], (c) => everyOperation(c, true)));
  test('is kept by the careless one, which only says more', () => withClinic([], (c) => everyOperation(c, false)));

  test('leaves nothing unbounded', () => {
    const loose: string[] = [];
    const walk = (schema: Record<string, unknown>, at: string) => {
      if (typeof schema.$ref === 'string') return;
      const types = [schema.type].flat();
      if (types.includes('string') && schema.enum === undefined && schema.maxLength === undefined) loose.push(at);
      if (types.includes('array') && (schema.maxItems === undefined || schema.items === undefined)) loose.push(at);
      if (types.includes('integer') && (schema.minimum === undefined || schema.maximum === undefined)) loose.push(at);
      if (types.includes('object') && schema.properties === undefined) loose.push(at);
      for (const [name, inner] of Object.entries((schema.properties ?? {}) as Record<string, object>))
        walk(inner as Record<string, unknown>, `${at}.${name}`);
      if (schema.items !== undefined) walk(schema.items as Record<string, unknown>, `${at}[]`);
    };
    const { schemas, parameters } = contract.components as Record<string, Record<string, Record<string, unknown>>>;
    for (const [name, schema] of Object.entries(schemas ?? {})) walk(schema, name);
    for (const [name, { schema }] of Object.entries(parameters ?? {})) walk(schema as Record<string, unknown>, name);
    assert.deepEqual(loose, []);
  });

  test('says who may call each operation, and refuses with problems', () => {
    for (const { id, value } of operations) {
      const open = Array.isArray(value.security) && value.security.length === 0;
      assert.equal(open, value['x-portcullis-roles'] === undefined, id);
      for (const [status, response] of Object.entries(value.responses as object)) {
        if (status >= '400') assert.ok('application/problem+json' in (resolve(response).content as object), id);
      }
    }
    assert.ok(operations.length >= 15);
    assert.ok(!Object.keys(contract.paths as object).some((path) => path.includes('jwks')));
  });

  test('names the roles that the careful clinic knows', () =>
    withClinic(['--careful'], async (clinic) => {
      const users = {
        patient: 'jonas.brandt',
        nurse: 'nils.hofmann',
        doctor: 'vera.lindqvist',
        clerk: 'paul.weiss',
        admin: 'arthur.quinn',
      } as const;
      for (const { id, method, template, value } of operations) {
        const roles = value['x-portcullis-roles'] as string[] | undefined;
        // A token that has logged out is of no use to the operations that follow.
        if (roles === undefined || id === 'logout') continue;
        // Objects that are not there, so that nothing is changed: 403 comes before 404.
        const path = template
          .replace('{number}', 'INV-1999-0001')
          .replace('/patients/{id}', '/patients/2')
          .replace('{id}', /documents|prescriptions|notes/.test(template) ? randomUUID() : '4711');
        for (const [role, as] of Object.entries(users)) {
          if (method === 'DELETE' && template === '/patients/{id}' && role === 'admin') continue;
          const query = id === 'listDocuments' ? '?patientId=2' : id === 'downloadDocument' ? '?name=x' : '';
          const body = method === 'POST' || method === 'PATCH' ? { body: {} } : {};
          const { status } = await clinic.ask(method, path + query, { as, ...body });
          assert.equal(status !== 403, roles.includes(role), `${id} as ${role}: ${status}`);
        }
      }
    }));
});
