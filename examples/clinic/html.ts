import type { Reply } from './clinic.ts';

const MARKUP: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Text as it is written in HTML: it can neither open an element nor end an attribute. */
export const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (sign) => MARKUP[sign] ?? '');

/** A page of its own. @param body HTML: whoever puts text into it escapes it */
export const page = (title: string, body: string, language: string): Reply => ({
  status: 200,
  raw: `<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>${title}</title></head><body>${body}</body></html>\n`,
  headers: { 'content-type': 'text/html; charset=utf-8', 'content-language': language },
});
