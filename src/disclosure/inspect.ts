import type { Operation, SchemaAt } from '../contract/model.ts';
import { type Finding, LoadError } from '../shared/finding.ts';
import { isWithoutContract } from '../shared/without-contract.ts';
import { objectKind } from './annotations.ts';
import { answerSchema } from './fields.ts';
import { markedIn } from './marked.ts';
import { isJson, isRange } from './media.ts';
import type { Addressed } from './open.ts';
import type { DisclosureSettings } from './settings.ts';

/** What leaves an answer uncut or unanswered, and annotations that say nothing. */
export function inspectAnswers(settings: DisclosureSettings, operation: Operation): Finding[] {
  const findings: Finding[] = [];
  if (isWithoutContract(operation)) return findings;
  const operationKey = operation.key;
  const say = (finding: Omit<Finding, 'operation'>): void => {
    findings.push({ ...finding, operation: operationKey });
  };
  if (settings.mode === 'off')
    say({
      rule: 'disclosure/off',
      severity: 'warning',
      message: `${operationKey}: disclosure is switched off: whatever the API answers leaves.`,
      mend: 'Set disclosure to strip, or to report while the contract is mended.',
    });
  const cuts = settings.mode === 'strip' || settings.mode === 'block';

  if (operation.responses.length === 0 && cuts && settings.undeclaredStatus === 'refuse')
    say({
      rule: 'disclosure/no-responses',
      severity: 'warning',
      message: `${operationKey} declares no response: every answer of it is refused.`,
      mend: 'Declare its responses, or set disclosure.undeclaredStatus: pass for it.',
      place: operation.place,
    });

  for (const response of operation.responses) {
    const { status, place } = response;
    if (response.content.length === 0 && cuts && mayHaveBody(status))
      say({
        rule: 'disclosure/no-content',
        severity: 'warning',
        message: `${operationKey} declares no content for ${status}: a body is ${settings.mode === 'block' ? 'refused' : 'dropped'}.`,
        mend: 'Declare the content of the response with a schema, if it has any.',
        place,
      });
    for (const media of response.content) {
      const json = isJson(media.type) || isRange(media.type);
      if (json && media.schema === undefined && isRange(media.type) === false)
        say({
          rule: 'disclosure/no-schema',
          severity: 'weakness',
          message: `${operationKey} declares ${media.type} for ${status} without a schema: there is nothing to cut the answer by, all of it leaves.`,
          mend: 'Add a schema that names the properties.',
          place: media.place,
        });
      if (media.schema === undefined) continue;
      if (json) for (const finding of annotationFindings(settings, media.schema, operation)) say(finding);
      const sensitive = (!json || !cuts) && markedIn(media.schema) > 0;
      if (!json && sensitive)
        say({
          rule: 'disclosure/not-enforced',
          severity: 'warning',
          message: `${operationKey} marks fields of ${media.type} (${status}): answers of this type are streamed, nothing in them is removed or masked.`,
          mend: 'Answer with JSON, or do not let the API send these fields.',
          place: media.place,
        });
      if (json && sensitive && !cuts)
        say({
          rule: 'disclosure/not-enforced',
          severity: 'warning',
          message: `${operationKey} marks fields of ${status}, but disclosure is ${settings.mode}: they leave all the same.`,
          mend: 'Set disclosure.mode to strip or block.',
          place: media.place,
        });
    }
  }
  for (const parameter of operation.parameters) {
    const kind = parameter.schema === undefined ? undefined : annotationOf(parameter.schema);
    if (kind !== undefined && objectKind(kind) === undefined)
      say({
        rule: 'disclosure/malformed-annotation',
        severity: 'error',
        message: `x-portcullis-object of the parameter ${parameter.name} is no kind of object.`,
        mend: 'Write a word of letters, digits, `-`, `_` and `.`, such as patient.',
        place: parameter.place,
      });
  }
  return findings;
}

/** By schema: the operation in whose name its findings are told; once is enough for what many operations share. */
const tellers = new WeakMap<object, Operation>();

function annotationFindings(settings: DisclosureSettings, at: SchemaAt, operation: Operation): readonly Finding[] {
  try {
    const schema = answerSchema(at, settings.mode === 'block' ? 'refuse' : 'strip');
    if (!tellers.has(schema)) tellers.set(schema, operation);
    return tellers.get(schema) === operation ? schema.findings : [];
  } catch (error) {
    // A schema that cannot be enforced is told of when the stages are compiled.
    if (error instanceof LoadError) return [];
    throw error;
  }
}

/** Errors are answered without content by many: what is dropped there is text. */
const mayHaveBody = (status: string): boolean => /^2/.test(status) && status !== '204' && status !== '205';

/** The objects that path parameters address: `x-portcullis-object` in the parameter's schema. */
export function addressedBy(operation: Operation): Addressed[] {
  const addressed: Addressed[] = [];
  for (const parameter of operation.parameters) {
    if (parameter.in !== 'path' || parameter.schema === undefined) continue;
    const kind = objectKind(annotationOf(parameter.schema));
    if (kind !== undefined) addressed.push({ name: parameter.name, kind });
  }
  return addressed;
}

/** Longest chain of references that is followed. */
const MAX_REFERENCES = 20;

function annotationOf(at: SchemaAt): unknown {
  let { schema, uri } = at;
  for (let i = 0; i < MAX_REFERENCES; i++) {
    if (typeof schema !== 'object' || schema === null) return undefined;
    if (Object.hasOwn(schema, 'x-portcullis-object')) return (schema as Record<string, unknown>)['x-portcullis-object'];
    const reference = (schema as Record<string, unknown>)['$ref'];
    const target = typeof reference === 'string' ? at.documents.resolve(reference, uri) : undefined;
    if (target === undefined) return undefined;
    schema = target.value;
    uri = target.uri;
  }
  return undefined;
}
