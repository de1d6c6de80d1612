import { z } from 'zod';

/** Longest credential that is sent; servers end headers at 8 to 64 KB. */
const LONGEST = 16_000;

const secret = (what: string) =>
  z
    .string()
    .min(1)
    .max(LONGEST)
    .regex(/^[^\r\n\0]*$/, { error: `${what} must not hold line ends` });
const named = z
  .string()
  .regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}$/, { error: "must be a name such as 'X-API-Key': letters, digits, '-'" });

const bearer = z.strictObject({
  token: secret('the token').describe('Sent as `Authorization: Bearer TOKEN`.'),
});
const key = z.strictObject({
  value: secret('the key').describe('The key itself.'),
  in: z.enum(['header', 'query', 'cookie']).optional().describe('Where it stands; default: as the contract says.'),
  name: named.optional().describe('Under which name; default: as the contract says.'),
});
const basic = z.strictObject({
  username: z
    .string()
    .max(200)
    .regex(/^[^:\r\n\0]*$/, { error: "a user name of Basic holds no ':' (RFC 7617, section 2)" }),
  password: secret('the password'),
});
const cookie = z.strictObject({
  name: named.describe('Name of the session cookie.'),
  value: secret('the cookie'),
});
const login = z.strictObject({
  operation: z
    .string()
    .max(500)
    .optional()
    .describe('operationId or `POST /login`; default: found by its name and shape.'),
  username: secret('the user name'),
  password: secret('the password'),
  fields: z
    .strictObject({ username: z.string().max(200).optional(), password: z.string().max(200).optional() })
    .optional()
    .describe('Where the two stand: name of a parameter, or pointer into the body (`/user/email`); default: found.'),
  body: z.record(z.string().max(200), z.json()).optional().describe('Further values of the body.'),
  token: z
    .string()
    .max(500)
    .optional()
    .describe(
      'Where the answer has the token: a JSON pointer (`/data/token`), or the name of a header; default: found.',
    ),
  send: z
    .string()
    .max(100)
    .regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/, { error: "must be 'bearer', 'cookie' or the name of a header" })
    .optional()
    .describe('How the token is sent: `bearer`, `cookie`, or the name of a header; default: as the contract says.'),
});
const oauth = z.strictObject({
  tokenUrl: z.string().max(2000).describe('URL of the token endpoint; a path stands for one of the API itself.'),
  clientId: secret('the client id'),
  clientSecret: secret('the client secret'),
  scope: z.string().max(2000).optional(),
});

const ways = { bearer, key, basic, cookie, login, oauth } as const;
/** The ways to prove an identity, as they are named in settings. */
export const WAYS = ['bearer', 'key', 'basic', 'cookie', 'login', 'oauth'] as const;
export type Way = (typeof WAYS)[number];

const fields = {
  role: z.string().min(1).max(100).optional().describe('What it may do; identities of one role are peers.'),
  bearer: bearer.optional().describe('A token that is sent as it is.'),
  key: key.optional().describe('An API key.'),
  basic: basic.optional().describe('User name and password with each request (RFC 7617).'),
  cookie: cookie.optional().describe('A session cookie that was had elsewhere.'),
  login: login.optional().describe('A login operation of the API; the token is renewed when it dies.'),
  oauth: oauth.optional().describe('OAuth 2.0 client credentials (RFC 6749, section 4.4).'),
};
const name = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,59}$/, { error: "must be a short name: letters, digits, '.', '-', '_'" });

/** Exactly one of the ways, with the values it needs. */
export type Proving = {
  [One in Way]: { readonly [Key in One]: z.infer<(typeof ways)[One]> } & {
    readonly [Key in Exclude<Way, One>]?: undefined;
  };
}[Way];

/** Who the scanner can be, as a person writes it. */
export type IdentitySettings = { readonly name: string; readonly role?: string | undefined } & Proving;
export type UnnamedIdentitySettings = { readonly role?: string | undefined } & Proving;

const exactlyOne = (value: object): boolean =>
  WAYS.filter((way) => (value as Partial<Record<Way, unknown>>)[way] !== undefined).length === 1;
const ONE = { error: `needs exactly one of ${WAYS.join(', ')}` };

/** One identity with its name: `{name: alice, role: patient, bearer: {token: ...}}`. */
export const identitySettings = z
  .strictObject({ name, ...fields })
  .refine(exactlyOne, ONE) as unknown as z.ZodType<IdentitySettings>;

/** The same without the name, for a map by name: `alice: {role: patient, login: {username: ..., password: ...}}`. */
export const unnamedIdentitySettings = z
  .strictObject(fields)
  .refine(exactlyOne, ONE) as unknown as z.ZodType<UnnamedIdentitySettings>;

/** Names of identities; each once in a scan. */
export const identityName = name;

/** Which way an identity uses. */
export const wayOf = (settings: Proving): Way => WAYS.find((way) => settings[way] !== undefined) ?? 'bearer';
