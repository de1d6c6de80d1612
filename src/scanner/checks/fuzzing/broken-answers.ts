import type { MediaType, Operation, Response } from '../../../contract/model.ts';
import { compileSchema } from '../../../contract/schema/compile.ts';
import type { CompiledSchema } from '../../../contract/schema/compiled.ts';
import type { Check } from '../../model/check.ts';
import type { Exchange } from '../../model/exchange.ts';
import { again, isDeclared, within } from '../answers/observed.ts';

/** Answers of an operation and status that are compared. */
const COMPARED = 30;

const schemas = new WeakMap<MediaType, CompiledSchema | null>();

/** Answers are not what the contract says. */
export const check: Check = {
  id: 'broken-answers',
  group: 'fuzzing',
  title: 'Answers break the contract',
  practice: 'validate',
  cwe: 'CWE-573',
  owasp: 'API9:2023',
  severity: 'informational',
  why: 'Clients are written by the contract, and so are the rules of whatever stands in front. Where it lies, both are wrong.',
  mend: 'Correct the contract, or the API. Portcullis checks answers too (disclosure.validation).',

  observe(exchange, context) {
    const { operation, answer } = exchange;
    if (!operation || answer.status === 0 || operation.responses.length === 0) return;
    // What was asked in another way than the contract's is not what it speaks of.
    if (!isDeclared(exchange)) return;
    if (!within(context, `${operation.key} ${answer.status}`, COMPARED)) return;
    const broken = brokenBy(exchange);
    if (!broken) return;
    void context.report({
      message: broken.what,
      operation,
      place: broken.place,
      cause: broken.kind,
      proof: { exchanges: [exchange], marks: broken.marks },
      again: again(context, exchange, (shown) => (brokenBy(shown)?.place === broken.place ? broken.marks : undefined)),
    });
  },
};

function brokenBy({
  operation,
  answer,
  request,
}: Exchange): { what: string; kind: string; place: string; marks: readonly string[] } | undefined {
  const { status, mediaType } = answer;
  // Errors of the server, and refusals that anything in between may make, need no line in a contract.
  if (
    status >= 500 ||
    [401, 403, 404, 405, 406, 408, 413, 414, 415, 429, 431].includes(status) ||
    request.method === 'HEAD'
  )
    return undefined;
  const response = responseOf(operation as Operation, status);
  if (!response)
    return {
      what: `the status ${status} is not in the contract`,
      kind: 'status',
      place: `answer ${status}`,
      marks: [`${status}`],
    };
  if (answer.body.length === 0 || response.content.length === 0) return undefined;
  const media = response.content.find(
    ({ type }) =>
      type === mediaType || type === '*/*' || (type.endsWith('/*') && mediaType.startsWith(type.slice(0, -1))),
  );
  if (!media) {
    return {
      what: `the type ${mediaType || '(none)'} of an answer with ${status} is not in the contract`,
      kind: 'type',
      place: `answer ${status} type`,
      marks: [mediaType],
    };
  }
  if (!media.schema || !/[/+]json$/.test(mediaType) || answer.json === undefined) return undefined;
  const violation = compiled(media)?.validate(answer.json)?.[0];
  if (!violation) return undefined;
  const pointer = violation.pointer.replace(/\/\d+/g, '/*');
  return {
    what: `an answer with ${status} breaks the contract at ${pointer || 'its top'}: ${violation.detail}`,
    kind: 'schema',
    place: `answer ${status} ${pointer}`,
    marks: [],
  };
}

function compiled(media: MediaType): CompiledSchema | null {
  let schema = schemas.get(media);
  if (schema === undefined) {
    try {
      schema = media.schema ? compileSchema(media.schema, { direction: 'response', undeclared: 'allow' }) : null;
    } catch {
      schema = null;
    }
    schemas.set(media, schema);
  }
  return schema;
}

const responseOf = ({ responses }: Operation, status: number): Response | undefined =>
  responses.find((one) => one.status === String(status)) ??
  responses.find((one) => one.status.toUpperCase() === `${Math.floor(status / 100)}XX`) ??
  responses.find((one) => one.status === 'default');
