import { createHash } from 'node:crypto';
import type { ScanReport } from '../model/report.ts';
import { Html, html } from './html/escape.ts';
import { findingsSection } from './html/findings.ts';
import { headSection, practicesSection } from './html/head.ts';
import { STYLE } from './html/style.ts';
import { checksSection, coverageSection, identitiesSection, notesSection } from './html/tables.ts';

/** The page runs nothing and loads nothing: only this very stylesheet, by its digest. */
const POLICY = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'; base-uri 'none'; form-action 'none'`;

/**
 * The report as one self-contained page: no script, no outside resources, light and dark, for screens and paper.
 * Whatever came from the API is escaped. Yields the page part by part, so that a large one need not stand in memory.
 */
export function* htmlReport(report: ScanReport): Generator<string> {
  const title = `Scan of ${report.contract.title || report.target}`;
  yield html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta name="robots" content="noindex">
<title>${title}</title>
<style>${new Html(STYLE)}</style>
</head>
<body>
${headSection(report)}<main>
${practicesSection(report.practices)}${notesSection(report.notes)}`.text;
  for (const part of findingsSection(report.findings)) yield part.text;
  yield html`${identitiesSection(report.identities)}${coverageSection(report.coverage)}${checksSection(report.checks)}</main>
<footer><p>Every finding was shown twice before it was written down. What was not tried stands under coverage and checks: no finding is no proof.</p></footer>
</body>
</html>
`.text;
}
