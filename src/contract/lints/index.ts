import { credentialInQuery } from './credential-in-query.ts';
import { discriminator } from './discriminator.ts';
import { freeFormObject } from './free-form-object.ts';
import type { Lint } from './lint.ts';
import { noRequestSchema } from './no-request-schema.ts';
import { noResponseSchema } from './no-response-schema.ts';
import { noSecurity } from './no-security.ts';
import { plainHttpServer } from './plain-http-server.ts';
import { refSiblings } from './ref-siblings.ts';
import { schemaExtensions } from './schema-extensions.ts';
import { unboundedArray } from './unbounded-array.ts';
import { unboundedNumber } from './unbounded-number.ts';
import { unboundedString } from './unbounded-string.ts';
import { untypedSchema } from './untyped-schema.ts';

/** Every lint of contracts. A new one is one file and one line here. */
export const LINTS: readonly Lint[] = [
  noSecurity,
  plainHttpServer,
  credentialInQuery,
  noRequestSchema,
  noResponseSchema,
  freeFormObject,
  untypedSchema,
  unboundedString,
  unboundedArray,
  unboundedNumber,
  refSiblings,
  discriminator,
  schemaExtensions,
];
