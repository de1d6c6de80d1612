import type { FileValue } from '../../model/call.ts';
import type { Check, CheckContext } from '../../model/check.ts';
import type { Exchange } from '../../model/exchange.ts';
import type { Proof, Severity } from '../../model/finding.ts';
import { servedBack } from './served-back.ts';
import { isAllowed, placeName, putBack, type Slot, send, slotsOf, uploadOf } from './slots.ts';

/** Files that do something where they are opened. The script only shows a word. */
const ACTIVE: readonly { readonly name: string; file(marker: string): FileValue }[] = [
  {
    name: 'an HTML page',
    file: (marker) => ({
      file: `${marker}.html`,
      type: 'text/html',
      content: `<!doctype html><script>alert("${marker}")</script>`,
    }),
  },
  {
    name: 'an SVG with a script',
    file: (marker) => ({
      file: `${marker}.svg`,
      type: 'image/svg+xml',
      content: `<svg xmlns="http://www.w3.org/2000/svg"><script>alert("${marker}")</script></svg>`,
    }),
  },
  {
    name: 'a PHP program',
    file: (marker) => ({
      file: `${marker}.php`,
      type: 'application/x-httpd-php',
      content: `<?php echo "${marker}"; ?>`,
    }),
  },
  {
    name: 'a Windows program',
    file: (marker) => ({ file: `${marker}.exe`, type: 'application/x-msdownload', content: `MZ\u0090\u0000${marker}` }),
  },
];
/** Types that a browser runs scripts in. */
const RUNNING = new Set(['text/html', 'application/xhtml+xml', 'image/svg+xml', 'text/xml', 'application/xml', '']);

/** Files of any type are taken, and handed out as what they claim to be. */
export const check: Check = {
  id: 'upload-type',
  group: 'uploads',
  title: 'Files that run are taken',
  practice: 'validate',
  cwe: 'CWE-434',
  owasp: 'API8:2023',
  severity: 'medium',
  why: 'A page that one user uploads runs in the browser of the next, with the rights of that one; a program runs on the server, or on whoever opens it.',
  mend: 'Allow types by name and by content; hand files out as attachments with nosniff. Portcullis checks both from the contract (validation.files).',

  async run(context) {
    for (const slot of slotsOf(context)) {
      // One after another: where a file replaces the last one, two at once would be read for each other.
      for (const { name, file } of ACTIVE) {
        const proof = await attempt(context, slot, file);
        if (!proof) continue;
        await context.report({
          message: `${slot.operation.key} took ${name}${proof.how}`,
          operation: slot.operation,
          place: placeName(slot),
          cause: `${slot.operation.key} type`,
          severity: proof.severity,
          proof,
          again: () => attempt(context, slot, file),
        });
      }
      await putBack(context, slot);
    }
  },
};

interface Taken extends Proof {
  readonly severity: Severity;
  readonly how: string;
}

async function attempt(
  context: CheckContext,
  slot: Slot,
  file: (marker: string) => FileValue,
): Promise<Taken | undefined> {
  const marker = `mark${Math.floor(context.random(slot.operation.key)() * 36 ** 7).toString(36)}`;
  const sent = file(marker);
  const upload = await uploadOf(context, slot, sent);
  if (!upload) return undefined;
  const taken = await send(context, slot, upload);
  if (context.outcome(taken) !== 'success') return undefined;
  const back = await servedBack(context, slot, upload, taken, marker);
  if (back && runsInBrowser(back)) {
    const how = ', and hands it out so that it runs in a browser';
    return { exchanges: [taken, back], marks: [back.answer.mediaType, marker], severity: 'high', how };
  }
  // Where the contract allows everything, to take it is no fault; to hand it out so that it runs is.
  if (slot.allowed.length === 0 || isAllowed(slot, sent.type)) return undefined;
  // Handed out as something else, or only to be kept, it does nothing any more.
  const tamed =
    back !== undefined &&
    (back.answer.mediaType !== sent.type ||
      back.answer.headers.get('content-disposition')?.startsWith('attachment') === true);
  const how = `, which the contract does not allow${tamed ? ', though it hands it out as something else' : ''}`;
  return {
    exchanges: back ? [taken, back] : [taken],
    marks: back ? [back.answer.mediaType, marker] : [sent.type, sent.file],
    severity: tamed ? 'informational' : 'medium',
    how,
  };
}

function runsInBrowser({ answer: { mediaType, headers } }: Exchange): boolean {
  if (headers.get('content-disposition')?.trim().toLowerCase().startsWith('attachment')) return false;
  const policy = headers.get('content-security-policy')?.toLowerCase() ?? '';
  if (/\bsandbox\b(?![^;]*allow-scripts)|(?:default|script)-src 'none'/.test(policy)) return false;
  // Without a type the browser guesses, unless it must not.
  if (mediaType === '' && headers.get('x-content-type-options')?.toLowerCase() === 'nosniff') return false;
  return RUNNING.has(mediaType);
}
