import { z } from 'zod';
import { duration } from '../../shared/duration.ts';
import { compilePattern, PatternError } from '../../shared/regex/pattern.ts';
import { binding } from '../binding/settings.ts';
import { ALGORITHM_NAMES, DEFAULT_ALGORITHMS } from '../jwt/algorithms.ts';

/** Shortest and longest of what a person could mean, in milliseconds. */
const SECOND = 1_000;
const DAY = 86_400_000;

const claimName = z.string().min(1).max(200);
const claimPath = z
  .union([claimName, z.array(claimName).min(1).max(10)])
  .describe('Name of a claim, a path with dots (realm_access.roles), or the path as a list.');

/** Where roles or scopes stand in a token, and what they are called here. */
const mapping = (standard: string, what: string) =>
  z
    .union([
      claimPath,
      z
        .strictObject({
          from: z
            .union([claimName, z.array(claimPath).min(1).max(10)])
            .default(standard)
            .describe(
              'The claim, or a list of claims that are taken together; each a name, a path with dots or a list.',
            ),
          map: z
            .record(z.string().min(1).max(256), z.union([claimName, z.array(claimName).max(50)]))
            .default({})
            .describe(
              `What a ${what} of the issuer is here: one name or several. Names that are not listed are dropped.`,
            ),
          others: z
            .enum(['drop', 'keep'])
            .optional()
            .describe('What is not in the map: drop (default where there is a map), or keep under its own name.'),
        })
        .describe(`Where the ${what}s stand, and what they are called here.`),
    ])
    .default(standard)
    .describe(
      `The claim with the ${what}s: name, path with dots, path as a list; or { from, map } to give them other names.`,
    );

const place = (text: string) =>
  z
    .string()
    .min(1)
    .max(2000)
    .refine(isFetchable, {
      error: 'an https URL (http only from this machine), without credentials or fragment',
    })
    .describe(text);

/** A file name, an https URL, or an http URL of this machine. */
const keySource = z
  .string()
  .min(1)
  .max(2000)
  .refine((text) => !/^[a-z][a-z0-9+.-]*:\/\//i.test(text) || isFetchable(text), {
    error: 'a key set comes from a file or an https URL (http only from this machine), without credentials or fragment',
  });

const introspection = z
  .strictObject({
    url: place('The introspection endpoint; default: as the metadata of the issuer names it.').optional(),
    client: z.string().min(1).max(1000).describe('The id under which the gate is known to the issuer.'),
    method: z
      .enum(['client_secret_basic', 'client_secret_post', 'private_key_jwt'])
      .default('client_secret_basic')
      .describe('How the gate proves itself to the issuer.'),
    secret: z
      .string()
      .min(1)
      .max(4096)
      .optional()
      .describe('Its secret; write the name of an environment variable in $ and braces. Or secretFile.'),
    secretFile: z.string().min(1).max(1000).optional().describe('File with its secret; read again when it changes.'),
    key: z
      .string()
      .min(1)
      .max(1000)
      .optional()
      .describe('File with its private key, as PEM or JWK, for private_key_jwt.'),
    assertionAudience: z
      .string()
      .min(1)
      .max(2000)
      .optional()
      .describe('aud of the assertion of private_key_jwt; default: the issuer.'),
    match: z
      .string()
      .min(1)
      .max(500)
      .refine(isPattern, { error: 'not a pattern (ECMAScript, flag u)' })
      .optional()
      .describe('Pattern of the tokens that this issuer is asked about: ^tok_. Needed where several could be asked.'),
    maxAge: duration('1m', { least: SECOND, most: DAY }).describe(
      'How long an answer is believed, and never beyond exp.',
    ),
    refusedFor: duration('10s', { least: 0, most: 600 * SECOND }).describe(
      'How long it is believed that a token is not good.',
    ),
    whileDown: duration('5m', { least: 0, most: DAY }).describe(
      'How much longer a token that was good goes on while the issuer does not answer; never beyond exp.',
    ),
    timeout: duration('3s', { least: 100, most: 30 * SECOND }).describe('How long the issuer may take to answer.'),
    signed: z.boolean().default(false).describe('Ask for signed answers (RFC 9701), and believe no others.'),
    withoutAudience: z
      .enum(['refuse', 'accept'])
      .default('refuse')
      .describe('What becomes of a token about which the answer does not say whom it is for.'),
  })
  .superRefine((given, context) => {
    const add = (path: string, message: string): void => {
      context.issues.push({ code: 'custom', input: undefined, path: [path], message });
    };
    const secrets = [given.secret, given.secretFile].filter((one) => one !== undefined).length;
    if (given.method === 'private_key_jwt') {
      if (given.key === undefined) add('key', 'private_key_jwt needs the file with the private key');
      if (secrets > 0) add('secret', 'private_key_jwt has a key and no secret');
    } else {
      if (secrets !== 1) add('secret', `${given.method} needs either secret or secretFile`);
      if (given.key !== undefined) add('key', 'a key is for private_key_jwt');
    }
  })
  .describe('How opaque tokens of this issuer are judged: it is asked (RFC 7662).');

