import type { Check, CheckContext } from '../../model/check.ts';
import type { Proof } from '../../model/finding.ts';
import { abridged } from '../floods/bodies.ts';
import { type Filled, filled } from '../floods/filled.ts';
import { placeName, putBack, type Slot, send, slotsOf, type Upload, uploadOf } from './slots.ts';

/** Bytes: more than forms are made for by default, then more than is given to those who want a lot. No danger for a disk. */
const FIRST = 12 * 1024 * 1024;
const LARGE = 60 * 1024 * 1024;
const DEADLINE = 30_000;
/** Stands in the content where the file is made larger. */
const SEAM = '#portcullis-seam#';

/** Files of any size are taken. */
export const check: Check = {
  id: 'upload-size',
  group: 'uploads',
  title: 'Files of any size are taken',
  practice: 'throttle',
  cwe: 'CWE-770',
  owasp: 'API4:2023',
  severity: 'low',
  why: 'A few uploads fill the disk or the memory, and nobody can store anything any more.',
  mend: 'Refuse with 413 what passes the size that is needed. Portcullis counts while it reads (limits.body, validation.files).',

  async run(context) {
    for (const slot of slotsOf(context)) {
      if (slot.kind === 'base64') continue;
      const proof = (await attempt(context, slot, FIRST)) && (await attempt(context, slot, LARGE));
      const confirmed =
        proof &&
        (await context.report({
          message: `${slot.operation.key} took a file of ${LARGE / 1024 / 1024} MB`,
          operation: slot.operation,
          place: placeName(slot),
          cause: 'no cap on files',
          proof,
          again: () => attempt(context, slot, LARGE),
        }));
      await putBack(context, slot);
      // The cap stands in one place, and each try fills a disk.
      if (confirmed) return;
    }
  },
};

async function attempt(context: CheckContext, slot: Slot, size: number): Promise<Proof | undefined> {
  const begin = Buffer.from(slot.given.content as string);
  const upload = await uploadOf(context, slot, { ...slot.given, content: Buffer.concat([begin, Buffer.from(SEAM)]) });
  const large = upload && enlarged(upload, size);
  if (!upload || !large) return undefined;
  const request = { ...upload.request, body: large.body };
  const shown = await send(context, slot, { ...upload, request }, { fresh: true, timeout: DEADLINE });
  return context.outcome(shown) === 'success' ? { exchanges: [abridged(shown, large.command)], marks: [] } : undefined;
}

/** The same body with many blanks where the seam is. */
function enlarged({ request }: Upload, size: number): Filled | undefined {
  const body = Buffer.from((request.body ?? '') as string);
  const at = body.indexOf(SEAM);
  return at < 0 ? undefined : filled(body.subarray(0, at), ' ', size, body.subarray(at + SEAM.length));
}
