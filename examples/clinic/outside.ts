// Careless on purpose where a switch of weaknesses.ts is on; the branch beside it is how to do it.
import { request } from 'node:http';

/** The laboratory whose reports the clinic fetches. It and all partners are made up, and answered in this process. */
export const LABORATORY = 'results.lab.example';
/** Where the partners keep their calendars. */
export const CALENDARS = 'calendars.partners.example';

/** What a server outside the clinic answered. */
export interface Answered {
  readonly status: number;
  /** Media type, lower case, no parameters. */
  readonly type: string;
  readonly location: string | undefined;
  readonly text: string;
}

const PATIENCE = 3_000;
const LARGEST = 64 * 1024;

/**
 * The way out of the clinic. It leads to the made-up partners and, over plain HTTP, to this machine's own loopback (where
 * whoever tries an attack can listen); to no other host, however careless the caller of `get` is.
 */
export class Outside {
  /** Fetches, without following redirects. @throws Error where nothing (whole) is answered */
  async get(url: URL): Promise<Answered> {
    if (url.protocol === 'https:' && url.host === LABORATORY) return laboratory(url);
    if (url.protocol === 'https:' && url.host === CALENDARS) return calendar(url);
    if (url.protocol === 'http:' && isLoopback(url.hostname)) return fetchLoopback(url);
    throw new Error(`${url.host} cannot be reached`);
  }

  /** Asks an insurer whether somebody is a member. */
  async askInsurer(question: { memberNumber: string; remark: string }): Promise<Answered> {
    return insurer(question);
  }
}

const isLoopback = (hostname: string): boolean =>
  hostname === 'localhost' || hostname === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(hostname);

function fetchLoopback(url: URL): Promise<Answered> {
  // The address itself, so that no name service has a say in where this goes.
  const hostname = url.hostname === 'localhost' ? '127.0.0.1' : url.hostname.replace(/^\[|\]$/g, '');
  const options = { hostname, port: url.port, path: url.pathname + url.search, signal: AbortSignal.timeout(PATIENCE) };
  return new Promise((resolve, reject) => {
    const asking = request({ ...options, agent: false, headers: { host: url.host } }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
        if (text.length > LARGEST) response.destroy(new Error('too large'));
      });
      response.on('error', reject).on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          type: (response.headers['content-type'] ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '',
          location: response.headers.location,
          text,
        }),
      );
    });
    asking.on('error', reject).end();
  });
}

const REPORTS: Readonly<Record<string, string>> = {
  '/reports/LB-2041': 'Report LB-2041: haemoglobin 14.1 g/dl, leucocytes 6.2 /nl, all in range.',
  '/reports/LB-2077': 'Report LB-2077: cholesterol 212 mg/dl, LDL 131 mg/dl, slightly raised.',
};

/** Reports, and the links in the laboratory's letters: `/open?link=...` counts who opens them, and redirects anywhere. */
function laboratory(url: URL): Answered {
  const link = url.pathname === '/open' ? url.searchParams.get('link') : null;
  if (link !== null) return { status: 302, type: '', location: link, text: '' };
  const text = Object.hasOwn(REPORTS, url.pathname) ? REPORTS[url.pathname] : undefined;
  if (text === undefined) return { status: 404, type: 'text/plain', location: undefined, text: 'no such report' };
  return { status: 200, type: 'text/plain', location: undefined, text };
}

const FEED = ['BEGIN:VCALENDAR', 'BEGIN:VEVENT', 'SUMMARY:Cardiology closed', 'END:VEVENT', 'BEGIN:VEVENT'];
const FEED_END = ['SUMMARY:On-call service', 'END:VEVENT', 'END:VCALENDAR', ''];

function calendar(url: URL): Answered {
  const there = url.pathname === '/feeds/cardiology.ics';
  const text = there ? [...FEED, ...FEED_END].join('\r\n') : 'no such calendar';
  return { status: there ? 200 : 404, type: there ? 'text/calendar' : 'text/plain', location: undefined, text };
}

/** Members of the made-up insurers, with what only the insurer should know. */
const MEMBERS: Readonly<Record<string, { insurer: string; riskScore: number }>> = {
  NM20418902: { insurer: 'Northfield Mutual', riskScore: 71 },
  NM20418837: { insurer: 'Northfield Mutual', riskScore: 12 },
  CH77120045: { insurer: 'Calder Health', riskScore: 33 },
};

/** An API as partners have them: JSON with too much in it where all is well, and else a page that says back what it was asked. */
function insurer({ memberNumber, remark }: { memberNumber: string; remark: string }): Answered {
  const member = Object.hasOwn(MEMBERS, memberNumber) ? MEMBERS[memberNumber] : undefined;
  if (member === undefined) {
    const text = `<!doctype html><title>Not found</title><p>No member ${memberNumber}. Your remark was: ${remark}</p>`;
    return { status: 200, type: 'text/html', location: undefined, text };
  }
  const body = { memberNumber, valid: true, ...member, remark, apiSecret: 'made-up-by-the-insurer', debug: true };
  return { status: 200, type: 'application/json', location: undefined, text: JSON.stringify(body) };
}
