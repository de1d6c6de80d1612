import { z } from 'zod';
import { duration } from '../../shared/duration.ts';

const MINUTE = 60_000;
const DAY = 86_400_000;

const answer = (what: string) =>
  z
    .enum(['record', 'step-up', 'revoke', 'off'])
    .default('record')
    .describe(
      `${what}: record, step-up (record, and ask for a factor used since), revoke (record, refuse, and end the credential), off.`,
    );

/** What is noticed of credentials that look stolen. */
export const unusual = z
  .union([
    z.literal('off'),
    z.strictObject({
      learning: duration('7d', { most: 90 * DAY }).describe(
        'How long the networks and client software of a new caller are learned before another one is unusual.',
      ),
      network: answer('Used from a network (IPv4 /24, IPv6 /48) where the caller was not seen before'),
      software: answer(
        'Used by client software (the family that the user agent names) that the caller was not seen with',
      ),
      pace: answer('Used from too many networks at once'),
      networks: z
        .int()
        .min(2)
        .max(32)
        .default(8)
        .describe(
          'Networks within the span that are too many; where a caller had more while learning, twice as many as then.',
        ),
      within: duration('10m', { least: MINUTE, most: DAY }).describe('The span in which networks are counted.'),
      roaming: z
        .int()
        .min(1)
        .max(32)
        .default(8)
        .describe(
          'Of a caller known in so many networks (or with so many clients) another one is not unusual: phones roam.',
        ),
    }),
  ])
  .prefault({})
  .describe('What is done where a good credential is used in an unusual way, as a stolen one is.');

export type UnusualSettings = z.output<typeof unusual>;
export type UnusualRules = Exclude<UnusualSettings, 'off'>;
export type UnusualRule = 'network' | 'software' | 'pace';
