import type { Operation } from '../../../contract/model.ts';
import type { Call } from '../../model/call.ts';
import type { Check, CheckContext } from '../../model/check.ts';
import type { Exchange, ScanRequest } from '../../model/exchange.ts';
import type { Proof } from '../../model/finding.ts';
import type { Identity } from '../../model/identity.ts';
import { withHeader, withMethod } from './paths.ts';

interface Way {
  readonly name: string;
  over(request: ScanRequest, method: string): ScanRequest;
}

const inQuery = (request: ScanRequest, name: string, value: string): ScanRequest => ({
  ...request,
  target: `${request.target}${request.target.includes('?') ? '&' : '?'}${name}=${value}`,
});
/** Ways to say another method than the one of the request line. */
const WAYS: readonly Way[] = [
  ...['X-HTTP-Method-Override', 'X-HTTP-Method', 'X-Method-Override'].map((name) => ({
    name,
    over: (request: ScanRequest, method: string) => withHeader(request, name, method),
  })),
  { name: '_method', over: (request, method) => inQuery(request, '_method', method) },
];
/** Operations on which it is tried whether ways are honoured: whoever honours them does so everywhere. */
const TRIED = 6;
/** Pairs of an operation and an identity that is refused: of every operation the first identities. */
const PAIRS = 40;
const IDENTITIES = 2;
/** A method that no API has, and every server can read: what answers it as such has looked at it. */
const STRANGE = 'PROPFIND';

/** A header or parameter changes the method behind the back of whoever checked the request line. */
export const check: Check = {
  id: 'method-override',
  group: 'methods',
  title: 'The method can be overridden by a header',
  practice: 'authorize',
  cwe: 'CWE-436',
  owasp: 'API8:2023',
  severity: 'medium',
  why: 'Who checks the method of the request line (a proxy, a role check) sees one method, and the API executes another: rules for the second one are walked around.',
  mend: 'Ignore method overrides, or apply them before every check, and never on GET. Portcullis passes on no header that the contract does not name.',

  async run(context) {
    await context.each(refusable(context), async ({ operation, as }) => await bypass(context, operation, as));
    const reads = context.operations.filter(
      (operation) => operation.method === 'GET' && context.samples(operation).length > 0,
    );
    await context.each(reads.slice(0, TRIED), async (operation) => await honoured(context, operation));
  },
};

/** Operations that one identity may call and another may not. */
function refusable(context: CheckContext): { operation: Operation; as: Identity }[] {
  const pairs = context.operations.flatMap((operation) => {
    const can = new Set(context.samples(operation).map(({ as }) => as?.name));
    if (can.size === 0 || can.has(undefined)) return [];
    return context.identities
      .filter(({ name }) => !can.has(name))
      .slice(0, IDENTITIES)
      .map((as) => ({ operation, as }));
  });
  // What changes something is worth more than what reads.
  const changes = pairs.filter(({ operation }) => operation.method !== 'GET');
  return [...changes, ...pairs.filter((pair) => !changes.includes(pair))].slice(0, PAIRS);
}

/** The override brings an identity where the plain method does not. */
async function bypass(context: CheckContext, operation: Operation, as: Identity): Promise<void> {
  // What is refused is not used up: a call that worked for another, with nothing made for it.
  const call = context.samples(operation)[0]?.call;
  if (!call || (operation.method !== 'GET' && !context.mayTry(call))) return;
  const origin = { operation, as: as.name };
  const plain = context.render(call, as);
  const refused = await context.request(plain, origin);
  if (context.outcome(refused) !== 'forbidden') return;
  for (const outer of ['POST', 'GET']) {
    if (outer === operation.method) continue;
    const bare = { ...plain, method: outer };
    // A method that the path has anyway is another operation.
    if (context.outcome(await context.request(bare, origin)) === 'success') continue;
    for (const way of WAYS) {
      const shown = await context.request(way.over(bare, operation.method), origin);
      if (context.outcome(shown) !== 'success') continue;
      const attempt = async (): Promise<Proof | undefined> => {
        // Made anew: the first time it may have been used up.
        const fresh = (await preparedByAnother(context, operation)) ?? call;
        const again = context.render(fresh, as);
        const control = await context.request(again, origin);
        if (context.outcome(control) !== 'forbidden') return undefined;
        const without = await context.request({ ...again, method: outer }, origin);
        if (context.outcome(without) === 'success') return undefined;
        const result = await context.request(way.over({ ...again, method: outer }, operation.method), origin);
        if (context.outcome(result) !== 'success') return undefined;
        return { exchanges: [control, without, result], marks: [way.name] };
      };
      const confirmed = await context.report({
        message: `${as.name} is refused ${operation.key}, but may call it as ${outer} with ${way.name}: ${operation.method}`,
        operation,
        place: way.name,
        cause: 'override goes past the role check',
        severity: 'high',
        proof: { exchanges: [refused, shown], marks: [way.name] },
        again: attempt,
      });
      if (confirmed) return;
    }
  }
}

