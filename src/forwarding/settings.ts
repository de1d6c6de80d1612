import { z } from 'zod';
import { duration, parseDuration } from '../shared/duration.ts';

const between = (standard: string, least: string, most: string) =>
  duration(standard, { least: parseDuration(least), most: parseDuration(most) });

export const settings = z.strictObject({
  connectTimeout: between('3s', '10ms', '1m').describe('How long a connection to the upstream may take.'),
  timeout: between('30s', '10ms', '10m').describe('How long the upstream may take to begin its answer.'),
  idleTimeout: between('30s', '10ms', '10m').describe('How long the upstream may pause within an answer.'),
  connections: z.int().min(1).max(10_000).default(256).describe('Connections to one upstream target at most.'),
  credentials: z
    .enum(['strip', 'pass'])
    .default('strip')
    .describe('Whether the caller’s own credentials reach the upstream; it gets the identity headers either way.'),
  host: z
    .enum(['upstream', 'client'])
    .default('upstream')
    .describe('Host header for the upstream: its own authority, or the one the client used.'),
  headers: z
    .record(z.string().regex(/^[A-Za-z0-9!#$%&'*+.^`|~-]+$/), z.string())
    .default({})
    .describe('Headers set on every upstream request, such as a secret that proves the gate.'),
  health: z
    .strictObject({
      path: z
        .string()
        .startsWith('/')
        .optional()
        .describe('Path asked with GET; any status below 500 is healthy. Absent: judged by connections only.'),
      interval: between('10s', '100ms', '10m').describe('Time between two checks.'),
      unhealthyAfter: z.int().min(1).max(100).default(2).describe('Failures in a row until a target is left out.'),
      cooldown: between('5s', '100ms', '10m').describe('How long a target that cannot be reached is left out.'),
    })
    .prefault({})
    .describe('How targets are found to be up or down.'),
});

export type ForwardingSettings = z.output<typeof settings>;
