import { z } from 'zod';
import { parseRange } from '../shared/address.ts';
import { duration } from '../shared/duration.ts';

const isLoopback = (host: string): boolean =>
  host === '::1' || host === 'localhost' || /^127(?:\.\d{1,3}){3}$/.test(host);

/** Settings of the listener: where the gate listens, and what a message may weigh. */
export const listen = z
  .strictObject({
    host: z.string().default('127.0.0.1').describe('Address to listen on; `0.0.0.0` or `::` for all.'),
    port: z.int().min(0).max(65535).default(8443).describe('Port to listen on; 0 takes a free one.'),
    transport: z
      .enum(['tls', 'plain'])
      .default('tls')
      .describe(
        '`plain` serves without TLS and is possible on a loopback address only (behind a TLS terminator on the same machine).',
      ),
    hosts: z
      .array(z.string().toLowerCase())
      .default([])
      .describe('Host names the gate answers for; others are refused with 421. Empty: any.'),
    basePath: z
      .string()
      .regex(/^(?:\/[^/?#\s]+)*$/, 'expected a path such as "/v1", without a slash at the end')
      .optional()
      .describe('Path in front of all templates, instead of the one in the contract’s servers.'),
    trustedProxies: z
      .array(
        z.string().refine((text) => parseRange(text) !== undefined, {
          error: ({ input }) => `"${input}" is not an address range such as "10.0.0.0/8"`,
        }),
      )
      .default([])
      .describe('Address ranges (CIDR) of proxies whose X-Forwarded-For is believed.'),
    maxTarget: z.int().min(128).max(65_536).default(8192).describe('Characters of the request target.'),
    maxHeaders: z.int().min(10).max(1000).default(100).describe('Header fields of a request.'),
    maxHeaderBytes: z.int().min(1024).max(262_144).default(16_384).describe('Bytes of all header fields of a request.'),
    headersTimeout: duration('10s', { least: 10 }).describe('Time for the request head to arrive.'),
    bodyTimeout: duration('30s', { least: 10 }).describe('Time for the request body to arrive.'),
    idleTimeout: duration('60s', { least: 10 }).describe('Time a connection may be idle between requests.'),
    connections: z
      .int()
      .min(1)
      .max(1_000_000)
      .default(10_000)
      .describe('Connections at once; more are closed at once.'),
    connectionsPerAddress: z.int().min(1).max(1_000_000).default(256).describe('Connections at once from one address.'),
    requestsPerConnection: z
      .int()
      .min(1)
      .max(10_000_000)
      .default(100_000)
      .describe('Requests over one connection until it is closed.'),
    streams: z.int().min(1).max(1000).default(100).describe('HTTP/2 streams at once over one connection.'),
    drain: duration('30s', { least: 10 }).describe('Time for running exchanges to end when the gate is stopped.'),
    cors: z
      .strictObject({
        origins: z
          .array(z.string())
          .min(1)
          .describe('Origins allowed, exactly as browsers send them; `*` for any (then without credentials).'),
        headers: z
          .array(z.string().toLowerCase())
          .default(['authorization', 'content-type', 'x-api-key', 'dpop'])
          .describe('Request headers a page may send.'),
        expose: z
          .array(z.string())
          .default(['ratelimit', 'ratelimit-policy', 'retry-after', 'www-authenticate', 'dpop-nonce'])
          .describe('Answer headers a page may read.'),
        credentials: z.boolean().default(false).describe('Whether cookies may be sent.'),
        maxAge: z
          .int()
          .min(0)
          .max(86_400)
          .default(600)
          .describe('Seconds a browser may keep the answer to a preflight.'),
      })
      .optional()
      .describe('Cross-origin access for browsers. Absent: none.'),
  })
  .refine((settings) => settings.transport === 'tls' || isLoopback(settings.host), {
    path: ['transport'],
    message: 'without TLS the gate listens on a loopback address only',
  });

export type ListenSettings = z.output<typeof listen>;

/** Settings of the admin listener. */
export const admin = z.strictObject({
  port: z.int().min(0).max(65535).default(9900).describe('Port of the admin listener.'),
  host: z
    .string()
    .refine(isLoopback, 'the admin listener binds to loopback only')
    .default('127.0.0.1')
    .describe('Loopback address of the admin listener.'),
  enabled: z.boolean().default(true).describe('Whether there is an admin listener.'),
});

export type AdminSettings = z.output<typeof admin>;
