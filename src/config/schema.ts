import { z } from 'zod';
import { ROOMS } from '../gateway/rooms.ts';
import { admin, listen } from '../gateway/settings.ts';
import { identity } from '../identity/server/settings.ts';

/** `authentication: none` and the like: the key that a bare word sets in a room that allows one. */
export const SHORTHAND: Readonly<Record<string, string>> = {
  authentication: 'access',
  detection: 'mode',
  disclosure: 'mode',
};

const withShorthand = (room: string, schema: z.ZodType): z.ZodType => {
  const key = SHORTHAND[room];
  if (key === undefined) return schema;
  return z.preprocess((value) => (typeof value === 'string' ? { [key]: value } : value), schema);
};

const upstreamUrl = z.string().refine((text) => {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  return (
    url !== undefined && /^https?:$/.test(url.protocol) && !url.username && !url.password && !url.search && !url.hash
  );
}, 'expected an http or https URL without credentials, query or fragment, such as "http://127.0.0.1:3000"');

const rooms: Record<string, z.ZodType> = {};
const overrides: Record<string, z.ZodType> = {};
for (const [name, room] of Object.entries(ROOMS)) {
  rooms[name] = withShorthand(name, (room.settings as z.ZodObject).strict().prefault({})).describe(
    `Settings of the practice: ${name}.`,
  );
  if (room.perOperation.length === 0) continue;
  const shape: Record<string, z.ZodType> = {};
  for (const key of room.perOperation)
    shape[key] = (room.settings.shape as Record<string, z.ZodType>)[key] as z.ZodType;
  // Without the defaults: a key that is not written must not override anything.
  for (const key of Object.keys(shape)) shape[key] = withoutDefault(shape[key] as z.ZodType).optional();
  overrides[name] = withShorthand(name, z.strictObject(shape)).optional();
}

function withoutDefault(schema: z.ZodType): z.ZodType {
  let inner: z.ZodType = schema;
  const text = schema.description;
  while (inner instanceof z.ZodDefault || inner instanceof z.ZodPrefault) inner = inner.unwrap() as z.ZodType;
  return text === undefined ? inner : inner.describe(text);
}

/** The whole configuration, composed from the rooms' own settings. */
export const configurationSchema = z.strictObject({
  $schema: z.string().optional().describe('JSON Schema of this file, for editors.'),
  contract: z.string().min(1).describe('OpenAPI file or URL; `none` to stand in front of an API without a contract.'),
  upstream: z
    .union([upstreamUrl, z.array(upstreamUrl).min(1).max(64)])
    .describe('URL of the API, or a list of URLs of equal targets.'),
  data: z.string().min(1).default('.portcullis').describe('Directory for keys, counters and the audit log.'),
  listen: listen.prefault({}).describe('Where the gate listens, and what a message may weigh.'),
  admin: admin.prefault({}).describe('The admin listener.'),
  identity: identity.prefault({}).describe('Users and applications: the embedded authorization server.'),
  ...rooms,
  operations: z
    .record(z.string(), z.strictObject(overrides))
    .default({})
    .describe('Settings for some operations: by operationId, `tag:NAME`, `GET /path` or a pattern; later entries win.'),
});
