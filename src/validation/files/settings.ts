import { z } from 'zod';
import { duration } from '../../shared/duration.ts';

const MIB = 1024 * 1024;

/** What is refused in files unless it is allowed by name. */
export const ALLOWABLE = [
  'executables',
  'web-pages',
  'macros',
  'pdf-scripts',
  'encrypted',
  'sealed-archives',
  'symlinks',
] as const;

export type Allowable = (typeof ALLOWABLE)[number];

/** Files leave the gate unencrypted on their way to the scanner: that way must not leave the machine. */
const loopback = z.string().regex(/^(?:localhost|127(?:\.\d{1,3}){3}|::1)$/, {
  message: 'expected a loopback address: 127.0.0.1, ::1 or localhost',
});

const scan = z
  .strictObject({
    socket: z.string().min(1).max(100).optional().describe('Path of the unix socket of clamd (`LocalSocket`).'),
    host: loopback.default('127.0.0.1').describe('Loopback address of clamd, where it listens on TCP.'),
    port: z.int().min(1).max(65_535).optional().describe('TCP port of clamd (`TCPSocket`).'),
    timeout: duration('10s', { least: 100, most: 120_000 }).describe('Time to scan all files of one request.'),
    maxSize: z
      .int()
      .min(1024)
      .max(1024 * MIB)
      .default(25 * MIB)
      .describe('Bytes of one file; a larger one is refused. Must not exceed `StreamMaxLength` of clamd.'),
    onError: z
      .enum(['refuse', 'pass'])
      .default('refuse')
      .describe('When clamd does not answer, or not with a result: `refuse` with 503, or `pass` unscanned and noted.'),
  })
  .refine((value) => (value.socket === undefined) !== (value.port === undefined), {
    message: 'name either the socket or the port of clamd',
  });

/** How uploaded files are judged. */
export const filesSettings = z.strictObject({
  mode: z
    .enum(['enforce', 'report', 'off'])
    .default('enforce')
    .describe(
      '`enforce` refuses files that are not what they say or do harm, `report` only records them, `off` does not look.',
    ),
  allow: z
    .array(z.enum(ALLOWABLE))
    .max(ALLOWABLE.length)
    .default([])
    .describe('What files may be or hold all the same. A type that the contract names needs no leave to be uploaded.'),
  maxName: z.int().min(1).max(1024).default(255).describe('Bytes of a file name; a longer one is refused.'),
  archives: z
    .strictObject({
      maxEntries: z
        .int()
        .min(1)
        .max(1_000_000)
        .default(10_000)
        .describe('Entries in all archives of a request; with more it is refused.'),
      maxDepth: z
        .int()
        .min(1)
        .max(10)
        .default(3)
        .describe('Archives within archives (an office document is one); deeper ones are refused as harmful.'),
      maxUnpacked: z
        .int()
        .min(MIB)
        .max(1024 * MIB)
        .default(64 * MIB)
        .describe('Bytes that all files of a request unpack to; more is refused, before it is unpacked.'),
      maxRatio: z
        .int()
        .min(1)
        .max(2000)
        .default(100)
        .describe('Unpacked bytes to one packed byte of an archive (beyond 1 MiB); more is refused as harmful.'),
    })
    .prefault({})
    .describe('Limits of archives, whatever their kind.'),
  scan: scan.optional().describe('Virus scanner (clamd) that every file is shown to. Absent: none.'),
});

export type FilesSettings = z.output<typeof filesSettings>;
export type ScanSettings = NonNullable<FilesSettings['scan']>;
