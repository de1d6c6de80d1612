import { type GateUnderTest, startGate, type TestContext, type Upstream, upstream } from './gate.ts';
import { SHOP, thing } from './shop.ts';

/** The shop with a gate in front of it; roles `customer` and `staff`. */
export async function shopGate(
  context: TestContext,
  configuration: Record<string, unknown> = {},
  args: readonly string[] = [],
): Promise<{ gate: GateUnderTest; shop: Upstream }> {
  const shop = await upstream(context, (req, res) => {
    const path = (req.url ?? '').split('?')[0] ?? '';
    const answer = (status: number, value: unknown): void => {
      res.writeHead(status, { 'content-type': 'application/json', 'x-powered-by': 'luck', server: 'shop/1.0' });
      res.end(JSON.stringify(value));
    };
    const id = /^\/things\/(\d+)$/.exec(path)?.[1];
    if (path === '/ping') answer(200, { ok: true });
    else if (path === '/things' && req.method === 'GET') answer(200, [thing(1), thing(2)]);
    else if (path === '/things') answer(201, thing(3));
    else if (id === '13') answer(500, { stack: 'Error: at /srv/app/things.js:13' });
    else if (id !== undefined && Number(id) > 100) answer(404, { title: 'not here', trace: 'x' });
    else if (id !== undefined && req.method === 'DELETE') res.writeHead(204).end();
    else if (id !== undefined) answer(200, thing(Number(id)));
    else if (path.startsWith('/files/')) {
      res.writeHead(200, { 'content-type': 'application/octet-stream' });
      for (let i = 0; i < 50; i++) res.write(Buffer.alloc(10_000, i));
      res.end();
    } else answer(200, []);
  });
  const gate = await startGate(
    context,
    {
      contract: 'openapi.json',
      upstream: shop.url,
      authorization: { roles: { customer: ['**'], staff: ['**'] } },
      ...configuration,
    },
    { 'openapi.json': JSON.stringify(SHOP, null, 2) },
    args,
  );
  return { gate, shop };
}