export const issuer = z
  .strictObject({
    issuer: z
      .string()
      .min(1)
      .max(1000)
      .regex(/^[^\s|]+$/, { error: 'an issuer is a URL or name without spaces and without |' })
      .describe(
        'The iss claim, exactly as it stands in the tokens. A URL alone is enough: its metadata names the rest.',
      ),
    metadata: place(
      'Where its metadata is, if not at /.well-known/openid-configuration or oauth-authorization-server.',
    ).optional(),
    jwks: keySource
      .optional()
      .describe(
        'The key set: file name, or https URL (http only from this machine); default: as the metadata names it.',
      ),
    ca: z
      .string()
      .min(1)
      .max(1000)
      .optional()
      .describe('PEM file of the CA of its certificate, instead of the public ones.'),
    tokens: z
      .enum(['jwt', 'opaque', 'any'])
      .optional()
      .describe(
        'jwt: judged by signature; opaque: judged by asking the issuer; any: each by its form. Default: jwt, or any with introspection.',
      ),
    introspection: introspection.optional(),
    audience: z
      .union([z.string().min(1).max(1000), z.array(z.string().min(1).max(1000)).min(1).max(50)])
      .transform((one) => (typeof one === 'string' ? [one] : one))
      .describe('The aud claim must name one of these: a token for another API is not for this one.'),
    algorithms: z
      .array(z.enum(ALGORITHM_NAMES))
      .min(1)
      .default([...DEFAULT_ALGORITHMS])
      .describe('Signature algorithms that are accepted, as far as the key allows them.'),
    typ: z
      .enum(['at+jwt', 'JWT', 'any'])
      .default('any')
      .describe(
        'The typ header: at+jwt (RFC 9068, with all claims it demands), JWT, or any of both or none. Other types are never accepted.',
      ),
    subject: z.string().min(1).max(200).default('sub').describe('The claim that names who calls.'),
    roles: mapping('roles', 'role'),
    scopes: mapping('scope', 'scope'),
    claims: z
      .record(z.string().min(1).max(200), claimPath)
      .default({})
      .describe('Further names for claims, for ownership rules: patientId: https://example.org/patient.'),
    maxAge: duration('1h', { least: SECOND, most: 366 * DAY })
      .unwrap()
      .optional()
      .describe('How old a token may be, by its iat, however late it expires. Default: any age until exp.'),
    binding: binding
      .default('optional')
      .describe(
        'Whether its tokens must be bound to their holder, whatever the operation: optional, required, dpop, certificate.',
      ),
    clockTolerance: z
      .number()
      .min(0)
      .max(300)
      .default(5)
      .describe('Seconds that the clocks of issuer and gate may differ.'),
    refresh: duration('10m', { least: 10 * SECOND, most: DAY }).describe(
      'How long a fetched key set is taken as fresh.',
    ),
  })
  .superRefine((given, context) => {
    const add = (path: string, message: string): void => {
      context.issues.push({ code: 'custom', input: undefined, path: [path], message });
    };
    if (given.tokens !== undefined && given.tokens !== 'jwt' && given.introspection === undefined)
      add('tokens', `tokens: ${given.tokens} needs introspection, so that the issuer can be asked`);
    if (given.tokens === 'jwt' && given.introspection !== undefined)
      add('tokens', 'with tokens: jwt nobody is asked: take introspection away, or say any');
    if (needsMetadata(given as IssuerSettings) && given.metadata === undefined && !isDiscoverable(given.issuer))
      add('issuer', 'is no https URL, so nothing can be found out from it: name its key set (jwks) or its metadata');
  });

export type IssuerSettings = z.output<typeof issuer>;
export type IntrospectionSettings = NonNullable<IssuerSettings['introspection']>;
export type ClaimPath = z.output<typeof claimPath>;
export type Mapping = IssuerSettings['roles'];

export const takesJwt = ({ tokens }: IssuerSettings): boolean => tokens !== 'opaque';
export const takesOpaque = ({ introspection, tokens }: IssuerSettings): boolean =>
  introspection !== undefined && tokens !== 'jwt';

/** Whether keys of the issuer are needed at all. */
export const needsKeys = (settings: IssuerSettings): boolean =>
  takesJwt(settings) || settings.introspection?.signed === true;

/** Whether something must be found out from the issuer's metadata. */
export const needsMetadata = (settings: IssuerSettings): boolean =>
  (needsKeys(settings) && settings.jwks === undefined) ||
  (settings.introspection !== undefined && settings.introspection.url === undefined);

/** Whether metadata can be found from the name alone (RFC 8414, section 2: https, no query, no fragment). */
export const isDiscoverable = (name: string): boolean => isFetchable(name) && !name.includes('?');

function isPattern(text: string): boolean {
  try {
    compilePattern(text);
    return true;
  } catch (error) {
    if (error instanceof PatternError) return false;
    throw error;
  }
}

function isFetchable(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const url = new URL(text);
  if (url.username !== '' || url.password !== '' || url.hash !== '') return false;
  return url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url.hostname));
}

/** Whether a URL's host is this machine: the only one whose keys may come without TLS. */
export const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '[::1]' || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(host);
