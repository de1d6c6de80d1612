import { z } from 'zod';
import { duration } from '../../shared/duration.ts';
import { ALGORITHM_NAMES } from '../jwt/algorithms.ts';
import { originOf, targetOf } from './target.ts';

const SECOND = 1_000;

/** What a caller's credential must be bound to. */
export const BINDINGS = ['optional', 'required', 'dpop', 'certificate'] as const;
export type BindingDemand = (typeof BINDINGS)[number];

/** For all operations, one operation, or one issuer. */
export const binding = z.enum(BINDINGS);

/** `binding`: of the operation. */
export const operationBinding = binding
  .default('optional')
  .describe(
    'Whether a credential must be bound to its holder: optional, required (in any way), dpop (RFC 9449), certificate (RFC 8705, or a client certificate itself). What works for whoever holds it is refused then.',
  );

/** `roleBinding`: by role. */
export const roleBinding = z
  .record(z.string().min(1).max(100), binding)
  .default({})
  .describe('The same for callers of a role, wherever they call: { admin: dpop }.');

/** `clientBinding`: by client. */
export const clientBinding = z
  .record(z.string().min(1).max(200), binding)
  .default({})
  .describe('The same for the tokens of a client (client_id or azp), whoever it acts for: { mobile-app: dpop }.');

/** `dpop`: how proofs are judged. */
export const dpop = z
  .strictObject({
    nonce: z
      .enum(['off', 'required'])
      .default('off')
      .describe('Whether a proof must hold a nonce of the gate: then proofs cannot be made in advance.'),
    nonceLifetime: duration('5m', { least: 2 * SECOND, most: 86_400_000 }).describe('How long a nonce is good.'),
    maxAge: duration('60s', { least: SECOND, most: 600_000 }).describe('How old a proof may be.'),
    clockTolerance: z
      .number()
      .min(0)
      .max(300)
      .default(5)
      .describe('Seconds that the clocks of client and gate may differ.'),
    algorithms: z
      .array(z.enum(ALGORITHM_NAMES))
      .min(1)
      .default(['ES256', 'ES384', 'EdDSA', 'Ed25519', 'PS256', 'RS256'])
      .describe('Signature algorithms of proofs; clients are told of them.'),
    origins: z
      .array(
        z
          .string()
          .max(300)
          .refine((text) => /^https?:\/\/[^/?#]+$/i.test(text) && targetOf(text) !== undefined, {
            error: 'an origin is scheme, host and port: https://api.example.com',
          })
          .transform((text) => {
            const [scheme, authority] = text.split('://') as [string, string];
            return originOf(scheme.toLowerCase(), authority);
          }),
      )
      .max(50)
      .default([])
      .describe(
        'Origins by which clients know the gate, as they stand in proofs; needed behind something that ends TLS. Empty: hosts of the gate’s certificate.',
      ),
  })
  .prefault({})
  .describe('Proofs of possession (DPoP, RFC 9449).');

export type DpopSettings = z.output<typeof dpop>;
