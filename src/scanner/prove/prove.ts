import { join } from 'node:path';
import type { KeptCheckpoint } from '../../audit/kept.ts';
import type { Configuration } from '../../config/configuration.ts';
import type { Contract } from '../../contract/model.ts';
import { systemClock } from '../../shared/clock.ts';
import { openStore } from '../../storage/sqlite-store.ts';
import type { Store } from '../../storage/store.ts';
import { curlOf } from '../http/curl.ts';
import { Masker } from '../http/mask.ts';
import type { Check } from '../model/check.ts';
import type { Accepted, ScanPlan, ScanWatch } from '../model/plan.ts';
import type { ScanReport } from '../model/report.ts';
import { OptionError } from '../options/as.ts';
import type { IdentitySettings } from '../state/settings.ts';
import { type Card, cardOf } from './card.ts';
import { readClaims } from './claims.ts';
import { findingsOf, proofReports, unreached } from './findings.ts';
import { type GateUnderProof, startGate } from './gate.ts';
import { groundOf } from './ground.ts';
import { Ledger } from './ledger.ts';
import { withMore } from './merge.ts';
import { overridesSaid } from './overrides.ts';
import { type Cast, castFor, makePeople, type People } from './people.ts';
import { type CallerPolicy, callerPolicy } from './policy.ts';
import { checkpointsOf, type Reconciliation, reconcile } from './reconcile.ts';
import { logSaid, runningSaid } from './said.ts';
import { runScans, splitOf, stagesOf } from './stages.ts';

/** What a proof needs to know. */
export interface ProveOptions {
  readonly configuration: Configuration;
  /** The configuration's file, absolute. */
  readonly file: string;
  readonly contract: Contract;
  /** A gate that runs by this configuration; undefined: one is started for the proof. */
  readonly url: URL | undefined;
  /** `ROLE:NAME=VALUE`. */
  readonly claims: readonly string[];
  /** Further identities, beside those that are made. */
  readonly identities: readonly IdentitySettings[];
  /** Directory in which the started gate's keys and log stay; undefined: a temporary one. */
  readonly keep: string | undefined;
  readonly scan: ScanPlan['options'];
  readonly accepted: Accepted | undefined;
  readonly ca: string | undefined;
  readonly insecure: boolean;
  readonly version: string;
  readonly signal: AbortSignal;
  readonly checks: readonly Check[];
  /** What must be done where the process ends at once: keys are revoked, the gate is ended. */
  onExit(work: () => void): void;
}

/** What a proof comes to. */
export interface Proof {
  /** The scan's, with the findings of the proof itself: what all reports are made of. */
  readonly report: ScanReport;
  readonly card: Card;
  /** undefined: the log could not be read; the report's notes say why. */
  readonly reconciliation: Reconciliation | undefined;
}

/** Requests that one raw message may hold: what smuggling is tried with. */
const REQUESTS_OF_RAW = 8;

/**
 * Turns the scanner on a gate: makes short-lived identities for its roles, scans it, and compares what was sent with
 * what the gate recorded. Whatever happens, the identities are revoked, and a gate that was started is ended.
 *
 * @throws OptionError, LoadError, GateError, IdentityError, StoreError: with what is wrong and how to mend it
 */
export async function prove(options: ProveOptions, watch: ScanWatch): Promise<Proof> {
  const { configuration } = options;
  const policy = callerPolicy(configuration, options.contract);
  const cast = castFor(policy, readClaims(options.claims, policy.roles));
  for (const { name } of options.identities)
    if (cast.wanted.some((one) => one.name === name))
      throw new OptionError(`--as ${name}: prove makes an identity of that name itself; give yours another`);
  const ledger = new Ledger();
  const split = splitOf(options.checks, options.url === undefined);
  const stages = stagesOf({ ...bound(watch), exchange: (one) => ledger.note(one) }, split, options.scan);
  const ground = groundOf(configuration, options.url, options.keep);
  const undo: (() => unknown)[] = [ground.remove];
  options.onExit(() => {
    for (const step of undo.toReversed()) step();
  });
  let gate: GateUnderProof | undefined;
  let store: Store | undefined;
  let people: People | undefined;
  try {
    if (options.url === undefined) {
      stages.starting();
      gate = await startGate(options.file, ground.data);
      undo.push(gate.kill);
      for (const note of gate.notes) watch.note(note);
    }
    const kept = await checkpointsOf(ground.audit);
    const since = Date.now();
    store = openStore(join(ground.data, 'store.db'));
    people = makePeople(store, systemClock, cast.wanted, policy.asBearer);
    undo.push(people.revoke);
    const base = gate?.url ?? (options.url as URL);
    const plan = planOf(options, base, policy, people);
    const report = await runScans(plan, split, gate, stages);
    const alive = people.revoke();
    await gate?.stop();
    stages.reading();
    const read = await logOf(ledger, ground.audit, since, people, kept);
    const notes = [
      ...saidBefore(options, cast, alive),
      ...logSaid(read.found, ledger),
      ...(options.keep === undefined ? [] : [keptSaid(join(options.keep, 'audit'))]),
      ...(read.problem === undefined ? [] : [read.problem]),
    ];
    return conclude(options, { policy, cast, report, ledger, people, read, notes, base });
  } finally {
    people?.revoke();
    store?.close();
    await gate?.stop();
    ground.remove();
  }
}

