import type { CheckInfo } from '../model/check.ts';
import type { Exchange, Failure, ScanRequest } from '../model/exchange.ts';
import { PRACTICES, type Severity } from '../model/finding.ts';
import type { CheckReport, PracticeScore, ScanFinding, ScanReport } from '../model/report.ts';

/** Made-up reports for the tests of the formats. No scan made them. */

export const objectCheck: CheckInfo = {
  id: 'object-of-another',
  group: 'authorization',
  title: 'Objects of one user are open to another',
  practice: 'authorize',
  cwe: 'CWE-639',
  owasp: 'API1:2023',
  severity: 'high',
  why: 'Whoever has an account can read and change what belongs to others, by counting through ids.',
  mend: 'Compare the owner of the object with the caller on every request; with Portcullis, declare x-portcullis-owner.',
};

export const sqlCheck: CheckInfo = {
  id: 'sql-injection',
  group: 'injection',
  title: 'SQL injection',
  practice: 'validate',
  cwe: 'CWE-89',
  owasp: 'API8:2023',
  severity: 'critical',
  why: 'What is sent becomes part of a statement: the whole database can be read and changed.',
  mend: 'Bind values as parameters of prepared statements; with Portcullis, leave detection on.',
};

export const headerCheck: CheckInfo = {
  id: 'security-headers',
  group: 'answers',
  title: 'Security headers are missing',
  practice: 'necessary-only',
  cwe: 'CWE-693',
  owasp: 'API8:2023',
  severity: 'low',
  why: 'Browsers guess the type of an answer.',
  mend: 'Send X-Content-Type-Options: nosniff.',
};

export const floodCheck: CheckInfo = {
  id: 'no-limits',
  group: 'floods',
  title: 'No limit on requests',
  practice: 'throttle',
  cwe: 'CWE-770',
  owasp: 'API4:2023',
  severity: 'medium',
  why: 'One caller can take the service away from all others.',
  mend: 'Limit requests for each caller; with Portcullis, set throttling.',
};

let exchanges = 0;

export function exchange(given: {
  request?: Partial<ScanRequest>;
  status?: number;
  failure?: Failure;
  headers?: Readonly<Record<string, string>>;
  body?: string | Uint8Array;
  as?: string;
}): Exchange {
  const bytes =
    typeof given.body === 'string' ? new TextEncoder().encode(given.body) : (given.body ?? new Uint8Array());
  const text = new TextDecoder().decode(bytes);
  const headers = new Map(Object.entries(given.headers ?? { 'content-type': 'application/json' }));
  return {
    id: ++exchanges,
    request: { method: 'GET', target: '/', headers: [['Accept', '*/*']], ...given.request },
    answer: {
      status: given.status ?? 200,
      failure: given.failure,
      headers,
      body: bytes,
      mediaType: headers.get('content-type') ?? '',
      text,
      json: undefined,
      milliseconds: 12,
    },
    operation: undefined,
    as: given.as,
    check: '',
  };
}

export function finding(given: Partial<ScanFinding> & { check: CheckInfo }): ScanFinding {
  return {
    severity: given.check.severity,
    message: 'something is wrong',
    fingerprint: '00112233aabbccdd',
    places: [{ operation: 'GET /patients/{id}', place: 'path parameter id', message: 'something is wrong' }],
    exchanges: [],
    marks: [],
    curl: [],
    accepted: undefined,
    ...given,
  };
}

/** Scores for made-up reports: plausible, not by the engine's rule. */
const scoresForFixture = (findings: readonly ScanFinding[]): readonly PracticeScore[] =>
  PRACTICES.map((practice) => {
    const own = findings.filter(({ check, accepted }) => check.practice === practice && accepted === undefined).length;
    const tried = practice === 'encrypt' || practice === 'test' ? 0 : 4;
    return { practice, score: tried === 0 ? undefined : Math.max(0, 100 - 25 * own), tried, findings: own };
  });

const contractFile = 'api/openapi.yaml';

