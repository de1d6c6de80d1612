import { sampleFile } from '../../calls/files.ts';
import type { FileValue } from '../../model/call.ts';
import type { Check, CheckContext } from '../../model/check.ts';
import type { Proof, Severity } from '../../model/finding.ts';
import { servedBack } from './served-back.ts';
import { isAllowed, placeName, putBack, type Slot, send, slotsOf, uploadOf } from './slots.ts';

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
      const type = KNOWN.find((one) => slot.allowed.length > 0 && isAllowed(slot, one));
      // A type that the contract does not name is nobody's promise.
      const file = type === undefined ? undefined : fileFor(slot, type);
      if (!file) continue;
      const proof = await attempt(context, slot, file);
      if (proof)
        await context.report({
          message: `${slot.operation.key} took a Windows program as ${file.type}${proof.how}`,
          operation: slot.operation,
          place: placeName(slot),
          severity: proof.severity,
          proof,
          again: () => attempt(context, slot, file),
        });
      await putBack(context, slot);
    }
  },
};

/** The file that worked, where it is of the type; else a made one. */
function fileFor({ given }: Slot, type: string): FileValue {
  return given.type === type ? given : sampleFile(type);
}

async function attempt(
  context: CheckContext,
  slot: Slot,
  file: FileValue,
): Promise<(Proof & { readonly severity: Severity; readonly how: string }) | undefined> {
  const right = await uploadOf(context, slot, file);
  if (!right) return undefined;
  const control = await send(context, slot, right);
  if (context.outcome(control) !== 'success') return undefined;
  const marker = `mark${Math.floor(context.random(slot.operation.key)() * 36 ** 7).toString(36)}`;
  const content = `MZ\u0090\u0000\u0003 ${marker} This program cannot be run in DOS mode.`;
  const wrong = await uploadOf(context, slot, { ...file, content });
  if (!wrong) return undefined;
  const shown = await send(context, slot, wrong);
  if (context.outcome(shown) !== 'success') return undefined;
  const back = await servedBack(context, slot, wrong, shown, marker);
  // Under a type that nobody runs, and that no browser may guess at, it lies there as what it is: bytes.
  const harmless = back?.answer.headers.get('x-content-type-options')?.toLowerCase() === 'nosniff';
  return {
    exchanges: back ? [control, shown, back] : [control, shown],
    marks: ['MZ'],
    severity: harmless ? 'informational' : 'low',
    how: harmless ? ', and hands it out so that nobody takes it for one' : '',
  };
}
