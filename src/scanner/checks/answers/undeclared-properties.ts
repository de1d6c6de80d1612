import type { MediaType, Operation } from '../../../contract/model.ts';
import { compileSchema } from '../../../contract/schema/compile.ts';
import type { CompiledSchema } from '../../../contract/schema/compiled.ts';
import type { Check } from '../../model/check.ts';
import type { Exchange } from '../../model/exchange.ts';
import { again, within } from './observed.ts';
import { isSensitiveName } from './sensitive-names.ts';

/** Answers of an operation and status that are compared: what is over-shared shows soon. */
const COMPARED = 40;

const schemas = new WeakMap<MediaType, CompiledSchema | null>();

/** Answers hold properties that the contract does not name. */
export const check: Check = {
  id: 'undeclared-properties',
  group: 'answers',
  title: 'Answers hold more than the contract says',
  practice: 'necessary-only',
  cwe: 'CWE-213',
  owasp: 'API3:2023',
  severity: 'medium',
  why: 'Whole rows of a table leave where a few fields were meant to. Users of the front end never see the rest; whoever reads the answers does.',
  mend: 'Answer with the fields of the contract, by name. Portcullis strips what the contract does not name (disclosure).',

  observe(exchange, context) {
    const { operation, answer } = exchange;
    if (
      !operation ||
      exchange.request.method !== operation.method ||
      answer.status < 200 ||
      answer.status > 299 ||
      answer.body.length === 0
    )
      return;
    if (!within(context, `${operation.key} ${answer.status}`, COMPARED)) return;
    for (const pointer of removedFrom(exchange)) {
      const name = pointer.slice(pointer.lastIndexOf('/') + 1);
      const shows = (shown: Exchange): readonly string[] | undefined =>
        removedFrom(shown).includes(pointer) ? [`"${name}"`] : undefined;
      void context.report({
        message: `the answer holds ${pointer}, which the contract does not name`,
        operation,
        place: `answer ${pointer}`,
        severity: isSensitiveName(name) ? 'high' : 'informational',
        cause: isSensitiveName(name) ? `${operation.key} sensitive` : 'not sensitive by name',
        proof: { exchanges: [exchange], marks: [`"${name}"`] },
        again: again(context, exchange, shows),
      });
    }
  },
};

/** Pointers of what no schema names, array indices as `*`. */
function removedFrom({ operation, answer }: Exchange): readonly string[] {
  const type = operation && mediaTypeOf(operation, answer.status, answer.mediaType);
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
