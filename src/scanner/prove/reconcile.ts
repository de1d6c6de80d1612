import { compileFilter } from '../../audit/filter.ts';
import { readHead } from '../../audit/head.ts';
import type { KeptCheckpoint } from '../../audit/kept.ts';
import { listLogs } from '../../audit/logs.ts';
import type { AuditRecord, Result } from '../../audit/record.ts';
import { search } from '../../audit/search.ts';
import { type LogReport, verifyLog } from '../../audit/verify.ts';
import { refusalTable } from '../../gateway/refusal.ts';
import type { Entry, Ledger } from './ledger.ts';

/** How requests ended, as the log has it. */
export interface Tally {
  sent: number;
  allowed: number;
  refused: number;
  invalid: number;
  harmful: number;
  failed: number;
  /** Of the refused: by a limit, a lock or a ban, so that nothing else was judged. */
  limited: number;
}

/** Something that is not as it should be, with the exchange that shows it. */
export interface Discrepancy {
  readonly id: string;
  readonly check: string;
  readonly operation: string | undefined;
  readonly why: string;
}

/** Friendly calls of one operation that the gate refused for the same reason. */
export interface FriendlyRefused {
  readonly operation: string;
  readonly code: string;
  readonly result: Result;
  /** An exchange that shows it. */
  readonly id: string;
  readonly identities: Set<string>;
  /** What the record says of the reason: detail, violations or evidence, as JSON; never a value of a body. */
  readonly reason: string;
  count: number;
}

/** Attacks that the gate saw through and let pass, since it only reports. */
export interface Recognised {
  readonly operation: string;
  readonly what: string;
  readonly id: string;
  count: number;
}

/** What the log says of the scan. */
export interface Reconciliation {
  /** Exchanges that were answered with an id. */
  readonly named: number;
  /** Of these, those that stand in the log exactly once, as they were. */
  readonly matched: number;
  readonly missing: readonly Discrepancy[];
  readonly missingCount: number;
  /** More than once, or not as the caller saw it. */
  readonly wrong: readonly Discrepancy[];
  readonly wrongCount: number;
  /** Records of exchanges whose answer the scanner did not see. */
  readonly others: number;
  readonly otherCodes: ReadonlyMap<string, number>;
  /** By check; '' is friendly traffic. */
  readonly tallies: ReadonlyMap<string, Tally>;
  readonly friendly: readonly FriendlyRefused[];
  readonly recognised: readonly Recognised[];
  readonly events: ReadonlyMap<string, number>;
  readonly logs: readonly LogReport[];
  /** Lines that are no records, and files that cannot be read. */
  readonly complaints: readonly string[];
}

/** Refusals before anything of the request was judged. */
const LIMITS = new Set(['rate-limited', 'quota-exceeded', 'banned', 'too-many-failures', 'overloaded']);
/** Discrepancies that are listed one by one. */
const LISTED = 100;
/** Milliseconds before the beginning from which records are read: clocks of two processes of one machine. */
const BEFORE = 2_000;
/** Friendly refusals and recognised attacks that are told apart. */
const KINDS = 500;
const REASON = 600;

/** The checkpoints of an audit directory as they stand: what the log must be a continuation of. */
export async function checkpointsOf(directory: string): Promise<readonly KeptCheckpoint[]> {
  const kept: KeptCheckpoint[] = [];
  for (const log of listLogs(directory)) {
    const { source, checkpoint, verifier } = await readHead(log.directory);
    if (source !== undefined && checkpoint !== undefined) kept.push({ source, checkpoint, verifier });
  }
  return kept;
}

export interface ReconcileOptions {
  /** The audit directory of the gate. */
  readonly directory: string;
  /** Epoch milliseconds at which the scan began. */
  readonly since: number;
  /** Key id of each identity that was made. */
  readonly principals: ReadonlyMap<string, string>;
  readonly kept: readonly KeptCheckpoint[];
}

/**
 * Compares what the scanner saw with what the gate recorded: every answer has exactly one record, which says what the
 * caller saw; then verifies the log (hashes, tree, signatures, and that it continues what was there before).
 * @throws what the file system says where the directory cannot be read
 */
