import type { Check, CheckContext } from '../../model/check.ts';
import type { Proof } from '../../model/finding.ts';
import { serves } from '../floods/bodies.ts';

/** Messages of random bytes, and of requests with random damage. */
const MESSAGES = 40;
const DEADLINE = 2_000;
/** Messages after which it is asked whether somebody is served. */
const TOGETHER = 8;
/** Milliseconds in which a server may be started again. */
const BACK = 1_500;

/** Bytes that are no HTTP bring the server down. */
export const check: Check = {
  id: 'garbage-bytes',
  group: 'fuzzing',
  title: 'Bytes that are no HTTP bring the server down',
  practice: 'validate',
  cwe: 'CWE-248',
  owasp: 'API4:2023',
  severity: 'high',
  why: 'One message, without any credential, and nobody is served any more.',
  mend: 'Keep the HTTP library up to date, and something in front that parses strictly. Portcullis builds every request anew before it forwards it.',

  async run(context) {
    if (!(await serves(context))) return context.skip('nothing was served before it');
    const random = context.random('bytes');
    let last: Uint8Array[] = [];
    for (let i = 0; i < MESSAGES; i++) {
      const message = i % 2 === 0 ? noise(random) : damaged(context, random);
      last.push(message);
      await context.raw(message, { timeout: DEADLINE });
      if (last.length < TOGETHER && i < MESSAGES - 1) continue;
      // One of the last ones did it, and the server may be gone for good.
      if (!(await serves(context)) && (await judge(context, last))) return;
      last = [];
    }
  },
};

/** @returns whether it was told, or nothing more can be asked */
async function judge(context: CheckContext, messages: readonly Uint8Array[]): Promise<boolean> {
  await context.pause(BACK);
  if (!(await serves(context))) {
    context.skip(
      'after messages of random bytes nobody was served any more, and it did not come back: which one did it is not known',
    );
    return true;
  }
  for (const message of messages) {
    const attempt = async (): Promise<Proof | undefined> => {
      if (!(await serves(context))) await context.pause(BACK);
      if (!(await serves(context))) return undefined;
      const shown = await context.raw(message, { timeout: DEADLINE });
      return (await serves(context)) ? undefined : { exchanges: [shown], marks: [] };
    };
    const proof = await attempt();
    if (!proof) continue;
    return await context.report({
      message: 'after a message of random bytes nobody was served any more',
      place: 'connection',
      proof,
      again: attempt,
    });
  }
  return false;
}

function noise(random: () => number): Uint8Array {
  return Uint8Array.from({ length: 16 + Math.floor(random() * 2_000) }, () => Math.floor(random() * 256));
}

/** A good request with some bytes changed, taken out or doubled. */
function damaged({ base }: CheckContext, random: () => number): Uint8Array {
  const good = `GET ${base.pathname}?a=1 HTTP/1.1\r\nHost: ${base.host}\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\nCookie: a=b\r\n\r\n5\r\n{"a":\r\n2\r\n1}\r\n0\r\n\r\n`;
  const bytes = [...Buffer.from(good, 'latin1')];
  const times = 1 + Math.floor(random() * 6);
  for (let i = 0; i < times; i++) {
    const at = Math.floor(random() * bytes.length);
    const kind = random();
    if (kind < 0.4) bytes[at] = Math.floor(random() * 256);
    else if (kind < 0.7) bytes.splice(at, 1 + Math.floor(random() * 4));
    else bytes.splice(at, 0, ...bytes.slice(at, at + 1 + Math.floor(random() * 30)));
  }
  return Uint8Array.from(bytes);
}
