import { z } from 'zod';
import { parseRange } from '../../shared/address.ts';
import { duration } from '../../shared/duration.ts';

const SECOND = 1_000;
const DAY = 86_400_000;

/** The role of an entry like `role:scanner`; undefined where it is none. */
export const roleOf = (entry: string): string | undefined => /^role:(.{1,200})$/.exec(entry)?.[1];

const share = z.number().min(0).max(1);

/**
 * Bans by harm. The defaults: a scanner sends dozens of attacks a minute and is out within one; a person who pastes a
 * strange text now and then never is, nor is an office behind one address with a few of them. The first ban is short,
 * because a mistake of the gate must not cost an honest caller more than a minute; who goes on is out for a day after
 * a handful of them.
 */
export const bans = z
  .union([
    z.literal('off'),
    z
      .strictObject({
        mode: z
          .enum(['enforce', 'report'])
          .default('enforce')
          .describe('enforce, or report: harm bans nobody, who would be banned is recorded; bans by hand hold.'),
        harmful: z
          .int()
          .min(1)
          .max(10_000)
          .default(20)
          .describe('Harmful requests within the window that lead to a ban; they are forgotten evenly over it.'),
        window: duration('5m', { least: SECOND, most: DAY }).describe(
          'How long it takes until that many harmful requests are forgotten.',
        ),
        invalid: share
          .default(0.1)
          .describe(
            'What part of a harmful request an invalid one counts, while harm is not forgotten; alone it never bans. 0: not at all.',
          ),
        failed: share
          .default(0)
          .describe(
            'What part of a harmful request a wrong credential counts, likewise. Default 0: authentication.lockout sees to guessing.',
          ),
        first: duration('1m', { least: SECOND, most: 31 * DAY }).describe('The first ban.'),
        factor: z.number().min(1).max(100).default(4).describe('Each further ban is this many times as long.'),
        max: duration('1d', { least: SECOND, most: 31 * DAY }).describe('The longest ban.'),
        forget: duration('1d', { least: SECOND, most: 366 * DAY }).describe(
          'How long after its end a ban still makes the next one longer.',
        ),
        principals: z
          .union([z.literal('off'), z.int().min(2).max(1_000)])
          .default(5)
          .describe(
            'So many principals banned within an hour for harm from one address ban the address for everyone; off: never.',
          ),
        shared: z
          .array(z.string().min(1).max(200))
          .max(100)
          .default([])
          .describe(
            'Roles of credentials that many people share (the key in an app): banned only at the address that did harm.',
          ),
        exempt: z
          .array(
            z.string().refine((text) => roleOf(text) !== undefined || parseRange(text) !== undefined, {
              error: ({ input }) => `"${input}" is neither an address range such as "10.0.0.0/8" nor "role:NAME"`,
            }),
          )
          .max(1_000)
          .default([])
          .describe(
            'Whom harm never bans: address ranges (CIDR; principals are banned from there too), and role:NAME for principals.',
          ),
      })
      .refine(({ first, max }) => first <= max, { error: 'first must not be longer than max', path: ['first'] }),
  ])
  .prefault({})
  .describe('Who does harm again and again is shut out for growing spans.');

export type BansSettings = z.output<typeof bans>;
/** The settings where bans are on. */
export type BanRules = Exclude<BansSettings, 'off'>;
