import { createHash } from 'node:crypto';
import type { CheckInfo } from '../model/check.ts';
import type { Exchange } from '../model/exchange.ts';
import type { Severity } from '../model/finding.ts';
import type { CheckReport, ScanFinding, ScanReport } from '../model/report.ts';
import type { Ledger } from './ledger.ts';
import type { CallerPolicy } from './policy.ts';
import type { Discrepancy, FriendlyRefused, Reconciliation } from './reconcile.ts';

/** What prove looks at beside the checks of a scan; each reads as a check in reports and baselines. */
export const PROOFS = {
  recorded: {
    id: 'prove-recorded',
    group: 'answers',
    title: 'Every exchange stands in the audit log once, as the caller saw it',
    practice: 'log',
    cwe: 'CWE-778',
    owasp: 'API9:2023',
    severity: 'high',
    why: 'What is not in the log cannot be found after a breach, and what stands there otherwise than it happened misleads whoever looks.',
    mend: 'Look at the exchange with `portcullis audit show ID`, at the disk of the log, and at what stands between callers and the gate.',
  },
  intact: {
    id: 'prove-log-intact',
    group: 'answers',
    title: 'The audit log verifies: hashes, tree and signatures',
    practice: 'log',
    cwe: 'CWE-354',
    owasp: 'API9:2023',
    severity: 'critical',
    why: 'A log that was changed proves nothing any more.',
    mend: 'Run `portcullis audit verify` with the checkpoints that were kept elsewhere: it names the records.',
  },
  friendly: {
    id: 'prove-friendly-passes',
    group: 'fuzzing',
    title: 'What the contract and the policy permit is let through',
    practice: 'validate',
    cwe: 'CWE-693',
    owasp: 'API8:2023',
    severity: 'medium',
    why: 'A gate that refuses honest calls is soon switched off, and then holds nothing at all.',
    mend: 'See the reason in the record (`portcullis audit show ID`): mend the contract, or give an exception with its reason.',
  },
  reached: {
    id: 'prove-reached',
    group: 'authentication',
    title: "The API takes what the gate lets through for the proof's identities",
    practice: 'test',
    cwe: 'CWE-1053',
    owasp: 'API9:2023',
    severity: 'medium',
    why: 'What an identity may do was not tried, nor what others may not do to it: that nothing was found there says nothing.',
    mend: 'See why the API refuses it: a secret that gate and API share (forwarding.headers), a claim that it looks up (--claim ROLE:NAME=VALUE).',
  },
  enforced: {
    id: 'prove-enforced',
    group: 'fuzzing',
    title: 'What the gate sees through, it refuses',
    practice: 'validate',
    cwe: 'CWE-693',
    owasp: 'API8:2023',
    severity: 'high',
    why: 'The gate knew the attack and handed it to the API all the same, since it is told to report only.',
    mend: 'Set `detection: enforce` and `validation.enforce: enforce`; where a place carries code by its purpose, write an exception for it.',
  },
} as const satisfies Record<string, CheckInfo>;

/** Refusals of a credential; those of prove are good. */
const OF_CREDENTIALS = new Set(['credentials-invalid', 'credentials-ambiguous']);
/** Refusals of what the caller's role and scopes permit. */
const OF_RIGHTS = new Set(['not-permitted', 'scope-missing']);
/** Places listed in one finding. */
const PLACES = 100;

/** What findings need of the scan around. */
export interface FindingTools {
  /** Role of each identity that prove made, by name. */
  readonly roles: ReadonlyMap<string, string | undefined>;
  mask(exchange: Exchange): Exchange;
  curl(exchange: Exchange): string;
  accepted(fingerprint: string): string | undefined;
}

