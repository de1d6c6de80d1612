import type { Check, CheckContext } from '../../model/check.ts';
import type { Exchange } from '../../model/exchange.ts';
import type { Proof } from '../../model/finding.ts';
import type { Ground } from '../injection/common/ground.ts';
import { withQuery } from '../injection/common/request.ts';
import { again, groundsOf, unlessGone } from '../injection/common/targets.ts';
import { isScalar } from '../injection/common/words.ts';

export const check: Check = {
  id: 'wrong-place',
  group: 'tampering',
  title: 'Values of the body are taken from the query',
  practice: 'validate',
  cwe: 'CWE-20',
  owasp: 'API8:2023',
  severity: 'informational',
  why: 'The API reads query and body as one. Values then stand in URLs, which are logged and shared, and links of other sites can do what only a form should.',
  mend: 'Read each value from the one place the contract gives it. The gate refuses parameters that the contract does not have.',
  async run(context) {
    const grounds = await groundsOf(context, ({ body, method }) => body !== undefined && method !== 'DELETE');
    await context.each(
      grounds.filter(({ login }) => !login),
      async (ground) => {
        await unlessGone(context, ground.operation, async () => await attack(context, ground));
        await ground.end();
      },
    );
  },
};

async function attack(context: CheckContext, ground: Ground): Promise<void> {
  const { operation } = ground;
  const show = again(context, ground, async () => await fromQuery(context, ground));
  const proof = await show();
  if (!proof) return;
  const message = `${operation.key} takes the values of its body from the query, too`;
  await context.report({ message, operation, place: 'the body', proof, again: show });
}

/** Without the body it fails; with its values in the query and no body it works. */
async function fromQuery(context: CheckContext, ground: Ground): Promise<Proof | undefined> {
  const { operation, as } = ground;
  const ask = async (moved: boolean): Promise<Exchange | undefined> => {
    const call = await ground.next();
    const value = call.body?.value;
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
    const entries = Object.entries(value).filter(([, each]) => isScalar(each));
    if (entries.length === 0) return undefined;
    let request = context.render({ ...call, body: undefined }, as);
    if (moved) for (const [name, each] of entries.slice(0, 30)) request = withQuery(request, name, String(each));
    return await context.request(request, { operation, as: as?.name });
  };
  const without = await ask(false);
  if (!without || context.outcome(without) === 'success') return undefined;
  const exchange = await ask(true);
  if (!exchange || context.outcome(exchange) !== 'success') return undefined;
  return {
    exchanges: [without, exchange],
    marks: [exchange.request.target.slice(exchange.request.target.indexOf('?') + 1, 80)],
  };
}
