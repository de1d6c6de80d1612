import type { PracticeScore, ScanReport } from '../../model/report.ts';
import { counted, countsText, openOf, timeText, wasAnswered } from '../severity.ts';
import { PRACTICE_TITLES } from '../taxonomy.ts';
import { type Html, html } from './escape.ts';

/** Title, verdict, facts and ways through the page. */
export function headSection(report: ScanReport): Html {
  const { target, contract, started, milliseconds, seed, destructive, requests, version } = report;
  const facts: (readonly [string, string])[] = [
    ['Target', target],
    ['Contract', [contract.title, contract.version, `(${contract.source})`].filter((part) => part !== '').join(' ')],
    ['Started', started.replace('T', ' ').replace(/\.\d+Z$/, ' UTC')],
    ['Took', timeText(milliseconds)],
    [
      'Requests',
      `${requests.toLocaleString('en')}${milliseconds > 0 ? ` (${Math.round((requests * 1_000) / milliseconds)}/s)` : ''}`,
    ],
    ['Mode', destructive ? 'destructive' : 'safe: nothing is changed but what the scan made'],
    ['Seed', String(seed)],
    ['Portcullis', version],
  ];
  return html`<header>
<p class="brand">Portcullis scan</p>
<h1>${contract.title || target}</h1>
${verdict(report)}
<div class="card"><dl class="facts">${facts.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl></div>
<nav aria-label="Parts of this report"><ul><li><a href="#practices">Practices</a></li><li><a href="#findings">Findings</a></li><li><a href="#identities">Identities</a></li><li><a href="#coverage">Coverage</a></li><li><a href="#checks">Checks</a></li></ul></nav>
</header>
`;
}

function verdict(report: ScanReport): Html {
  const open = openOf(report.findings);
  const serious = open.filter(({ severity }) => severity !== 'informational');
  const accepted = report.findings.length - open.length;
  const crashed = report.checks.filter(({ state }) => state === 'crashed').length;
  const part = [
    report.cut === undefined ? undefined : `The scan ended early: ${report.cut}.`,
    crashed === 0 ? undefined : `${counted(crashed, 'check')} crashed; see below.`,
    accepted === 0 ? undefined : `${counted(accepted, 'finding')} accepted by the baseline.`,
  ].filter((text) => text !== undefined);
  const unsure = report.cut !== undefined || crashed > 0 || !wasAnswered(report);
  const kind = serious.length > 0 ? 'bad' : unsure ? 'part' : '';
  const remarks = open.length - serious.length;
  const first =
    serious.length > 0
      ? `${counted(serious.length, 'weakness', 'weaknesses')} found: ${countsText(serious)}${remarks > 0 ? `; and ${counted(remarks, 'remark')}` : ''}.`
      : !wasAnswered(report)
        ? 'Nothing was answered, so nothing could be tried.'
        : open.length > 0
          ? `No weakness found; ${counted(open.length, 'remark')}.`
          : 'No weakness found.';
  return html`<div class="card verdict ${kind}"><p><strong>${first}</strong></p>${part.map((text) => html`<p>${text}</p>`)}</div>`;
}

/** A ring a practice. */
export function practicesSection(practices: readonly PracticeScore[]): Html {
  if (practices.length === 0) return html`<h2 id="practices">Practices</h2><p class="card">Nothing was scored.</p>`;
  return html`<section aria-labelledby="practices"><h2 id="practices">Practices</h2>
<ul class="scores">${practices.map(score)}</ul></section>
`;
}

/** Length of the ring's circumference: radius 25. */
const AROUND = 157;

function score({ practice, score: points, tried, findings }: PracticeScore): Html {
  const kind = points === undefined ? 'back' : points >= 90 ? 'good' : points >= 60 ? 'part' : 'bad';
  // None at all is a dot.
  const length =
    points === undefined ? 0 : Math.max(0.1, Math.round((AROUND * Math.min(100, Math.max(0, points))) / 100));
  const what =
    points === undefined
      ? 'could not be tried'
      : `${counted(tried, 'check')}, ${findings === 0 ? 'nothing found' : counted(findings, 'finding')}`;
  return html`<li class="card"><svg viewBox="0 0 60 60" aria-hidden="true"><circle class="ring-back" cx="30" cy="30" r="25" fill="none" stroke-width="6"/>${
    length > 0
      ? html`<circle class="ring-${kind}" cx="30" cy="30" r="25" fill="none" stroke-width="6" stroke-linecap="round" stroke-dasharray="${length} ${AROUND}" transform="rotate(-90 30 30)"/>`
      : undefined
  }<text x="30" y="35" text-anchor="middle">${points === undefined ? '–' : Math.round(points)}</text></svg><span><strong>${PRACTICE_TITLES[practice] ?? practice}</strong><span class="soft small">${points === undefined ? undefined : html`<span class="heard">${Math.round(points)} of 100: </span>`}${what}</span></span></li>`;
}
