import { buffer } from 'node:stream/consumers';
import { createGzip, gzipSync } from 'node:zlib';
import type { Check, CheckContext } from '../../model/check.ts';
import type { Proof } from '../../model/finding.ts';
import { type JsonCall, jsonCalls, withBody } from './bodies.ts';

const TRIED = 3;
/** Bytes after unpacking: well above what a body may be, 1,000 times what is sent, and no danger for a server. */
const UNPACKED = 32 * 1024 * 1024;

/** A small compressed body unpacks to a huge one. */
export const check: Check = {
  id: 'packed-body',
  group: 'floods',
  title: 'Compressed bodies are unpacked without a cap',
  practice: 'throttle',
  cwe: 'CWE-409',
  owasp: 'API4:2023',
  severity: 'medium',
  why: 'Thirty kilobytes on the wire become thirty megabytes in memory; a few requests are enough to bring the server down.',
  mend: 'Count the bytes that come out, and stop; or refuse Content-Encoding with 415. Portcullis counts after unpacking (limits.body).',

  async run(context) {
    let packed: Uint8Array | undefined;
    for (const json of jsonCalls(context, TRIED)) {
      packed ??= await bombOf(UNPACKED);
      const bomb = packed;
      const proof = await attempt(context, json, bomb);
      if (!proof) continue;
      await context.report({
        message: `a gzip body of ${Math.round(bomb.length / 1024)} KB was unpacked to ${UNPACKED / 1024 / 1024} MB`,
        operation: json.operation,
        place: 'body, Content-Encoding: gzip',
        cause: 'no cap after unpacking',
        proof,
        again: () => attempt(context, json, bomb),
      });
    }
  },
};

/** Packed piece by piece: the whole is never in the scanner's own memory. */
async function bombOf(size: number): Promise<Uint8Array> {
  const gzip = createGzip();
  const packed = buffer(gzip);
  const piece = Buffer.alloc(64 * 1024, ' ');
  gzip.write('{"filler":"x"');
  for (let left = size; left > 0; left -= piece.length) {
    if (!gzip.write(piece.subarray(0, left))) await new Promise<void>((resolve) => gzip.once('drain', resolve));
  }
  gzip.end('}');
  return await packed;
}

/** The huge one is answered just as the small one: it was unpacked and read. */
async function attempt(context: CheckContext, json: JsonCall, bomb: Uint8Array): Promise<Proof | undefined> {
  const origin = { operation: json.operation, as: json.as?.name };
  const plain = await context.request(withBody(context, json, '{"filler":"x"}'), origin);
  const garbage = await context.request(withBody(context, json, 'not gzip at all', 'gzip'), origin);
  const small = await context.request(withBody(context, json, gzipSync('{"filler":"x"}'), 'gzip'), origin);
  const same = (other: typeof plain): boolean =>
    other.answer.status === plain.answer.status && shapeOf(other.answer.text) === shapeOf(plain.answer.text);
  // Where packed bodies are not understood at all, nothing is unpacked.
  if (!same(small) || same(garbage) || plain.answer.status === 0) return undefined;
  const shown = await context.request(withBody(context, json, bomb, 'gzip'), origin, { fresh: true });
  if (!same(shown)) return undefined;
  const bodyCommand = `{ printf '{"filler":"x"'; head -c ${UNPACKED} /dev/zero | tr '\\0' ' '; printf '}'; } | gzip`;
  const request = { ...shown.request, body: Uint8Array.from(bomb.subarray(0, 64)), bodyCommand };
  return { exchanges: [plain, garbage, { ...shown, request }], marks: ['Content-Encoding'] };
}

/** A text without its numbers and ids, which differ from answer to answer. */
const shapeOf = (text: string): string => text.slice(0, 2_000).replace(/[\da-f]{8,}|\d+/gi, '#');
