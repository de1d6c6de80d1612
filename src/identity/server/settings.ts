import { z } from 'zod';
import { duration } from '../../shared/duration.ts';

const SECOND = 1_000;
const MINUTE = 60_000;
const HOUR = 3_600_000;
const DAY = 86_400_000;

/** An origin, as issuers of this server are: one server, one issuer. */
const origin = z.string().refine((text) => {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  return url !== undefined && (url.protocol === 'https:' || isLocal(url)) && url.origin === text;
}, 'expected an origin such as "https://login.example.com", without a path or slash at the end (http only for this machine)');

const isLocal = (url: URL): boolean =>
  url.protocol === 'http:' && /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/.test(url.hostname);

/** Settings of the embedded authorization server. */
export const server = z.strictObject({
  enabled: z.boolean().default(false).describe('Whether the gate runs an authorization server of its own.'),
  host: z
    .string()
    .default('127.0.0.1')
    .describe('Address its listener binds to; the certificate is that of the gate (encryption.certificate).'),
  port: z.int().min(0).max(65_535).default(8444).describe('Port of its listener; 0 takes a free one.'),
  issuer: origin
    .optional()
    .describe('Its public origin, where that is not https://localhost and the port: it stands in every token as iss.'),
  resource: z
    .url()
    .refine((text) => !text.includes('#'), 'a resource indicator has no fragment')
    .default('urn:portcullis:api')
    .describe('Identifier of the API (RFC 8707): the aud of its access tokens. A URI.'),
  title: z.string().min(1).max(60).default('Portcullis').describe('Name that the sign-in pages show.'),
  accessToken: duration('10m', { least: 30 * SECOND, most: DAY }).describe('How long an access token is good.'),
  refreshToken: duration('14d', { least: MINUTE, most: 366 * DAY }).describe(
    'How long a refresh token is good; each use gives a new one.',
  ),
  grant: duration('90d', { least: HOUR, most: 730 * DAY }).describe(
    'How long an application may go on by refreshing until the user must sign in again.',
  ),
  session: duration('12h', { least: MINUTE, most: 90 * DAY }).describe('How long a browser stays signed in.'),
  deviceCode: duration('10m', { least: MINUTE, most: HOUR }).describe('Time to enter the code of a device.'),
  rotate: duration('90d', { least: HOUR, most: 730 * DAY }).describe(
    'How long a signing key signs. Its successor is published before it signs, and it stays published until all it has signed has expired.',
  ),
  requestsPerMinute: z
    .int()
    .min(10)
    .max(1_000_000)
    .default(300)
    .describe('Requests that one address (IPv6: a /64) may send to it in a minute, a third of them at once.'),
});

/** Settings of identity that are no practice of their own. */
export const identity = z.strictObject({
  server: server.prefault({}).describe('The embedded authorization server (OAuth 2.1, OpenID Connect).'),
});

export type ServerSettings = z.output<typeof server>;
export type IdentitySettings = z.output<typeof identity>;
