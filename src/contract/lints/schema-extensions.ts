import { nearest } from '../../shared/nearest.ts';
import { SCHEMA_EXTENSIONS } from '../normal/context.ts';
import { childUri } from '../references.ts';
import type { Lint } from './lint.ts';

/** An `x-portcullis-*` in a schema that no room reads there. */
export const schemaExtensions: Lint = {
  name: 'unknown-extension',
  severity: 'warning',
  schema({ schema, node }) {
    for (const key of Object.keys(schema)) {
      if (!key.startsWith('x-portcullis-') || (SCHEMA_EXTENSIONS as readonly string[]).includes(key)) continue;
      const meant = nearest(key, SCHEMA_EXTENSIONS);
      return {
        message: `'${key.slice(0, 100)}' has no meaning in a schema and is ignored`,
        mend: meant
          ? `write '${meant}', if that is meant`
          : `in schemas these have one: ${SCHEMA_EXTENSIONS.join(', ')}`,
        place: node.context.documents.place(childUri(node.uri, key)),
      };
    }
    return undefined;
  },
};
