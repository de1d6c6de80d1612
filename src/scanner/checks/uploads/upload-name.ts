import type { Check, CheckContext } from '../../model/check.ts';
import type { Proof } from '../../model/finding.ts';
import { callWith, placeName, type Slot, slotsOf } from './slots.ts';

/** Names that lead out of a folder, or end early. `NAME` is a word that nobody else uses. */
const NAMES = ['../../NAME.txt', '..\\..\\NAME.txt', '/tmp/NAME.txt', 'C:\\NAME.txt', 'NAME.php\u0000.txt'];

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
      if (slot.property === undefined) continue;
      await context.each(NAMES, async (name) => {
        const proof = await attempt(context, slot, name);
        if (!proof) return;
        const { operation } = slot.sample.call;
        await context.report({
          message: `${operation.key} took a file under the name ${JSON.stringify(name)} and says it back so`,
          operation,
          place: placeName(slot),
          cause: `${operation.key} name`,
          proof,
          again: () => attempt(context, slot, name),
        });
      });
    }
  },
};

async function attempt(context: CheckContext, slot: Slot, form: string): Promise<Proof | undefined> {
  const { body } = slot.sample.call;
  const fields = body?.value as Readonly<Record<string, unknown>>;
  const value = fields[slot.property as string];
  const file = (Array.isArray(value) ? value[0] : value) as { type: string; content: string | Uint8Array };
  const word = `n${Math.floor(context.random(form)() * 36 ** 6).toString(36)}`;
  const name = form.replace('NAME', word);
  const call = await callWith(context, slot, { ...file, file: name });
  if (!call) return undefined;
  const shown = await context.send(call, slot.sample.as ?? null);
  if (context.outcome(shown) !== 'success') return undefined;
  // Only what comes back with its path was kept with it.
  return holds(shown.answer.json, name) ? { exchanges: [shown], marks: [name] } : undefined;
}

function holds(value: unknown, text: string, depth = 0): boolean {
  if (typeof value === 'string') return value.includes(text);
  if (typeof value !== 'object' || value === null || depth > 6) return false;
  return Object.values(value).some((item) => holds(item, text, depth + 1));
}
