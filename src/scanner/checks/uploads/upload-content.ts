import { sampleFile } from '../../calls/files.ts';
import type { Check, CheckContext } from '../../model/check.ts';
import type { Proof } from '../../model/finding.ts';
import { callWith, placeName, type Slot, slotsOf } from './slots.ts';

/** Types whose content has a beginning that must be there. */
const KNOWN = ['image/png', 'image/gif', 'image/jpeg', 'application/pdf'];

/** The content is not what the type says. */
export const check: Check = {
  id: 'upload-content',
  group: 'uploads',
  title: 'The content of files is not looked at',
  practice: 'validate',
  cwe: 'CWE-646',
  owasp: 'API8:2023',
  severity: 'low',
  why: 'A program or page under the name of a picture passes every check that reads names, and does its work where it is opened.',
  mend: 'Look at the first bytes. Portcullis compares them with the type (validation.files).',

  async run(context) {
    for (const slot of slotsOf(context)) {
      const type = KNOWN.find(
        (one) => slot.allowed.includes(one) || (one.startsWith('image/') && slot.allowed.includes('image/*')),
      );
      if (type === undefined) continue;
      const proof = await attempt(context, slot, type);
      if (!proof) continue;
      const { operation } = slot.sample.call;
      await context.report({
        message: `${operation.key} took a Windows program as ${type}`,
        operation,
        place: placeName(slot),
        proof,
        again: () => attempt(context, slot, type),
      });
    }
  },
};

async function attempt(context: CheckContext, slot: Slot, type: string): Promise<Proof | undefined> {
  const right = await callWith(context, slot, sampleFile(type));
  if (!right) return undefined;
  const control = await context.send(right, slot.sample.as ?? null);
  if (context.outcome(control) !== 'success') return undefined;
  const wrong = await callWith(context, slot, {
    ...sampleFile(type),
    content: 'MZ\u0090\u0000\u0003 This program cannot be run in DOS mode.',
  });
  if (!wrong) return undefined;
  const shown = await context.send(wrong, slot.sample.as ?? null);
  return context.outcome(shown) === 'success' ? { exchanges: [control, shown], marks: ['MZ'] } : undefined;
}
