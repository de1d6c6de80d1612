import { z } from 'zod';
import { duration } from '../shared/duration.ts';
import { ALGORITHM_NAMES, DEFAULT_ALGORITHMS } from './jwt/algorithms.ts';

/** Shortest and longest of what a person could mean, in milliseconds. */
const SECOND = 1_000;
const DAY = 86_400_000;

const rule = (failures: number, what: string) =>
  z
    .strictObject({
      failures: z.int().min(1).max(10_000).default(failures).describe(`Failed attempts until ${what} is locked.`),
      window: duration('15m', { least: SECOND, most: DAY }).describe('How long a failed attempt counts.'),
      first: duration('30s', { least: SECOND, most: DAY }).describe('The first lock.'),
      factor: z.number().min(1).max(10).default(2).describe('Each further lock is this many times as long.'),
      max: duration('1h', { least: SECOND, most: DAY }).describe('The longest lock.'),
    })
    .refine(({ first, max }) => first <= max, { error: 'first must not be longer than max', path: ['first'] });

const claimPath = z
  .union([z.string().min(1).max(200), z.array(z.string().min(1).max(200)).min(1).max(10)])
  .describe('Name of a claim, a path with dots (realm_access.roles), or the path as a list.');

/** A file name, an https URL, or an http URL of this machine. */
const keySource = z
  .string()
  .min(1)
  .max(2000)
  .refine((text) => !/^[a-z][a-z0-9+.-]*:\/\//i.test(text) || isFetchable(text), {
    error: 'a key set comes from a file or an https URL (http only from this machine), without credentials or fragment',
  });

const issuer = z.strictObject({
  issuer: z
    .string()
    .min(1)
    .max(1000)
    .regex(/^[^\s|]+$/, { error: 'an issuer is a URL or name without spaces and without |' })
    .describe('The iss claim, exactly as it stands in the tokens.'),
  jwks: keySource.describe('The key set: file name, or https URL (http only from this machine).'),
  audience: z
    .union([z.string().min(1).max(1000), z.array(z.string().min(1).max(1000)).min(1).max(50)])
    .transform((one) => (typeof one === 'string' ? [one] : one))
    .describe('The aud claim must name one of these: a token for another API is not for this one.'),
  algorithms: z
    .array(z.enum(ALGORITHM_NAMES))
    .min(1)
    .default([...DEFAULT_ALGORITHMS])
    .describe('Signature algorithms that are accepted, as far as the key allows them.'),
  typ: z
    .enum(['at+jwt', 'JWT', 'any'])
    .default('any')
    .describe('The typ header: at+jwt (RFC 9068), JWT, or any of both or none. Other types are never accepted.'),
  subject: z.string().min(1).max(200).default('sub').describe('The claim that names who calls.'),
  roles: claimPath.default('roles').describe('The claim with the roles: name, path with dots, or path as a list.'),
  scopes: claimPath.default('scope').describe('The claim with the scopes: name, path with dots, or path as a list.'),
  claims: z
    .record(z.string().min(1).max(200), claimPath)
    .default({})
    .describe('Further names for claims, for ownership rules: patientId: https://example.org/patient.'),
  clockTolerance: z
    .number()
    .min(0)
    .max(300)
    .default(5)
    .describe('Seconds that the clocks of issuer and gate may differ.'),
  refresh: duration('10m', { least: 10 * SECOND, most: DAY }).describe('How long a fetched key set is taken as fresh.'),
});

export const settings = z.strictObject({
  access: z
    .enum(['contract', 'key', 'public', 'none'])
    .default('contract')
    .describe(
      'Who may call: contract (as its security says; closed where it says nothing), key (a Portcullis key, whatever it says), public (anyone), none (authentication off).',
    ),
  realm: z
    .string()
    .regex(/^[\x20-\x21\x23-\x5b\x5d-\x7e]{1,100}$/, { error: 'printable ASCII without " and \\' })
    .default('portcullis')
    .describe('The realm named in WWW-Authenticate.'),
  issuers: z
    .array(issuer)
    .max(50)
    .refine((list) => new Set(list.map(({ issuer }) => issuer)).size === list.length, {
      error: 'an issuer stands here twice: give one entry several audiences instead',
    })
    .default([])
    .describe('Whose signed tokens (JWT) are accepted.'),
  lockout: z
    .strictObject({
      account: rule(5, 'a name, from one address,').prefault({}).describe('For one name from one address.'),
      address: rule(20, 'an address').prefault({}).describe('For one address (IPv6: a /64), whatever the names.'),
    })
    .prefault({})
    .describe('What failed attempts cost.'),
});

export type AuthenticationSettings = z.output<typeof settings>;
export type IssuerSettings = AuthenticationSettings['issuers'][number];
export type LockRule = AuthenticationSettings['lockout']['account'];

function isFetchable(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const url = new URL(text);
  if (url.username !== '' || url.password !== '' || url.hash !== '') return false;
  return url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url.hostname));
}

/** Whether a URL's host is this machine: the only one whose keys may come without TLS. */
export const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '[::1]' || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(host);