/** A scan with four findings of four severities, one of them accepted; and one check of each state. */
export function report(given: Partial<ScanReport> = {}): ScanReport {
  const findings = given.findings ?? [
    finding({
      check: sqlCheck,
      message: 'The query parameter search of GET /patients is pasted into an SQL statement.',
      fingerprint: 'aaaa000000000001',
      places: [
        {
          operation: 'GET /patients',
          place: 'query parameter search',
          message: 'a quote makes the statement fail, two do not',
          at: { file: contractFile, line: 41, column: 9, pointer: '/paths/~1patients/get/parameters/0' },
        },
      ],
      exchanges: [
        exchange({
          request: { target: '/patients?search=ann', headers: [['Authorization', 'Bearer $ALICE_TOKEN']] },
          body: '[{"id":1,"name":"Ann"}]',
          as: 'alice',
        }),
        exchange({
          request: { target: "/patients?search=ann'", headers: [['Authorization', 'Bearer $ALICE_TOKEN']] },
          status: 500,
          body: JSON.stringify({ error: 'SQLITE_ERROR: unrecognized token: "\'"', path: '/patients' }),
          as: 'alice',
        }),
      ],
      marks: ['SQLITE_ERROR: unrecognized token', "search=ann'"],
      curl: [
        `curl -H "Authorization: Bearer $ALICE_TOKEN" 'http://127.0.0.1:3000/patients?search=ann'`,
        `curl -H "Authorization: Bearer $ALICE_TOKEN" 'http://127.0.0.1:3000/patients?search=ann'\\'''`,
      ],
    }),
    finding({
      check: objectCheck,
      message: "bob (patient) reads alice's record with GET /patients/{id}.",
      fingerprint: 'aaaa000000000002',
      places: [
        {
          operation: 'GET /patients/{id}',
          place: 'path parameter id',
          message: 'bob got the record 1, which is of alice',
          at: { file: contractFile, line: 60, column: 5 },
        },
        { operation: 'GET /patients/{id}/records', place: 'path parameter id', message: 'and its notes' },
      ],
      exchanges: [
        exchange({
          request: { target: '/patients/1', headers: [['Authorization', 'Bearer $BOB_TOKEN']] },
          body: '{"id":1,"owner":"alice","name":"Alice","phone":"+1 555 0100","notes":[{"text":"private"}]}',
          as: 'bob',
        }),
      ],
      marks: ['"owner":"alice"'],
      curl: [`curl -H "Authorization: Bearer $BOB_TOKEN" http://127.0.0.1:3000/patients/1`],
    }),
    finding({
      check: floodCheck,
      message: '300 requests in 2 s were all answered; no RateLimit header says that there is a limit.',
      fingerprint: 'aaaa000000000003',
      places: [{ operation: undefined, place: undefined, message: 'no limit' }],
      exchanges: [exchange({ request: { target: '/health' }, body: 'ok', headers: {} })],
      curl: ['curl http://127.0.0.1:3000/health'],
      accepted: { reason: 'the load balancer in front limits' },
    }),
    finding({
      check: headerCheck,
      message: 'Answers have no X-Content-Type-Options.',
      fingerprint: 'aaaa000000000004',
      exchanges: [exchange({ request: { target: '/patients/1' }, body: '{}' })],
      curl: ['curl http://127.0.0.1:3000/patients/1'],
    }),
  ];
  const checks = given.checks ?? [
    check(headerCheck),
    check(objectCheck, {
      requests: 120,
      milliseconds: 800,
      notTried: [{ reason: 'no second identity can read it', operations: ['GET /admin/log'] }],
      unconfirmed: 1,
    }),
    check(sqlCheck, { requests: 900, milliseconds: 4_000 }),
    check(floodCheck, { requests: 300, milliseconds: 2_000 }),
    check(
      { ...sqlCheck, id: 'template-injection', title: 'Template injection' },
      { state: 'crashed', reason: 'TypeError: x is not a function' },
    ),
    check(
      { ...floodCheck, id: 'delete-all', title: 'Mass deletion' },
      { state: 'skipped', reason: 'only with --destructive' },
    ),
  ];
  return {
    version: '0.1.0',
    target: 'http://127.0.0.1:3000/',
    contract: { source: contractFile, title: 'Clinic', version: '1.2' },
    started: '2026-11-05T10:00:00.000Z',
    milliseconds: 41_300,
    seed: 7,
    destructive: false,
    identities: [
      { name: 'alice', role: 'patient', kind: 'bearer', alive: true, note: undefined },
      { name: 'bob', role: 'patient', kind: 'key', alive: true, note: undefined },
      { name: 'carol', role: 'admin', kind: 'login', alive: false, note: 'the login answered 401' },
    ],
    findings,
    checks,
    coverage: [
      {
        operation: 'GET /patients',
        requests: 700,
        statuses: { '200': 620, '400': 79, '500': 1 },
        unseen: ['401'],
        places: { reached: ['query:search', 'query:limit'], missed: [] },
        workedFor: ['alice', 'bob'],
        why: undefined,
      },
      {
        operation: 'GET /patients/{id}',
        requests: 500,
        statuses: { '200': 400, '404': 90, none: 10 },
        unseen: [],
        places: { reached: ['path:id'], missed: ['header:x-trace'] },
        workedFor: ['alice'],
        why: undefined,
      },
      {
        operation: 'GET /admin/log',
        requests: 12,
        statuses: { '403': 12 },
        unseen: ['200'],
        places: { reached: [], missed: ['query:from'] },
        workedFor: [],
        why: 'carol, the only admin, could not log in',
      },
    ],
    practices: scoresForFixture(findings),
    notes: ['the API answered 429 and was given time, 3 times'],
    requests: 1_332,
    cut: undefined,
    ...given,
  };
}