function planOf(options: ProveOptions, base: URL, policy: CallerPolicy, people: People): ScanPlan {
  const { contract, scan, accepted, signal, ca, insecure, version, identities } = options;
  return {
    contract,
    base,
    identities: [...people.identities, ...identities],
    roles: policy.grants,
    options: scan,
    accepted,
    signal,
    ca,
    insecure,
    version,
  };
}

function saidBefore(options: ProveOptions, cast: Cast, alive: readonly string[]): string[] {
  const { configuration, url } = options;
  return [
    ...(url === undefined ? overridesSaid(configuration) : runningSaid(configuration)),
    ...cast.notes,
    ...alive.map((id) => `key ${id} could not be revoked: it ends within the hour; portcullis keys revoke ${id}`),
  ];
}

const keptSaid = (directory: string): string =>
  `the log of the gate stays in ${directory}: portcullis audit --directory ${directory} show ID`;

const bound = (watch: ScanWatch): ScanWatch => ({
  phase: (name, index, total) => watch.phase(name, index, total),
  progress: (done, total, requests, findings) => watch.progress(done, total, requests, findings),
  finding: (finding) => watch.finding(finding),
  note: (text) => watch.note(text),
});

interface Read {
  readonly found: Reconciliation | undefined;
  readonly problem: string | undefined;
}

async function logOf(
  ledger: Ledger,
  directory: string,
  since: number,
  { principals }: People,
  kept: readonly KeptCheckpoint[],
): Promise<Read> {
  try {
    return { found: await reconcile(ledger, { directory, since, principals, kept }), problem: undefined };
  } catch (error) {
    return { found: undefined, problem: `the audit log cannot be read: ${(error as Error).message}` };
  }
}

interface Parts {
  readonly policy: CallerPolicy;
  readonly cast: Cast;
  readonly report: ScanReport;
  readonly ledger: Ledger;
  readonly people: People;
  readonly read: Read;
  readonly notes: readonly string[];
  readonly base: URL;
}

function conclude(options: ProveOptions, parts: Parts): Proof {
  const { policy, cast, report, ledger, people, read, notes, base } = parts;
  const { found, problem } = read;
  const secrets = secretsOf(people, options.scan.showSecrets === true);
  const masker = new Masker(secrets);
  const tools = {
    roles: new Map(cast.wanted.map(({ name, role }) => [name, role])),
    mask: (exchange: Parameters<Masker['exchange']>[0]) => masker.exchange(exchange),
    curl: (exchange: Parameters<Masker['exchange']>[0]) => curlOf(exchange, base, secrets),
    accepted: (fingerprint: string) => options.accepted?.reason(fingerprint),
  };
  const allowance = options.url === undefined ? allowanceOf(ledger, report) : Number.POSITIVE_INFINITY;
  const whole = withMore(report, {
    findings: [
      ...(found === undefined ? [] : findingsOf(found, ledger, policy, tools, allowance)),
      ...unreached(report, tools),
    ],
    checks: proofReports(found, problem),
    notes,
  });
  return { report: whole, card: cardOf({ report: whole, ledger, policy, found }), reconciliation: found };
}

/** Records that may be there without an answer that names them. Others may call a running gate: there no number holds. */
const allowanceOf = (ledger: Ledger, { requests }: ScanReport): number =>
  ledger.unanswered +
  ledger.unnamedCount +
  ledger.beyond +
  ledger.raw * REQUESTS_OF_RAW +
  Math.max(0, requests - ledger.seen);

/** The secrets of the identities that were made, each with its variable. */
function secretsOf({ identities }: People, shown: boolean): ReadonlyMap<string, string> {
  const secrets = new Map<string, string>();
  for (const { name, bearer, key } of shown ? [] : identities) {
    const variable = name.toUpperCase().replace(/[^A-Z0-9]/g, '_');
    const secret = bearer?.token ?? key?.value;
    if (secret !== undefined) secrets.set(secret, variable.replace(/^(?=\d)/, '_'));
  }
  return secrets;
}
