import { z } from 'zod';
import { duration } from '../../shared/duration.ts';

const SECOND = 1_000;
const DAY = 86_400_000;

/** A value as it stands in `acr` or `amr`, and in a quoted string of a challenge. */
const value = z
  .string()
  .regex(/^[\x21\x23-\x5b\x5d-\x7e]{1,200}$/, { error: 'printable ASCII without spaces, " and \\' });
const values = z
  .union([value, z.array(value).min(1).max(20)])
  .transform((one): readonly string[] => (typeof one === 'string' ? [one] : one));

/** How a caller must have signed in. */
export const stepUp = z
  .union([
    z.literal('none'),
    z
      .strictObject({
        acr: values
          .optional()
          .describe(
            'How strongly (acr): one of these; of the embedded server urn:portcullis:acr:mfa, or phr for what cannot be phished, each also reached by a stronger one.',
          ),
        factors: values
          .optional()
          .describe('With what (amr): at least one of these, such as otp, hwk or swk (a passkey), mfa.'),
        maxAge: duration('5m', { least: SECOND, most: 30 * DAY })
          .unwrap()
          .optional()
          .describe('How long ago at most (auth_time), such as 5m.'),
      })
      .refine(({ acr, factors, maxAge }) => acr !== undefined || factors !== undefined || maxAge !== undefined, {
        error: 'say at least one of acr, factors and maxAge, or none for the whole',
      }),
  ])
  .default('none')
  .describe(
    'How the caller must have signed in, beyond a good token (RFC 9470): by operation, or x-portcullis-step-up.',
  );

export type StepUpSettings = z.output<typeof stepUp>;
export type StepUpDemand = Exclude<StepUpSettings, 'none'>;
