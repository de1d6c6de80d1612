import { dirname, isAbsolute, resolve } from 'node:path';
import { formatDuration, parseDuration } from '../../shared/duration.ts';
import { nearest } from '../../shared/nearest.ts';
import { SEVERITIES, type Severity } from '../model/finding.ts';
import type { ScanPlan } from '../model/plan.ts';
import type { IdentitySettings } from '../state/settings.ts';
import { OptionError, readAs, readRole } from './as.ts';
import { apiUrl, BOUNDS, basePath, type ScanSettings } from './settings.ts';

/** The command line, as it was written. */
export interface ScanFlags {
  readonly url?: string;
  readonly basePath?: string;
  readonly as?: readonly string[];
  readonly role?: readonly string[];
  readonly tokenUrl?: string;
  readonly seed?: string;
  readonly maxTime?: string;
  readonly rate?: string;
  readonly concurrency?: string;
  readonly timeout?: string;
  readonly only?: readonly string[];
  readonly skip?: readonly string[];
  readonly safe?: boolean;
  readonly destructive?: boolean;
  /** False: `--no-register`. */
  readonly register?: boolean;
  readonly baseline?: string;
  readonly failOn?: string;
  readonly html?: string;
  readonly sarif?: string;
  readonly junit?: string;
  /** True: to standard output. */
  readonly json?: string | true;
  readonly ca?: string;
  readonly insecure?: boolean;
  readonly showSecrets?: boolean;
}

/** A scan as it was asked for, complete, before the contract is read. */
export interface ResolvedScan {
  /** File or URL. */
  readonly contract: string;
  /** Scheme, host and port: without a path, which stands in `basePath`. */
  readonly base: URL;
  /** In place of what the contract says; undefined: as it says. */
  readonly basePath: string | undefined;
  readonly identities: readonly IdentitySettings[];
  /** Roles by selector, as written; the later one counts. */
  readonly roles: ReadonlyMap<string, readonly string[]>;
  readonly options: ScanPlan['options'];
  readonly failOn: Severity;
  readonly baseline: string | undefined;
  readonly reports: {
    readonly html?: string;
    readonly sarif?: string;
    readonly junit?: string;
    readonly json?: string;
  };
  readonly jsonToOutput: boolean;
  readonly ca: string | undefined;
  readonly insecure: boolean;
}

/** A `scan.yaml` and where it stands. */
export interface FoundSettings {
  readonly file: string;
  readonly settings: ScanSettings;
}

/**
 * Puts flags over the file over what holds by default.
 * @param contract the argument, where it is a contract
 * @throws OptionError, LoadError: with what is wrong and how to mend it, never with a secret
 */
export function resolveScan(
  contract: string | undefined,
  flags: ScanFlags,
  found: FoundSettings | undefined,
  environment: Readonly<Record<string, string | undefined>>,
): ResolvedScan {
  const settings: ScanSettings = found?.settings ?? {};
  const beside = (name: string): string =>
    found === undefined || isAbsolute(name) || /^https?:\/\//i.test(name) ? name : resolve(dirname(found.file), name);
  const file = (flag: string | undefined, name: string | undefined): string | undefined =>
    flag ?? (name === undefined ? undefined : beside(name));

  const source = file(contract, settings.contract);
  if (source === undefined)
    throw new OptionError('name the contract: portcullis scan openapi.yaml --url URL, or a scan.yaml with `contract:`');
  const written = flags.url ?? settings.url;
  if (written === undefined) throw new OptionError('name the API: --url http://localhost:3000, or `url:` in scan.yaml');
  const url = new URL(checked('--url', written, apiUrl));
  const path = flags.basePath ?? settings.basePath ?? (url.pathname === '/' ? undefined : url.pathname);
  if (flags.safe === true && flags.destructive === true)
    throw new OptionError('--safe and --destructive contradict each other: keep one');

  const reports = settings.reports ?? {};
  const json = flags.json === undefined ? reports.json : undefined;
  const kept = {
    html: file(flags.html, reports.html),
    sarif: file(flags.sarif, reports.sarif),
    junit: file(flags.junit, reports.junit),
    json: file(typeof flags.json === 'string' ? flags.json : undefined, json),
  };
  return {
    contract: source,
    base: new URL(url.origin),
    basePath: path === undefined ? undefined : checked('--base-path', path, basePath),
    identities: identitiesOf(flags, settings, environment),
    roles: new Map(Object.entries(settings.roles ?? {})),
    options: {
      seed: whole('--seed', flags.seed, BOUNDS.seed) ?? settings.seed ?? BOUNDS.seed.standard,
      destructive: flags.destructive ?? (flags.safe === true ? false : (settings.destructive ?? false)),
      concurrency:
        whole('--concurrency', flags.concurrency, BOUNDS.concurrency) ??
        settings.concurrency ??
        BOUNDS.concurrency.standard,
      timeout: spanOf('--timeout', flags.timeout, BOUNDS.timeout) ?? settings.timeout ?? BOUNDS.timeout.standard,
      rate: numberOf('--rate', flags.rate, BOUNDS.rate) ?? settings.rate,
      maxTime: spanOf('--max-time', flags.maxTime, BOUNDS.maxTime) ?? settings.maxTime,
      only: named(flags.only) ?? settings.only ?? [],
      skip: named(flags.skip) ?? settings.skip ?? [],
      register: flags.register === false ? false : (settings.register ?? true),
      showSecrets: flags.showSecrets ?? false,
    },
    failOn: severityOf(flags.failOn) ?? settings.failOn ?? 'low',
    baseline: file(flags.baseline, settings.baseline),
    reports: Object.fromEntries(Object.entries(kept).filter(([, name]) => name !== undefined)),
    jsonToOutput: flags.json === true,
    ca: file(flags.ca, settings.ca),
    insecure: flags.insecure ?? settings.insecure ?? false,
  };
}

