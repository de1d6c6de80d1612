import type { Operation } from '../../../contract/model.ts';
import type { Check, CheckContext } from '../../model/check.ts';
import type { Exchange } from '../../model/exchange.ts';
import type { Proof, Severity } from '../../model/finding.ts';
import type { Identity } from '../../model/identity.ts';
import { leavesOf } from '../authentication/shared/answers.ts';
import { demandOf, openByNature } from '../authentication/shared/demand.ts';
import { guessable } from '../authentication/shared/predictable.ts';

const MADE = 3;
/** Operations on which it is tried: each costs three objects, and three more to confirm. */
const OPERATIONS = 8;
const IDS = /^(id|uuid|guid|uid|key|token|code|ref|reference|number|slug|.*(id|uuid|token|code|ref))$/;
/** From this length on an identifier looks as if it were random. */
const LONG = 16;

/** Identifiers of new objects, made one after the other. */
export const check: Check = {
  id: 'guessable-ids',
  group: 'authorization',
  title: 'Identifiers can be guessed',
  practice: 'authorize',
  cwe: 'CWE-340',
  owasp: 'API1:2023',
  severity: 'informational',
  why: 'Who has one identifier knows the next and the last ones. That is harmless where every access is checked; where one check is forgotten, a loop reads everything, and the numbers tell how much business there is.',
  mend: "Use random identifiers (UUID version 4) where an object is somebody's own, and check every access all the same. Portcullis enforces whose an object is, whatever its identifier.",

  async run(context) {
    const makers = context.operations.filter(
      (operation) =>
        operation.method === 'POST' &&
        demandOf(operation) !== 'no' &&
        !openByNature(operation, context) &&
        context.samples(operation).length > 0,
    );
    let left = OPERATIONS;
    for (const operation of makers) {
      const sample = context.samples(operation).find(({ as }) => as !== undefined);
      if (sample?.as === undefined || left <= 0 || candidates(sample.exchange).length === 0) continue;
      left--;
      await tryOne(context, operation, sample.as);
    }
  },
};

async function tryOne(context: CheckContext, operation: Operation, as: Identity): Promise<void> {
  const attempt = async () => await made(context, operation, as);
  const found = await attempt();
  if (found === undefined) return;
  await context.report({
    message: `identifiers that ${operation.key} gives ${found.says} (${found.path})`,
    operation,
    place: `answer ${found.path}`,
    severity: found.severity,
    proof: found.proof,
    again: async () => {
      const second = await attempt();
      return second?.path === found.path ? second.proof : undefined;
    },
  });
}

/** Identifiers in an answer to a creation: of the thing itself, at its top. */
function candidates({ answer }: Exchange): { path: string; value: string }[] {
  return leavesOf(answer.json)
    .filter(
      ({ path, word, value }) =>
        IDS.test(word) &&
        !path.includes('*') &&
        path.split('/').length <= 4 &&
        (typeof value === 'string' || typeof value === 'number'),
    )
    .map(({ path, value }) => ({ path, value: String(value) }));
}

async function made(
  context: CheckContext,
  operation: Operation,
  as: Identity,
): Promise<
  { readonly proof: Proof; readonly path: string; readonly says: string; readonly severity: Severity } | undefined
> {
  const exchanges: Exchange[] = [];
  const sent = new Set<string>();
  const began = Date.now();
  for (let index = 0; index < MADE; index++) {
    const call = await context.prepare(operation, as);
    if (call === undefined || !context.mayTry(call)) return undefined;
    for (const { value } of context.places(call)) sent.add(String(value));
    const exchange = await context.send(call, as);
    if (context.outcome(exchange) !== 'success') return undefined;
    exchanges.push(exchange);
  }
  for (const { path } of candidates(exchanges[0]!)) {
    const values = exchanges.map((exchange) => candidates(exchange).find((one) => one.path === path)?.value);
    // What the request named is no identifier that was given.
    if (values.some((value) => value === undefined || sent.has(value)) || new Set(values).size < MADE) continue;
    const how = guessable(values as string[], { began, ended: Date.now() });
    if (how === undefined || how.cause === 'little chance') continue;
    // A number that counts says so; what looks random and counts deceives whoever relies on it.
    const deceives = values.every((value) => value!.length >= LONG);
    return {
      proof: { exchanges, marks: values as string[] },
      path,
      says: deceives ? `look random, and ${how.says}` : how.says,
      severity: deceives ? 'medium' : 'informational',
    };
  }
  return undefined;
}
