import type { Exchange } from '../model/exchange.ts';
import type { CheckReport, ScanFinding, ScanReport } from '../model/report.ts';
import { compare, sorted } from './severity.ts';

/** Named in every report; the number grows when a key changes its meaning or goes away. */
export const JSON_FORMAT = 'portcullis-scan/1';
/** Characters (or bytes, where it is no text) that are kept of a body. */
const BODY = 64 * 1024;

/** A body in the JSON report: text where it is UTF-8, base64 where it is not. */
export type JsonBody =
  | { readonly text: string; readonly leftOut?: number }
  | { readonly base64: string; readonly leftOut?: number };

/** What the JSON report holds; keys stand in this order, absent values are left out. */
export interface JsonReport {
  readonly format: typeof JSON_FORMAT;
  readonly version: string;
  readonly target: string;
  readonly contract: ScanReport['contract'];
  readonly seed: number;
  readonly destructive: boolean;
  /** The same for the same seed and the same API: worst first, then by check and fingerprint; no times, no counters. */
  readonly findings: readonly {
    readonly fingerprint: string;
    readonly check: string;
    readonly severity: string;
    readonly message: string;
    readonly places: readonly {
      readonly operation?: string;
      readonly place?: string;
      readonly message: string;
      readonly at?: {
        readonly file: string;
        readonly line: number;
        readonly column: number;
        readonly pointer?: string;
      };
    }[];
    readonly accepted?: { readonly reason: string };
  }[];
  readonly practices: ScanReport['practices'];
  /** What the checks are, by id; findings name them. */
  readonly checks: readonly {
    readonly id: string;
    readonly group: string;
    readonly title: string;
    readonly practice: string;
    readonly cwe: string;
    readonly owasp: string;
    readonly severity: string;
    readonly why: string;
    readonly mend: string;
    readonly state: CheckReport['state'];
    readonly reason?: string;
    readonly notTried: CheckReport['notTried'];
  }[];
  readonly coverage: ScanReport['coverage'];
  readonly identities: ScanReport['identities'];
  readonly notes: readonly string[];
  /** How this very run went: differs from run to run. */
  readonly run: {
    readonly started: string;
    readonly milliseconds: number;
    readonly requests: number;
    readonly cut?: string;
    readonly checks: readonly {
      readonly id: string;
      readonly requests: number;
      readonly milliseconds: number;
      readonly unconfirmed: number;
    }[];
  };
  /** What shows each finding, in the order of `findings`. */
  readonly evidence: readonly {
    readonly fingerprint: string;
    readonly marks: readonly string[];
    readonly curl: readonly string[];
    readonly exchanges: readonly ReturnType<typeof exchangeOf>[];
  }[];
}

/**
 * The report for programs. Yields JSON text in parts, one finding's evidence at a time, so that a large report need not
 * stand in memory twice.
 */
export function* jsonReport(report: ScanReport): Generator<string> {
  const findings = sorted(report.findings);
  const head: Omit<JsonReport, 'evidence'> = {
    format: JSON_FORMAT,
    version: report.version,
    target: report.target,
    contract: report.contract,
    seed: report.seed,
    destructive: report.destructive,
    findings: findings.map(findingOf),
    practices: report.practices,
    checks: [...report.checks].sort((a, b) => compare(a.check.id, b.check.id)).map(checkOf),
    coverage: report.coverage,
    identities: report.identities,
    notes: report.notes,
    run: {
      started: report.started,
      milliseconds: report.milliseconds,
      requests: report.requests,
      ...(report.cut === undefined ? {} : { cut: report.cut }),
      checks: [...report.checks]
        .sort((a, b) => compare(a.check.id, b.check.id))
        .map(({ check, requests, milliseconds, unconfirmed }) => ({
          id: check.id,
          requests,
          milliseconds,
          unconfirmed,
        })),
    },
  };
  // Without its closing brace: the evidence follows.
  yield `${written(head).slice(0, -2)},\n  "evidence": [`;
  let first = true;
  for (const finding of findings) {
    const text = written(evidenceOf(finding)).replaceAll('\n', '\n    ');
    yield `${first ? '' : ','}\n    ${text}`;
    first = false;
  }
  yield `${first ? '' : '\n  '}]\n}\n`;
}

/** JSON text in which everything that a terminal could obey, or that no reader sees, is written as an escape. */
const written = (value: object): string =>
  JSON.stringify(value, null, 2).replace(
    /[\x7f-\x9f\xad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g,
    (mark) => `\\u${mark.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );

const findingOf = ({ fingerprint, check, severity, message, places, accepted }: ScanFinding) => ({
  fingerprint,
  check: check.id,
  severity,
  message,
  places: places.map(({ operation, place, message: said, at }) => ({
    ...(operation === undefined ? {} : { operation }),
    ...(place === undefined ? {} : { place }),
    message: said,
    ...(at === undefined ? {} : { at }),
  })),
  ...(accepted === undefined ? {} : { accepted }),
});

const checkOf = ({ check, state, reason, notTried }: CheckReport) => ({
  id: check.id,
  group: check.group,
  title: check.title,
  practice: check.practice,
  cwe: check.cwe,
  owasp: check.owasp,
  severity: check.severity,
  why: check.why,
  mend: check.mend,
  state,
  ...(reason === undefined ? {} : { reason }),
  notTried,
});

const evidenceOf = ({ fingerprint, marks, curl, exchanges }: ScanFinding) => ({
  fingerprint,
  marks,
  curl,
  exchanges: exchanges.map(exchangeOf),
});

function exchangeOf({ request, answer, as }: Exchange) {
  const sent = bodyOf(request.body);
  const came = bodyOf(answer.body);
  return {
    ...(as === undefined ? {} : { as }),
    request: {
      method: request.method,
      target: request.target,
      headers: request.headers,
      ...(sent === undefined ? {} : { body: sent }),
    },
    answer: {
      status: answer.status,
      ...(answer.failure === undefined ? {} : { failure: answer.failure }),
      headers: [...answer.headers],
      ...(came === undefined ? {} : { body: came }),
      milliseconds: answer.milliseconds,
    },
  };
}

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function bodyOf(body: string | Uint8Array | undefined): JsonBody | undefined {
  if (body === undefined || body.length === 0) return undefined;
  let text: string | undefined;
  try {
    text = typeof body === 'string' ? body : strict.decode(body);
  } catch {
    text = undefined;
  }
  const leftOut = (text ?? body).length - BODY;
  const rest = leftOut > 0 ? { leftOut } : {};
  if (text !== undefined) return { text: text.slice(0, BODY), ...rest };
  return { base64: Buffer.from(body.slice(0, BODY) as Uint8Array).toString('base64'), ...rest };
}
