import type { Check, CheckContext } from '../../model/check.ts';
import type { Exchange } from '../../model/exchange.ts';
import type { Proof } from '../../model/finding.ts';
import { Baits, isCalled } from './common/called.ts';
import { type Detour, detoursOf } from './common/detours.ts';
import { isFetched } from './common/fetched.ts';
import { marksOf } from './common/marks.ts';
import { again, overPlaces, type Target } from './common/targets.ts';
import { takesUnchecked } from './third-parties/unchecked.ts';

export const check: Check = {
  id: 'trusts-third-party',
  group: 'injection',
  title: 'Answers of third parties are trusted',
  practice: 'validate',
  cwe: 'CWE-601',
  owasp: 'API10:2023',
  severity: 'medium',
  why: 'The API calls other services and believes them: it goes wherever their redirects lead, and passes on what they say. Whoever holds such a service, or a name it used to have, reaches inside.',
  mend: 'Follow no redirects of other services, or check each address again; validate what they answer like what a caller sends, with a cap on size and time.',
  async run(context) {
    const baits = new Baits<Laid>(context);
    await overPlaces(
      context,
      (target) => target.ground.effect !== 'remove' && !target.ground.login && isFetched(target),
      async (target) => {
        await takesUnchecked(context, target, false);
        await target.send(await baits.lay({ target, detour: undefined }));
        for (const detour of detoursOf(target)) await target.send(detour(await baits.lay({ target, detour })));
      },
    );
    const done = new Set<string>();
    for (const { target, detour } of await baits.caught(({ target: each }) => `${each.operation.key} ${each.label}`)) {
      const key = `${target.operation.key} ${target.label}`;
      if (done.has(key)) continue;
      done.add(key);
      if (detour) await ledOn(context, target, detour);
      else {
        await redirected(context, target);
        await passedOn(context, target);
        await takesUnchecked(context, target, true);
      }
    }
  },
};

interface Laid {
  readonly target: Target;
  /** undefined: the bait is named itself. */
  readonly detour: Detour | undefined;
}

/** A host that is allowed leads on to one that is not, and the API goes along. */
async function ledOn(context: CheckContext, target: Target, detour: Detour): Promise<void> {
  const { operation, label } = target;
  const show = again(context, target, async (): Promise<Proof | undefined> => {
    const [idle, bait] = [await context.bait(), await context.bait()];
    const control = await target.control();
    const exchange = await target.send(detour(bait.url));
    if (!(await isCalled(context, bait)) || idle.called()) return undefined;
    return { exchanges: [control, exchange], marks: marksOf(exchange, detour(bait.url)) };
  });
  const proof = await show();
  if (!proof) return;
  const message = `${operation.key} follows a redirect of the host in ${label} to any other: the scanner's listener on the loopback interface was called`;
  await context.report({
    message,
    operation,
    place: label,
    cause: `${operation.key} redirect`,
    severity: 'high',
    proof,
    again: show,
  });
}

async function redirected(context: CheckContext, target: Target): Promise<void> {
  const { operation, label } = target;
  const show = again(context, target, async (): Promise<Proof | undefined> => {
    const bait = await context.bait({ redirect: 302 });
    const { target: second } = bait;
    if (!second) return undefined;
    const control = await target.control();
    const exchange = await target.send(bait.url);
    return (await isCalled(context, second)) ? { exchanges: [control, exchange], marks: [bait.url] } : undefined;
  });
  const proof = await show();
  if (!proof) return;
  const message = `${operation.key} calls the address in ${label} and follows its redirect to another one without a check`;
  await context.report({ message, operation, place: label, cause: `${operation.key} redirect`, proof, again: show });
}

/** What the other side answers comes back as it is, with what it should not hold. */
async function passedOn(context: CheckContext, target: Target): Promise<void> {
  const { operation, label } = target;
  const show = again(context, target, async (): Promise<Proof | undefined> => {
    const bait = await context.bait({
      type: 'application/json',
      body: '{"status":"ok","name":"<script>/*MARKER*/</script>","message":"<script>/*MARKER*/</script>","url":"javascript:MARKER"}',
    });
    const control = await target.control();
    const exchange: Exchange = await target.send(bait.url);
    const text = exchange.answer.text.replaceAll('\\/', '/');
    const shown = `<script>/*${bait.marker}*/</script>`;
    return text.includes(shown) ? { exchanges: [control, exchange], marks: [bait.marker] } : undefined;
  });
  const proof = await show();
  if (!proof) return;
  const message = `${operation.key} hands on what the address in ${label} answers as it is, script included`;
  await context.report({ message, operation, place: label, cause: `${operation.key} passed on`, proof, again: show });
}
