import type { Check, CheckContext } from '../../model/check.ts';
import type { Proof } from '../../model/finding.ts';
import { type JsonCall, jsonCalls, withBody } from './bodies.ts';

const TRIED = 4;
/** Bytes: above the caps that servers and frameworks have by default, and no load for a server. */
const SIZE = 12 * 1024 * 1024;

/** Bodies of any size are read to their end. */
export const check: Check = {
  id: 'large-body',
  group: 'floods',
  title: 'Bodies of any size are read',
  practice: 'throttle',
  cwe: 'CWE-770',
  owasp: 'API4:2023',
  severity: 'medium',
  why: 'A handful of callers that send hundreds of megabytes each fill the memory of the server, and everybody else waits.',
  mend: 'Refuse with 413 as soon as a body passes what the operation needs. Portcullis counts real bytes (limits.body).',

  async run(context) {
    // One after another: together they would be a flood.
    for (const json of jsonCalls(context, TRIED)) {
      const proof = await attempt(context, json);
      if (!proof) continue;
      await context.report({
        message: `a JSON body of ${SIZE / 1024 / 1024} MB was read to its end`,
        operation: json.operation,
        place: 'body',
        cause: 'no cap on bodies',
        proof,
        again: () => attempt(context, json),
      });
    }
  },
};

/** Made once: megabytes. A property of its own, so that the object keeps its shape; refused by whoever looks, after it was read. */
let large: Buffer | undefined;
function largeBody(): Buffer {
  if (!large) {
    const begin = '{"filler":"';
    large = Buffer.alloc(SIZE + begin.length + 2, 'a');
    large.write(begin);
    large.write('"}', large.length - 2);
  }
  return large;
}

async function attempt(context: CheckContext, json: JsonCall): Promise<Proof | undefined> {
  const body = largeBody();
  const shown = await context.request(
    withBody(context, json, body),
    { operation: json.operation, as: json.as?.name },
    { fresh: true },
  );
  const { status, failure, headers, text } = shown.answer;
  if (failure !== undefined || status === 0 || status === 413 || status === 431 || status === 429 || status >= 500)
    return undefined;
  // A refusal for its size may have another status; who hangs up afterwards has not read on.
  if (headers.get('connection')?.toLowerCase() === 'close' && status >= 400) return undefined;
  if (status >= 400 && /too (?:large|big|long)|size|exceed|limit/i.test(text)) return undefined;
  // What is kept of it is the beginning: the command makes the rest.
  const bodyCommand = `{ printf '{"filler":"'; head -c ${SIZE} /dev/zero | tr '\\0' a; printf '"}'; }`;
  const request = { ...shown.request, body: body.toString('latin1', 0, 64), bodyCommand };
  return { exchanges: [{ ...shown, request }], marks: [] };
}
