import type { Check } from '../../model/check.ts';
import type { Exchange } from '../../model/exchange.ts';
import type { Proof } from '../../model/finding.ts';
import { loginForm, scrambled, spareAccount, tryLogin } from './shared/logins.ts';
import { median } from './shared/slowing.ts';

/** Pairs of a name that exists and one that does not. Below what locks an account, as far as anyone does that. */
const PAIRS = 4;
/** Milliseconds by which every answer to the one must be slower than every answer to the other. */
const GAP = 15;

/** Whether a name exists shows in how long the answer takes. Only on an account of the scan's own. */
export const check: Check = {
  id: 'login-timing',
  group: 'authentication',
  title: 'Tells by its timing which accounts exist',
  practice: 'authenticate',
  cwe: 'CWE-208',
  owasp: 'API2:2023',
  severity: 'informational',
  why: 'A password is hashed only where the name exists, which takes long: who measures knows which names are worth guessing at.',
  mend: 'Compute the hash in every case, against a made-up one where there is no such name. Portcullis does so.',

  async run(context) {
    const spare = await spareAccount(context);
    const form = spare?.form ?? loginForm(context, undefined);
    if (spare === undefined || form === undefined) return context.skip('no account could be made to measure with');
    let round = 0;
    const attempt = async (): Promise<Proof | undefined> => {
      const random = context.random(`names/${round++}`);
      const known: Exchange[] = [];
      const unknown: Exchange[] = [];
      for (let pair = 0; pair < PAIRS; pair++) {
        unknown.push(
          await tryLogin(context, form, scrambled(spare.username, random), scrambled(spare.password, random)),
        );
        known.push(await tryLogin(context, form, spare.username, scrambled(spare.password, random)));
        const [one, other] = [unknown.at(-1)!, known.at(-1)!];
        if (context.outcome(one) !== context.outcome(other) || context.outcome(one) === 'limited') return undefined;
      }
      // A right login takes back what the wrong ones counted.
      await tryLogin(context, form, spare.username, spare.password);
      const [slow, fast] = [known, unknown].map((list) => list.map(({ answer }) => answer.milliseconds));
      // Every one of the one slower than every one of the other: by chance that happens once in 70 times, twice once in 4,900.
      if (Math.min(...slow!) < Math.max(...fast!) + GAP || median(slow!) < median(fast!) * 2) return undefined;
      return { exchanges: [unknown.at(-1)!, known.at(-1)!], marks: [] };
    };
    const proof = await attempt();
    if (proof === undefined) return;
    await context.report({
      message: `${form.operation.key} takes much longer for a name that exists than for one that does not`,
      operation: form.operation,
      proof,
      again: attempt,
    });
  },
};
