import type { Documents, SchemaAt } from '../../contract/model.ts';
import type { Node } from '../../contract/schema/node.ts';
import { getOwn, isPlain } from './own.ts';

/** Examples taken from one place at most. */
const MAX_EXAMPLES = 5;

/** Values that the schemas give as examples, then as defaults. */
export function examplesOf(members: readonly Node[]): unknown[] {
  const found: unknown[] = [];
  const defaults: unknown[] = [];
  for (const { spot } of members) {
    const { raw } = spot;
    if (!isPlain(raw)) continue;
    for (const name of ['example', 'x-example']) {
      const value = getOwn(raw, name);
      if (value !== undefined) found.push(value);
    }
    const several = getOwn(raw, 'examples');
    if (Array.isArray(several)) found.push(...several.slice(0, MAX_EXAMPLES));
    const standard = getOwn(raw, 'default');
    if (standard !== undefined) defaults.push(standard);
  }
  return [...found.slice(0, MAX_EXAMPLES), ...defaults.slice(0, MAX_EXAMPLES)].filter(isTelling);
}

/** What generators write where nobody thought of an example. */
const isTelling = (value: unknown): boolean => value !== 'string' && value !== '' && value !== null;

/** Examples that stand beside a schema: of its parameter or media type (OpenAPI 3: `example` and `examples`). */
export function examplesBeside(at: SchemaAt): unknown[] {
  const { documents, uri } = at;
  const parent = /^(.*)\/schema$/.exec(uri)?.[1];
  if (parent === undefined) return [];
  const owner = resolved(documents, parent.slice(parent.indexOf('#')), parent);
  const found: unknown[] = [];
  const one = getOwn(owner, 'example');
  if (one !== undefined) found.push(one);
  const several = getOwn(owner, 'examples');
  if (isPlain(several)) {
    for (const name of Object.keys(several).slice(0, MAX_EXAMPLES)) {
      let example = several[name];
      const reference = getOwn(example, '$ref');
      if (typeof reference === 'string') example = resolved(documents, reference, parent);
      const value = getOwn(example, 'value') ?? getOwn(example, 'dataValue');
      if (value !== undefined) found.push(value);
    }
  }
  return found.filter(isTelling);
}

function resolved(documents: Documents, reference: string, base: string): unknown {
  try {
    return documents.resolve(reference, base)?.value;
  } catch {
    return undefined;
  }
}
