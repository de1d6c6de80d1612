import type { Check, CheckContext } from '../../model/check.ts';
import type { Proof } from '../../model/finding.ts';

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
    await told(context, 'CONNECT', async () => await connect(context, new URL((await context.bait()).url).host));
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

async function connect(context: CheckContext, host: string): Promise<Proof | undefined> {
  const shown = await context.raw(`CONNECT ${host} HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
  const { status, failure } = shown.answer;
  if (status < 200 || status > 299 || (failure !== undefined && failure !== 'timeout')) return undefined;
  // A server that knows no CONNECT may answer it like any path; a proxy opens a tunnel and says nothing more.
  return shown.answer.body.length === 0 ? { exchanges: [shown], marks: ['CONNECT'] } : undefined;
}