async function preparedByAnother(context: CheckContext, operation: Operation): Promise<Call | undefined> {
  if (operation.method === 'GET') return context.samples(operation)[0]?.call;
  for (const { as } of context.samples(operation)) {
    const call = as ? await context.prepare(operation, as) : undefined;
    if (call) return call;
  }
  return undefined;
}

/** The override is honoured at all, without anything being changed. */
async function honoured(context: CheckContext, operation: Operation): Promise<void> {
  const sample = await context.sample(operation);
  if (!sample) return;
  const plain = context.render(sample.call, sample.as ?? null);
  const ask = async (request: ScanRequest): Promise<Exchange> =>
    await context.request(request, { operation, as: sample.as?.name });
  for (const way of WAYS) {
    const shows: readonly { readonly how: string; show(): Promise<Proof | undefined> }[] = [
      { how: 'GET', show: async () => await overGet(context, ask, plain, way) },
      { how: 'POST', show: async () => await overPost(context, ask, plain, way, operation) },
    ];
    for (const { how, show } of shows) {
      const proof = await show();
      if (!proof) continue;
      await context.report({
        message:
          how === 'GET'
            ? `GET ${operation.template} with ${way.name} is taken for the method that is named there`
            : `POST ${operation.template} with ${way.name}: GET is executed as GET`,
        operation,
        place: way.name,
        cause: `honours ${way.name} on ${how}`,
        // On POST it is what several frameworks do by default, before every check. On GET a link can change things.
        severity: how === 'GET' ? 'medium' : 'informational',
        proof,
        again: show,
      });
      break;
    }
  }
}

type Ask = (request: ScanRequest) => Promise<Exchange>;

/** A read that works ceases to: it is refused as the strange method itself is, and not as a strange header would be. */
async function overGet(context: CheckContext, ask: Ask, plain: ScanRequest, way: Way): Promise<Proof | undefined> {
  const shown = await ask(way.over(plain, STRANGE));
  const { status } = shown.answer;
  if (!/^(?:404|405|501)$/.test(`${status}`) && context.outcome(shown) !== 'no-method') return undefined;
  const named = await ask(
    way.name === '_method' ? inQuery(plain, '_mothed', STRANGE) : withHeader(plain, 'X-HTTP-Mothed', STRANGE),
  );
  // The same header with a method that is right: what is refused for its presence is no override.
  const right = await ask(way.over(plain, 'GET'));
  const strange = await ask(withMethod(plain, STRANGE));
  if (context.outcome(named) !== 'success' || context.outcome(right) !== 'success') return undefined;
  return strange.answer.status === status ? { exchanges: [named, right, shown], marks: [way.name] } : undefined;
}

/** A POST that is refused works as the GET that is named. */
async function overPost(
  context: CheckContext,
  ask: Ask,
  plain: ScanRequest,
  way: Way,
  { template }: Operation,
): Promise<Proof | undefined> {
  // Only where POST is not served anyway.
  if (context.operations.some((one) => one.template === template && one.method === 'POST')) return undefined;
  const post = withMethod(plain, 'POST');
  const shown = await ask(way.over(post, 'GET'));
  if (context.outcome(shown) !== 'success') return undefined;
  const control = await ask(post);
  return context.outcome(control) === 'success' ? undefined : { exchanges: [control, shown], marks: [way.name] };
}
