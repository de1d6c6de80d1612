import type { Check, CheckContext } from '../../model/check.ts';
import type { Proof, Severity } from '../../model/finding.ts';
import { placeName, putBack, type Slot, send, slotsOf, uploadOf } from './slots.ts';

/** Names that lead out of a folder, or end early. `NAME` is a word that nobody else uses. */
const NAMES = ['../../NAME.txt', '..\\..\\NAME.txt', '/tmp/NAME.txt', 'C:\\NAME.txt', 'NAME.php\u0000.txt'];
/** Properties that say where a file lies, and not what its owner calls it. */
const WHERE = /(?:url|uri|path|location|href|link|src|key|stored\w*|storage\w*|destination|disk\w*)$/i;

/** Names of files are taken as they come. */
export const check: Check = {
  id: 'upload-name',
  group: 'uploads',
  title: 'File names that are paths are taken',
  practice: 'validate',
  cwe: 'CWE-73',
  owasp: 'API8:2023',
  severity: 'medium',
  why: 'A name with a path in it writes elsewhere: over a program, a configuration, the file of another user.',
  mend: 'Store files under names of your own. Portcullis refuses names that are paths (validation.files).',

  async run(context) {
    for (const slot of slotsOf(context)) {
      if (slot.kind === 'bytes') continue;
      for (const name of NAMES) {
        const proof = await attempt(context, slot, name);
        if (!proof) continue;
        await context.report({
          message: `${slot.operation.key} took a file under the name ${JSON.stringify(name)}${proof.severity === 'medium' ? ', and stores it by that' : ', and says it back so'}`,
          operation: slot.operation,
          place: placeName(slot),
          cause: `${slot.operation.key} ${proof.severity === 'medium' ? 'stored by name' : 'name'}`,
          severity: proof.severity,
          proof,
          again: () => attempt(context, slot, name),
        });
      }
      await putBack(context, slot);
    }
  },
};

async function attempt(
  context: CheckContext,
  slot: Slot,
  form: string,
): Promise<(Proof & { readonly severity: Severity }) | undefined> {
  const word = `n${Math.floor(context.random(form)() * 36 ** 6).toString(36)}`;
  const name = form.replace('NAME', word);
  const upload = await uploadOf(context, slot, { ...slot.given, file: name });
  if (!upload) return undefined;
  const shown = await send(context, slot, upload);
  if (context.outcome(shown) !== 'success') return undefined;
  // Only what comes back with its path was kept with it. As a title that is harmless; as a place it is where it lies.
  const held = [...holding(shown.answer.json, name)];
  if (held.length === 0) return undefined;
  const stored = held.some(
    ({ key, value }) => WHERE.test(key) || (value !== name && /[\\/]/.test(value.replace(name, ''))),
  );
  return { exchanges: [shown], marks: [name], severity: stored ? 'medium' : 'informational' };
}

function* holding(value: unknown, text: string, key = '', depth = 0): Generator<{ key: string; value: string }> {
  if (typeof value === 'string') {
    if (value.includes(text)) yield { key, value };
  } else if (typeof value === 'object' && value !== null && depth <= 6)
    for (const [name, item] of Object.entries(value)) yield* holding(item, text, name, depth + 1);
}