export async function reconcile(ledger: Ledger, options: ReconcileOptions): Promise<Reconciliation> {
  const { directory, since, principals, kept } = options;
  const logs = listLogs(directory);
  const complaints: string[] = [];
  const wrong = new Listed();
  const missing = new Listed();
  const tallies = new Map<string, Tally>();
  const friendly = new Map<string, FriendlyRefused>();
  const recognised = new Map<string, Recognised>();
  const events = new Map<string, number>();
  const otherCodes = new Map<string, number>();
  let others = 0;

  const filter = compileFilter({ since: since - BEFORE }, undefined);
  const complain = (text: string): void => {
    if (complaints.length < LISTED) complaints.push(text);
  };
  for await (const { record } of search(logs, filter, { complain })) {
    if (record.kind === 'event') {
      count(events, record.event ?? '');
      continue;
    }
    const id = record.id ?? '';
    const entry = ledger.entries.get(id);
    if (entry === undefined) {
      others++;
      count(otherCodes, record.outcome?.code ?? record.outcome?.result ?? 'unreadable');
      continue;
    }
    if (++entry.records > 1) {
      wrong.add(id, entry, 'it stands in the log more than once');
      continue;
    }
    const why = contradiction(entry, record, principals);
    if (why !== undefined) wrong.add(id, entry, why);
    tally(tallies, entry.check, record);
    if (entry.friendly) befriend(friendly, id, entry, record);
    recognise(recognised, id, entry, record);
  }
  for (const [id, entry] of ledger.entries)
    if (entry.records === 0) missing.add(id, entry, `it was answered ${entry.status}, and no record of it is there`);
  for (const id of ledger.repeated) wrong.add(id, ledger.entries.get(id), 'two answers carry this same id');

  const reports: LogReport[] = [];
  for (const log of logs) {
    const { verifier } = await readHead(log.directory);
    const own = kept.filter(({ checkpoint }) => checkpoint.origin === verifier?.name);
    reports.push(await verifyLog(log.directory, log.slot, own));
  }
  const named = ledger.entries.size;
  return {
    named,
    matched: named - missing.count - wrong.ids.size,
    missing: missing.list,
    missingCount: missing.count,
    wrong: wrong.list,
    wrongCount: wrong.count,
    others,
    otherCodes,
    tallies,
    friendly: [...friendly.values()].sort((a, b) => compare(a.operation, b.operation) || compare(a.code, b.code)),
    recognised: [...recognised.values()].sort((a, b) => compare(a.operation, b.operation) || compare(a.what, b.what)),
    events,
    logs: reports,
    complaints,
  };
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
const count = (map: Map<string, number>, key: string): void => void map.set(key, (map.get(key) ?? 0) + 1);

/** Counts all, keeps the first. */
class Listed {
  readonly list: Discrepancy[] = [];
  readonly ids = new Set<string>();
  count = 0;

  add(id: string, entry: Entry | undefined, why: string): void {
    this.count++;
    this.ids.add(id);
    if (this.list.length < LISTED) this.list.push({ id, check: entry?.check ?? '', operation: entry?.operation, why });
  }
}

/** What a record says otherwise than the caller saw it; undefined where it fits. */
export function contradiction(
  entry: Entry,
  { outcome, request, principal, ...rest }: AuditRecord,
  principals: ReadonlyMap<string, string>,
): string | undefined {
  if (outcome === undefined) return 'its record has no outcome';
  const { status, result, code } = outcome;
  if (status !== entry.status) return `it was answered ${entry.status}, its record says ${status}`;
  if (entry.code !== undefined && entry.code !== code)
    return `it was refused as ${entry.code}, its record says ${code ?? result}`;
  // The head alone does not tell a refusal of the gate from an answer of the API.
  const said = entry.whole && entry.method.toUpperCase() !== 'HEAD';
  if (said && entry.code === undefined && result !== 'allowed')
    return `an answer was let through (${entry.status}), its record says ${code ?? result}`;
  const judged = code === undefined ? 'allowed' : judgementOf(code, status);
  if (judged !== undefined && judged !== result)
    return `${code ?? 'no refusal'} is ${judged}, its record says ${result}`;
  const method = request?.method ?? '';
  if (method !== '-' && !entry.method.startsWith(method.slice(0, 16)))
    return `it was sent as ${entry.method.slice(0, 32)}, its record says ${method}`;
  const own = entry.as === undefined ? undefined : principals.get(entry.as);
  if (own === undefined || result !== 'allowed' || (rest as { anonymous?: unknown }).anonymous === true)
    return undefined;
  if (principal === undefined) return `it was let through for ${entry.as}, its record names nobody`;
  return principal.id === own
    ? undefined
    : `it was sent as ${entry.as}, its record names ${principal.kind}:${principal.id}`;
}

/** How the log must call a refusal; undefined where the code is none of the gate's. */
function judgementOf(code: string, status: number): Result | undefined {
  if (!Object.hasOwn(refusalTable, code)) return undefined;
  return refusalTable[code as keyof typeof refusalTable].judgement ?? (status >= 500 ? 'failed' : 'refused');
}

function tally(tallies: Map<string, Tally>, check: string, { outcome }: AuditRecord): void {
  let own = tallies.get(check);
  if (own === undefined) {
    own = { sent: 0, allowed: 0, refused: 0, invalid: 0, harmful: 0, failed: 0, limited: 0 };
    tallies.set(check, own);
  }
  own.sent++;
  const result = outcome?.result;
  if (result !== undefined && Object.hasOwn(own, result)) own[result]++;
  if (LIMITS.has(outcome?.code ?? '')) own.limited++;
}

function befriend(found: Map<string, FriendlyRefused>, id: string, entry: Entry, record: AuditRecord): void {
  const { outcome } = record;
  if (entry.operation === undefined || outcome === undefined || outcome.result === 'allowed') return;
  const code = outcome.code ?? outcome.result;
  const key = `${entry.operation}\n${code}`;
  let kind = found.get(key);
  if (kind === undefined) {
    if (found.size >= KINDS) return;
    const { detail, violations, evidence } = outcome;
    const reason = JSON.stringify({ detail, violations, evidence }).slice(0, REASON);
    kind = { operation: entry.operation, code, result: outcome.result, id, identities: new Set(), reason, count: 0 };
    found.set(key, kind);
  }
  kind.count++;
  kind.identities.add(entry.as ?? '(nobody)');
}

/** Decisions that say of an exchange that went on: it is harmful, or breaks the contract, but is reported only. */
function recognise(found: Map<string, Recognised>, id: string, entry: Entry, record: AuditRecord): void {
  if (record.outcome?.result !== 'allowed' || !Array.isArray(record.decisions)) return;
  for (const { stage, note, evidence } of record.decisions) {
    if (typeof note !== 'string' || !note.includes('reported only')) continue;
    const named = (evidence as { class?: unknown } | undefined)?.class;
    const what = typeof named === 'string' ? named : stage;
    const operation = entry.operation ?? record.operation?.key ?? 'no operation';
    const key = `${operation}\n${what}`;
    const kind = found.get(key);
    if (kind !== undefined) kind.count++;
    else if (found.size < KINDS) found.set(key, { operation, what, id, count: 1 });
  }
}
