import type { FileValue } from '../../model/call.ts';
import type { Check, CheckContext } from '../../model/check.ts';
import type { Proof } from '../../model/finding.ts';
import { callWith, placeName, type Slot, slotsOf } from './slots.ts';

/** Bytes: more than forms are made for, and no danger for a disk. */
const LARGE = 32 * 1024 * 1024;

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
      const proof = await attempt(context, slot);
      if (!proof) continue;
      const { operation } = slot.sample.call;
      await context.report({
        message: `${operation.key} took a file of ${LARGE / 1024 / 1024} MB`,
        operation,
        place: placeName(slot),
        cause: 'no cap on files',
        proof,
        again: () => attempt(context, slot),
      });
    }
  },
};

async function attempt(context: CheckContext, slot: Slot): Promise<Proof | undefined> {
  const { body } = slot.sample.call;
  const given =
    slot.property === undefined
      ? undefined
      : (body?.value as Readonly<Record<string, unknown>> | undefined)?.[slot.property];
  const file = (Array.isArray(given) ? given[0] : given) as FileValue | undefined;
  const begin = Buffer.from((file?.content ?? body?.value) as string);
  const content = Buffer.concat([begin, Buffer.alloc(LARGE)]);
  const call = await callWith(context, slot, { file: file?.file ?? '', type: file?.type ?? body?.type ?? '', content });
  if (!call) return undefined;
  const shown = await context.send(call, slot.sample.as ?? null, { fresh: true });
  if (context.outcome(shown) !== 'success') return undefined;
  const bodyCommand = `{ cat FILE; head -c ${LARGE} /dev/zero; }`;
  const request = { ...shown.request, body: '', bodyCommand };
  return { exchanges: [{ ...shown, request }], marks: [] };
}
