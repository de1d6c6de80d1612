import type { Operation } from '../../../contract/model.ts';
import type { Check, CheckContext } from '../../model/check.ts';
import type { Exchange } from '../../model/exchange.ts';
import type { Candidate, Proof, Severity } from '../../model/finding.ts';
import type { Identity } from '../../model/identity.ts';
import { alike, contentOf, isRefused, privateWords, sharedContent } from './shared/answers.ts';
import { demandOf, isRead, openByNature } from './shared/demand.ts';
import { randomText, tryChanged } from './shared/requests.ts';

/** From this many open operations on, more than half of what was tried, it is one cause: authentication is missing altogether. */
const EVERYWHERE = 3;

/** Operations that demand a credential, and answer without one. */
export const check: Check = {
  id: 'no-credential',
  group: 'authentication',
  title: 'Answers without a credential',
  practice: 'authenticate',
  cwe: 'CWE-306',
  owasp: 'API2:2023',
  severity: 'high',
  why: 'Anybody who reaches the API can call the operation: no account, no key and no trace of who it was. Whatever it shows is public, whatever it changes can be changed by anyone.',
  mend: 'Refuse with 401 before anything else is done, in one place for all operations, and name the open ones. Portcullis refuses every operation for which the contract demands a credential.',

  async run(context) {
    const found = new Map<Operation, Candidate>();
    let tried = 0;
    let triedReads = 0;
    let refused = 0;
    await context.each(context.operations, async (operation) => {
      if (demandOf(operation) === 'no' || openByNature(operation, context)) return;
      if (demandOf(operation) === 'unsaid' && !isRead(operation)) return;
      const as = callerOf(context, operation);
      if (as === undefined) return;
      const attempt = async () => await attemptWithout(context, operation, as);
      const first = await attempt();
      if (first === undefined) return;
      tried++;
      if (isRead(operation)) triedReads++;
      if (first.refused) refused++;
      if (first.proof === undefined) return;
      found.set(operation, {
        message: `${operation.key} ${isRead(operation) ? 'answers' : 'is carried out'} without a credential as it is for ${as.name}`,
        operation,
        severity: severityOf(operation, first.proof),
        proof: first.proof,
        again: async () => (await attempt())?.proof,
      });
    });
    const saysNothing = context.operations.every((operation) => demandOf(operation) === 'unsaid');
    const reads = [...found.keys()].filter(isRead).length;
    const everywhere = found.size >= EVERYWHERE && (found.size * 2 > tried || reads * 2 > triedReads);
    // In the contract's order, whatever answered first: the same report in every run.
    for (const operation of context.operations) {
      const candidate = found.get(operation);
      if (candidate === undefined) continue;
      if (demandOf(operation) === 'unsaid') {
        // A contract that names what is guarded says by its silence that this is not; one that says nothing says nothing.
        const answer = candidate.proof.exchanges.at(-1)!.answer;
        if (!saysNothing || refused === 0 || privateWords(answer).length === 0) continue;
      }
      await context.report(everywhere ? { ...candidate, cause: 'no credential is demanded' } : candidate);
    }
  },
};

/** An identity for which the operation works. */
function callerOf(context: CheckContext, operation: Operation): Identity | undefined {
  const worked = new Set(context.samples(operation).map(({ as }) => as?.name));
  return (
    context.identities.find(({ name }) => worked.has(name)) ??
    (worked.has(undefined) ? context.identities[0] : undefined)
  );
}

async function attemptWithout(
  context: CheckContext,
  operation: Operation,
  as: Identity,
): Promise<{ readonly refused: boolean; readonly proof: Proof | undefined } | undefined> {
  const model = (await context.sample(operation, as)) ?? (await context.sample(operation));
  if (model === undefined) return undefined;
  const tried = await tryChanged(context, operation, model.as ?? as, (call) => context.render(call, null));
  if (tried === undefined) return undefined;
  const { exchange, call } = tried;
  const refused = isRefused(context, exchange);
  if (context.outcome(exchange) !== 'success' || !alike(model.exchange.answer, exchange.answer)) {
    return { refused, proof: undefined };
  }
  // A server that shows one page for every address has shown nothing of this operation.
  const nowhere = await context.request({
    method: exchange.request.method,
    target: `/${randomText(context.random('nowhere'), 12)}`,
    headers: exchange.request.headers,
    ...(exchange.request.body === undefined ? {} : { body: exchange.request.body }),
  });
  if (context.outcome(nowhere) === 'success' && sharedContent(exchange.answer, nowhere.answer) === 1) {
    return { refused, proof: undefined };
  }
  let control: Exchange = model.exchange;
  if (isRead(operation)) {
    control = await context.send(call, model.as ?? as);
    if (context.outcome(control) !== 'success') return { refused, proof: undefined };
    if (saysLess(control, exchange)) return { refused, proof: undefined };
  }
  return { refused, proof: { exchanges: [control, exchange], marks: [] } };
}

/** An answer that is there but empty, where the caller with a credential gets something: a filter, and no open door. */
function saysLess(control: Exchange, open: Exchange): boolean {
  const wanted = contentOf(control.answer).length;
  return wanted > 0 && contentOf(open.answer).length === 0;
}

function severityOf(operation: Operation, proof: Proof): Severity {
  const [control, open] = proof.exchanges;
  if (!isRead(operation)) return 'critical';
  if (privateWords(open!.answer).length > 0) return 'critical';
  const shared = sharedContent(control!.answer, open!.answer);
  return shared === undefined || shared < 0.5 ? 'medium' : 'high';
}
