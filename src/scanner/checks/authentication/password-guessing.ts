import type { Operation } from '../../../contract/model.ts';
import type { Check, CheckContext } from '../../model/check.ts';
import type { Exchange, ScanRequest } from '../../model/exchange.ts';
import type { Proof } from '../../model/finding.ts';
import { loginForm, scrambled, spareAccount, victims } from './shared/logins.ts';
import { probesOf } from './shared/probes.ts';
import { randomText, withHeader } from './shared/requests.ts';
import { slowsDown, tellsSmallLimit } from './shared/slowing.ts';

/** Wrong passwords for one account. */
const GUESSES = 25;
/** Wrong passwords from addresses of their own, where those from one address are stopped. */
const FORWARDED = 12;
/** Wrong passwords when it is tried once more: the account was guessed at already. */
const AGAIN = 10;

/** Many wrong passwords for one account, then the right one. Comes late in a scan: the account may be locked afterwards. */
export const check: Check = {
  id: 'password-guessing',
  group: 'authentication',
  title: 'Passwords can be guessed without end',
  practice: 'throttle',
  cwe: 'CWE-307',
  owasp: 'API2:2023',
  severity: 'high',
  why: 'Nothing slows down who tries passwords: no limit, no delay that grows, no lock. A list of common passwords finds every weak one in minutes.',
  mend: 'Count failures for each account and each address; after five make every further try wait longer, and answer 429 with Retry-After. Portcullis does so for its own login, and limits any operation with x-portcullis-limits.',

  async run(context) {
    const target = await targetOf(context);
    if (target === undefined) return context.skip('nobody logs in with a user name and a password');
    // Only what is stopped from one address can be shown to go on from others.
    if ((await guessAt(context, target, undefined)) === 'stopped') await guessAt(context, target, 'X-Forwarded-For');
  },
};

/** An account, and how it is logged in to. */
interface Target {
  readonly operation: Operation;
  readonly password: string;
  request(password: string): ScanRequest;
}

async function targetOf(context: CheckContext): Promise<Target | undefined> {
  const spare = await spareAccount(context);
  const user = spare === undefined ? victims(context)[0] : undefined;
  const form = spare?.form ?? (user && loginForm(context, user));
  const account = spare ?? user?.login;
  if (form !== undefined && account !== undefined) {
    const request = (secret: string) => context.render(form.call(account.username, secret), null);
    return { operation: form.operation, password: account.password, request };
  }
  const basic = context.identities.find(({ kind, login }) => kind === 'basic' && login !== undefined);
  const [probe] = basic === undefined ? [] : await probesOf(context, basic, 1);
  if (basic?.login === undefined || probe === undefined) return undefined;
  const { username, password } = basic.login;
  const request = (secret: string): ScanRequest =>
    withHeader(
      context.render(probe.call, basic),
      'Authorization',
      `Basic ${Buffer.from(`${username}:${secret}`).toString('base64')}`,
    );
  return { operation: probe.operation, password, request };
}

/**
 * Guesses, and logs in at the end.
 * @param header one that is given another address for each guess; undefined: none
 * @returns whether it was found, or was stopped by a limit or a lock
 */
async function guessAt(
  context: CheckContext,
  target: Target,
  header: string | undefined,
): Promise<'found' | 'stopped' | 'neither'> {
  const { operation, password } = target;
  let round = 0;
  let address = 0;
  let stopped = false;
  const guess = async (secret: string): Promise<Exchange> => {
    const plain = target.request(secret);
    // 198.51.100.0/24 is for documentation: RFC 5737.
    const request = header === undefined ? plain : withHeader(plain, header, `198.51.100.${1 + (address++ % 250)}`);
    return await context.request(request, { operation }, { patient: false });
  };
  const entered = (exchange: Exchange): boolean => /^(success|redirect)$/.test(context.outcome(exchange));
  const attempt = async (count: number): Promise<Proof | undefined> => {
    const random = context.random(`guesses/${header ?? ''}/${round++}`);
    if (!entered(await guess(password))) return undefined;
    const exchanges: Exchange[] = [];
    for (let at = 0; at < count; at++) {
      const exchange = await guess(scrambled(password, random) + (at % 2 === 0 ? '' : randomText(random, 1)));
      // Refused for the number of tries, in whatever way: fine.
      stopped = !/^(unauthenticated|forbidden|invalid|missing)$/.test(context.outcome(exchange));
      if (stopped) return undefined;
      exchanges.push(exchange);
      if (exchanges[0]!.answer.status !== exchange.answer.status) return undefined;
      if (header === undefined && tellsSmallLimit(exchange.answer)) return undefined;
    }
    if (slowsDown(exchanges.map(({ answer }) => answer.milliseconds))) return undefined;
    const last = await guess(password);
    stopped = !entered(last);
    return entered(last) ? { exchanges: [exchanges[0]!, exchanges.at(-1)!, last], marks: [] } : undefined;
  };
  const proof = await attempt(header === undefined ? GUESSES : FORWARDED);
  if (proof === undefined) return stopped ? 'stopped' : 'neither';
  const confirmed = await context.report({
    message:
      header === undefined
        ? `${operation.key} takes ${GUESSES} wrong passwords for one account one after the other, neither slower nor refused, and then the right one`
        : `${operation.key} stops whoever guesses passwords, and forgets it with another address in ${header}`,
    operation,
    cause: header === undefined ? 'guessing is not slowed down' : `counts by ${header}`,
    proof,
    again: () => attempt(AGAIN),
  });
  return confirmed ? 'found' : 'neither';
}
