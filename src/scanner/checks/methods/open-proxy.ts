import type { Check, CheckContext } from '../../model/check.ts';
import type { Proof } from '../../model/finding.ts';

/** Milliseconds that a proxy may take to open a tunnel, and for the whole. */
const TUNNEL = 300;
const DEADLINE = 4_000;

/** The server fetches what a request line names: CONNECT, and targets with a host. */
export const check: Check = {
  id: 'open-proxy',
  group: 'methods',
  title: 'The server acts as a proxy to other hosts',
  practice: 'validate',
  cwe: 'CWE-441',
  owasp: 'API7:2023',
  severity: 'high',
  why: 'Whoever reaches the API reaches what the API can reach: internal services, metadata of the cloud, other customers.',
  mend: 'Refuse CONNECT and request targets in absolute form for other hosts. Portcullis forwards to its upstream only.',

  async run(context) {
    await told(context, 'absolute target', async () => await absolute(context, await context.bait()));
    await told(context, 'CONNECT', async () => await connect(context, await context.bait()));
  },
};

async function told(context: CheckContext, way: string, attempt: () => Promise<Proof | undefined>): Promise<void> {
  const proof = await attempt();
  if (!proof) return;
  await context.report({
    message: `a request with ${way} reached another host through the API`,
    place: way,
    cause: way,
    proof,
    again: attempt,
  });
}

async function absolute(
  context: CheckContext,
  bait: { readonly url: string; called(): boolean },
): Promise<Proof | undefined> {
  const { host } = new URL(bait.url);
  const shown = await context.raw(`GET ${bait.url} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
  return bait.called() ? { exchanges: [shown], marks: [host] } : undefined;
}

/** Opens a tunnel, and sends a request through it: only a proxy brings that to the other end. */
async function connect(
  context: CheckContext,
  bait: { readonly url: string; called(): boolean },
): Promise<Proof | undefined> {
  const { host, pathname } = new URL(bait.url);
  const inner = `GET ${pathname} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`;
  const shown = await context.raw([`CONNECT ${host} HTTP/1.1\r\nHost: ${host}\r\n\r\n`, { pause: TUNNEL }, inner], {
    timeout: DEADLINE,
  });
  return bait.called() ? { exchanges: [shown], marks: ['CONNECT'] } : undefined;
}
