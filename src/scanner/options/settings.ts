import { z } from 'zod';
import { formatDuration, parseDuration } from '../../shared/duration.ts';
import { SEVERITIES } from '../model/finding.ts';
import { identityName, unnamedIdentitySettings } from '../state/settings.ts';
import { readSettings } from './settings-file.ts';

/** Bounds of what a person may set, for the file and for flags alike. */
export const BOUNDS = {
  seed: { least: 0, most: 4_294_967_295, standard: 1 },
  /** Requests a second. */
  rate: { least: 0.1, most: 100_000 },
  concurrency: { least: 1, most: 256, standard: 8 },
  /** Milliseconds. */
  timeout: { least: 100, most: 600_000, standard: 10_000 },
  maxTime: { least: 1_000, most: 7 * 86_400_000 },
  /** Identities, operations with roles, names of checks. */
  identities: 100,
  roles: 5_000,
  names: 500,
} as const;

/** A span of time as text, read as milliseconds. */
const span = ({ least, most }: { readonly least: number; readonly most: number }) =>
  z.string().transform((text, context) => {
    const value = parseDuration(text);
    if (value !== undefined && value >= least && value <= most) return value;
    const message = `expected a span of time from ${formatDuration(least)} to ${formatDuration(most)}, such as 30s or 10m`;
    context.issues.push({ code: 'custom', input: text, message });
    return z.NEVER;
  });

const number = ({ least, most }: { readonly least: number; readonly most: number }) => z.number().min(least).max(most);
const fileName = z.string().min(1).max(4_096);
const list = z
  .union([z.string().min(1).max(200), z.array(z.string().min(1).max(200)).max(BOUNDS.names)])
  .transform((value) => (typeof value === 'string' ? [value] : value));

const problemOfUrl = (text: string): string | undefined => {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) return 'expected an http or https URL';
  if (url.username !== '' || url.password !== '') return 'the URL holds a credential: give it as an identity';
  return url.search !== '' || url.hash !== '' ? 'the URL has a query or a fragment: leave it out' : undefined;
};

/** Where an API stands. */
export const apiUrl = z
  .string()
  .max(2_048)
  .superRefine((text, context) => {
    const message = problemOfUrl(text);
    if (message !== undefined) context.addIssue({ code: 'custom', message });
  });

/** A path that begins with `/`. */
export const basePath = z
  .string()
  .max(1_000)
  .regex(/^\/[^?#\s]*$/, { error: 'expected a path that begins with /, such as /v1' });

/** The schema of `scan.yaml`. Every key may be absent; flags go before the file. */
export const scanSettings = z.strictObject({
  contract: fileName.optional().describe('OpenAPI file (relative to this one) or URL.'),
  url: apiUrl.optional().describe('Where the API is: the only host that is spoken to. A path stands for basePath.'),
  basePath: basePath.optional().describe('Stands in place of the base path of the contract; `/` for none.'),
  identities: z
    .record(identityName, unnamedIdentitySettings)
    .refine((map) => Object.keys(map).length <= BOUNDS.identities, { error: `at most ${BOUNDS.identities} identities` })
    .optional()
    .describe('Who the scanner can be, by name: a role, and one of bearer, key, basic, cookie, login, oauth.'),
  roles: z
    .record(z.string().min(1).max(500), list)
    .refine((map) => Object.keys(map).length <= BOUNDS.roles, { error: `at most ${BOUNDS.roles} entries` })
    .optional()
    .describe('Which roles may call which operations: by operationId, `tag:NAME`, `GET /path` or a pattern.'),
  seed: number(BOUNDS.seed).int().optional().describe('Same seed, same API: same findings. Default 1.'),
  maxTime: span(BOUNDS.maxTime).optional().describe('After this span the scan ends with what it has: 10m.'),
  rate: number(BOUNDS.rate).optional().describe('Requests a second at most.'),
  concurrency: number(BOUNDS.concurrency).int().optional().describe('Requests at once. Default 8.'),
  timeout: span(BOUNDS.timeout).optional().describe('How long one answer may take. Default 10s.'),
  only: list.optional().describe('Ids or groups of the checks to run; `portcullis scan --list` names them.'),
  skip: list.optional().describe('Ids or groups of the checks to leave out.'),
  destructive: z.boolean().optional().describe('Change and delete what was there before. Default false.'),
  register: z.boolean().optional().describe('Make accounts where the API lets anyone register. Default true.'),
  baseline: fileName.optional().describe('File of accepted findings, each with its reason.'),
  failOn: z.enum(SEVERITIES).optional().describe('Exit 1 for open findings of this severity or worse. Default low.'),
  reports: z
    .strictObject({
      html: fileName.optional().describe('A page for people.'),
      sarif: fileName.optional().describe('SARIF 2.1.0 for code hosts.'),
      junit: fileName.optional().describe('JUnit XML for CI.'),
      json: fileName.optional().describe('Everything, for programs.'),
    })
    .optional()
    .describe('Files to write, relative to this one.'),
  ca: fileName.optional().describe('PEM file of the authorities to trust in place of the system.'),
  insecure: z.boolean().optional().describe('Do not verify certificates. Default false.'),
});

export type ScanSettings = z.output<typeof scanSettings>;

/** Reads a `scan.yaml`. @throws LoadError with the place and mend of every problem */
export const readScanSettings = (
  text: string,
  file: string,
  environment: Readonly<Record<string, string | undefined>>,
): ScanSettings => readSettings(text, scanSettings, { file, what: 'scan.yaml', environment });

/**
 * Whether text is a `scan.yaml` rather than a contract: a contract says `openapi` or `swagger` at its top, a plan says
 * `contract`, `url` or `identities`.
 */
export function isScanSettings(text: string): boolean {
  if (/^\s*\{/.test(text)) {
    try {
      const value = JSON.parse(text) as object;
      return (
        !('openapi' in value || 'swagger' in value) && ('contract' in value || 'url' in value || 'identities' in value)
      );
    } catch {
      return false;
    }
  }
  return !/^["']?(?:openapi|swagger)["']?\s*:/m.test(text) && /^["']?(?:contract|url|identities)["']?\s*:/m.test(text);
}
