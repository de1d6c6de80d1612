import type { Check, CheckContext } from '../../model/check.ts';
import type { Exchange } from '../../model/exchange.ts';
import type { Proof } from '../../model/finding.ts';
import { leavesOf } from './shared/answers.ts';
import { type LoginForm, loginForm, tryLogin, victims } from './shared/logins.ts';
import { type Guessable, guessable } from './shared/predictable.ts';

const LOGINS = 5;
const AGAIN = 4;
const TOKENS = /(token|session|sid|jwt|ticket|auth|^key$|apikey|sessionkey|credential)/;
const NO_TOKENS = /(type|expire|expiry|ttl|scope|csrf|xsrf|name|user)/;

/** Tokens of several logins, looked at for counters, clocks and too little chance. */
export const check: Check = {
  id: 'predictable-session',
  group: 'authentication',
  title: 'Session tokens can be predicted',
  practice: 'authenticate',
  cwe: 'CWE-330',
  owasp: 'API2:2023',
  severity: 'critical',
  why: "Who knows how tokens are made writes down the next or the last one, and is in somebody else's session without a password.",
  mend: 'Make tokens of 16 or more bytes of a cryptographic random generator (`crypto.randomBytes`), and of nothing else. Portcullis signs tokens with ids of 128 random bits.',

  async run(context) {
    for (const user of victims(context)) {
      const form = loginForm(context, user);
      if (user.login === undefined || form === undefined) continue;
      const { username, password } = user.login;
      const attempt = async (logins: number) => await sample(context, form, username, password, logins);
      const first = await attempt(LOGINS);
      // One identity is enough: tokens of one login operation are made in one way.
      if (first === undefined) return;
      await context.report({
        message: `tokens of ${form.operation.key} ${first.how.says}`,
        operation: form.operation,
        cause: first.how.cause,
        severity: first.how.severity,
        proof: first.proof,
        again: async () => {
          const second = await attempt(AGAIN);
          return second?.how.cause === first.how.cause ? second.proof : undefined;
        },
      });
      return;
    }
    context.skip('no identity logs in with a user name and a password');
  },
};

async function sample(
  context: CheckContext,
  form: LoginForm,
  username: string,
  password: string,
  logins: number,
): Promise<{ readonly how: Guessable; readonly proof: Proof } | undefined> {
  const exchanges: Exchange[] = [];
  const byPlace = new Map<string, string[]>();
  const began = Date.now();
  for (let login = 0; login < logins; login++) {
    const exchange = await tryLogin(context, form, username, password);
    if (context.outcome(exchange) !== 'success' && exchange.answer.status !== 302) return undefined;
    exchanges.push(exchange);
    for (const [place, token] of tokensIn(exchange)) {
      const list = byPlace.get(place);
      if (list === undefined) byPlace.set(place, [token]);
      else list.push(token);
    }
  }
  for (const tokens of byPlace.values()) {
    if (tokens.length !== logins) continue;
    const how = guessable(tokens, { username, began, ended: Date.now() });
    if (how !== undefined)
      return { how, proof: { exchanges: exchanges.slice(-3), marks: [tokens.at(-1)!.slice(0, 80)] } };
  }
  return undefined;
}

/** What could be a token: values of the answer whose names say so, and cookies. */
function tokensIn({ answer }: Exchange): [place: string, token: string][] {
  const found: [string, string][] = [];
  for (const { path, word, value } of leavesOf(answer.json)) {
    if (!TOKENS.test(word) || NO_TOKENS.test(word)) continue;
    if (typeof value === 'number' || (typeof value === 'string' && value.length <= 4_096))
      found.push([path, String(value)]);
  }
  for (const line of (answer.headers.get('set-cookie') ?? '').split('\n')) {
    const [, name, value] = /^([^=;\s]{1,100})=([^;]{1,4096})/.exec(line) ?? [];
    if (name !== undefined && value !== undefined && !/csrf|xsrf|lang|locale|theme/i.test(name))
      found.push([`cookie ${name}`, value]);
  }
  return found;
}
