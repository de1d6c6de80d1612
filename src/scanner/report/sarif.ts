import { isAbsolute, relative, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { CheckInfo } from '../model/check.ts';
import type { Severity } from '../model/finding.ts';
import type { ScanFinding, ScanReport } from '../model/report.ts';
import { webMessages } from './sarif-web.ts';
import { compare, placesOf, placeText, sorted } from './severity.ts';
import { explained, OWASP_IDS, owaspTitle, SECURITY_SEVERITY } from './taxonomy.ts';
import { cut, visible } from './visible.ts';

/** Further places of one finding. */
const RELATED = 100;
/** Characters of requests and answers in one file: code hosts take 10 MB. */
const EVIDENCE = 4_000_000;
const TEXT = 4_000;

const LEVELS = { critical: 'error', high: 'error', medium: 'warning', low: 'warning', informational: 'note' } as const;
/** Order of `taxonomies`. */
const OWASP = { name: 'OWASP API Security Top 10', index: 0 };
const CWE = { name: 'CWE', index: 1 };

type Json = Readonly<Record<string, unknown>>;

/**
 * SARIF 2.1.0: a rule for each check, a result for each finding at the line of the contract that declares the place,
 * accepted ones suppressed with their reason.
 *
 * @param root directory that names of files are told relative to; default: where the program runs
 */
export function sarifReport(report: ScanReport, root = process.cwd()): Json {
  const rules = rulesOf(report);
  const index = new Map(rules.map(({ id }, position) => [id, position]));
  const findings = sorted(report.findings);
  let room = EVIDENCE;
  const results = findings.map((finding) => {
    const evidence = room > 0 ? webMessages(finding.exchanges.at(-1)) : {};
    room -= JSON.stringify(evidence).length;
    return { ...resultOf(finding, index.get(finding.check.id) ?? 0, report, root), ...evidence };
  });
  return {
    $schema: 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'Portcullis scan',
            organization: 'Portcullis',
            version: report.version,
            ...(/^\d+\.\d+\.\d+/.test(report.version) ? { semanticVersion: report.version } : {}),
            rules: rules.map(ruleOf),
            supportedTaxonomies: [OWASP, CWE],
          },
        },
        automationDetails: { id: 'portcullis-scan/' },
        invocations: [invocationOf(report)],
        columnKind: 'utf16CodeUnits',
        taxonomies: taxonomiesOf(rules),
        results,
        properties: { target: visible(report.target), seed: report.seed, destructive: report.destructive },
      },
    ],
  };
}

function rulesOf({ checks, findings }: ScanReport): CheckInfo[] {
  const rules = new Map<string, CheckInfo>();
  for (const { check } of [...checks, ...findings]) if (!rules.has(check.id)) rules.set(check.id, check);
  return [...rules.values()].sort((a, b) => compare(a.id, b.id));
}

const ruleOf = (check: CheckInfo): Json => ({
  id: check.id,
  name: check.id.replace(/(?:^|[^A-Za-z0-9]+)([A-Za-z0-9])/g, (_all, letter: string) => letter.toUpperCase()),
  shortDescription: { text: message(check.title) },
  fullDescription: { text: message(check.why) },
  help: { text: message(`${check.why}\n\nMend: ${check.mend}`) },
  helpUri: explained(check.cwe),
  defaultConfiguration: { level: LEVELS[check.severity] },
  relationships: [
    { target: { id: check.owasp, toolComponent: OWASP }, kinds: ['superset'] },
    { target: { id: check.cwe, toolComponent: CWE }, kinds: ['superset'] },
  ],
  properties: {
    'security-severity': SECURITY_SEVERITY[check.severity],
    precision: 'very-high',
    tags: ['security', `external/cwe/${check.cwe.toLowerCase()}`, check.owasp, check.group, check.practice],
  },
});

function taxonomiesOf(rules: readonly CheckInfo[]): Json[] {
  const cwes = [...new Set(rules.map(({ cwe }) => cwe))].sort(compare);
  const owasps = [...new Set([...OWASP_IDS, ...rules.map(({ owasp }) => owasp)])];
  return [
    {
      name: OWASP.name,
      version: '2023',
      organization: 'OWASP',
      informationUri: 'https://owasp.org/API-Security/editions/2023/en/0x11-t10/',
      shortDescription: { text: 'The ten most critical risks of APIs, edition 2023' },
      taxa: owasps.map((id) => ({ id, name: owaspTitle(id) || id, helpUri: explained(id) })),
    },
    {
      name: CWE.name,
      organization: 'MITRE',
      informationUri: 'https://cwe.mitre.org/',
      shortDescription: { text: 'Common Weakness Enumeration' },
      taxa: cwes.map((id) => ({ id, helpUri: explained(id) })),
    },
  ];
}