/** The findings of the proof itself, worst first. */
export function findingsOf(
  found: Reconciliation,
  ledger: Ledger,
  policy: CallerPolicy,
  tools: FindingTools,
  allowance: number,
): ScanFinding[] {
  const make = maker(tools);
  const findings: ScanFinding[] = [];
  if (found.missingCount > 0)
    findings.push(
      make(
        PROOFS.recorded,
        'missing',
        `${found.missingCount} exchanges were answered and do not stand in the audit log`,
        {
          places: found.missing.map(placeOf),
        },
      ),
    );
  if (found.wrongCount > 0)
    findings.push(
      make(PROOFS.recorded, 'wrong', `${found.wrongCount} records do not say what the caller saw`, {
        places: found.wrong.map(placeOf),
      }),
    );
  if (ledger.unnamedCount > found.others)
    findings.push(
      make(
        PROOFS.recorded,
        'unnamed',
        `${ledger.unnamedCount} answers carry no id of the gate, and only ${found.others} records are left that they could belong to`,
        {
          places: ledger.unnamed.map(({ status, method, target, check }) => ({
            operation: undefined,
            place: `${method} ${target}`.slice(0, 200),
            message: `answered ${status}${check === '' ? '' : ` (${check})`}`,
          })),
        },
      ),
    );
  if (found.others > allowance)
    findings.push(
      make(
        PROOFS.recorded,
        'unsent',
        `${found.others} records of exchanges are there that nobody sent, where at most ${allowance} could be`,
        { places: [] },
      ),
    );
  for (const { log, findings: faults } of found.logs)
    for (const { kind, message } of faults)
      findings.push(make(PROOFS.intact, `${log} ${kind}`, `log ${log}: ${kind}: ${message}`, { places: [] }));
  if (found.logs.length === 0) findings.push(make(PROOFS.intact, 'none', 'there is no audit log', { places: [] }));
  for (const complaint of found.complaints.slice(0, PLACES))
    findings.push(make(PROOFS.intact, complaint, complaint, { places: [] }));
  for (const one of found.friendly) {
    const kept = ledger.kept.get(one.id);
    // The tokens of identities that were given are not known here: what they sent is not shown.
    const exchange = kept?.as === undefined || tools.roles.has(kept.as) ? kept : undefined;
    if (isUnfriendly(one, policy, tools.roles))
      findings.push(
        make(PROOFS.friendly, `${one.operation} ${one.code}`, refusedText(one), {
          places: [{ operation: one.operation, place: undefined, message: `exchange ${one.id}: ${one.reason}` }],
          ...(exchange === undefined ? {} : { exchange }),
          marks: [one.code],
          severity: one.result === 'harmful' ? 'high' : 'medium',
        }),
      );
  }
  const byWhat = new Map<string, (typeof found.recognised)[number][]>();
  for (const one of found.recognised) byWhat.set(one.what, [...(byWhat.get(one.what) ?? []), one]);
  for (const [what, list] of byWhat) {
    const times = list.reduce((sum, one) => sum + one.count, 0);
    findings.push(
      make(
        PROOFS.enforced,
        what,
        `${times} requests that the gate judged as ${what} were let through: it only reports`,
        {
          places: list.map(({ operation, id, count }) => ({
            operation,
            place: undefined,
            message: `${count} times, such as exchange ${id}`,
          })),
        },
      ),
    );
  }
  return findings;
}

/** One finding for all identities that prove made and that were of no use. */
export function unreached(report: Pick<ScanReport, 'identities'>, tools: FindingTools): ScanFinding[] {
  const dead = report.identities.filter(({ name, alive }) => !alive && tools.roles.has(name));
  if (dead.length === 0) return [];
  const message = `${dead.length} of the ${tools.roles.size} identities of the proof were refused wherever they were tried`;
  const places = dead.map(({ name, note }) => ({
    operation: undefined,
    place: `identity ${name}`,
    message: note ?? 'it is refused',
  }));
  return [maker(tools)(PROOFS.reached, 'identities', message, { places })];
}

/**
 * Whether a friendly call must not have been refused so: as invalid or harmful ever; for its credential, where that is
 * one of prove's own; for its rights, where a role that the operation names is held and no owner rule binds it.
 */
export function isUnfriendly(
  { operation, code, result, identities }: FriendlyRefused,
  policy: Pick<CallerPolicy, 'takesKeys' | 'grants' | 'owned'>,
  roles: ReadonlyMap<string, string | undefined>,
): boolean {
  if (result === 'harmful' || result === 'invalid') return true;
  const own = [...identities].filter((name) => roles.has(name));
  if (OF_CREDENTIALS.has(code)) return policy.takesKeys.has(operation) && own.length > 0;
  if (!OF_RIGHTS.has(code)) return false;
  const granted = policy.grants.get(operation) ?? [];
  const bound = policy.owned.get(operation);
  return own.some((name) => {
    const role = roles.get(name);
    return role !== undefined && granted.includes(role) && bound?.has(role) !== true;
  });
}

const refusedText = ({ operation, code, count, identities }: FriendlyRefused): string =>
  `friendly but refused: ${operation} as ${[...identities].sort().join(', ')}, ${count} ${count === 1 ? 'time' : 'times'}, with ${code}`;

const placeOf = ({ id, check, operation, why }: Discrepancy): ScanFinding['places'][number] => ({
  operation,
  place: undefined,
  message: `exchange ${id}${check === '' ? '' : ` (${check})`}: ${why}`,
});

interface Parts {
  readonly places: readonly ScanFinding['places'][number][];
  readonly exchange?: Exchange;
  readonly marks?: readonly string[];
  readonly severity?: Severity;
}

function maker({ mask, curl, accepted }: FindingTools) {
  return (check: CheckInfo, cause: string, message: string, parts: Parts): ScanFinding => {
    const fingerprint = createHash('sha256').update(`${check.id}\n${cause}`).digest('hex').slice(0, 16);
    const reason = accepted(fingerprint);
    const { exchange } = parts;
    const places = parts.places.slice(0, PLACES);
    return {
      check,
      severity: parts.severity ?? check.severity,
      message,
      fingerprint,
      places: places.length > 0 ? places : [{ operation: undefined, place: undefined, message }],
      exchanges: exchange === undefined ? [] : [mask(exchange)],
      marks: parts.marks ?? [],
      curl: exchange === undefined ? [] : [curl(exchange)],
      accepted: reason === undefined ? undefined : { reason },
    };
  };
}

/** How the proof's own checks went, for the list of checks. */
export function proofReports(found: Reconciliation | undefined, why: string | undefined): CheckReport[] {
  return Object.values(PROOFS).map((check) => ({
    check,
    state: found === undefined ? 'crashed' : 'ran',
    reason: found === undefined ? why : undefined,
    requests: 0,
    milliseconds: 0,
    notTried: [],
    unconfirmed: 0,
  }));
}
