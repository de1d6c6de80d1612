import type { Check } from '../../model/check.ts';
import type { Exchange } from '../../model/exchange.ts';
import type { Proof } from '../../model/finding.ts';
import { loginForm, scrambled, tryLogin, victims } from './shared/logins.ts';
import { slowsDown, tellsSmallLimit } from './shared/slowing.ts';

const NAMES = 30;

/** Many names from one address, a password each. */
export const check: Check = {
  id: 'credential-stuffing',
  group: 'authentication',
  title: 'Stolen passwords can be tried in bulk',
  practice: 'throttle',
  cwe: 'CWE-307',
  owasp: 'API2:2023',
  severity: 'informational',
  why: 'Lists of names and passwords from elsewhere are tried one by one from one address. A count for each account does not notice, as each account is tried once.',
  mend: 'Count failed logins for each address too, and ask for a second factor from places that are new. Portcullis bans addresses with many failures.',

  async run(context) {
    const user = victims(context)[0];
    const form = loginForm(context, user);
    if (form === undefined || user?.login === undefined)
      return context.skip('nobody logs in with a user name and a password');
    const { username, password } = user.login;
    let round = 0;
    const attempt = async (): Promise<Proof | undefined> => {
      const random = context.random(`names/${round++}`);
      const exchanges: Exchange[] = [];
      for (let at = 0; at < NAMES; at++) {
        const exchange = await tryLogin(context, form, scrambled(username, random), scrambled(password, random));
        const outcome = context.outcome(exchange);
        if (outcome === 'success' || outcome === 'limited' || outcome === 'none' || outcome === 'error')
          return undefined;
        exchanges.push(exchange);
        if (exchange.answer.status !== exchanges[0]!.answer.status || tellsSmallLimit(exchange.answer))
          return undefined;
      }
      if (slowsDown(exchanges.map(({ answer }) => answer.milliseconds))) return undefined;
      return { exchanges: [exchanges[0]!, exchanges.at(-1)!], marks: [] };
    };
    const proof = await attempt();
    if (proof === undefined) return;
    await context.report({
      message: `${form.operation.key} takes failed logins for ${NAMES} names from one address, neither slower nor refused`,
      operation: form.operation,
      proof,
      again: attempt,
    });
  },
};
