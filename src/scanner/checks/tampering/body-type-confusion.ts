import type { Check, CheckContext } from '../../model/check.ts';
import type { Exchange, ScanRequest } from '../../model/exchange.ts';
import type { Proof } from '../../model/finding.ts';
import type { Ground } from '../injection/common/ground.ts';
import { again, groundsOf, unlessGone } from '../injection/common/targets.ts';

export const check: Check = {
  id: 'body-type-confusion',
  group: 'tampering',
  title: 'The type of a body is not looked at',
  practice: 'validate',
  cwe: 'CWE-436',
  owasp: 'API8:2023',
  severity: 'low',
  why: 'JSON is read from a body that says it is something else. Web pages of other sites may send such bodies without asking first, and what inspects requests before the API may read them otherwise than it does.',
  mend: 'Read a body by its Content-Type only, and refuse others with 415. The gate takes the types of the contract and no others.',
  async run(context) {
    const grounds = await groundsOf(context, ({ body, method }) => body !== undefined && method !== 'DELETE');
    await context.each(
      grounds.filter(({ sample, login }) => !login && /[/+]json$/.test(sample.call.body?.type ?? '')),
      async (ground) => {
        await unlessGone(context, ground.operation, async () => await attack(context, ground));
        await ground.end();
      },
    );
  },
};

/** What pages of other sites may send without a preflight; then none at all. */
const TYPES: readonly (string | undefined)[] = ['text/plain', 'application/x-www-form-urlencoded', undefined];

async function attack(context: CheckContext, ground: Ground): Promise<void> {
  const { operation, as } = ground;
  const declared = new Set(operation.body?.content.map(({ type }) => type));
  if (declared.has('*/*')) return;
  for (const type of TYPES) {
    if (type !== undefined && (declared.has(type) || declared.has(`${type.split('/')[0]}/*`))) continue;
    const show = again(context, ground, async () => await confused(context, ground, type));
    const proof = await show();
    if (!proof) continue;
    await context.report({
      message: `${operation.key} reads JSON from a body ${type === undefined ? 'without a type' : `of type ${type}`}`,
      operation,
      place: 'header Content-Type',
      // One reader of bodies serves all operations.
      cause: type === undefined ? 'no type' : 'wrong type',
      // Cookies go along with what other sites send: then it is a hole, not only a gap.
      severity: as?.kind === 'cookie' ? 'medium' : type === undefined ? 'informational' : 'low',
      proof,
      again: show,
    });
    return;
  }
}

/** The body is processed under the wrong type, and something that is no JSON is not: it is read, not ignored. */
async function confused(context: CheckContext, ground: Ground, type: string | undefined): Promise<Proof | undefined> {
  const { operation, as } = ground;
  const ask = async (change: (request: ScanRequest) => ScanRequest): Promise<Exchange> =>
    await context.request(change(context.render(await ground.next(), as)), { operation, as: as?.name });
  const typed = (request: ScanRequest): ScanRequest => ({
    ...request,
    headers: request.headers.flatMap(([name, value]) => {
      if (name.toLowerCase() !== 'content-type') return [[name, value] as const];
      return type === undefined ? [] : [[name, type] as const];
    }),
  });
  const control = await ask((request) => request);
  if (context.outcome(control) !== 'success') return undefined;
  const broken = await ask((request) => ({ ...typed(request), body: '{"' }));
  if (context.outcome(broken) === 'success') return undefined;
  const exchange = await ask(typed);
  if (context.outcome(exchange) !== 'success') return undefined;
  return { exchanges: [control, broken, exchange], marks: type === undefined ? [] : [type] };
}
