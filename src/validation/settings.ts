import { z } from 'zod';
import { CODINGS } from './content-coding.ts';
import { filesSettings } from './files/settings.ts';

const undeclared = z.enum(['refuse', 'strip', 'allow']).default('refuse');
const bytes = (value: number) =>
  z
    .int()
    .min(0)
    .max(1024 * 1024 * 1024)
    .default(value);

export const settings = z.strictObject({
  enforce: z
    .enum(['enforce', 'report'])
    .default('enforce')
    .describe('`report` only records what breaks the contract; what cannot be read at all is refused either way.'),
  undeclaredParameters: undeclared.describe('Query parameters that the contract does not name.'),
  undeclaredProperties: undeclared.describe('Properties in a body that the contract does not name.'),
  maxBody: bytes(1024 * 1024).describe('Bytes of a body, after decoding.'),
  maxUpload: bytes(10 * 1024 * 1024).describe('Bytes of a multipart or binary body, after decoding.'),
  maxDepth: z.int().min(1).max(512).default(64).describe('Containers within containers in JSON.'),
  maxValues: z.int().min(1).max(10_000_000).default(100_000).describe('Values in one JSON body.'),
  maxParts: z.int().min(1).max(10_000).default(100).describe('Parts of a multipart body.'),
  maxParameters: z.int().min(1).max(10_000).default(256).describe('Pairs in a query, a form or a cookie header.'),
  contentCodings: z
    .array(z.enum(CODINGS))
    .default([...CODINGS])
    .describe('Content codings that a body may come in; `[]` for none.'),
  maxRatio: z
    .int()
    .min(1)
    .max(10_000)
    .default(100)
    .describe('Decoded bytes to one compressed byte (beyond 32 KiB), so that a bomb stays small.'),
  files: filesSettings
    .prefault({})
    .describe(
      'Uploaded files: whether they are what they say, and do no harm. Written for one operation, it stands for all of it.',
    ),
});

export type ValidationSettings = z.output<typeof settings>;
