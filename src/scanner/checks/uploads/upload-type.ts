import type { FileValue } from '../../model/call.ts';
import type { Check, CheckContext } from '../../model/check.ts';
import type { Proof, Severity } from '../../model/finding.ts';
import { servedBack } from './served-back.ts';
import { callWith, isAllowed, placeName, type Slot, slotsOf } from './slots.ts';

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
      await context.each(ACTIVE, async ({ name, file }) => {
        const proof = await attempt(context, slot, file);
        if (!proof) return;
        const { operation } = slot.sample.call;
        await context.report({
          message: `${operation.key} took ${name}${proof.served ? ', and hands it out so that it runs in a browser' : ', which the contract does not allow'}`,
          operation,
          place: placeName(slot),
          cause: `${operation.key} type`,
          severity: proof.severity,
          proof,
          again: () => attempt(context, slot, file),
        });
      });
    }
  },
};

async function attempt(
  context: CheckContext,
  slot: Slot,
  file: (marker: string) => FileValue,
): Promise<(Proof & { readonly severity: Severity; readonly served: boolean }) | undefined> {
  const marker = `mark${Math.floor(context.random(slot.sample.call.operation.key)() * 36 ** 7).toString(36)}`;
  const sent = file(marker);
  const call = await callWith(context, slot, sent);
  if (!call) return undefined;
  const upload = await context.send(call, slot.sample.as ?? null);
  if (context.outcome(upload) !== 'success') return undefined;
  const back = await servedBack(context, upload, call, marker);
  const runs = back !== undefined && runsInBrowser(back.answer.mediaType, back.answer.headers);
  if (runs)
    return { exchanges: [upload, back], marks: [back.answer.mediaType, marker], severity: 'high', served: true };
  // Where the contract allows everything, to take it is no fault; to hand it out so that it runs is.
  return slot.allowed.length === 0 || isAllowed(slot, sent.type)
    ? undefined
    : { exchanges: [upload], marks: [sent.type, sent.file], severity: 'medium', served: false };
}

function runsInBrowser(type: string, headers: ReadonlyMap<string, string>): boolean {
  if (headers.get('content-disposition')?.trim().toLowerCase().startsWith('attachment')) return false;
  if (/sandbox|default-src 'none'/.test(headers.get('content-security-policy') ?? '')) return false;
  if (['text/html', 'application/xhtml+xml', 'image/svg+xml', 'text/xml', 'application/xml'].includes(type))
    return true;
  return (
    (type === '' || type === 'text/plain') &&
    headers.get('x-content-type-options')?.toLowerCase() !== 'nosniff' &&
    type === ''
  );
}
