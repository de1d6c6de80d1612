import type { Check, CheckContext } from '../../model/check.ts';
import type { Exchange } from '../../model/exchange.ts';
import type { Proof } from '../../model/finding.ts';
import { serves } from './bodies.ts';

/** Connections that are held, and for how long (milliseconds). */
const HELD = 60;
const HOLD = 3_000;

/** Requests that never end keep others out. */
export const check: Check = {
  id: 'held-connections',
  group: 'floods',
  title: 'Slow requests keep others out',
  practice: 'throttle',
  cwe: 'CWE-400',
  owasp: 'API4:2023',
  severity: 'high',
  why: 'A caller who sends a header or a body a byte at a time holds a worker. Sixty connections of one laptop, and nobody else is served.',
  mend: 'Set deadlines for headers and bodies, and serve connections without a thread each. Portcullis has both (limits.timeouts).',

  async run(context) {
    if (!(await serves(context))) return context.skip('nothing was served before it');
    const proof = await attempt(context);
    if (!proof) return;
    await context.report({
      message: `while ${HELD} connections were held open by slow requests, a second caller was not served`,
      place: 'connections',
      proof,
      again: () => attempt(context),
    });
  },
};

async function attempt(context: CheckContext): Promise<Proof | undefined> {
  const head = `POST ${context.base.pathname} HTTP/1.1\r\nHost: ${context.base.host}\r\n`;
  const begun = [`${head}X-Slow: a`, `${head}Content-Type: application/json\r\nContent-Length: 1000\r\n\r\n{"a":`];
  const held: Promise<Exchange>[] = [];
  for (let i = 0; i < HELD; i++) {
    held.push(context.raw([begun[i % 2] as string, { pause: HOLD }], { timeout: HOLD + 1_000 }));
  }
  await context.pause(HOLD / 3);
  const began = performance.now();
  const served = await serves(context);
  const waited = performance.now() - began;
  const [one] = await Promise.all(held);
  // Served late, when the connections were let go, is not served.
  if ((served && waited < HOLD / 2) || !one) return undefined;
  // It must serve again, and soon, or it was not this that kept others out.
  const after = performance.now();
  if (!(await serves(context)) || performance.now() - after > HOLD / 2) return undefined;
  return { exchanges: [one], marks: [] };
}
