import { z } from 'zod';
import { parsePointer } from '../shared/json-pointer.ts';
import { selectorProblem } from '../shared/selector.ts';

const role = z.string().min(1).max(200);
const name = z.string().min(1).max(200);

const selector = z
  .string()
  .min(1)
  .superRefine((text, context) => {
    const problem = selectorProblem(text);
    if (problem !== undefined) context.addIssue({ code: 'custom', message: `the selector ${problem}` });
  });

const pointer = z
  .string()
  .max(500)
  .refine((text) => parsePointer(text) !== undefined, {
    message: 'expected a JSON pointer such as "/patientId" or "/items/*/patientId" (at most 20 steps)',
  });

const ownerRule = z
  .strictObject({
    path: name.optional().describe('Path parameter that must be the caller’s own.'),
    query: name.optional().describe('Query parameter that must be the caller’s own.'),
    header: name.toLowerCase().optional().describe('Header parameter that must be the caller’s own.'),
    body: pointer.optional().describe('JSON pointer into the request body; `*` is every item of an array.'),
    answer: pointer.optional().describe('JSON pointer into the answer of a 2xx; `*` is every item of an array.'),
    equals: name.describe(
      'What it must equal: `id` (of the principal), or a claim: `patient.id` is a path, a name with `:` is one claim, `/a/b` a JSON pointer.',
    ),
    unless: z.array(role).max(100).default([]).describe('Roles that the rule does not bind.'),
    filter: z.boolean().default(false).describe('Answer: leave out the items of others instead of refusing the whole.'),
    default: z.boolean().default(false).describe('Query: where the parameter is absent, set it to the caller’s own.'),
  })
  .superRefine((rule, context) => {
    const places = [rule.path, rule.query, rule.header, rule.body, rule.answer].filter((place) => place !== undefined);
    const say = (message: string) => context.addIssue({ code: 'custom', message });
    if (places.length !== 1) say('expected exactly one of path, query, header, body and answer');
    if (rule.filter && rule.answer === undefined) say('`filter` belongs to a rule on the answer');
    if (rule.filter && rule.answer !== undefined && !rule.answer.split('/').includes('*'))
      say('`filter` needs a `*` in the pointer: the array whose items are left out');
    if (rule.default && rule.query === undefined) say('`default` belongs to a rule on a query parameter');
  });

export const settings = z.strictObject({
  roles: z
    .record(role, z.array(selector).max(10_000))
    .default({})
    .describe('What each role may call: operationId, tag:NAME, METHOD /path with * and **, or ** for everything.'),
  allow: z
    .array(role)
    .max(1000)
    .default([])
    .describe(
      'Roles that may call the operation: these and no others. Empty: those whose selectors in `roles` cover it.',
    ),
  default: z
    .enum(['deny', 'authenticated'])
    .default('deny')
    .describe('Who may call where no role says so: nobody, or every identified caller.'),
  owner: z
    .union([ownerRule, z.array(ownerRule).max(50)])
    .default([])
    .describe('Rules (each must hold) that tie the object of an operation to its caller.'),
  hide: z
    .boolean()
    .default(true)
    .describe('Whether the object of another is answered 404 like one that does not exist, or 403.'),
});

export type AuthorizationSettings = z.output<typeof settings>;
export type OwnerRule = z.output<typeof ownerRule>;

/** The owner rules as a list; one rule may be written without the list. */
export const ownerRules = (given: AuthorizationSettings): readonly OwnerRule[] =>
  Array.isArray(given.owner) ? given.owner : [given.owner];

/** A rule as people write it: `path id = patientId unless nurse, doctor`. */
export function formatRule(rule: OwnerRule): string {
  const place = (['path', 'query', 'header', 'body', 'answer'] as const).find((key) => rule[key] !== undefined);
  const unless = rule.unless.length === 0 ? '' : ` unless ${rule.unless.join(', ')}`;
  const how = rule.filter ? ' (items of others are left out)' : rule.default ? ' (set where absent)' : '';
  return `${place} ${place === undefined ? '' : rule[place]} = ${rule.equals}${unless}${how}`;
}
