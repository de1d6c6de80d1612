import type { CheckReport, OperationCoverage, ScanReport } from '../../model/report.ts';
import { counted, timeText } from '../severity.ts';
import { type Html, html } from './escape.ts';

/** Items of a list within a cell. */
const LISTED = 12;

/** What the reader must know of how the scan went. */
export function notesSection(notes: readonly string[]): Html | undefined {
  if (notes.length === 0) return undefined;
  return html`<section aria-labelledby="notes"><h2 id="notes">Worth knowing</h2><ul class="card notes">${notes.map((note) => html`<li>${note}</li>`)}</ul></section>
`;
}

/** Who the scanner was. */
export function identitiesSection(identities: ScanReport['identities']): Html {
  if (identities.length === 0)
    return html`<h2 id="identities">Identities</h2><p class="card">None was given: only what is open to anyone was tried.</p>\n`;
  return html`<section aria-labelledby="identities"><h2 id="identities">Identities</h2>${table(
    'Identities and their state at the end',
    ['name', 'role', 'proves itself by', 'state'],
    identities.map(({ name, role, kind, alive, note }) => [
      name,
      role ?? '–',
      kind,
      [alive ? 'alive' : 'dead', note].filter((part) => part !== undefined).join(': '),
    ]),
  )}</section>
`;
}

/** Which operations were reached, and why not. */
export function coverageSection(coverage: readonly OperationCoverage[]): Html {
  const worked = coverage.filter(({ workedFor }) => workedFor.length > 0).length;
  return html`<section aria-labelledby="coverage"><h2 id="coverage">Coverage</h2>${table(
    `${worked} of ${counted(coverage.length, 'operation')} answered with success`,
    ['operation', 'requests', 'answers', 'worked for', 'not reached'],
    coverage.map((one) => [
      one.operation,
      one.requests,
      Object.entries(one.statuses)
        .map(([status, count]) => `${status}\u00a0×\u00a0${count}`)
        .join(', ') || '–',
      one.workedFor.length > 0 ? listed(one.workedFor) : (one.why ?? 'nobody'),
      html`${one.places.missed.length > 0 ? html`places: ${listed(one.places.missed.map(placeName))}` : undefined}${one.places.missed.length > 0 && one.unseen.length > 0 ? '; ' : undefined}${one.unseen.length > 0 ? html`statuses: ${listed(one.unseen)}` : undefined}`,
    ]),
  )}</section>
`;
}

/** What every check did. */
export function checksSection(checks: readonly CheckReport[]): Html {
  const count = (state: CheckReport['state']): number => checks.filter((one) => one.state === state).length;
  const others = (['cut', 'crashed', 'skipped'] as const).map((state) => `, ${count(state)} ${state}`).join('');
  return html`<section aria-labelledby="checks"><h2 id="checks">Checks</h2>${table(
    `${counted(checks.length, 'check')}: ${count('ran')} ran${others}`,
    ['check', 'group', 'state', 'requests', 'time', 'not tried'],
    checks.map((one) => [
      html`${one.check.title} <code>${one.check.id}</code>`,
      one.check.group,
      one.reason === undefined ? one.state : `${one.state}: ${one.reason}`,
      one.requests,
      timeText(one.milliseconds),
      html`${notTried(one)}${one.unconfirmed > 0 ? html`<span class="soft">${counted(one.unconfirmed, 'suspicion')} did not show a second time</span>` : undefined}`,
    ]),
  )}</section>
`;
}

function notTried({ notTried: reasons }: CheckReport): Html | undefined {
  if (reasons.length === 0) return undefined;
  const items = reasons
    .slice(0, LISTED)
    .map(
      ({ reason, operations }) =>
        html`<li>${reason}${operations.length > 0 ? `: ${listed(operations)}` : undefined}</li>`,
    );
  const more = reasons.length - LISTED;
  return html`<ul>${items}${more > 0 ? html`<li>and ${counted(more, 'more reason')}</li>` : undefined}</ul>`;
}

/** `body:/name` as people say it: `body /name`. */
const placeName = (place: string): string => place.replace(':', ' ').trim();

const listed = (items: readonly string[]): string =>
  items.length <= LISTED ? items.join(', ') : `${items.slice(0, LISTED).join(', ')} and ${items.length - LISTED} more`;

function table(
  caption: string,
  heads: readonly string[],
  rows: readonly (readonly (string | number | Html)[])[],
): Html {
  return html`<div class="card table" role="region" aria-label="${caption}" tabindex="0"><table><caption>${caption}</caption>
<thead><tr>${heads.map((head) => html`<th scope="col">${head}</th>`)}</tr></thead>
<tbody>${rows.map(row)}</tbody></table></div>`;
}

const row = (cells: readonly (string | number | Html)[]): Html =>
  html`<tr>${cells.map((cell, index) =>
    index === 0
      ? html`<th scope="row">${cell}</th>`
      : typeof cell === 'number'
        ? html`<td class="number">${cell.toLocaleString('en')}</td>`
        : html`<td>${cell}</td>`,
  )}</tr>\n`;
