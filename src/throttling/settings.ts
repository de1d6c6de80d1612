import { z } from 'zod';
import { duration } from '../shared/duration.ts';
import { bans } from './bans/settings.ts';
import { rate } from './rate.ts';

const quota = z.union([z.literal('off'), z.int().min(0).max(Number.MAX_SAFE_INTEGER)]);

/**
 * Settings of the throttling room.
 *
 * The defaults are made for a small API: a person behind a browser makes tens of requests a second when a page opens
 * and few after, a server-to-server client tens a second all day. One caller at the default rate takes well under 1 %
 * of what one core carries. An address may do twice what a principal may, because several stand behind one (an office,
 * a proxy of the caller's own), but not more, because it is all that holds a stranger back before a credential is
 * checked. Password guessing is slowed by authentication itself, far below these rates.
 */
export const settings = z.object({
  address: rate
    .default({ rate: '100/s', burst: 200 })
    .describe(
      'Rate per client address before anything else is looked at; IPv6 counts per /64, and per /48 at 8 times the rate.',
    ),
  anonymous: rate
    .default({ rate: '20/s', burst: 40 })
    .describe('Rate per client address for callers without a credential on public operations.'),
  principal: rate.default({ rate: '50/s', burst: 100 }).describe('Rate per principal over all operations.'),
  classes: z
    .record(z.string().min(1).max(64), rate)
    .default({})
    .describe(
      'Rates for applications by class (portcullis clients approve --rate-class): all that one application does, for whichever user, shares the rate of its class instead of that per principal.',
    ),
  operation: rate
    .default('off')
    .describe(
      'Rate per principal (or address) for one operation; set it per operation or by x-portcullis-limits in the contract.',
    ),
  slow: z
    .union([
      z.literal('off'),
      z.strictObject({
        delay: duration('500ms', { least: 1, most: 1_000 }).describe(
          'How long a request over its rate may be delayed, at most 1s; longer waits are refused.',
        ),
        waiting: z
          .int()
          .min(1)
          .max(10_000)
          .default(256)
          .describe('Requests delayed at once in one process; beyond, they are refused.'),
        perCaller: z
          .int()
          .min(1)
          .max(1_000)
          .default(4)
          .describe('Requests of one caller delayed at once in one process.'),
      }),
    ])
    .prefault({})
    .describe('A caller over its rate is first slowed within these bounds, then refused.'),
  concurrency: z
    .strictObject({
      total: z
        .int()
        .min(1)
        .max(100_000)
        .default(1024)
        .describe('Exchanges at once in one process; beyond, 503 at once.'),
      address: z
        .int()
        .min(1)
        .max(100_000)
        .default(256)
        .describe('Exchanges at once from one address (IPv6: one /64) in one process.'),
      caller: z
        .int()
        .min(1)
        .max(100_000)
        .default(64)
        .describe('Exchanges at once of one principal (or anonymous address) in one process.'),
    })
    .prefault({})
    .describe('How many exchanges may be under way at once.'),
  quotas: z
    .strictObject({
      day: quota.default(1_000_000).describe('Requests per principal and calendar day (UTC).'),
      month: quota.default('off').describe('Requests per principal and calendar month (UTC).'),
      roles: z
        .record(z.string(), z.strictObject({ day: quota.optional(), month: quota.optional() }))
        .default({})
        .describe('Other quotas for a role; of several roles of a principal the largest counts.'),
    })
    .prefault({})
    .describe(
      'Quotas per principal that survive a restart. The default of a million a day is a quarter of what the default rate would allow: a stolen key cannot harvest around the clock.',
    ),
  costs: z
    .strictObject({
      invalid: z.int().min(1).max(1_000).default(2).describe('What a request refused as invalid costs in all.'),
      harmful: z.int().min(1).max(1_000).default(10).describe('What a request refused as harmful costs in all.'),
    })
    .prefault({})
    .describe('What a refused request costs the caller of its rate; a good one costs 1.'),
  bans,
});

export type ThrottlingSettings = z.output<typeof settings>;
