import { Verbatim } from '../../model/call.ts';
import type { Check, CheckContext } from '../../model/check.ts';
import type { Proof } from '../../model/finding.ts';
import type { Ground } from '../injection/common/ground.ts';
import { again, groundsOf, unlessGone } from '../injection/common/targets.ts';

export const check: Check = {
  id: 'duplicate-keys',
  group: 'tampering',
  title: 'Objects with the same name twice are taken',
  practice: 'validate',
  cwe: 'CWE-436',
  owasp: 'API8:2023',
  severity: 'informational',
  why: 'Readers of JSON differ in which of two values of one name they take (RFC 8259, clause 4). What inspects a request before the API may see the one, the API the other.',
  mend: 'Read JSON with a parser that refuses repeated names. The gate refuses them.',
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

async function attack(context: CheckContext, ground: Ground): Promise<void> {
  const { operation } = ground;
  const show = again(context, ground, async () => await twice(context, ground));
  const proof = await show();
  if (!proof) return;
  const message = `${operation.key} takes a body in which a name stands twice`;
  await context.report({ message, operation, place: 'the body', cause: 'one parser', proof, again: show });
}

async function twice(context: CheckContext, ground: Ground): Promise<Proof | undefined> {
  const call = await ground.next();
  const value = call.body?.value;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const [name, inner] = Object.entries(value)[0] ?? [];
  const text = context.render(call, ground.as).body;
  if (name === undefined || typeof text !== 'string' || !text.trimStart().startsWith('{')) return undefined;
  // The wrong one first: most readers take the last, so that nothing else changes.
  const body = new Verbatim(`{${JSON.stringify(name)}:null,${text.trimStart().slice(1)}`);
  const exchange = await context.send(
    { ...call, body: { type: call.body?.type ?? 'application/json', value: body } },
    ground.as,
  );
  if (context.outcome(exchange) !== 'success' || inner === null) return undefined;
  const control = await context.send(await ground.next(), ground.as);
  return context.outcome(control) === 'success'
    ? { exchanges: [control, exchange], marks: [`${JSON.stringify(name)}:null`] }
    : undefined;
}
