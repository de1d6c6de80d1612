import { isObject, ownChild } from '../references.ts';
import { looksLikeReference } from '../scopes.ts';
import type { Lint } from './lint.ts';

/** A discriminator that cannot work as written. */
export const discriminator: Lint = {
  name: 'discriminator',
  severity: 'warning',
  schema({ schema, node, dialect }) {
    const given = schema['discriminator'];
    if (given === undefined) return undefined;
    const place = node.child('discriminator')?.place;
    // Swagger 2.0 writes the name alone.
    if (dialect === 'swagger-2.0' && typeof given === 'string') return undefined;
    if (!isObject(given) || typeof given['propertyName'] !== 'string') {
      return { message: "a discriminator without 'propertyName' has no effect", mend: "write 'propertyName'", place };
    }
    const mapping = ownChild(given, 'mapping');
    if (!isObject(mapping)) return undefined;
    for (const [name, target] of Object.entries(mapping)) {
      if (typeof target === 'string' && leadsSomewhere(node.context, target, node.uri)) continue;
      return {
        message: `the mapping of '${name.slice(0, 60)}' names no schema`,
        mend: 'write the name of a schema of the components, or a reference to one',
        place,
      };
    }
    return undefined;
  },
};

function leadsSomewhere(
  context: { documents: { resolve(reference: string, base: string): unknown } },
  target: string,
  base: string,
): boolean {
  if (looksLikeReference(target) && context.documents.resolve(target, base) !== undefined) return true;
  return context.documents.resolve(`#/components/schemas/${encodeURIComponent(target)}`, base) !== undefined;
}
