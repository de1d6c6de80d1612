// Careless on purpose where a switch of ../weaknesses.ts is on; the branch beside it is how to do it.
import { needOwn, needRole } from '../caller.ts';
import { oneOf, pathInteger, readBody, text } from '../checks.ts';
import { type Clinic, Problem, type Route } from '../clinic.ts';
import { type Answered, CALENDARS, LABORATORY } from '../outside.ts';
import { FILE_NAME, KINDS, storeDocument } from './documents.ts';
import { needPatient } from './patients.ts';

const MOST_REDIRECTS = 3;

export const imports: readonly Route[] = [
  {
    method: 'POST',
    path: '/patients/{id}/documents/import',
    handle: async (clinic, ask) => {
      const { weak } = clinic;
      const caller = ask.caller();
      needRole(caller, 'patient', 'nurse', 'doctor', 'clerk');
      const patientId = pathInteger(weak, ask.path, 'id');
      if (!weak('no-ownership')) needOwn(caller, patientId, 'patient');
      const { kind, name, url } = readBody(weak, await ask.json(), {
        kind: { check: oneOf(...KINDS), required: true },
        name: { check: text(5, 80, FILE_NAME), required: true },
        url: { check: text(10, 300), required: true },
      });
      needPatient(clinic, patientId);
      const { text: report } = await fetchFrom(LABORATORY, clinic, String(url), (address, parsed, hop) => {
        // careless: the name stands in it somewhere, so it must be the laboratory
        if (hop === 0 && weak('loose-allow-list')) return address.includes(LABORATORY);
        // careless: the first address was checked; the laboratory will know where it sends us
        return (hop > 0 && weak('follows-redirects')) || isOf(LABORATORY, parsed);
      });
      const file = { name: String(name), kind: String(kind), type: 'text/plain', bytes: Buffer.from(report) };
      return storeDocument(clinic, caller, patientId, file);
    },
  },
  {
    method: 'POST',
    path: '/calendars',
    handle: async (clinic, ask) => {
      const { weak } = clinic;
      needRole(ask.caller(), 'nurse', 'doctor', 'clerk');
      const { url } = readBody(weak, await ask.json(), { url: { check: text(10, 300), required: true } });
      const feed = await fetchFrom(
        CALENDARS,
        clinic,
        String(url),
        // careless: whoever can type an address can make the clinic call it, from inside its network
        (_address, parsed, hop) => (hop === 0 && weak('ssrf')) || isOf(CALENDARS, parsed),
      );
      const lines = feed.text.split(/\r?\n/, 1_000);
      const events = lines.filter((line) => line === 'BEGIN:VEVENT').length;
      return { status: 200, body: { events, begins: (lines[0] ?? '').slice(0, 100) } };
    },
  },
];

/** Careful: the parsed address is compared, whole, and at every hop. */
const isOf = (host: string, url: URL): boolean =>
  url.protocol === 'https:' && url.host === host && url.username === '' && url.password === '';

/**
 * Fetches a text of a partner.
 * @param may whether an address may be fetched: as it was written, as it was parsed, and after how many redirects
 * @throws Problem 400, 422
 */
async function fetchFrom(
  host: string,
  { outside }: Clinic,
  address: string,
  may: (address: string, url: URL, hop: number) => boolean,
): Promise<Answered> {
  let url = read(address);
  for (let hop = 0; hop <= MOST_REDIRECTS; hop += 1) {
    if (!may(address, url, hop)) {
      throw new Problem(400, 'Invalid request', `Only addresses of https://${host} are fetched.`);
    }
    let answered: Answered;
    try {
      answered = await outside.get(url);
    } catch {
      throw unusable();
    }
    if (answered.status >= 300 && answered.status < 400 && answered.location !== undefined) {
      url = read(answered.location, url);
      continue;
    }
    if (answered.status !== 200 || !/^text\/(?:plain|calendar)$/.test(answered.type)) throw unusable();
    return answered;
  }
  throw unusable();
}

function read(address: string, base?: URL): URL {
  const url = URL.parse(address, base?.href);
  if (url === null) throw new Problem(400, 'Invalid request', 'The url is not an absolute URL.');
  return url;
}

const unusable = (): Problem =>
  new Problem(422, 'Not usable', 'There is nothing at this address, or nothing that can be read.');
