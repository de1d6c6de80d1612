import { z } from 'zod';
import { parseAddress } from '../shared/address.ts';

/** A host name (letters, digits, hyphens; `*` for one label in front) or an IP address. */
const HOST = /^(\*\.)?[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$/;
const hostName = z
  .string()
  .max(253)
  .toLowerCase()
  .refine(
    (name) => parseAddress(name) !== undefined || HOST.test(name),
    'expected a host name such as "api.test", or an IP address',
  );

const fileName = z.string().min(1);
const fileNames = z
  .union([fileName, z.array(fileName).min(1).max(20)])
  .transform((one) => (typeof one === 'string' ? [one] : one));

export const settings = z.object({
  certificate: z
    .union([
      z.strictObject({
        development: z.strictObject({
          names: z.array(hostName).max(100).default([]).describe('Names beside localhost, 127.0.0.1 and ::1.'),
        }),
      }),
      z.strictObject({
        files: z.strictObject({
          certificate: fileName.describe('Certificate and its chain, PEM.'),
          key: fileName.describe('Private key, PEM, not encrypted.'),
        }),
      }),
    ])
    .prefault({ development: {} })
    .describe(
      'The certificate of the gate: `{development: {names: [...]}}` makes one with a CA of its own, `{files: {certificate, key}}` reads one and follows its changes.',
    ),
  minVersion: z
    .enum(['TLSv1.2', 'TLSv1.3'])
    .default('TLSv1.2')
    .describe('Lowest version of TLS; 1.2 only with forward secrecy and authenticated encryption.'),
  clients: z
    .strictObject({
      ca: fileNames.describe(
        'CAs whose client certificates are taken, PEM: a file or a list of files, followed. With the root of each.',
      ),
      mode: z
        .enum(['request', 'require'])
        .default('request')
        .describe(
          '`request` asks for a certificate and serves those who have none where no operation needs one; `require` ends every connection without one.',
        ),
      crl: fileNames
        .optional()
        .describe(
          'Revocation lists, PEM or DER: one of each CA in a chain, or nothing it issued is taken. Followed; a list that has ended counts as none.',
        ),
    })
    .optional()
    .describe('Client certificates (mutual TLS). Absent: none is asked for.'),
  hsts: z
    .union([
      z.literal('off'),
      z.strictObject({
        maxAge: z.int().min(0).max(63_072_000).default(31_536_000).describe('Seconds.'),
        includeSubDomains: z.boolean().default(false),
        preload: z.boolean().default(false).describe('Asks browsers’ makers to build it in; hard to undo.'),
      }),
    ])
    .prefault({})
    .describe('Strict-Transport-Security; never sent for localhost and bare IP addresses.'),
  plainHttp: z
    .union([
      z.literal('off'),
      z.strictObject({
        port: z.int().min(0).max(65_535).describe('Port of the plain listener.'),
        answer: z
          .enum(['refuse', 'redirect'])
          .default('refuse')
          .describe('`redirect` sends a GET or HEAD without credentials to https; everything else is refused.'),
        revokeExposed: z
          .boolean()
          .default(false)
          .describe('Whether a credential that was sent in clear is revoked; it is recorded in any case.'),
      }),
    ])
    .default('off')
    .describe(
      'A listener for plain HTTP that serves nothing: it refuses, says why, and records credentials sent in clear.',
    ),
  signAnswers: z
    .enum(['off', 'whole', 'streams'])
    .default('off')
    .describe(
      'Whether answers and refusals are signed (RFC 9421): whole (each with a digest of its body; what would be streamed is read whole first, up to disclosure.maxAnswer), streams (the same, but streamed answers are passed on as they come and signed without a digest).',
    ),
  signingKey: z
    .strictObject({
      algorithm: z
        .enum(['ed25519', 'ecdsa-p256-sha256'])
        .default('ed25519')
        .describe('Algorithm of the key that is made where no file is named.'),
      file: fileName
        .optional()
        .describe('Private key, PEM; default: one that is made and kept in the data directory, for its owner only.'),
      alsoPublished: z
        .array(fileName)
        .max(10)
        .default([])
        .describe(
          'Public keys (PEM) that are published beside it: those before it and after it, for a change of keys.',
        ),
      fields: z
        .array(z.string().regex(/^[a-z][a-z0-9-]{0,63}$/, { error: 'a header name in lower case' }))
        .max(20)
        .default([])
        .describe('Headers that are covered too where an answer has them: location, etag, cache-control.'),
    })
    .prefault({})
    .describe('The key that answers are signed with.'),
  upstream: z
    .strictObject({
      verify: z
        .boolean()
        .default(true)
        .describe('Whether the certificate of the API is verified; `false` gives a warning.'),
      ca: fileName.optional().describe('PEM file of the CA that issued it, instead of the public ones.'),
      certificate: fileName.optional().describe('Client certificate the gate shows to the API, PEM.'),
      key: fileName.optional().describe('Its private key, PEM.'),
      servername: hostName.optional().describe('Name to verify instead of the host of the upstream URL.'),
    })
    .refine(
      (upstream) => (upstream.certificate === undefined) === (upstream.key === undefined),
      'certificate and key go together',
    )
    .prefault({})
    .describe('TLS towards the API.'),
});

export type EncryptionSettings = z.output<typeof settings>;
