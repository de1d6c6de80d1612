import type { Lint } from './lint.ts';

/** Media types that hold values with names: JSON, forms, and the ranges that let JSON in. */
const STRUCTURED =
  /^(?:(?:application|text)\/json|.*\+json|application\/x-www-form-urlencoded|multipart\/form-data|application\/\*|\*\/\*)$/;

/** A body that is not described: validation cannot tell what belongs into it. */
export const noRequestSchema: Lint = {
  name: 'no-request-schema',
  severity: 'weakness',
  operation({ body }) {
    const bare = body?.content.find(({ type, schema }) => schema === undefined && STRUCTURED.test(type));
    if (!bare) return undefined;
    return { message: `the request body has no schema for ${bare.type}`, mend: "write 'schema'", place: bare.place };
  },
};
