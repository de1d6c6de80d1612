import { createGzip, gzipSync } from 'node:zlib';
import type { Check, CheckContext } from '../../model/check.ts';
import type { Proof } from '../../model/finding.ts';
import { abridged, type JsonCall, jsonCalls, sameAnswer, withBody } from './bodies.ts';

const TRIED = 4;
/** Bytes after unpacking: above what a body may be anywhere, 1,000 times what is sent, and no danger for a server. */
const UNPACKED = 60 * 1024 * 1024;
const DEADLINE = 30_000;
const BEGIN = '{"filler":"x"';

/** A small compressed body unpacks to a huge one. */
export const check: Check = {
  id: 'packed-body',
  group: 'floods',
  title: 'Compressed bodies are unpacked without a cap',
  practice: 'throttle',
  cwe: 'CWE-409',
  owasp: 'API4:2023',
  severity: 'medium',
  why: 'Sixty kilobytes on the wire become sixty megabytes in memory; a few requests are enough to bring the server down.',
  mend: 'Count the bytes that come out, and stop; or refuse Content-Encoding with 415. Portcullis counts after unpacking (limits.body).',

  async run(context) {
    let packed: Uint8Array | undefined;
    for (const json of jsonCalls(context, TRIED)) {
      if (!(await unpacks(context, json))) continue;
      packed ??= await bomb();
      const sent = packed;
      const proof = await attempt(context, json, sent);
      if (!proof) continue;
      const confirmed = await context.report({
        message: `a gzip body of ${Math.round(sent.length / 1024)} KB was unpacked to ${UNPACKED / 1024 / 1024} MB`,
        operation: json.operation,
        place: 'body, Content-Encoding: gzip',
        cause: 'no cap after unpacking',
        proof,
        again: () => attempt(context, json, sent),
      });
      if (confirmed) return;
    }
  },
};

/** Written a piece at a time: the whole is never in memory. */
async function bomb(): Promise<Uint8Array> {
  const gzip = createGzip();
  const pieces: Buffer[] = [];
  gzip.on('data', (piece: Buffer) => pieces.push(piece));
  const done = new Promise<void>((resolve, reject) => {
    gzip.on('end', resolve);
    gzip.on('error', reject);
  });
  const blank = Buffer.alloc(1024 * 1024, ' ');
  gzip.write(BEGIN);
  for (let size = 0; size < UNPACKED; size += blank.length)
    if (!gzip.write(blank)) await new Promise<void>((resolve) => gzip.once('drain', resolve));
  gzip.end('}');
  await done;
  return Buffer.concat(pieces);
}

/** A small packed body is answered as the plain one is, and what is not packed at all is not: they are unpacked. */
async function unpacks(context: CheckContext, json: JsonCall): Promise<Proof['exchanges'] | undefined> {
  const origin = { operation: json.operation, as: json.as?.name };
  const plain = await context.request(withBody(context, json, `${BEGIN}}`), origin);
  const small = await context.request(withBody(context, json, gzipSync(`${BEGIN}}`), 'gzip'), origin);
  if (!sameAnswer(plain, small)) return undefined;
  const garbage = await context.request(withBody(context, json, 'not gzip at all', 'gzip'), origin);
  return sameAnswer(plain, garbage) ? undefined : [garbage, small];
}

/** The huge one is answered just as the small one: it was unpacked and read. */
async function attempt(context: CheckContext, json: JsonCall, sent: Uint8Array): Promise<Proof | undefined> {
  const controls = await unpacks(context, json);
  const small = controls?.[1];
  if (!controls || !small) return undefined;
  const origin = { operation: json.operation, as: json.as?.name };
  const shown = await context.request(withBody(context, json, sent, 'gzip'), origin, {
    fresh: true,
    timeout: DEADLINE,
  });
  if (!sameAnswer(small, shown)) return undefined;
  const command = `{ printf '${BEGIN}'; head -c ${UNPACKED} /dev/zero | tr '\\000' ' '; printf '}'; } | gzip`;
  return { exchanges: [...controls, abridged(shown, command)], marks: ['Content-Encoding'] };
}
