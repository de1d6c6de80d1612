import { z } from 'zod';
import { duration } from '../../shared/duration.ts';
import { ALGORITHM_NAMES, DEFAULT_ALGORITHMS } from '../../signatures/algorithms.ts';
import { parseComponent } from '../../signatures/component.ts';

const SECOND = 1_000;
const MINUTE = 60_000;

const word = z.string().min(1).max(200);
const attributes = {
  roles: z.array(word).max(50).default([]).describe('Roles of whoever signs with it.'),
  scopes: z.array(word).max(100).default([]).describe('Scopes of whoever signs with it.'),
};

/** Whose key it is, as `keys list` and the audit log write it. */
const principal = z
  .string()
  .regex(/^(key|user|client|certificate):[^\s]{1,500}$/, {
    error: 'written kind:id, such as key:key_..., user:ann or client:app',
  })
  .optional()
  .describe(
    'Whose key it is (user:ann, key:key_..., client:...), where a signature is demanded beside their credential; default: key: and its id.',
  );

const key = z
  .strictObject({
    id: z
      .string()
      .regex(/^[\x20-\x7e]{1,256}$/, { error: 'printable ASCII, at most 256 characters' })
      .describe('The keyid that signatures name it by.'),
    file: z.string().min(1).optional().describe('Public key: PEM or JWK.'),
    secret: z
      .string()
      .min(1)
      .optional()
      .describe(
        'File with a shared secret (32 bytes or more) for hmac-sha256: whoever has it can also sign as this client.',
      ),
    algorithm: z.enum(ALGORITHM_NAMES).optional().describe('Where the key alone does not say it: RSA.'),
    principal,
    ...attributes,
    claims: z.record(word, z.unknown()).default({}).describe('Attributes for ownership rules.'),
  })
  .refine(({ file, secret }) => (file === undefined) !== (secret === undefined), {
    error: 'a key has either file or secret',
  });

const set = z.strictObject({
  source: z
    .string()
    .min(1)
    .max(2000)
    .refine((text) => !/^[a-z][a-z0-9+.-]*:\/\//i.test(text) || /^https:\/\/[^\s@#]+$/i.test(text), {
      error: 'a key set comes from a file or an https URL, without credentials or fragment',
    })
    .describe('JWK set with public keys: file name or https URL. Signatures name a key by its kid.'),
  refresh: duration('10m', { least: 10 * SECOND, most: 1440 * MINUTE }).describe('How long a fetched set is fresh.'),
  ...attributes,
});

const component = z
  .string()
  .max(200)
  .refine(
    (text) => {
      try {
        return !parseComponent(text).parameters.has('req');
      } catch {
        return false;
      }
    },
    { error: 'a component of RFC 9421: @method, @authority, @path, @query, or a header name in lower case' },
  );

export const signature = z
  .enum(['optional', 'required'])
  .default('optional')
  .describe(
    'Whether every request must be signed (RFC 9421) with a key of its caller, beside the credential: optional (a signature is looked at only where it is the credential), required.',
  );

export const signatures = z
  .strictObject({
    keys: z
      .array(key)
      .max(1000)
      .refine((list) => new Set(list.map(({ id }) => id)).size === list.length, { error: 'an id stands here twice' })
      .default([])
      .describe('Keys of clients, beside those made known with `portcullis keys create --public-key`.'),
    sets: z.array(set).max(50).default([]).describe('Key sets of clients.'),
    algorithms: z
      .array(z.enum(ALGORITHM_NAMES))
      .min(1)
      .default([...DEFAULT_ALGORITHMS])
      .describe('Algorithms that are accepted; rsa-v1_5-sha256 only where it is named here.'),
    components: z
      .array(component)
      .min(1)
      .max(40)
      .default(['@method', '@authority', '@path', '@query'])
      .describe('What a signature must cover; @target-uri covers @authority, @path and @query.'),
    digest: z
      .enum(['required', 'optional'])
      .default('required')
      .describe(
        'Whether Content-Digest and Content-Type of a body must be covered; a digest that is sent is always verified.',
      ),
    maxAge: duration('5m', { least: SECOND, most: 60 * MINUTE }).describe(
      'How long after created a signature is good.',
    ),
    clockTolerance: duration('30s', { least: 0, most: 10 * MINUTE }).describe('How far the clocks may differ.'),
    nonce: z
      .enum(['required', 'optional'])
      .default('required')
      .describe(
        'Whether a nonce must be there. One that is there is taken once; without one a request can be replayed.',
      ),
    tag: z
      .string()
      .regex(/^[\x20-\x7e]{1,100}$/, { error: 'printable ASCII' })
      .optional()
      .describe('The tag that says a signature is meant for this gate; others are not looked at.'),
    roles: z.array(word).max(50).default([]).describe('Callers with one of these roles must sign every request.'),
  })
  .prefault({})
  .describe('What signed requests must fulfil, and whose keys are known.');

export type SignatureSettings = z.output<typeof signatures>;
