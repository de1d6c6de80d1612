import type { Check } from '../../model/check.ts';
import { echoes, type Probe } from './common/echo.ts';
import { overPlaces, type Target } from './common/targets.ts';
import { named, word } from './common/words.ts';

const LIKELY: ReadonlySet<string> = new Set([
  ...[
    'url',
    'uri',
    'next',
    'redirect',
    'return',
    'to',
    'continue',
    'dest',
    'destination',
    'goto',
    'callback',
    'target',
    'link',
  ],
  ...[
    'ref',
    'referer',
    'forward',
    'back',
    'out',
    'view',
    'success',
    'cancel',
    'page',
    'location',
    'rurl',
    'service',
    'path',
  ],
]);

export const check: Check = {
  id: 'open-redirect',
  group: 'injection',
  title: 'Redirect to any host',
  practice: 'validate',
  cwe: 'CWE-601',
  owasp: 'API8:2023',
  severity: 'medium',
  why: 'The API sends browsers to any host that a link names. Its good name helps in phishing, and codes and tokens in the URL reach the other host.',
  mend: 'Redirect to paths of the own host or to a fixed list only; parse the URL and compare its host. In the contract, give the value an enum or a pattern that begins with a single slash.',
  async run(context) {
    await overPlaces(
      context,
      (target) => target.reads && !target.ground.login && isLikely(target),
      async (target) => {
        const { operation, label } = target;
        const message = `${operation.key} redirects to the host that ${label} names`;
        for (const write of WRITINGS) {
          const make = (): Probe => {
            const host = `${word(target.random)}.example`;
            return {
              value: write(host, target.text),
              shown: ({ answer }) => {
                const location = answer.headers.get('location') ?? refresh(answer.headers.get('refresh'));
                return location !== undefined && hostOf(location, context.base) === host
                  ? location.slice(0, 200)
                  : undefined;
              },
            };
          };
          if (await echoes(context, target, message, make)) return;
        }
      },
    );
  },
};

/** Ways to name another host that simple checks do not see. */
const WRITINGS: readonly ((host: string, text: string) => string)[] = [
  (host) => `https://${host}/`,
  (host) => `//${host}/`,
  (host) => `/\\${host}/`,
  (host) => `https:${host}/`,
  (host, text) => `https://${/^https?:\/\/([^/?#]{1,200})/.exec(text)?.[1] ?? 'www'}@${host}/`,
];

const refresh = (header: string | undefined): string | undefined => /url=(\S{1,400})/i.exec(header ?? '')?.[1];

/** The host a browser would go to. */
function hostOf(location: string, base: URL): string | undefined {
  try {
    return new URL(location, base).hostname;
  } catch {
    return undefined;
  }
}

function isLikely({ place, text, operation, ground }: Target): boolean {
  if (named(place, LIKELY) || /^(https?:)?\/\//.test(text)) return true;
  const { status } = ground.sample.exchange.answer;
  return (
    (status >= 300 && status < 400) || operation.responses.some((response) => /^3(0[1278]|XX)$/i.test(response.status))
  );
}