export function check(info: CheckInfo, given: Partial<CheckReport> = {}): CheckReport {
  return {
    check: info,
    state: 'ran',
    reason: undefined,
    requests: 0,
    milliseconds: 0,
    notTried: [],
    unconfirmed: 0,
    ...given,
  };
}

/** A scan that found nothing and of which nothing is known. */
export const emptyReport = (): ScanReport =>
  report({
    findings: [],
    checks: [],
    coverage: [],
    practices: [],
    identities: [],
    notes: [],
    requests: 0,
    milliseconds: 0,
  });

/** 2,000 findings, each with two exchanges of 20 kB. */
export function hugeReport(): ScanReport {
  const body = JSON.stringify({
    rows: Array.from({ length: 400 }, (_, id) => ({ id, name: 'a name of some length here' })),
  });
  const exchanges = [exchange({ body }), exchange({ body, status: 500 })];
  const severities: readonly Severity[] = ['critical', 'high', 'medium', 'low', 'informational'];
  const infos = [objectCheck, sqlCheck, headerCheck, floodCheck];
  return report({
    findings: Array.from({ length: 2_000 }, (_, i) =>
      finding({
        check: infos[i % infos.length] as CheckInfo,
        severity: severities[i % severities.length] as Severity,
        fingerprint: i.toString(16).padStart(16, '0'),
        message: `weakness number ${i}`,
        places: [{ operation: `GET /things/${i}`, place: 'query parameter q', message: 'here' }],
        exchanges,
        marks: ['"id":200'],
        curl: ['curl http://127.0.0.1:3000/', 'curl http://127.0.0.1:3000/'],
      }),
    ),
  });
}

/** Text that tries to break out of every format: markup, escape sequences, marks that turn text, XML and workflow commands. */
export const HOSTILE =
  '</pre></script><script>alert(1)</script><img src=x onerror=alert(2)>"\'`&amp;]]>\x1b[31m\x1b]0;title\x07\x1b[2J\x00\x9b31m\u202eevil\u2066\ufeff\ud800\r\n::error::x';

/** A scan of an API that answers with hostile text everywhere. */
export function hostileReport(): ScanReport {
  const info: CheckInfo = { ...objectCheck, title: HOSTILE, why: HOSTILE, mend: HOSTILE };
  const hostile = exchange({
    request: { method: HOSTILE, target: `/${HOSTILE}`, headers: [[HOSTILE, HOSTILE]], body: HOSTILE },
    headers: { 'x-a': HOSTILE },
    body: HOSTILE,
    as: HOSTILE,
  });
  return report({
    target: `http://127.0.0.1/${HOSTILE}`,
    contract: { source: `${HOSTILE}.yaml`, title: HOSTILE, version: HOSTILE },
    identities: [{ name: HOSTILE, role: HOSTILE, kind: 'bearer', alive: false, note: HOSTILE }],
    findings: [
      finding({
        check: info,
        message: HOSTILE,
        places: [
          { operation: HOSTILE, place: HOSTILE, message: HOSTILE, at: { file: HOSTILE, line: 1, column: 1 } },
          { operation: HOSTILE, place: HOSTILE, message: HOSTILE },
        ],
        exchanges: [exchange({ body: Uint8Array.from({ length: 900 }, (_, i) => i % 256) }), hostile],
        marks: ['<script>', 'evil'],
        curl: [HOSTILE],
        accepted: undefined,
      }),
      finding({ check: sqlCheck, fingerprint: HOSTILE, accepted: { reason: HOSTILE } }),
    ],
    checks: [
      check(info, { state: 'crashed', reason: HOSTILE, notTried: [{ reason: HOSTILE, operations: [HOSTILE] }] }),
    ],
    coverage: [
      {
        operation: HOSTILE,
        requests: 1,
        statuses: { [HOSTILE]: 1 },
        unseen: [HOSTILE],
        places: { reached: [HOSTILE], missed: [HOSTILE] },
        workedFor: [HOSTILE],
        why: HOSTILE,
      },
    ],
    notes: [HOSTILE],
    cut: HOSTILE,
  });
}
