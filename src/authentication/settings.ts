import { z } from 'zod';
import { duration } from '../shared/duration.ts';
import { clientBinding, dpop, operationBinding, roleBinding } from './binding/settings.ts';
import { certificates } from './certificate/settings.ts';
import { issuer } from './issuers/settings.ts';
import { signature, signatures } from './signatures/settings.ts';
import { stepUp } from './step-up/settings.ts';
import { unusual } from './unusual/settings.ts';

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

export const settings = z.strictObject({
  access: z
    .enum(['contract', 'key', 'signature', 'public', 'none'])
    .default('contract')
    .describe(
      'Who may call: contract (as its security says; closed where it says nothing), key (a Portcullis key, whatever it says), signature (a signed request, whatever it says), public (anyone), none (authentication off).',
    ),
  signature,
  signatures,
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
    .describe('Whose tokens are accepted: signed ones (JWT), and opaque ones about which the issuer is asked.'),
  binding: operationBinding,
  roleBinding,
  clientBinding,
  stepUp,
  dpop,
  certificates,
  revokeExposed: z
    .boolean()
    .default(false)
    .describe('Whether a credential that was sent in a URL is revoked; it is refused and recorded in any case.'),
  lockout: z
    .strictObject({
      account: rule(5, 'a name, from one address,').prefault({}).describe('For one name from one address.'),
      address: rule(20, 'an address').prefault({}).describe('For one address (IPv6: a /64), whatever the names.'),
      network: rule(100, 'a network')
        .prefault({})
        .describe('For one network (IPv4: a /24, IPv6: a /48), whatever the names.'),
      password: rule(10, 'a password (each name counts once)')
        .prefault({})
        .describe('For one password that is tried with many names, wherever from.'),
    })
    .prefault({})
    .describe('What failed attempts cost.'),
  unusual,
});

export type { IssuerSettings } from './issuers/settings.ts';
export type AuthenticationSettings = z.output<typeof settings>;
export type LockRule = AuthenticationSettings['lockout']['account'];
