// Careless on purpose where a switch of ../weaknesses.ts is on; the branch beside it is how to do it.
import { needRole } from '../caller.ts';
import { integer, oneOf, readQuery, text } from '../checks.ts';
import { Problem, type Route } from '../clinic.ts';
import { escapeHtml, page } from '../html.ts';

const ARTICLES: Readonly<Record<string, string>> = {
  booking: 'Appointments are booked by patients themselves, or at the front desk.',
  invoices: 'Invoices are due after 30 days.',
  documents: 'Documents are pdf, png, jpg or txt files of at most 2 MB.',
};
const LANGUAGES = ['en', 'de', 'fr'] as const;

/** Pages for people: help, links of the clinic's letters, and the log. */
export const pages: readonly Route[] = [
  {
    method: 'GET',
    path: '/help',
    open: true,
    queried: true,
    produces: 'text/html',
    handle: ({ weak }, ask) => {
      const { topic, lang = 'en' } = readQuery(weak, ask.query, {
        topic: { check: text(1, 60), required: true },
        // careless: any text becomes a header, line feeds and all
        lang: { check: weak('header-injection') ? () => undefined : oneOf(...LANGUAGES) },
      });
      const asked = String(topic ?? '');
      const article = Object.hasOwn(ARTICLES, asked) ? ARTICLES[asked] : 'There is no article of that name yet.';
      // careless: what was asked for stands in the page as it was sent, tags and all
      const shown = weak('reflected-script') ? asked : escapeHtml(asked);
      const known = LANGUAGES.some((each) => each === lang) || weak('header-injection');
      return page('Help', `<h1>Help: ${shown}</h1><p>${article}</p>`, known ? String(lang) : 'en');
    },
  },
  {
    method: 'GET',
    path: '/go',
    open: true,
    queried: true,
    produces: '',
    handle: ({ weak }, ask) => {
      const { to } = readQuery(weak, ask.query, { to: { check: text(1, 200), required: true } });
      const target = String(to ?? '');
      // Careful: a path of our own, which cannot be read as another host (`//host`, `/\host`).
      const own = /^\/[A-Za-z0-9_-][A-Za-z0-9/_.-]*$/.test(target);
      // careless: wherever the link says, and it begins with our name
      if (!own && !(weak('open-redirect') && /^[!-~]+$/.test(target))) {
        throw new Problem(400, 'Invalid request', 'The link leads out of the clinic.');
      }
      return { status: 302, headers: { location: target } };
    },
  },
  {
    method: 'GET',
    path: '/log',
    queried: true,
    produces: 'text/plain',
    handle: ({ weak, log }, ask) => {
      needRole(ask.caller(), 'admin');
      const { lines = 100 } = readQuery(weak, ask.query, { lines: { check: integer(1, 1_000) } });
      const count = Math.min(1_000, Math.max(1, Math.trunc(Number(lines)) || 1));
      return { status: 200, raw: log.last(count), headers: { 'content-type': 'text/plain; charset=utf-8' } };
    },
  },
];
