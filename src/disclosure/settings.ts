import { z } from 'zod';
import { NEVER_LEAVES } from './header-names.ts';

const headerName = z
  .string()
  .min(1)
  .max(100)
  .toLowerCase()
  .regex(/^[a-z0-9!#$%&'+.^_`|~-]+\*?$/, { message: 'expected a header name, or the beginning of one and a `*`' })
  .refine((name) => !NEVER_LEAVES.has(name), {
    message: 'this header never comes from the API: the gate drops it or sets it itself',
  });

const origin = z
  .string()
  .max(300)
  .refine((text) => /^https?:/.test(text) && URL.canParse(text) && new URL(text).origin === text, {
    message: 'expected an origin such as "https://login.example.com", without a path',
  });

export const settings = z.strictObject({
  mode: z
    .enum(['strip', 'block', 'report', 'off'])
    .default('strip')
    .describe(
      'What happens to what the contract does not name: removed (strip), the answer refused (block), only recorded (report), or nothing (off).',
    ),
  undeclaredStatus: z
    .enum(['refuse', 'pass'])
    .default('refuse')
    .describe('Whether an answer with a status that the contract does not declare is refused.'),
  errors: z
    .enum(['replace', 'pass'])
    .default('replace')
    .describe('Whether bodies of 5xx are replaced by a problem without details, or judged like other answers.'),
  headers: z
    .strictObject({
      allow: z
        .array(headerName)
        .max(200)
        .default([])
        .describe('Headers of the API that may leave, beside the usual ones and those the contract declares.'),
      set: z
        .record(
          z
            .string()
            .toLowerCase()
            .regex(/^[a-z0-9!#$%&'*+.^_`|~-]+$/),
          z
            .string()
            .max(4000)
            .regex(/^[\x20-\x7e]*$/, { message: 'expected printable ASCII' }),
        )
        .default({
          'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
          'referrer-policy': 'no-referrer',
        })
        .describe('Headers set on answers where the contract does not declare them; `nosniff` is always set.'),
      maxBytes: z
        .int()
        .min(1024)
        .max(65_536)
        .default(16_384)
        .describe('Names and values of all headers together; what is beyond is dropped.'),
    })
    .prefault({})
    .describe('Which headers leave.'),
  redirects: z
    .array(origin)
    .max(100)
    .default([])
    .describe('Other origins that `Location` may name; any other target outside of this gate is dropped.'),
  upstreams: z
    .array(origin)
    .max(100)
    .default([])
    .describe('Origins of the API behind the gate: in `Location` they become a path of the gate.'),
  cache: z
    .enum(['protect', 'pass'])
    .default('protect')
    .describe(
      'Protect: `no-store` on what identified callers and sensitive fields get, unless the contract declares Cache-Control.',
    ),
  maxAnswer: z
    .int()
    .min(1024)
    .max(1_073_741_824)
    .default(8 * 1024 * 1024)
    .describe('Bytes of a JSON answer at most; larger ones are refused. Streams have no limit.'),
});

export type DisclosureSettings = z.output<typeof settings>;
