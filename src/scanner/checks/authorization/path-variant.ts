import type { Check, CheckContext } from '../../model/check.ts';
import type { Exchange, ScanRequest } from '../../model/exchange.ts';
import type { Proof } from '../../model/finding.ts';
import { alike, isRefused, sharedContent } from '../authentication/shared/answers.ts';
import { type Probe, probesOf } from '../authentication/shared/probes.ts';
import { splitTarget, withHeader } from '../authentication/shared/requests.ts';

const PROBES = 3;
/** Operations closed to an identity, on which the variants are tried. */
const CLOSED = 3;

interface Variant {
  readonly name: string;
  change(request: ScanRequest): ScanRequest;
}

const onPath = (name: string, change: (path: string) => string): Variant => ({
  name,
  change: (request) => {
    const { path, query } = splitTarget(request.target);
    return { ...request, target: change(path) + query };
  },
});

const lastPart = (path: string, change: (part: string) => string): string => {
  const at = path.lastIndexOf('/') + 1;
  return path.slice(0, at) + change(path.slice(at));
};

/** Other ways to write a path, which a guard may read otherwise than the API behind it. */
const VARIANTS: readonly Variant[] = [
  onPath('a slash at the end', (path) => `${path}/`),
  onPath('two slashes at the start', (path) => `/${path}`),
  onPath('two slashes within', (path) => lastPart(path, (part) => `/${part}`)),
  onPath('a dot at the end', (path) => `${path}.`),
  onPath('"/." at the end', (path) => `${path}/.`),
  onPath('"./" within', (path) => lastPart(path, (part) => `./${part}`)),
  onPath('a folder and back', (path) => lastPart(path, (part) => `x/../${part}`)),
  onPath('".json" at the end', (path) => `${path}.json`),
  onPath('capital letters', (path) => path.toUpperCase()),
  onPath('a percent-encoded letter', (path) =>
    lastPart(path, (part) => (part === '' ? part : `%${part.charCodeAt(0).toString(16)}${part.slice(1)}`)),
  ),
  onPath('a semicolon parameter', (path) => `${path};x=1`),
  onPath('"..;/" within', (path) => lastPart(path, (part) => `x/..;/${part}`)),
  onPath('a percent-encoded blank at the end', (path) => `${path}%20`),
  onPath('a percent-encoded line feed at the end', (path) => `${path}%0a`),
  onPath('a percent-encoded NUL at the end', (path) => `${path}%00`),
  onPath('a percent-encoded slash', (path) => lastPart(path, (part) => part).replace(/\/([^/]*)$/, '%2f$1')),
  onPath('a percent-encoded question mark at the end', (path) => `${path}%3f`),
  onPath('a percent-encoded hash at the end', (path) => `${path}%23`),
];

/** Headers that give another path than the request line. */
const OTHER_PATH = [
  'X-Original-URL',
  'X-Rewrite-URL',
  'X-Forwarded-Uri',
  'X-Original-URI',
  'X-Envoy-Original-Path',
] as const;

/** The same resource by another spelling of its path, past the guard. */
export const check: Check = {
  id: 'path-variant',
  group: 'authorization',
  title: 'Another spelling of the path goes past the guard',
  practice: 'authorize',
  cwe: 'CWE-647',
  owasp: 'API5:2023',
  severity: 'critical',
  why: 'The guard compares the path as it is written, and the API reads it otherwise: one character more, and the door is not guarded.',
  mend: 'Bring the path into one form before anything is decided, refuse what is not in that form, and guard where it is routed. Portcullis matches one canonical path and passes on that one only.',

  async run(context) {
    const [as] = context.identities;
    if (as === undefined) return context.skip('no identity');
    for (const probe of await probesOf(context, as, PROBES, 'untried')) {
      const plain = context.render(probe.call, null);
      await tryAll(context, probe.allowed, plain, probe, undefined);
    }
    for (const who of context.identities) {
      const closed = context.operations.filter((operation) => {
        const names = context.samples(operation).map((sample) => sample.as?.name);
        return (
          operation.method === 'GET' && names.length > 0 && !names.includes(who.name) && !names.includes(undefined)
        );
      });
      for (const operation of closed.slice(0, CLOSED)) {
        const sample = await context.sample(operation);
        if (sample?.as === undefined) continue;
        const plain = context.render(sample.call, who);
        const refused = await context.request(plain, { operation, as: who.name });
        if (!isRefused(context, refused)) continue;
        await tryAll(
          context,
          sample.exchange,
          plain,
          { operation, call: sample.call, as: sample.as, allowed: sample.exchange, refused },
          who.name,
        );
        break;
      }
    }
  },
};

async function tryAll(
  context: CheckContext,
  model: Exchange,
  plain: ScanRequest,
  probe: Probe,
  as: string | undefined,
): Promise<void> {
  const { operation } = probe;
  const ways: Variant[] = [...VARIANTS];
  const open = openTarget(context);
  for (const header of OTHER_PATH) {
    ways.push({
      name: `the header ${header}`,
      change: (request) => withHeader({ ...request, target: open }, header, request.target),
    });
  }
  for (const way of ways) {
    const attempt = async (): Promise<Proof | undefined> => {
      const changed = way.change(plain);
      if (changed.target === plain.target && changed.headers === plain.headers) return undefined;
      const shown = await context.request(changed, { operation, as });
      if (context.outcome(shown) !== 'success' || !alike(model.answer, shown.answer)) return undefined;
      // The very thing, and not a page that is shown for every path.
      if ((sharedContent(model.answer, shown.answer) ?? 0) < 0.5) return undefined;
      const control = await context.request(plain, { operation, as });
      if (context.outcome(control) === 'success') return undefined;
      return { exchanges: [control, shown], marks: [changed.target] };
    };
    const proof = await attempt();
    if (proof === undefined) continue;
    const confirmed = await context.report({
      message: `${operation.key} is refused ${as === undefined ? 'without a credential' : `to ${as}`}, and answered with ${way.name} in its path`,
      operation,
      cause: way.name,
      proof,
      again: attempt,
    });
    if (confirmed) return;
  }
}

/** A path that anyone may ask for. */
function openTarget(context: CheckContext): string {
  for (const operation of context.operations) {
    const [sample] = context.samples(operation);
    if (operation.method === 'GET' && sample !== undefined && sample.as === undefined)
      return sample.exchange.request.target;
  }
  return '/';
}
