import type { CheckInfo } from '../../model/check.ts';
import { SEVERITIES } from '../../model/finding.ts';
import type { ScanFinding } from '../../model/report.ts';
import { compare, counted, countsOf, openOf, placesOf, placeText, sorted, whereOf } from '../severity.ts';
import { explained, owaspTitle } from '../taxonomy.ts';
import { type Html, html } from './escape.ts';
import { commandsOf, evidenceOf } from './evidence.ts';

/** Places of one finding that are listed. */
const PLACES = 50;
/** Characters of requests, answers and commands in one page; findings after that are told without them. */
const EVIDENCE = 4_000_000;

/** Findings of one check and severity, which share why it matters and how to mend it. */
interface Group {
  readonly name: string;
  readonly check: CheckInfo;
  readonly findings: readonly ScanFinding[];
}

/** All findings, worst first, in groups by check; accepted ones at the end. Yields part by part. */
export function* findingsSection(findings: readonly ScanFinding[]): Generator<Html> {
  yield html`<section aria-labelledby="findings"><h2 id="findings">Findings</h2>`;
  if (findings.length === 0) yield html`<p class="card">Nothing was found.</p>`;
  else yield filter(findings);
  const groups = groupsOf(findings);
  if (groups.length > 3) yield overview(groups);
  let room = EVIDENCE;
  for (const group of groups) {
    yield html`<article class="card group ${group.name}" id="${anchorOf(group)}">${header(group)}`;
    let first = true;
    for (const finding of group.findings) {
      // Measured before it is shown: a page of a hundred megabytes helps nobody.
      const evidence = room > 0 ? html`${evidenceOf(finding)}` : undefined;
      const commands = room > 0 ? commandsOf(finding) : undefined;
      room -= (evidence?.text.length ?? 0) + (commands?.text.length ?? 0);
      const open = first && (group.name === 'critical' || group.name === 'high');
      yield article(finding, evidence, commands, open);
      first = false;
    }
    yield html`</article>\n`;
  }
  yield html`</section>\n`;
}

function groupsOf(findings: readonly ScanFinding[]): Group[] {
  const groups = new Map<string, { name: string; check: CheckInfo; findings: ScanFinding[] }>();
  for (const finding of sorted(findings)) {
    const name = finding.accepted === undefined ? finding.severity : 'accepted';
    const key = `${name} ${finding.check.id}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { name, check: finding.check, findings: [finding] });
    else group.findings.push(finding);
  }
  const order: readonly string[] = [...SEVERITIES, 'accepted'];
  return [...groups.values()].sort(
    (a, b) => order.indexOf(a.name) - order.indexOf(b.name) || compare(a.check.id, b.check.id),
  );
}

/** Check boxes that hide severities: by style alone, without a script. */
function filter(findings: readonly ScanFinding[]): Html {
  const accepted = findings.length - openOf(findings).length;
  const kinds: (readonly [string, number])[] = [...countsOf(openOf(findings))];
  if (accepted > 0) kinds.push(['accepted', accepted]);
  return html`<fieldset class="filter"><legend>Show</legend>${kinds.map(
    ([name, count]) =>
      html`<label class="${name}"><input type="checkbox" id="show-${name}" checked> <span class="count">${count} ${name}</span></label>`,
  )}</fieldset>\n`;
}

const anchorOf = ({ name, check }: Group): string => `${name}-${check.id}`;

/** What was found, on one screen: a line a check, leading to its findings. */
const overview = (groups: readonly Group[]): Html =>
  html`<ul class="card overview">${groups.map(
    (group) =>
      html`<li class="${group.name}"><span class="badge">${group.name}</span><span><a href="#${anchorOf(group)}">${group.check.title}</a>${group.findings.length > 1 ? html` <span class="soft">×\u00a0${group.findings.length}</span>` : undefined}</span></li>`,
  )}</ul>\n`;

const outside = (id: string, text: string): Html => html`<a href="${explained(id)}" rel="noreferrer">${text}</a>`;

function header({ name, check, findings }: Group): Html {
  const several =
    findings.length > 1 ? html`<span class="soft">${counted(findings.length, 'finding')}</span>` : undefined;
  return html`<header>
<div class="line"><span class="badge">${name}</span><h3>${check.title}</h3>${several}</div>
<p class="links"><code>${check.id}</code> ${outside(check.cwe, check.cwe)} ${outside(check.owasp, `${check.owasp} ${owaspTitle(check.owasp)}`)} <span>practice: ${check.practice}</span></p>
<p><strong>Why it matters.</strong> ${check.why}</p>
<p><strong>How to mend it.</strong> ${check.mend}</p>
</header>\n`;
}

function article(finding: ScanFinding, evidence: Html | undefined, commands: Html | undefined, open: boolean): Html {
  const { places, exchanges, curl, message, fingerprint, accepted } = finding;
  return html`<div class="finding" id="finding-${fingerprint}">
<h4>${whereOf(finding)}</h4>
<p>${message}</p>
${accepted === undefined ? undefined : html`<p class="soft">Accepted: ${accepted.reason}</p>`}
${furtherPlaces(finding)}
${evidence !== undefined && exchanges.length > 0 ? details('Request and answer', open, evidence) : undefined}
${commands !== undefined && curl.length > 0 ? details('Repeat it with curl', false, html`${variables(curl)}${commands}`) : undefined}
${evidence === undefined && exchanges.length > 0 ? html`<p class="soft small">Its exchanges stand in the JSON report: this page would be too long.</p>` : undefined}
<p class="soft small">fingerprint <code>${fingerprint}</code>${places.length > 1 ? html`, ${counted(places.length, 'place')}` : undefined}</p>
</div>\n`;
}

const details = (title: string, open: boolean, content: Html): Html =>
  open
    ? html`<details open><summary>${title}</summary>${content}</details>`
    : html`<details><summary>${title}</summary>${content}</details>`;

function furtherPlaces(finding: ScanFinding): Html | undefined {
  const { first, others } = placesOf(finding);
  const { message } = finding;
  const said = first === undefined || first.message === message ? '' : first.message;
  if (others.length === 0 && said === '') return undefined;
  const more = others.length - PLACES;
  const items = others
    .slice(0, PLACES)
    .map(
      (one) =>
        html`<li><code>${placeText(one.operation, one.place)}</code>${one.message === message ? undefined : html` ${one.message}`}</li>`,
    );
  const rest = more > 0 ? html`<li class="soft">and ${counted(more, 'more place')}</li>` : undefined;
  const list = others.length > 0 ? html`<p>The same at:</p><ul>${items}${rest}</ul>` : undefined;
  return html`${said === '' ? undefined : html`<p>${said}</p>`}${list}`;
}

/** Variables of commands: credentials stand in them by name only. */
function variables(commands: readonly string[]): Html | undefined {
  const names = variablesOf(commands);
  if (names.length === 0) return undefined;
  return html`<p class="small">Set the credentials first: ${names.map((name, index) => html`${index > 0 ? ', ' : ''}<code>export ${name}=…</code>`)}</p>`;
}

/** Names of the variables in POSIX shell commands, outside of single quotes. */
export function variablesOf(commands: readonly string[]): string[] {
  const names = new Set<string>();
  for (const command of commands) {
    const expanded = command.replace(/\\.|'[^']*'/gs, '');
    for (const [, name] of expanded.matchAll(/\$\{?([A-Z_][A-Z0-9_]{0,99})/g)) names.add(name as string);
  }
  return [...names].sort();
}