/** Those of the file and those of `--as`, which take the place of one with the same name; then `--role`. */
function identitiesOf(
  flags: ScanFlags,
  settings: ScanSettings,
  environment: Readonly<Record<string, string | undefined>>,
): readonly IdentitySettings[] {
  const identities = new Map<string, IdentitySettings>();
  for (const [name, one] of Object.entries(settings.identities ?? {})) identities.set(name, { name, ...one });
  const given = new Set<string>();
  for (const text of flags.as ?? []) {
    const identity = readAs(text, { environment, tokenUrl: flags.tokenUrl });
    if (given.has(identity.name)) throw new OptionError(`--as ${identity.name} is given twice`);
    given.add(identity.name);
    const role = identities.get(identity.name)?.role;
    identities.set(identity.name, role === undefined ? identity : { ...identity, role });
  }
  if (identities.size > BOUNDS.identities) throw new OptionError(`more than ${BOUNDS.identities} identities`);
  for (const text of flags.role ?? []) {
    const { name, role } = readRole(text, identities.keys());
    identities.set(name, { ...(identities.get(name) as IdentitySettings), role });
  }
  return [...identities.values()];
}

/** `--only a,b --only c`: three names. */
const named = (words: readonly string[] | undefined): readonly string[] | undefined =>
  words?.flatMap((word) => word.split(',')).filter((word) => word !== '');

interface Bounds {
  readonly least: number;
  readonly most: number;
}

function numberOf(flag: string, text: string | undefined, { least, most }: Bounds): number | undefined {
  if (text === undefined) return undefined;
  const value = /^\d{1,12}(?:\.\d{1,6})?$/.test(text) ? Number(text) : Number.NaN;
  if (value >= least && value <= most) return value;
  throw new OptionError(`${flag}: expected a number from ${least} to ${most}`);
}

function whole(flag: string, text: string | undefined, bounds: Bounds): number | undefined {
  const value = numberOf(flag, text, bounds);
  if (value === undefined || Number.isInteger(value)) return value;
  throw new OptionError(`${flag}: expected a whole number`);
}

function spanOf(flag: string, text: string | undefined, { least, most }: Bounds): number | undefined {
  if (text === undefined) return undefined;
  const value = parseDuration(text);
  if (value !== undefined && value >= least && value <= most) return value;
  throw new OptionError(
    `${flag}: expected a span of time from ${formatDuration(least)} to ${formatDuration(most)}, such as 30s or 10m`,
  );
}

function severityOf(text: string | undefined): Severity | undefined {
  if (text === undefined) return undefined;
  const found = SEVERITIES.find((severity) => severity === text.toLowerCase());
  if (found !== undefined) return found;
  const near = nearest(text, SEVERITIES);
  throw new OptionError(
    `--fail-on: expected one of ${SEVERITIES.join(', ')}${near === undefined ? '' : `; did you mean ${near}?`}`,
  );
}

function checked(flag: string, text: string, schema: typeof apiUrl | typeof basePath): string {
  const result = schema.safeParse(text);
  if (result.success) return result.data;
  throw new OptionError(`${flag}: ${result.error.issues[0]?.message ?? 'not understood'}`);
}
