import { type Html, html } from '../html.ts';

/** Where the stylesheet and what else a page needs is served. */
export const ASSETS = '/assets/';

export interface Page {
  readonly language: string;
  /** Name of the service, above every page. */
  readonly brand: string;
  readonly title: string;
  readonly body: Html;
  /** Names of files below {@link ASSETS}. */
  readonly scripts?: readonly string[];
}

/** A whole page. */
export function frame({ language, brand, title, body, scripts = [] }: Page): string {
  return html`<!DOCTYPE html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>${title} – ${brand}</title>
<link rel="stylesheet" href="${ASSETS}style.css">
${scripts.map((name) => html`<script src="${ASSETS}${name}" defer></script>\n`)}</head>
<body>
<header><p class="brand">${brand}</p></header>
<main>
${body}
</main>
</body>
</html>
`.text;
}

/**
 * Headers of every page. Scripts come from this server's files only, and forms go to this server only: it then redirects, which
 * browsers check against form-action, too, hence the targets.
 * @param targets origins that a form's answer may lead to
 */
export function pageHeaders(targets: readonly string[] = []): Record<string, string> {
  return {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': `default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self'; form-action 'self'${targets.map((one) => ` ${one}`).join('')}; frame-ancestors 'none'; base-uri 'none'`,
    'cache-control': 'no-store',
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    'cross-origin-opener-policy': 'same-origin',
    'permissions-policy':
      'publickey-credentials-get=(self), publickey-credentials-create=(self), camera=(), microphone=(), geolocation=()',
  };
}

/** What is wrong, where forms point to it. */
export const problemOf = (text: string | undefined): Html | undefined =>
  text === undefined ? undefined : html`<p class="problem" id="problem" role="alert">${text}</p>`;
