import type { Severity } from '../model/finding.ts';
import type { CheckReport, ScanFinding, ScanReport } from '../model/report.ts';
import { exchangeLine } from './message.ts';
import { compare, placeText, reaches, sorted } from './severity.ts';
import { cut, visible } from './visible.ts';

/** Characters of one attribute, and of one text. */
const ATTRIBUTE = 1_000;
const TEXT = 8_000;
/** Operations of one reason that get a case of their own. */
const SKIPPED = 200;

const MARKUP: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
/** Text for XML 1.0: what it cannot hold is spelled out. */
const escaped = (text: string): string => visible(text).replace(/[&<>"]/g, (mark) => MARKUP[mark] as string);
const attribute = (text: string): string => escaped(cut(text.replace(/\s+/g, ' ').trim(), ATTRIBUTE));

interface Case {
  readonly name: string;
  /** What stands in the case: a failure, an error, skipped, what was found but does not fail. */
  readonly content: string;
  readonly kind: 'passed' | 'failure' | 'error' | 'skipped';
  readonly seconds: number;
}

/**
 * JUnit XML: a suite for each group of checks; a case for each check and operation of which there is something to say,
 * and one for each check that found nothing.
 *
 * @param failOn findings of this severity or worse are failures; others stand in the output of a passed case
 */
export function junitReport(report: ScanReport, failOn: Severity): string {
  const findings = new Map<string, ScanFinding[]>();
  for (const finding of sorted(report.findings)) {
    const list = findings.get(finding.check.id);
    if (list === undefined) findings.set(finding.check.id, [finding]);
    else list.push(finding);
  }
  const groups = new Map<string, Case[]>();
  const into = (group: string): Case[] => {
    const known = groups.get(group);
    if (known !== undefined) return known;
    const list: Case[] = [];
    groups.set(group, list);
    return list;
  };
  const known = new Set(report.checks.map(({ check }) => check.id));
  for (const check of [...report.checks].sort((a, b) => compare(a.check.id, b.check.id)))
    into(check.check.group).push(...casesOf(check, findings.get(check.check.id) ?? [], failOn));
  for (const [id, list] of findings)
    if (!known.has(id)) into(list[0]?.check.group ?? '').push(...foundCases(id, list, failOn, 0));

  const suites = [...groups].sort(([a], [b]) => compare(a, b)).map(([group, cases]) => suite(group, cases, report));
  const all = [...groups.values()].flat();
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="portcullis scan" ${counts(all)} time="${seconds(report.milliseconds / 1_000)}">\n${suites.join('')}</testsuites>\n`;
}

function suite(group: string, cases: readonly Case[], report: ScanReport): string {
  const time = cases.reduce((sum, one) => sum + one.seconds, 0);
  const head = `<testsuite name="${attribute(group)}" ${counts(cases)} time="${seconds(time)}" timestamp="${attribute(report.started.replace(/\.\d+Z?$|Z$/, ''))}" hostname="${attribute(report.target)}">`;
  const lines = cases.map(({ name, content, seconds: took }) => {
    const start = `<testcase classname="${attribute(`portcullis.${group}`)}" name="${attribute(name)}" time="${seconds(took)}"`;
    return content === '' ? `    ${start}/>\n` : `    ${start}>${content}</testcase>\n`;
  });
  return `  ${head}\n${lines.join('')}  </testsuite>\n`;
}

const counts = (cases: readonly Case[]): string => {
  const count = (kind: Case['kind']): number => cases.filter((one) => one.kind === kind).length;
  return `tests="${cases.length}" failures="${count('failure')}" errors="${count('error')}" skipped="${count('skipped')}"`;
};

const seconds = (value: number): string => value.toFixed(3);

/** The cases of one check; its time stands in the first. */
function casesOf(report: CheckReport, findings: readonly ScanFinding[], failOn: Severity): Case[] {
  const { check, state, reason, notTried, milliseconds } = report;
  const took = milliseconds / 1_000;
  const cases = foundCases(check.id, findings, failOn, took);
  const of = (name: string, kind: Case['kind'], content: string): void => {
    cases.push({ name, kind, content, seconds: cases.length === 0 ? took : 0 });
  };
  const why = attribute(reason ?? state);
  if (state === 'crashed') of(check.id, 'error', `<error type="crashed" message="${why}"/>`);
  else if (cases.length === 0 && (state === 'skipped' || state === 'cut'))
    of(check.id, 'skipped', `<skipped message="${why}"/>`);
  else if (cases.length === 0) of(check.id, 'passed', '');
  const told = new Set(cases.map(({ name }) => name));
  for (const { reason: said, operations } of notTried)
    for (const operation of operations.slice(0, SKIPPED)) {
      const name = `${check.id} ${operation}`;
      if (told.has(name)) continue;
      told.add(name);
      of(name, 'skipped', `<skipped message="${attribute(said)}"/>`);
    }
  return cases;
}

/** A case for each operation in which a check found something. */
function foundCases(id: string, findings: readonly ScanFinding[], failOn: Severity, took: number): Case[] {
  const operations = new Map<string, { open: string[]; quiet: string[]; accepted: string[]; worst: Severity }>();
  for (const finding of findings)
    for (const [operation, text] of textsOf(finding)) {
      let known = operations.get(operation);
      if (known === undefined) {
        known = { open: [], quiet: [], accepted: [], worst: finding.severity };
        operations.set(operation, known);
      }
      const list =
        finding.accepted !== undefined ? known.accepted : reaches(finding.severity, failOn) ? known.open : known.quiet;
      list.push(text);
    }
  return [...operations].map(([operation, { open, quiet, accepted, worst }], index) => {
    const name = operation === '' ? id : `${id} ${operation}`;
    const time = index === 0 ? took : 0;
    const all = escaped(cut([...open, ...quiet, ...accepted].join('\n\n'), TEXT));
    if (open.length > 0) {
      const message = attribute(open[0]?.split('\n', 1)[0] ?? '');
      return {
        name,
        kind: 'failure',
        seconds: time,
        content: `<failure type="${worst}" message="${message}">${all}</failure>`,
      };
    }
    if (quiet.length > 0) return { name, kind: 'passed', seconds: time, content: `<system-out>${all}</system-out>` };
    return {
      name,
      kind: 'skipped',
      seconds: time,
      content: `<skipped message="${attribute(`accepted: ${accepted[0] ?? ''}`)}"/>`,
    };
  });
}

/** What a finding says for each operation it shows in; '' for the API as a whole. */
function textsOf(finding: ScanFinding): ReadonlyMap<string, string> {
  const { places, message, check, severity, fingerprint, accepted, exchanges, curl } = finding;
  const texts = new Map<string, string>();
  const last = exchanges.at(-1);
  for (const { operation, place, message: said } of places.length > 0
    ? places
    : [{ operation: undefined, place: undefined, message }]) {
    const lines = [
      `${accepted === undefined ? '' : `${accepted.reason}: `}${said || message}`,
      `${severity}, ${check.cwe}, ${check.owasp}, ${placeText(operation, place)}, fingerprint ${fingerprint}`,
      ...(last === undefined ? [] : [cut(exchangeLine(last), 400)]),
      ...(curl.length === 0 ? [] : [cut(curl.at(-1) as string, 1_500)]),
      `mend: ${check.mend}`,
    ];
    const key = operation ?? '';
    const before = texts.get(key);
    texts.set(key, before === undefined ? lines.join('\n') : `${before}\nalso: ${placeText(operation, place)}`);
  }
  return texts;
}
