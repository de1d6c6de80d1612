import { z } from 'zod';
import { normalEmail } from '../../gateway/certificate-names.ts';
import { checkedAttributes, IdentityError } from '../../identity/attributes.ts';

/** Stands for every name of its kind; the name itself is then the id. */
export const ANY = '*';

const text = (what: string) =>
  z
    .string()
    .min(1)
    .max(500)
    .regex(/^[^\p{Cc}]+$/u, { error: `${what} holds no control characters` });
const exact = (what: string, form: RegExp) =>
  text(what).refine((name) => name === ANY || form.test(name), {
    error: `expected ${what} without wildcards in it, or "*" for whichever the certificate holds`,
  });

/** Hexadecimal with or without colons, as `openssl x509 -fingerprint -sha256` prints it, or base64url as in a token. */
const thumbprint = z
  .string()
  .transform((given) => {
    const hex = given.replaceAll(':', '');
    return /^[0-9a-f]{64}$/i.test(hex) ? Buffer.from(hex, 'hex').toString('base64url') : given;
  })
  .refine((digest) => /^[A-Za-z0-9_-]{43}$/.test(digest), {
    error: 'expected a SHA-256 fingerprint: 64 hexadecimal digits, or 43 characters of base64url',
  });

const KINDS = ['dns', 'uri', 'email', 'cn', 'sha256'] as const;
export type NameKind = (typeof KINDS)[number];

const rule = z
  .strictObject({
    dns: exact('a host name', /^[A-Za-z0-9_.-]+$/)
      .transform((name) => name.toLowerCase())
      .optional()
      .describe('A DNS name of the certificate (subject alternative name), exactly.'),
    uri: exact('a URI', /^[a-zA-Z][a-zA-Z0-9+.-]*:[\x21-\x29\x2b-\x7e]+$/)
      .optional()
      .describe('A URI of the certificate, exactly: spiffe://corp.example/billing.'),
    email: exact('a mail address', /^[\x21-\x29\x2b-\x3f\x41-\x7e]+@[A-Za-z0-9.-]+$/)
      .transform(normalEmail)
      .optional()
      .describe('A mail address of the certificate.'),
    cn: text('a common name').optional().describe('The common name of its subject, exactly; better use a dns or uri.'),
    sha256: thumbprint.optional().describe('The SHA-256 fingerprint of the certificate itself.'),
    id: text('an id').max(200).optional().describe('Id of the caller; without it the name that matched.'),
    roles: z.array(z.string()).default([]).describe('Its roles.'),
    scopes: z.array(z.string()).default([]).describe('Its scopes.'),
    claims: z.record(z.string(), z.unknown()).default({}).describe('Its attributes, for ownership rules.'),
  })
  .superRefine((given, context) => {
    const named = KINDS.filter((kind) => given[kind] !== undefined);
    if (named.length !== 1)
      context.addIssue({ code: 'custom', message: 'name exactly one of dns, uri, email, cn or sha256' });
    else if (given[named[0] as NameKind] === ANY && given.id !== undefined)
      context.addIssue({ code: 'custom', path: ['id'], message: 'with "*" the id is the name: leave it out' });
    try {
      checkedAttributes({ roles: given.roles, scopes: given.scopes, claims: given.claims });
    } catch (error) {
      if (!(error instanceof IdentityError)) throw error;
      context.addIssue({ code: 'custom', message: error.message });
    }
  });

/** `certificates`: whose a client certificate is. */
export const certificates = z
  .array(rule)
  .max(10_000)
  .default([])
  .describe(
    'Who calls with which client certificate, where the contract asks for mutualTLS: the first rule that fits. The CAs stand in encryption.clients.',
  );

export type CertificateRule = z.output<typeof certificates>[number];

/** The kind of name a rule goes by. */
export const kindOf = (given: CertificateRule): NameKind => KINDS.find((kind) => given[kind] !== undefined) as NameKind;
