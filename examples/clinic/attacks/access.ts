import type { Attacks } from './target.ts';

/** Who may do what, and what is open that should not be. */
export const access = {
  'no-ownership': async (clinic) => {
    const paths = [
      '/patients/2',
      '/patients/2/prescriptions',
      '/prescriptions/3b5e9a72-1c0d-4f8b-8e24-6d9c41a7e502',
      '/invoices/INV-2026-0002',
      '/appointments/2',
      '/documents?patientId=2',
      '/documents/0c95d2e7-f4b6-4831-9d7a-e28c53a1f642',
    ];
    const answers = await Promise.all(paths.map((path) => clinic.ask('GET', path, { as: 'lucia.ferreira' })));
    const lists = ['/appointments', '/invoices', '/invoices?patientId=2'].map(async (path) => {
      const { json } = await clinic.ask('GET', path, { as: 'lucia.ferreira' });
      return json.items.some((item: { patientId: number }) => item.patientId === 2);
    });
    const change = await clinic.ask('PATCH', '/patients/4', { as: 'lucia.ferreira', body: { phone: '+1 555 0166' } });
    return [...answers.map(({ status }) => status === 200), ...(await Promise.all(lists)), change.status === 200];
  },
  'missing-role': async (clinic) => {
    const as = 'lucia.ferreira';
    const staff = await clinic.ask('GET', '/staff', { as });
    const all = await clinic.ask('GET', '/export/patients', { as });
    const body = { patientId: 3, medicine: 'Oxycodone', dose: '20 mg', expiresOn: '2027-01-01', repeats: 12 };
    const prescribed = await clinic.ask('POST', '/prescriptions', { as, body });
    return [staff.status === 200, all.text.includes('Jonas Brandt'), prescribed.status === 201];
  },
  'no-authentication': async (clinic) => {
    const paths = ['/patients', '/patients/2', '/appointments', '/patients/2/prescriptions'];
    return Promise.all(paths.map(async (path) => (await clinic.ask('GET', path)).status === 200));
  },
  'trusts-headers': async (clinic) => {
    const headers = { 'x-portcullis-principal': 'mallory', 'x-portcullis-roles': 'admin' };
    const me = await clinic.ask('GET', '/me', { headers });
    const change = await clinic.ask('PATCH', '/staff/10', { headers, body: { department: 'Nobody is safe' } });
    const claims = Buffer.from('{"patientId":2}').toString('base64url');
    const own = await clinic.ask('POST', '/appointments', {
      headers: { ...headers, 'x-portcullis-roles': 'patient', 'x-portcullis-claims': claims },
      body: { patientId: 2, staffId: 1, startsAt: '2026-12-02T09:00:00Z', minutes: 20, reason: 'Not me' },
    });
    return [me.json?.principal === 'mallory', change.status === 200, own.status === 201];
  },
  predictable: async (clinic) => {
    const body = { patientId: 3, medicine: 'Ibuprofen', dose: '400 mg', expiresOn: '2027-01-01' };
    const create = async () => {
      const { json } = await clinic.ask('POST', '/prescriptions', { as: 'vera.lindqvist', body });
      return BigInt(`0x${json.id.replaceAll('-', '')}`);
    };
    const [first, second] = [await create(), await create()];
    return [second - first === 1n];
  },
  'method-override': async (clinic) => {
    const headers = { 'x-http-method-override': 'GET' };
    const log = await clinic.ask('POST', '/log', { as: 'lucia.ferreira', headers });
    const made = await clinic.ask('POST', '/appointments', {
      as: 'lucia.ferreira',
      body: { patientId: 3, staffId: 1, startsAt: '2026-12-04T09:00:00Z', minutes: 20, reason: 'Soon gone' },
    });
    const gone = await clinic.ask('POST', `/appointments/${made.json.id}`, {
      as: 'lucia.ferreira',
      headers: { 'x-http-method-override': 'DELETE' },
    });
    return [log.status === 200, gone.status === 204];
  },
  'head-skips-checks': async (clinic) => {
    const { status, headers } = await clinic.ask('HEAD', '/log');
    return [status === 200 && Number(headers.get('content-length')) >= 0];
  },
  'old-version': async (clinic) => {
    const one = await clinic.ask('GET', '/v0/patients/2');
    const all = await clinic.ask('GET', '/v0/patients');
    return [one.json?.name === 'Jonas Brandt', all.json?.items?.length > 0];
  },
  'debug-routes': async (clinic) => {
    const [debug, metrics, contract, environment] = await Promise.all(
      ['/debug', '/metrics', '/openapi.json', '/.env'].map((path) => clinic.ask('GET', path)),
    );
    return [
      debug?.json?.debug === true,
      metrics?.text.includes('process_resident_memory_bytes ') === true,
      contract?.json?.openapi === '3.1.0',
      environment?.text.includes('DATABASE_PASSWORD=') === true,
    ];
  },
  'parameter-pollution': async (clinic) => {
    const { json } = await clinic.ask('GET', '/documents?patientId=3&patientId=2', { as: 'lucia.ferreira' });
    return [json?.items?.some((item: { patientId: number }) => item.patientId === 2) === true];
  },
  'endless-booking': async (clinic) => {
    const as = 'yusuf.demir';
    const book = (minute: number) => {
      const startsAt = `2027-01-11T${String(8 + Math.floor(minute / 12)).padStart(2, '0')}:${String((minute % 12) * 5).padStart(2, '0')}:00Z`;
      const body = { patientId: 12, staffId: 1, startsAt, minutes: 5, reason: 'All of them' };
      return clinic.ask('POST', '/appointments', { as, body });
    };
    const answers = await Promise.all(Array.from({ length: 96 }, (_, minute) => book(minute)));
    return [answers.every(({ status }) => status === 201)];
  },
  replay: async (clinic) => {
    const headers = { 'idempotency-key': crypto.randomUUID() };
    const pay = () =>
      clinic.ask('POST', '/invoices/INV-2026-0006/payments', {
        as: 'paul.weiss',
        headers,
        body: { amountCents: 100, method: 'card' },
      });
    const [first, second] = [await pay(), await pay()];
    return [second.json?.paidCents === first.json?.paidCents + 100];
  },
} satisfies Partial<Attacks>;
