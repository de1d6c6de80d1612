// Careless on purpose where a switch of ../weaknesses.ts is on; the branch beside it is how to do it.
import { needRole } from '../caller.ts';
import { date, readBody, text } from '../checks.ts';
import type { Clinic, Route } from '../clinic.ts';
import { readXml } from '../contained/xml.ts';

/** Referral letters of other practices, which exchange them as XML. */
export const referrals: readonly Route[] = [
  {
    method: 'POST',
    path: '/referrals',
    handle: async (clinic, ask) => {
      const { weak } = clinic;
      needRole(ask.caller(), 'nurse', 'doctor');
      const xml = await ask.text('application/xml');
      // careless: the parser gets whatever the document names: files, and addresses inside the network
      const values = weak('xxe')
        ? await readXml(xml, 'referral', (systemId) => fetchEntity(clinic, systemId))
        : await readXml(xml, 'referral');
      const { from, writtenOn, reason } = readBody(weak, values, {
        from: { check: text(1, 100), required: true },
        writtenOn: { check: date, required: true },
        reason: { check: weak('xxe') ? () => undefined : text(1, 500), required: true },
      });
      return { status: 200, body: { from, writtenOn, reason } };
    },
  },
];

async function fetchEntity({ disk, outside }: Clinic, systemId: string): Promise<string> {
  const url = URL.parse(systemId, 'file:///srv/clinic/');
  if (url === null) return '';
  if (url.protocol === 'file:') {
    const path = decodeURIComponent(url.pathname.replaceAll(/%(?![0-9A-Fa-f]{2})/g, '%25'));
    return disk.readAbsolute(path) ?? '';
  }
  try {
    return (await outside.get(url)).text;
  } catch {
    return '';
  }
}