function resultOf(finding: ScanFinding, ruleIndex: number, report: ScanReport, root: string): Json {
  const { check, severity, fingerprint, accepted, curl } = finding;
  const { first, others } = placesOf(finding);
  const related = others.slice(0, RELATED).map((place, id) => ({
    id: id + 1,
    ...locationOf(place, report, root),
    message: { text: message(place.message || finding.message) },
  }));
  return {
    ruleId: check.id,
    ruleIndex,
    kind: 'fail',
    level: LEVELS[severity],
    message: { text: message(finding.message) },
    locations: [locationOf(first, report, root)],
    ...(related.length > 0 ? { relatedLocations: related } : {}),
    partialFingerprints: { 'portcullisFinding/v1': visible(fingerprint) },
    // Where one result says, all must (3.27.23).
    suppressions:
      accepted === undefined ? [] : [{ kind: 'external', status: 'accepted', justification: visible(accepted.reason) }],
    properties: {
      severity,
      'security-severity': SECURITY_SEVERITY[severity satisfies Severity],
      curl: curl.map((command) => cut(visible(command), TEXT)),
    },
  };
}

function locationOf(place: ScanFinding['places'][number] | undefined, report: ScanReport, root: string): Json {
  const at = place?.at;
  const logical =
    place?.operation === undefined
      ? {}
      : {
          logicalLocations: [
            { fullyQualifiedName: visible(cut(placeText(place.operation, place.place), 1_000)), kind: 'resource' },
          ],
        };
  return {
    physicalLocation: {
      artifactLocation: artifactOf(at?.file ?? report.contract.source, root),
      region: { startLine: Math.max(1, at?.line ?? 1), startColumn: Math.max(1, at?.column ?? 1) },
    },
    ...logical,
  };
}

/** A URL as it is; a file beneath the root relative to it, as code hosts want it; others by their file URL. */
function artifactOf(file: string, root: string): Json {
  if (/^https?:\/\//i.test(file) && URL.canParse(file)) return { uri: new URL(file).href };
  const short = isAbsolute(file) ? relative(root, file) : file;
  if (isAbsolute(short) || short.split(sep)[0] === '..') {
    const absolute = isAbsolute(file) ? file : `${root}${sep}${file}`;
    return { uri: pathToFileURL(absolute.toWellFormed().replaceAll('\0', '')).href };
  }
  const segments = short
    .toWellFormed()
    .split(sep)
    .filter((segment) => segment !== '.' && segment !== '');
  return { uri: segments.map(encodeURIComponent).join('/') || 'contract', uriBaseId: '%SRCROOT%' };
}

function invocationOf(report: ScanReport): Json {
  const end = Date.parse(report.started) + report.milliseconds;
  const crashed = report.checks
    .filter(({ state }) => state === 'crashed')
    .map(({ check, reason }) => ({
      level: 'error',
      message: { text: message(`The check ${check.id} crashed: ${reason ?? ''}`) },
      associatedRule: { id: check.id },
    }));
  const said = [...report.notes, ...(report.cut === undefined ? [] : [`The scan ended early: ${report.cut}`])];
  return {
    executionSuccessful: report.requests > 0,
    startTimeUtc: report.started,
    ...(Number.isNaN(end) ? {} : { endTimeUtc: new Date(end).toISOString() }),
    toolExecutionNotifications: [
      ...crashed,
      ...said.map((text) => ({ level: 'note', message: { text: message(text) } })),
    ],
  };
}

/**
 * Text for a message: nothing in it may read as a link (3.11.6) or a placeholder (3.11.5). Parameters of paths are
 * written `:id`, since many readers show doubled braces as they are.
 */
const message = (text: string): string =>
  visible(cut(text, TEXT))
    .replace(/(?<=\/)\{([A-Za-z0-9_.-]{1,100})\}/g, ':$1')
    .replace(/[{}]/g, '$&$&')
    .replaceAll('](', '] (') || '-';
