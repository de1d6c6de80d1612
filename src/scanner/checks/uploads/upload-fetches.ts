import type { FileValue } from '../../model/call.ts';
import type { Check, CheckContext } from '../../model/check.ts';
import type { Proof } from '../../model/finding.ts';
import { placeName, putBack, type Slot, send, slotsOf, uploadOf } from './slots.ts';

/** Files that make whoever reads them fetch something. */
const FETCHING: readonly ((url: string) => FileValue)[] = [
  (url) => ({
    file: 'picture.svg',
    type: 'image/svg+xml',
    content: `<?xml version="1.0"?><!DOCTYPE svg [<!ENTITY x SYSTEM "${url}">]><svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"><image xlink:href="${url}" width="1" height="1"/><text>&x;</text></svg>`,
  }),
  (url) => ({
    file: 'data.xml',
    type: 'application/xml',
    content: `<?xml version="1.0"?><!DOCTYPE d [<!ENTITY x SYSTEM "${url}">]><d>&x;</d>`,
  }),
  (url) => ({
    file: 'page.html',
    type: 'text/html',
    content: `<img src="${url}"><link rel="stylesheet" href="${url}">`,
  }),
  (url) => ({ file: 'list.m3u8', type: 'application/x-mpegurl', content: `#EXTM3U\n#EXTINF:1,\n${url}\n` }),
];

/** Milliseconds after the answer within which a converter is heard. */
const LATER = 250;

/** Files make the server call other hosts. */
export const check: Check = {
  id: 'upload-fetches',
  group: 'uploads',
  title: 'The server fetches what an uploaded file names',
  practice: 'validate',
  cwe: 'CWE-918',
  owasp: 'API7:2023',
  severity: 'high',
  why: 'Pictures and documents that are converted on the server can name addresses: of internal services, of the metadata of the cloud.',
  mend: 'Convert files without network, and without external entities. Portcullis refuses XML with a document type, and files of types that the contract does not name.',

  async run(context) {
    for (const slot of slotsOf(context)) {
      await context.each(FETCHING, async (file) => {
        const proof = await attempt(context, slot, file);
        if (!proof) return;
        await context.report({
          message: `${slot.operation.key}: an address in the uploaded file was fetched`,
          operation: slot.operation,
          place: placeName(slot),
          cause: `${slot.operation.key} fetches`,
          proof,
          again: () => attempt(context, slot, file),
        });
      });
      await putBack(context, slot);
    }
  },
};

async function attempt(
  context: CheckContext,
  slot: Slot,
  file: (url: string) => FileValue,
): Promise<Proof | undefined> {
  const bait = await context.bait();
  const upload = await uploadOf(context, slot, file(bait.url));
  if (!upload) return undefined;
  const shown = await send(context, slot, upload);
  // Converters work when the answer is gone already.
  if (!bait.called() && context.outcome(shown) === 'success') await context.pause(LATER);
  return bait.called() ? { exchanges: [shown], marks: [bait.url] } : undefined;
}
