import type { MediaType, Operation } from '../../../contract/model.ts';
import { compileSchema } from '../../../contract/schema/compile.ts';
import type { CompiledSchema } from '../../../contract/schema/compiled.ts';
import type { Exchange } from '../../model/exchange.ts';
import { isDeclared } from './observed.ts';

/** Bytes of an answer that is compared: what is over-shared shows in small ones too. */
const LARGEST = 256 * 1024;
/** Values of one pointer that are looked at. */
const VALUES = 20;

const schemas = new WeakMap<MediaType, CompiledSchema | null>();
const known = new WeakMap<Exchange, readonly string[]>();

/** Pointers of what the contract does not name in an answer with success, array indices as `*`. Empty where nothing can be said. */
export function undeclaredIn(exchange: Exchange): readonly string[] {
  let pointers = known.get(exchange);
  if (!pointers) known.set(exchange, (pointers = removedFrom(exchange)));
  return pointers;
}

function removedFrom(exchange: Exchange): readonly string[] {
  const { operation, answer } = exchange;
  if (!operation || answer.status < 200 || answer.status > 299) return [];
  if (answer.body.length === 0 || answer.body.length > LARGEST || !isDeclared(exchange)) return [];
  const type = mediaTypeOf(operation, answer.status, answer.mediaType);
  const value = answer.json;
  if (!type?.schema || value === undefined) return [];
  let schema = schemas.get(type);
  if (schema === undefined) {
    try {
      schema = compileSchema(type.schema, { direction: 'response', undeclared: 'strip' });
    } catch {
      schema = null;
    }
    schemas.set(type, schema);
  }
  return schema ? schema.cut(structuredClone(value)).removed : [];
}

/** What the contract says of an answer: by status, its class, or `default`. */
function mediaTypeOf({ responses }: Operation, status: number, mediaType: string): MediaType | undefined {
  const response =
    responses.find((one) => one.status === String(status)) ??
    responses.find((one) => one.status.toUpperCase() === `${Math.floor(status / 100)}XX`) ??
    responses.find((one) => one.status === 'default');
  return (
    response?.content.find(({ type }) => type === mediaType) ??
    response?.content.find(({ type }) => type === 'application/json')
  );
}

/** The values at a pointer whose array indices are `*`, the first 20. */
export function valuesAt(value: unknown, pointer: string): readonly unknown[] {
  let at: unknown[] = [value];
  for (const part of pointer.split('/').slice(1)) {
    const name = part.replaceAll('~1', '/').replaceAll('~0', '~');
    at = at
      .flatMap((one): unknown[] => {
        if (Array.isArray(one)) return name === '*' ? one.slice(0, VALUES) : [one[Number(name)]];
        return typeof one === 'object' && one !== null && Object.hasOwn(one, name)
          ? [(one as Readonly<Record<string, unknown>>)[name]]
          : [];
      })
      .slice(0, VALUES);
  }
  return at;
}
