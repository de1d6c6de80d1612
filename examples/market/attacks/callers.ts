import { type Attack, IDS, PASSWORDS, type Target } from './target.ts';

const guess = (market: Target, login: string, password: string, headers: Record<string, string> = {}) =>
  market.ask('POST', '/api/session', { body: { login, password }, headers });

/** API2: who calls. */
export const CALLER_ATTACKS = {
  'open-operation': async (market) => {
    const wallet = await market.ask('GET', `/api/users/${IDS.tobias}/wallet`);
    const invoice = await market.ask('GET', '/api/orders/3/invoice');
    return [wallet.ok, invoice.text.includes('Tobias Lind')];
  },
  'weak-login': async (market) => {
    for (let i = 0; i < 8; i += 1) await guess(market, 'kofi', `guess-${i}`);
    return [(await guess(market, 'kofi', PASSWORDS.kofi)).ok];
  },
  enumeration: async (market) => {
    const [known, nobody] = [await guess(market, 'linnea', 'wrong'), await guess(market, 'nobody', 'wrong')];
    const register = async (login: string) => {
      const body = { login, password: 'long-enough-1', email: `${login}@new.example`, display_name: 'New' };
      return (await market.ask('POST', '/api/users', { body })).text.replaceAll(login, 'NAME');
    };
    const [taken, free] = [await register('linnea'), await register('newcomer_1')];
    const hide = (text: string) => text.replace(/linnea|nobody/g, 'NAME');
    return [hide(known.text) !== hide(nobody.text), taken !== free];
  },
  'session-survives-logout': async (market) => {
    const { key } = await market.signIn('noor');
    const out = await market.ask('DELETE', '/api/session', { key });
    return [out.ok && (await market.ask('GET', '/api/session', { key })).ok];
  },
  'predictable-sessions': async (market) => {
    const [one, two] = [(await market.signIn('noor')).key, (await market.signIn('noor')).key];
    const number = (key: string) => (/^[0-9a-f]{16}$/.test(key) ? Number.parseInt(key, 16) : Number.NaN);
    return [number(two) - number(one) === 1];
  },
  'session-fixation': async (market) => {
    const chosen = 'chosen-by-somebody-else-41';
    const { key } = await market.signIn('noor', { cookie: `market_session=${chosen}` });
    return [key === chosen && (await market.ask('GET', '/api/session', { key: chosen })).ok];
  },
  'session-in-url': async (market) => {
    const key = await market.key('noor');
    return [(await market.ask('GET', `/api/orders?session=${key}`)).ok];
  },
  'insecure-cookie': async (market) => {
    const { answer } = await market.signIn('noor');
    const cookie = answer.headers.get('set-cookie') ?? '';
    return [!/; HttpOnly/.test(cookie), !/; Secure/.test(cookie), !/; SameSite=/.test(cookie)];
  },
  'trusts-forwarded': async (market) => {
    for (let i = 0; i < 8; i += 1) await guess(market, 'hiro', `guess-${i}`, { 'x-forwarded-for': `192.0.2.${i}` });
    return [(await guess(market, 'hiro', PASSWORDS.hiro, { 'x-forwarded-for': '192.0.2.99' })).ok];
  },
} as const satisfies Record<string, Attack>;
