import { PRACTICES, type Practice, type Severity } from '../model/finding.ts';
import type { ScanReport } from '../model/report.ts';
import { counted, openOf, reaches } from '../report/severity.ts';
import type { Ledger } from './ledger.ts';
import type { CallerPolicy } from './policy.ts';
import type { Reconciliation, Tally } from './reconcile.ts';

/**
 * - `held`: it was attacked, and nothing above informational was found;
 * - `not held`: something was found;
 * - `off`: nothing was found, but the configuration has switched it off, wholly or in part: it cannot be said to hold;
 * - `not tried`: none of its checks could run.
 */
export type Held = 'held' | 'not held' | 'off' | 'not tried';

/** One practice of the card. */
export interface CardLine {
  readonly practice: Practice;
  readonly held: Held;
  /** What was tried, for people: with its numbers. */
  readonly tried: string;
  /** What came of it. */
  readonly came: string;
  /** What did not hold, or is switched off; empty where all is well. */
  readonly faults: readonly string[];
  readonly checks: number;
  readonly requests: number;
  readonly refused: number;
  readonly findings: number;
}

export interface Card {
  readonly lines: readonly CardLine[];
  /** True: every practice held. */
  readonly held: boolean;
}

const ATTEMPTS: Readonly<Record<Practice, string>> = {
  authenticate: 'requests with no, wrong or stolen credentials',
  authorize: 'requests for functions and objects of others',
  validate: 'tampered, malformed and harmful requests',
  encrypt: 'attacks on the way between caller and gate',
  'necessary-only': 'searches of answers for more than is needed',
  throttle: 'requests in floods, guesses and costly calls',
  log: 'exchanges compared with their records',
  test: 'requests in all',
};
/** Practices of which checks look at handshakes, and at what others send: without a request of their own they try something. */
const LOOKING: ReadonlySet<Practice> = new Set(['encrypt', 'necessary-only']);
/** Faults that are told on the card. */
const FAULTS = 12;

export interface CardParts {
  readonly report: ScanReport;
  readonly ledger: Ledger;
  readonly policy: CallerPolicy;
  /** undefined: the log could not be read. */
  readonly found: Reconciliation | undefined;
}

/** Puts what the scan and the log say together, practice by practice. */
export function cardOf(parts: CardParts): Card {
  const lines = PRACTICES.map((practice) => lineOf(practice, parts));
  return { lines, held: lines.every(({ held }) => held === 'held') };
}

