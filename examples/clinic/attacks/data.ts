import type { Attacks } from './target.ts';

/** What is taken, stored and told. */
export const data = {
  'over-sharing': async (clinic) => {
    const own = await clinic.ask('GET', '/patients/3', { as: 'lucia.ferreira' });
    const me = await clinic.ask('GET', '/me', { as: 'lucia.ferreira' });
    const colleague = await clinic.ask('GET', '/staff/1', { as: 'nils.hofmann' });
    return [
      own.text.includes('password_hash'),
      own.text.includes('900-13-1188'),
      me.text.includes('password_hash'),
      colleague.text.includes('salary'),
    ];
  },
  'mass-assignment': async (clinic) => {
    const as = 'yusuf.demir';
    await clinic.ask('PATCH', '/patients/12', { as, body: { phone: '+1 555 0113', role: 'admin', balanceCents: 1 } });
    const me = await clinic.ask('GET', '/me', { as });
    const own = await clinic.ask('GET', '/patients/12', { as });
    return [me.json.roles.includes('admin'), own.json.balanceCents === 1];
  },
  'no-validation': async (clinic) => {
    const refund = await clinic.ask('POST', '/invoices/INV-2026-0003/payments', {
      as: 'paul.weiss',
      headers: { 'idempotency-key': crypto.randomUUID() },
      body: { amountCents: -50_000, method: 'favour' },
    });
    const soon = await clinic.ask('POST', '/appointments', {
      as: 'lucia.ferreira',
      body: { patientId: 3, staffId: 1, startsAt: 'soon', minutes: -5, reason: '' },
    });
    return [refund.json?.paidCents === -50_000, soon.status === 201];
  },
  'no-limits': async (clinic) => {
    const page = await clinic.ask('GET', '/patients?limit=1000000', { as: 'nils.hofmann' });
    const long = await clinic.ask('POST', '/login', { body: { username: 'x', password: 'x'.repeat(1_000_000) } });
    return [page.status === 200, long.status !== 413];
  },
  'upload-anything': async (clinic) => {
    const form = new FormData();
    form.set('kind', 'letter');
    form.set('file', new File(['<script>alert(document.domain)</script>'], 'page.html', { type: 'text/html' }));
    const upload = await clinic.ask('POST', '/patients/3/documents', { as: 'lucia.ferreira', raw: form });
    const open = await clinic.ask('GET', `/documents/${upload.json?.id}/content`, { as: 'nils.hofmann' });
    const lie = new FormData();
    lie.set('kind', 'image');
    lie.set('file', new File(['MZ no picture'], 'x-ray.png', { type: 'image/png' }));
    const lied = await clinic.ask('POST', '/patients/3/documents', { as: 'lucia.ferreira', raw: lie });
    return [upload.status === 201, open.headers.get('content-type') === 'text/html', lied.status === 201];
  },
  'stack-traces': async (clinic) => {
    const broken = await clinic.ask('POST', '/login', {
      headers: { 'content-type': 'application/json' },
      raw: '{"username": ',
    });
    const body = { patientId: 3, staffId: 424_242, startsAt: '2026-12-01T09:00:00Z', minutes: 20, reason: 'Cough' };
    const foreign = await clinic.ask('POST', '/appointments', { as: 'lucia.ferreira', body });
    return [/ at .*(?:application|body)\.ts/.test(broken.text), foreign.text.includes('INSERT INTO appointments')];
  },
  'verbose-errors': async (clinic) => {
    const { headers, text } = await clinic.ask('GET', '/nothing');
    return [headers.has('x-powered-by'), /node\/\d/.test(headers.get('server') ?? ''), /sqlite\/\d/.test(text)];
  },
} satisfies Partial<Attacks>;
