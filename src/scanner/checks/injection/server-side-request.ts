import type { Check, CheckContext } from '../../model/check.ts';
import type { Proof } from '../../model/finding.ts';
import { Baits, isCalled } from './common/called.ts';
import { isFetched } from './common/fetched.ts';
import { again, overPlaces, type Target } from './common/targets.ts';

export const check: Check = {
  id: 'server-side-request',
  group: 'injection',
  title: 'Server-side request forgery',
  practice: 'validate',
  cwe: 'CWE-918',
  owasp: 'API7:2023',
  severity: 'high',
  why: 'The API calls any address that a request names, its own machine and network included. Callers reach services behind the wall, and the credentials that clouds hand to their machines.',
  mend: 'Call addresses of a fixed list only; resolve the name first, refuse loopback, private and link-local addresses, and follow no redirects. In the contract, give the value an enum or a pattern of the hosts that are right.',
  async run(context) {
    const baits = new Baits<Laid>(context);
    await overPlaces(
      context,
      ({ ground }) => ground.effect !== 'remove' && !ground.login,
      async (target) => {
        const likely = isFetched(target);
        if (!likely && (target.place.in === 'path' || /^-?\d+$/.test(target.text))) return;
        for (const write of likely ? WRITINGS : WRITINGS.slice(0, 1)) {
          const url = await baits.lay({ target, write });
          await target.send(write(url, target.text));
        }
      },
    );
    const done = new Set<string>();
    for (const { target, write } of await baits.caught(
      ({ target: { operation, label } }) => `${operation.key} ${label}`,
    )) {
      const { operation, label } = target;
      if (done.has(`${operation.key} ${label}`)) continue;
      const show = again(context, target, async () => await fetched(context, target, write));
      const proof = await show();
      if (!proof) continue;
      const message = `${operation.key} calls the address that ${label} names: the scanner's listener on the loopback interface was called`;
      if (await context.report({ message, operation, place: label, proof, again: show }))
        done.add(`${operation.key} ${label}`);
    }
  },
};

type Write = (url: string, text: string) => string;
interface Laid {
  readonly target: Target;
  readonly write: Write;
}

const withoutScheme = (url: string): string => url.replace(/^https?:\/\//, '');
const hostIn = (text: string): string => /^(?:https?:)?\/\/([^/?#@]{1,200})/.exec(text)?.[1] ?? 'www.example';

/** The plain address first; then how checks of it are got around, and places that add the scheme themselves. */
const WRITINGS: readonly Write[] = [
  (url) => url,
  (url) => `//${withoutScheme(url)}`,
  withoutScheme,
  (url, text) => `http://${hostIn(text)}@${withoutScheme(url)}`,
  (url, text) => `${url}?${hostIn(text)}#.${hostIn(text)}`,
  (url) => url.replace('127.0.0.1', '2130706433'),
  (url) => `<img src="${url}">`,
];

async function fetched(context: CheckContext, target: Target, write: Write): Promise<Proof | undefined> {
  // The control: a bait that is laid and not named is not called.
  const [idle, bait] = [await context.bait(), await context.bait()];
  const control = await target.control();
  const exchange = await target.send(write(bait.url, target.text));
  if (!(await isCalled(context, bait)) || idle.called()) return undefined;
  return { exchanges: [control, exchange], marks: [bait.url] };
}