function lineOf(practice: Practice, { report, ledger, policy, found }: CardParts): CardLine {
  const checks = report.checks.filter(({ check }) => check.practice === practice);
  const ran = checks.filter(({ state }) => state === 'ran' || state === 'cut');
  const tally = sum(checks.map(({ check }) => found?.tallies.get(check.id)));
  const own = openOf(report.findings).filter(
    ({ check, severity }) => check.practice === practice && reaches(severity, THRESHOLD),
  );
  const off = policy.switchedOff.filter((one) => one.practice === practice);
  const faults = [
    ...own.map(({ severity, check, message }) => `${severity}: ${message} (${check.id})`),
    ...off.map(
      ({ what, count }) =>
        `${what}, for ${count === policy.operations ? 'every operation' : `${count} of ${policy.operations} operations`}`,
    ),
  ];
  const base = {
    practice,
    checks: ran.length,
    requests: tally.sent,
    refused: tally.sent - tally.allowed,
    findings: own.length,
  };
  // Where a limit answers for the gate, nothing else of it is tried; for the practice of limits that is what is tried.
  const hidden = practice !== 'throttle' && tally.limited > 0 && tally.limited * 2 >= tally.sent;
  if (hidden)
    faults.push(
      `${number(tally.limited)} of ${number(tally.sent)} requests met a limit, a lock or a ban: they prove nothing`,
    );
  const held = (tried: boolean): Held =>
    own.length > 0 ? 'not held' : !tried ? 'not tried' : off.length > 0 ? 'off' : 'held';
  if (practice === 'log') {
    const read = found !== undefined;
    return {
      ...base,
      held: read ? held(found.named > 0) : 'not held',
      requests: ledger.seen,
      tried: `${number(ledger.seen)} ${ATTEMPTS.log}`,
      came: read ? logText(found, ledger) : 'the log could not be read',
      faults: read ? cut(faults) : cut(['the log could not be read', ...faults]),
    };
  }
  if (practice === 'test') {
    const crashed = report.checks.filter(({ state }) => state === 'crashed');
    const wrong = [
      ...crashed.map(({ check, reason }) => `${check.id} crashed: ${reason ?? 'no reason is known'}`),
      ...(report.cut === undefined ? [] : [`the scan ended early: ${report.cut}`]),
    ];
    const all = report.checks.filter(({ state }) => state === 'ran').length;
    const worked = report.coverage.filter(({ workedFor }) => workedFor.length > 0).length;
    if (worked === 0 && report.coverage.length > 0)
      wrong.push('no operation worked for anybody: what the gate holds back was hardly tried');
    const base_ = held(all > 0);
    return {
      ...base,
      checks: all,
      requests: report.requests,
      held: wrong.length > 0 && base_ === 'held' ? 'not held' : base_,
      tried: `${number(report.requests)} ${ATTEMPTS.test}, ${all} checks, ${report.identities.length} identities`,
      came: `${worked} of ${report.coverage.length} operations worked for somebody permitted`,
      faults: cut([...faults, ...wrong]),
    };
  }
  return {
    ...base,
    held: held(ran.length > 0 && !hidden && (tally.sent > 0 || LOOKING.has(practice))),
    tried: triedText(practice, tally.sent, ran.length),
    came: ran.length === 0 ? 'nothing was tried' : cameText(tally, own.length),
    faults: cut(faults),
  };
}

function triedText(practice: Practice, sent: number, checks: number): string {
  if (checks === 0) return 'none of its checks was chosen, or could run';
  const by = counted(checks, 'check');
  if (sent > 0) return `${number(sent)} ${ATTEMPTS[practice]}, ${by}`;
  return LOOKING.has(practice) ? `${by} of what is sent and answered anyway` : `${by}, of which none found what to try`;
}

const THRESHOLD: Severity = 'low';
const number = (value: number): string => value.toLocaleString('en');
const cut = (faults: readonly string[]): readonly string[] =>
  faults.length <= FAULTS ? faults : [...faults.slice(0, FAULTS), `and ${faults.length - FAULTS} more`];

function cameText({ sent, allowed, refused, invalid, harmful, failed, limited }: Tally, findings: number): string {
  if (sent === 0) return findings === 0 ? 'nothing was found' : 'see what was found';
  const parts = [
    ...(refused > 0 ? [`${number(refused)} refused${limited > 0 ? ` (${number(limited)} by a limit)` : ''}`] : []),
    ...(invalid > 0 ? [`${number(invalid)} invalid`] : []),
    ...(harmful > 0 ? [`${number(harmful)} harmful`] : []),
    ...(failed > 0 ? [`${number(failed)} answered with an error`] : []),
    ...(allowed > 0 ? [`${number(allowed)} let through${findings === 0 ? ', without harm' : ''}`] : []),
  ];
  return parts.join(', ');
}

function logText(found: Reconciliation, ledger: Ledger): string {
  const records = found.logs.reduce((all, { records: one }) => all + one, 0);
  const faults = found.logs.reduce((all, { findings }) => all + findings.length, 0);
  return [
    `${number(found.matched)} of ${number(found.named)} stand there once, as they were`,
    ...(ledger.unanswered > 0
      ? [`${number(ledger.unanswered)} got no answer, ${number(found.others)} records of such`]
      : []),
    `${number(records)} records ${faults === 0 ? 'verified' : 'do NOT verify'}`,
  ].join('; ');
}

function sum(tallies: readonly (Tally | undefined)[]): Tally {
  const all: Tally = { sent: 0, allowed: 0, refused: 0, invalid: 0, harmful: 0, failed: 0, limited: 0 };
  for (const one of tallies) {
    if (one === undefined) continue;
    for (const key of Object.keys(all) as (keyof Tally)[]) all[key] += one[key];
  }
  return all;
}
