import { z } from 'zod';
import { duration } from '../shared/duration.ts';

/** Settings of the audit room: what is recorded, how safely, and for how long. */
export const settings = z.strictObject({
  directory: z
    .string()
    .default('')
    .describe('Directory of the log. Empty: `audit` in the data directory. Belongs on a disk of its own.'),
  durability: z
    .enum(['write', 'fsync'])
    .default('write')
    .describe(
      'When a record counts as written: `write` survives the end of the process, `fsync` also the loss of power.',
    ),
  onFailure: z
    .enum(['refuse', 'continue'])
    .default('refuse')
    .describe('When a record cannot be written: refuse the exchange (503), or answer and count the loss.'),
  onTampered: z
    .enum(['refuse', 'continue'])
    .default('refuse')
    .describe(
      'When the log on disk is not the one that was signed: refuse to start, or set it aside and begin a new one.',
    ),
  segmentBytes: z
    .int()
    .min(4096)
    .max(4_294_967_296)
    .default(67_108_864)
    .describe('Bytes after which a new segment file begins.'),
  keep: duration('365d').describe('How long segments are kept; `0s` for ever. Deleted whole, and recorded.'),
  keepBytes: z
    .int()
    .min(0)
    .max(Number.MAX_SAFE_INTEGER)
    .default(0)
    .describe('Bytes of segments kept by each worker; 0: no bound. Beware: a flood can then push out older records.'),
  checkpointEvery: duration('1s', { least: 50, most: 3_600_000 }).describe(
    'How long a record may wait for a signed checkpoint.',
  ),
  paths: z
    .enum(['full', 'template'])
    .default('full')
    .describe('Record the path as it was called, or only its template (then ids in it cannot be traced).'),
  queryValues: z
    .array(z.string().min(1).max(128))
    .max(64)
    .default([])
    .describe('Query parameters whose values are recorded; of all others only the names are.'),
  clientAddress: z
    .enum(['full', 'truncated', 'hashed'])
    .default('full')
    .describe(
      'Client addresses as they are, cut to /24 and /48, or as a keyed hash that `audit search` can still find.',
    ),
});

export type AuditSettings = z.output<typeof settings>;
