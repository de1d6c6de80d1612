import type { SchemaAt } from '../contract/model.ts';

/** Values looked at for one schema, at most; beyond, what is not found is not told. */
const MAX_VALUES = 20_000;

const MARKS = ['x-portcullis-sensitive', 'x-portcullis-roles', 'x-portcullis-mask'];

/** How many schemas in a schema, and in what it refers to, are marked sensitive, reserved or masked: for people. */
export function markedIn(at: SchemaAt): number {
  let marked = 0;
  const seen = new Set<unknown>();
  const queue: { value: unknown; uri: string }[] = [{ value: at.schema, uri: at.uri }];
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    const { value, uri } = next;
    if (typeof value !== 'object' || value === null || seen.has(value)) continue;
    if (seen.size >= MAX_VALUES) break;
    seen.add(value);
    if (MARKS.some((mark) => Object.hasOwn(value, mark))) marked++;
    for (const [name, inner] of Object.entries(value)) {
      if (name === '$ref' && typeof inner === 'string') {
        const target = at.documents.resolve(inner, uri);
        if (target !== undefined) queue.push(target);
      } else if (!UNWALKED.has(name)) queue.push({ value: inner, uri });
    }
  }
  return marked;
}

/** Keywords whose values are data, not schemas. */
const UNWALKED = new Set(['example', 'examples', 'default', 'enum', 'const']);
