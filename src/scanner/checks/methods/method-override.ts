import type { Operation } from '../../../contract/model.ts';
import type { Check, CheckContext } from '../../model/check.ts';
import type { ScanRequest } from '../../model/exchange.ts';
import type { Proof } from '../../model/finding.ts';
import type { Identity } from '../../model/identity.ts';
import { withHeader, withMethod } from './paths.ts';

/** Ways to say another method than the one of the request line. */
const WAYS: readonly { readonly name: string; over(request: ScanRequest, method: string): ScanRequest }[] = [
  ...['X-HTTP-Method-Override', 'X-HTTP-Method', 'X-Method-Override'].map((name) => ({
    name,
    over: (request: ScanRequest, method: string) => withHeader(request, name, method),
  })),
  {
    name: '_method',
    over: (request, method) => ({
      ...request,
      target: `${request.target}${request.target.includes('?') ? '&' : '?'}_method=${method}`,
    }),
  },
];
/** Operations on which the ways are tried: whoever honours them does so everywhere. */
const TRIED = 6;

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
  mend: 'Ignore method overrides, or apply them before every check. Portcullis passes on no header that the contract does not name.',

  async run(context) {
    await context.each(forbidden(context), async ({ operation, as }) => await bypass(context, operation, as));
    const reads = context.operations.filter(
      (operation) => operation.method === 'GET' && context.samples(operation).length > 0,
    );
    await context.each(reads.slice(0, TRIED), async (operation) => await honoured(context, operation));
  },
};

/** Operations that one identity may call and another is refused. */
function forbidden(context: CheckContext): { operation: Operation; as: Identity }[] {
  return context.operations.flatMap((operation) => {
    const can = new Set(context.samples(operation).map(({ as }) => as?.name));
    if (can.size === 0 || can.has(undefined)) return [];
    return context.identities.filter(({ name }) => !can.has(name)).map((as) => ({ operation, as }));
  });
}

/** The override brings an identity where the plain method does not. */
async function bypass(context: CheckContext, operation: Operation, as: Identity): Promise<void> {
  const call =
    operation.method === 'GET' ? context.samples(operation)[0]?.call : await preparedByAnother(context, operation);
  if (!call) return;
  for (const way of WAYS) {
    for (const outer of ['POST', 'GET']) {
      if (outer === operation.method) continue;
      const attempt = async (): Promise<Proof | undefined> => {
        const plain = context.render(call, as);
        const control = await context.request(plain, { operation, as: as.name });
        if (context.outcome(control) !== 'forbidden') return undefined;
        const without = await context.request({ ...plain, method: outer }, { operation, as: as.name });
        if (context.outcome(without) === 'success') return undefined;
        const shown = await context.request(way.over({ ...plain, method: outer }, operation.method), {
          operation,
          as: as.name,
        });
        if (context.outcome(shown) !== 'success') return undefined;
        return { exchanges: [control, without, shown], marks: [way.name] };
      };
      const proof = await attempt();
      if (!proof) continue;
      await context.report({
        message: `${as.name} is refused ${operation.key}, but may call it as ${outer} with ${way.name}: ${operation.method}`,
        operation,
        place: way.name,
        cause: 'override goes past the role check',
        severity: 'high',
        proof,
        again: attempt,
      });
      return;
    }
  }
}

async function preparedByAnother(context: CheckContext, operation: Operation) {
  for (const { as } of context.samples(operation)) {
    const call = as ? await context.prepare(operation, as) : undefined;
    if (call) return call;
  }
  return undefined;
}

/** The override is honoured at all: a read that works ceases to be one. */
async function honoured(context: CheckContext, operation: Operation): Promise<void> {
  const sample = await context.sample(operation);
  if (!sample) return;
  const plain = context.render(sample.call, sample.as ?? null);
  const origin = { operation, as: sample.as?.name };
  for (const way of WAYS) {
    const attempt = async (): Promise<Proof | undefined> => {
      const control = await context.request(plain, origin);
      if (context.outcome(control) !== 'success') return undefined;
      // A header, or parameter, of the same length and an unknown name: what is refused for being unknown is no override.
      const unknown = await context.request(
        way.name === '_method'
          ? { ...plain, target: `${plain.target}${plain.target.includes('?') ? '&' : '?'}_mothed=FOO` }
          : withHeader(plain, 'X-HTTP-Mothed', 'FOO'),
        origin,
      );
      if (context.outcome(unknown) !== 'success') return undefined;
      const shown = await context.request(way.over(withMethod(plain, 'POST'), 'GET'), origin);
      const post = await context.request(withMethod(plain, 'POST'), origin);
      if (context.outcome(shown) !== 'success' || context.outcome(post) === 'success') return undefined;
      return { exchanges: [control, post, shown], marks: [way.name] };
    };
    // Only where POST is not served anyway.
    if (context.operations.some(({ template, method }) => template === operation.template && method === 'POST')) return;
    const proof = await attempt();
    if (!proof) continue;
    await context.report({
      message: `POST ${operation.template} with ${way.name}: GET is executed as GET`,
      operation,
      place: way.name,
      cause: `honours ${way.name}`,
      proof,
      again: attempt,
    });
  }
}
